// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>

/// How a mixed linear lies in GPU memory: one truth for packing, the CPU twin and every kernel.
///
/// A weight W [rows, columns] has its `salient` columns first, in 16-bit floats; the others are codes of 3 or 4 bits.
/// It is cut into strips of 64 rows, and a strip, along the columns, into blocks:
///
///   strip s: | salient block 0 | … | code block 0 | code block 1 | …      kSalientColumns, kCodeColumns columns each
///
/// all contiguous, so that a kernel streams a strip with plain bulk copies. What is beyond the last row or column is
/// zero. Within a block the numbers lie as the tensor cores want their A operand (mma m16n8k16; wgmma's registers are
/// the same): warp w of four owns rows 16w … 16w+15 of the strip, and lane l = 4g + t holds, of each step of 16
/// columns, eight weights:
///
///   i:       0    1      2    3      4     5       6     7
///   row:     g    g     g+8  g+8     g     g      g+8   g+8
///   column:  2t  2t+1   2t   2t+1   2t+8  2t+9    2t+8  2t+9
///
/// Salient block, 64 x 32: [warp 4][step 2][lane 32][i 8] 16-bit floats, 4096 bytes.
/// Code block, 64 x 128: codes, then scales F16 [groups of the block][64 rows], then zero points U8 [groups][64 rows].
///   4 bits: [warp 4][half 2][lane 32][step of the half 4] 32-bit words, 4096 bytes. Weight i of the step is nibble
///           i/2 + 4·(i%2), so that (word >> 4p) & 0x000f000f is the pair p = (2p, 2p+1).
///   3 bits: [warp 4][half 2][word 3][lane 32] 32-bit words, 3072 bytes. The half's 16 pairs are numbered 4·step + p.
///           Word k = 0, 1, 2 holds pairs 5k … 5k+4: weight 0 of pair 5k+q in bits 3q … 3q+2, weight 1 in bits
///           16+3q …; bits 15 and 31 of word k are bit k of the two weights of pair 15.
/// A grid's weight is (code - zero)·scale; symmetric grids have no zero points in memory, theirs is 2^(bits-1). With a
/// shared codebook the weight is codebook[code]·rowScale[row]; its blocks hold codes alone.
namespace eigenquant::kernels {

inline constexpr int kStripRows = 64;
inline constexpr int kSalientColumns = 32;
inline constexpr int kCodeColumns = 128;

enum class Coding : std::uint8_t {
    Grid,     ///< uniform, a scale and a zero point a group
    Codebook, ///< 2^bits values for the whole linear, a scale a row
};

struct MixedLayout {
    int rows = 0;
    int columns = 0;
    int salient = 0;     ///< of the columns, the first ones
    int bits = 4;        ///< 3 or 4
    Coding coding = Coding::Grid;
    int groupSize = 128; ///< 32, 64 or a multiple of 128; grids only
    bool symmetric = false;

    bool operator==(const MixedLayout&) const = default;

    constexpr int codeColumns() const { return columns - salient; }
    constexpr int strips() const { return (rows + kStripRows - 1) / kStripRows; }
    constexpr int salientBlocks() const { return (salient + kSalientColumns - 1) / kSalientColumns; }
    constexpr int codeBlocks() const { return (codeColumns() + kCodeColumns - 1) / kCodeColumns; }
    constexpr int blocks() const { return salientBlocks() + codeBlocks(); }

    constexpr int salientBlockBytes() const { return kStripRows * kSalientColumns * 2; }
    constexpr int codeBytes() const { return kStripRows * kCodeColumns * bits / 8; }
    constexpr int groupsPerBlock() const { return groupSize < kCodeColumns ? kCodeColumns / groupSize : 1; }
    constexpr bool hasScales() const { return coding == Coding::Grid; }
    constexpr bool hasZeros() const { return coding == Coding::Grid && !symmetric; }
    constexpr int scalesOffset() const { return codeBytes(); }
    constexpr int zerosOffset() const { return codeBytes() + groupsPerBlock() * kStripRows * 2; }
    constexpr int codeBlockBytes() const
    {
        return codeBytes() + groupsPerBlock() * kStripRows * ((hasScales() ? 2 : 0) + (hasZeros() ? 1 : 0));
    }
    constexpr std::size_t stripBytes() const
    {
        return static_cast<std::size_t>(salientBlocks()) * static_cast<std::size_t>(salientBlockBytes()) +
               static_cast<std::size_t>(codeBlocks()) * static_cast<std::size_t>(codeBlockBytes());
    }
    constexpr std::size_t bytes() const { return static_cast<std::size_t>(strips()) * stripBytes(); }
    /// Where block b of a strip begins, from the strip's start.
    constexpr std::size_t blockOffset(int block) const
    {
        const int salientOnes = block < salientBlocks() ? block : salientBlocks();
        return static_cast<std::size_t>(salientOnes) * static_cast<std::size_t>(salientBlockBytes()) +
               static_cast<std::size_t>(block - salientOnes) * static_cast<std::size_t>(codeBlockBytes());
    }
};

/// Whether kernels have a path for such codes; others are dequantized when they are loaded. Salient weights do not go
/// with a codebook, whose sums are scaled as a whole at their end.
constexpr bool isMixedLayout(const MixedLayout& layout)
{
    const bool widths = layout.bits == 3 || layout.bits == 4;
    const bool groups = layout.groupSize == 32 || layout.groupSize == 64 ||
                        (layout.groupSize > 0 && layout.groupSize % kCodeColumns == 0);
    const bool coding = layout.coding == Coding::Codebook ? layout.salient == 0 : groups;
    return widths && coding && layout.rows > 0 && layout.columns > 0 &&
           layout.salient >= 0 && layout.salient <= layout.columns;
}

/// Where a weight of a fragment lies: row and column within the 16 x 16 step, for lane 0 … 31 and i = 0 … 7.
constexpr int fragmentRow(int lane, int i) { return lane / 4 + 8 * ((i / 2) % 2); }
constexpr int fragmentColumn(int lane, int i) { return 2 * (lane % 4) + i % 2 + 8 * (i / 4); }

} // namespace eigenquant::kernels
