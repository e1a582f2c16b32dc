// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

/// How a linear whose columns have widths of their own lies in GPU memory: one truth for packing, the CPU twin and
/// every kernel.
///
/// The columns of W [rows, columns] are sorted by width (equal widths keep their order) and cut into blocks of 16
/// of one width; the last block of a width is filled up with columns whose weights are zero. The product's x comes
/// in that order, 16·blocks channels wide. Rows are cut into strips of 64. A tile is a strip of a block, 64 x 16;
/// the tiles of four strips (a group, the last one may have fewer) lie side by side, so that four warps stream
/// them:
///
///   codes: [group][block][strip of the group][tileBytes(width)]
///
/// In a tile, lane l = 4g + t of a warp has rows 8g … 8g+7 of columns 4t … 4t+3: 32 codes, `width` 32-bit words,
/// in [word][lane]. To the tensor cores (mma m16n8k16) any 16 rows and 16 columns are as good as neighbours, as
/// long as x and y agree: fragment f takes rows 8g+2f and 8g+2f+1 as its rows g and g+8, columns 4t … 4t+3 as its
/// columns 2t, 2t+1, 2t+8, 2t+9, and so a lane decodes runs of rows.
///
/// Codebooks: the words are planes of nibbles, nibble r of a word for row 8g+r.
///   4 bits: word c is column 4t+c.    2 bits: word k is columns 4t+2k (low two bits of a nibble) and 4t+2k+1.
///   1 bit:  bit c is column 4t+c.     3 bits: word k is column 4t+k in the low three bits; its fourth bits are
///   bit k
///                                     of column 4t+3.
///   5 to 8 bits: the four words of the low 4 bits, then the words of the others as above.
///   Its codebooks: [block][column 16] tables of tableBytes(width): up to 3 bits low bytes of 8 elements, then
///   high bytes, 16 bytes together; 4 bits: low bytes of 16, high bytes of 16; 5 to 8: 2^width elements. Unused:
///   zero.
/// Trellis: column c of the lane is bits [8·width·c, 8·width·(c+1)) of its words: 8·width bits of the column's
/// stream.
///   A window reaches up to 12 - width bits into those of the rows after: into lane l+4's (at width 1 lane l+8's
///   too), and for the last ones into the strip's tail behind the words: 16-bit numbers [column 16], what follows
///   in the stream. The tail costs 32 bytes a tile: 8 % at 3 bits, 6 % at 4. Its levels: [width in use,
///   rising][4096] elements.
///
/// Outliers are weights that replace what the codes say: a list a tile, each what to exclusive-or to the decoded
/// bits and where. The list of tile (strip, block) is [begin[strip·blocks + block], the next begin).
namespace eigenquant::kernels {

enum class ColumnCoding : std::uint8_t {
    Codebooks, ///< 2^width values a column
    Trellis,   ///< 4096 levels a width, a scale a row
};

inline constexpr int kTileRows = 64;
inline constexpr int kTileColumns = 16;
inline constexpr int kGroupStrips = 4;
inline constexpr int kGroupRows = kTileRows * kGroupStrips;
inline constexpr int kWindowBits = 12;
inline constexpr int kLevels = 1 << kWindowBits;
inline constexpr int kTailBytes = 2 * kTileColumns;
inline constexpr int kMaxColumnWidth = 8;

struct ColumnLayout {
    int rows = 0;
    int columns = 0;
    ColumnCoding coding = ColumnCoding::Codebooks;
    std::array<int, kMaxColumnWidth + 1> counts{}; ///< columns of each width, [0] is none

    bool operator==(const ColumnLayout&) const = default;

    constexpr int strips() const { return (rows + kTileRows - 1) / kTileRows; }
    constexpr int groups() const { return (strips() + kGroupStrips - 1) / kGroupStrips; }
    constexpr int groupStrips(int group) const
    {
        const int left = strips() - group * kGroupStrips;
        return left < kGroupStrips ? left : kGroupStrips;
    }
    constexpr int blocksOf(int width) const
    {
        return (counts[static_cast<std::size_t>(width)] + kTileColumns - 1) / kTileColumns;
    }
    /// Of narrower columns: where those of a width begin.
    constexpr int firstBlock(int width) const
    {
        int first = 0;
        for (int narrower = 1; narrower < width; ++narrower)
            first += blocksOf(narrower);
        return first;
    }
    constexpr int blocks() const { return firstBlock(kMaxColumnWidth + 1); }
    /// Channels of x, fillers included: what `order` has entries for, and a row of the dequantized weight.
    constexpr int paddedColumns() const { return blocks() * kTileColumns; }
    constexpr int widest() const
    {
        int width = kMaxColumnWidth;
        while (width > 1 && blocksOf(width) == 0)
            --width;
        return width;
    }
    constexpr int widthOf(int block) const
    {
        int width = 1;
        for (int end = blocksOf(1); end <= block && width < kMaxColumnWidth;)
            end += blocksOf(++width);
        return width;
    }

    constexpr int tileBytes(int width) const
    {
        return kTileRows * kTileColumns / 8 * width + (coding == ColumnCoding::Trellis ? kTailBytes : 0);
    }
    /// Of a column's codebook; none for a trellis.
    constexpr int tableBytes(int width) const
    {
        if (coding == ColumnCoding::Trellis)
            return 0;
        return width <= 3 ? 16 : 2 << width;
    }
    /// Bytes of one strip's tiles before block b.
    constexpr std::size_t stripOffset(int block) const { return sumBefore(block, 1, &ColumnLayout::tileBytes); }
    /// Where the tile begins.
    constexpr std::size_t tileOffset(int strip, int block) const
    {
        const int group = strip / kGroupStrips;
        return static_cast<std::size_t>(group) * kGroupStrips * stripOffset(blocks()) +
               static_cast<std::size_t>(groupStrips(group)) * stripOffset(block) +
               static_cast<std::size_t>(strip % kGroupStrips) *
                   static_cast<std::size_t>(tileBytes(widthOf(block)));
    }
    constexpr std::size_t codeBytes() const { return static_cast<std::size_t>(strips()) * stripOffset(blocks()); }
    /// Where the codebooks of block b begin.
    constexpr std::size_t codebookOffset(int block) const
    {
        return sumBefore(block, kTileColumns, &ColumnLayout::tableBytes);
    }
    /// Which of the tables of levels is that of a width; for kMaxColumnWidth + 1: how many there are.
    constexpr int levelTable(int width) const
    {
        int tables = 0;
        for (int narrower = 1; narrower < width; ++narrower)
            tables += counts[static_cast<std::size_t>(narrower)] > 0 ? 1 : 0;
        return tables;
    }
    /// Codebooks or levels, all of them.
    constexpr std::size_t tablesBytes() const
    {
        return coding == ColumnCoding::Codebooks
                   ? codebookOffset(blocks())
                   : static_cast<std::size_t>(levelTable(kMaxColumnWidth + 1)) * kLevels * 2;
    }

private:
    constexpr std::size_t sumBefore(int block, int times, int (ColumnLayout::*bytes)(int) const) const
    {
        std::size_t sum = 0;
        for (int width = 1, before = 0; width <= kMaxColumnWidth && before < block;
             before += blocksOf(width), ++width) {
            const int here = block - before < blocksOf(width) ? block - before : blocksOf(width);
            sum += static_cast<std::size_t>(here) * static_cast<std::size_t>(times * (this->*bytes)(width));
        }
        return sum;
    }
};

/// An outlier: bits 0 … 15 are what the element's bits are changed by, the others its place in the tile.
/// The place of a weight among the 1024 of its tile, by fragment, lane, register of the fragment, half.
constexpr int tilePlace(int row, int column)
{
    const int lane = 4 * (row / 8) + column / 4, fragment = row % 8 / 2;
    const int word = row % 2 + 2 * (column % 4 / 2);
    return ((fragment * 32 + lane) * 4 + word) * 2 + column % 2;
}

} // namespace eigenquant::kernels
