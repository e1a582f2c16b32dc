// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "kernels/gemm/column_plan.h"
#include "kernels/gemm/column_ptx.cuh"
#include "kernels/layout/column_codes.h"
#include "kernels/layout/column_layout.h"

#include <cstddef>
#include <cstdint>

/// From a tile's codes in shared memory to A operands of the tensor cores, by one warp. The cost a weight decides
/// what the products cost, so the ways to look a value up were chosen by counting: an SM has 64 integer operations
/// and one row of 32 shared-memory banks a cycle.
///   Codebooks of up to 8: a table is four registers, its low bytes and its high bytes; prmt looks four codes up
///   at a time. 12 prmt for 8 weights, about 2 operations a weight. Of 16: twice the lookups, 3 operations. Wider
///   codebooks, and levels: shared memory. 32 random places meet 3.4 times in the fullest bank. Levels with
///   sixteen copies: two lanes share a copy and its two banks, so 2 cycles rather than 3.4, at 136 KiB.
namespace eigenquant::kernels::columns {

/// A tile's weights of one lane: for fragment f, rows 8g+2f ([0], [2]) and 8g+2f+1 ([1], [3]) of columns 4t, 4t+1
/// ([0], [1]) and 4t+2, 4t+3 ([2], [3]).
struct Fragments {
    std::uint32_t a[4][4];
};

/// The lane's words of a tile [width][32].
template <int kWidth>
__device__ inline void loadWords(std::uint32_t (&words)[kWidth], const unsigned char* tile, int lane)
{
#pragma unroll
    for (int word = 0; word < kWidth; ++word)
        words[word] = reinterpret_cast<const std::uint32_t*>(tile)[word * 32 + lane];
}

/// Low and high bytes of four rows of one column.
struct FourRows {
    std::uint32_t low, high;
};

/// Four codes, nibbles of the lower half of `codes`, from a table of up to 8 (16 bytes) or 16 (32 bytes).
template <int kWidth>
__device__ inline FourRows lookUp(const uint4 (&table)[kWidth == 4 ? 2 : 1], std::uint32_t codes)
{
    if constexpr (kWidth < 4)
        return {pickBytes(table[0].x, table[0].y, codes), pickBytes(table[0].z, table[0].w, codes)};
    else {
        const std::uint32_t within = codes & 0x77777777u;
        const std::uint32_t half = ((codes >> 1) & 0x44444444u) | 0x32103210u; // byte i of the one or of the other
        return {
            pickBytes(pickBytes(table[0].x, table[0].y, within), pickBytes(table[0].z, table[0].w, within), half),
            pickBytes(pickBytes(table[1].x, table[1].y, within), pickBytes(table[1].z, table[1].w, within), half)};
    }
}

/// Four rows of a pair of columns, from bytes of one column to registers of one row.
__device__ inline void putRows(Fragments& out, int half, int pair, FourRows left, FourRows right)
{
    const std::uint32_t left01 = pickBytes(left.low, left.high, 0x5140),
                        left23 = pickBytes(left.low, left.high, 0x7362);
    const std::uint32_t right01 = pickBytes(right.low, right.high, 0x5140),
                        right23 = pickBytes(right.low, right.high, 0x7362);
    out.a[2 * half][2 * pair] = pickBytes(left01, right01, 0x5410);
    out.a[2 * half][2 * pair + 1] = pickBytes(left01, right01, 0x7632);
    out.a[2 * half + 1][2 * pair] = pickBytes(left23, right23, 0x5410);
    out.a[2 * half + 1][2 * pair + 1] = pickBytes(left23, right23, 0x7632);
}

/// Codebooks of up to 4 bits. `tables` are those of the block, [16] columns.
template <int kWidth>
__device__ inline void decodeNarrow(Fragments& out, const unsigned char* tile, const unsigned char* tables,
                                    int lane)
{
    constexpr int kVectors = kWidth == 4 ? 2 : 1;
    std::uint32_t words[kWidth];
    loadWords(words, tile, lane);
    const uint4* first = reinterpret_cast<const uint4*>(tables) + (lane % 4) * 4 * kVectors;
#pragma unroll
    for (int pair = 0; pair < 2; ++pair) {
        uint4 left[kVectors], right[kVectors];
#pragma unroll
        for (int i = 0; i < kVectors; ++i) {
            left[i] = first[2 * pair * kVectors + i];
            right[i] = first[(2 * pair + 1) * kVectors + i];
        }
        const std::uint32_t leftCodes = nibblesOf(kWidth, words, 2 * pair),
                            rightCodes = nibblesOf(kWidth, words, 2 * pair + 1);
#pragma unroll
        for (int half = 0; half < 2; ++half)
            putRows(out, half, pair, lookUp<kWidth>(left, leftCodes >> (16 * half)),
                    lookUp<kWidth>(right, rightCodes >> (16 * half)));
    }
}

/// Codebooks of 5 to 8 bits.
template <int kWidth>
__device__ inline void decodeWide(Fragments& out, const unsigned char* tile, const unsigned char* tables, int lane)
{
    std::uint32_t words[kWidth];
    loadWords(words, tile, lane);
    const std::uint16_t* first = reinterpret_cast<const std::uint16_t*>(tables) + ((lane % 4) * 4 << kWidth);
#pragma unroll
    for (int row = 0; row < 8; ++row)
#pragma unroll
        for (int pair = 0; pair < 2; ++pair) {
            const std::uint32_t left = first[(2 * pair << kWidth) + codeOf(kWidth, words, 2 * pair, row)];
            const std::uint32_t right =
                first[((2 * pair + 1) << kWidth) + codeOf(kWidth, words, 2 * pair + 1, row)];
            out.a[row / 2][row % 2 + 2 * pair] = left | right << 16;
        }
}

__device__ inline void decodeCodebooks(Fragments& out, int width, const unsigned char* tile,
                                       const unsigned char* tables, int lane)
{
    switch (width) {
    case 1:
        return decodeNarrow<1>(out, tile, tables, lane);
    case 2:
        return decodeNarrow<2>(out, tile, tables, lane);
    case 3:
        return decodeNarrow<3>(out, tile, tables, lane);
    case 4:
        return decodeNarrow<4>(out, tile, tables, lane);
    case 5:
        return decodeWide<5>(out, tile, tables, lane);
    case 6:
        return decodeWide<6>(out, tile, tables, lane);
    case 7:
        return decodeWide<7>(out, tile, tables, lane);
    default:
        return decodeWide<8>(out, tile, tables, lane);
    }
}

/// The 16 bits of the stream behind the lane's eight rows, for columns 4t, 4t+1 in [0] and 4t+2, 4t+3 in [1]: the
/// lane's below, or of the strip's tail where there is none.
template <int kWidth>
__device__ inline uint2 bitsBehind(const std::uint32_t (&words)[kWidth], const unsigned char* tile, int lane)
{
    const bool last = lane >= 28;
    const uint2 tail = reinterpret_cast<const uint2*>(tile + kWidth * 128)[lane % 4];
    if constexpr (kWidth == 1) { // a lane has 8 bits only: the two lanes below
        std::uint32_t next = __shfl_down_sync(0xffffffffu, words[0], 4);
        next = last ? pickBytes(tail.x, tail.y, 0x6420) : next;
        std::uint32_t second = __shfl_down_sync(0xffffffffu, next, 4);
        second = last ? pickBytes(tail.x, tail.y, 0x7531) : second;
        return {pickBytes(next, second, 0x5140), pickBytes(next, second, 0x7362)};
    } else {
        const auto first = [&](int column) { return static_cast<std::uint32_t>(runBits(kWidth, words, column)); };
        const std::uint32_t left = __shfl_down_sync(0xffffffffu, pickBytes(first(0), first(1), 0x5410), 4);
        const std::uint32_t right = __shfl_down_sync(0xffffffffu, pickBytes(first(2), first(3), 0x5410), 4);
        return last ? tail : uint2{left, right};
    }
}

/// kCopyFactor times the window that begins at a bit of the run. Integer operations are scarce and multiplications
/// are not: where the window lies high enough, its upper half's multiplication is also the shift.
template <int kBit>
__device__ inline std::uint32_t scaledWindow(const TrellisRun& run)
{
    constexpr int kRest = kBit % 32;
    if constexpr (kRest >= 6 && kRest + kWindowBits <= 32)
        return __umulhi(run.words[kBit / 32] & (0xfffu << kRest), static_cast<std::uint32_t>(kCopyFactor)
                                                                      << (32 - kRest));
    else
        return windowAt(run, kBit) * kCopyFactor;
}

/// One level; kRow of the lane's eight. `copy` is the lane's of sixteen, in bytes.
template <int kWidth, int kRow, bool kCopies>
__device__ inline std::uint32_t level(const TrellisRun& run, const unsigned char* levels, std::uint32_t copy)
{
    constexpr int kBit = kRow * kWidth;
    if constexpr (kCopies)
        return loadCopied((scaledWindow<kBit>(run) & 0x3ff86u) | copy);
    else
        return reinterpret_cast<const std::uint16_t*>(levels)[windowAt(run, kBit)];
}

/// Two columns of two rows.
template <int kWidth, int kFragment, bool kCopies>
__device__ inline void putLevels(Fragments& out, int pair, const TrellisRun& left, const TrellisRun& right,
                                 const unsigned char* levels, std::uint32_t copy)
{
    constexpr int kFirst = 2 * kFragment, kSecond = kFirst + 1;
    out.a[kFragment][2 * pair] = pickBytes(level<kWidth, kFirst, kCopies>(left, levels, copy),
                                           level<kWidth, kFirst, kCopies>(right, levels, copy), 0x5410);
    out.a[kFragment][2 * pair + 1] = pickBytes(level<kWidth, kSecond, kCopies>(left, levels, copy),
                                               level<kWidth, kSecond, kCopies>(right, levels, copy), 0x5410);
}

template <int kWidth, bool kCopies>
__device__ inline void decodeTrellis(Fragments& out, const unsigned char* tile, const unsigned char* levels,
                                     int lane)
{
    std::uint32_t words[kWidth];
    loadWords(words, tile, lane);
    const uint2 behind = bitsBehind<kWidth>(words, tile, lane);
    const auto copy = static_cast<std::uint32_t>(lane / 2 * 8);
#pragma unroll
    for (int pair = 0; pair < 2; ++pair) {
        const std::uint32_t next = pair == 0 ? behind.x : behind.y;
        const TrellisRun left = trellisRun(kWidth, runBits(kWidth, words, 2 * pair), next & 0xffff);
        const TrellisRun right = trellisRun(kWidth, runBits(kWidth, words, 2 * pair + 1), next >> 16);
        putLevels<kWidth, 0, kCopies>(out, pair, left, right, levels, copy);
        putLevels<kWidth, 1, kCopies>(out, pair, left, right, levels, copy);
        putLevels<kWidth, 2, kCopies>(out, pair, left, right, levels, copy);
        putLevels<kWidth, 3, kCopies>(out, pair, left, right, levels, copy);
    }
}

template <bool kCopies>
__device__ inline void decodeTrellis(Fragments& out, int width, const unsigned char* tile,
                                     const unsigned char* levels, int lane)
{
    switch (width) {
    case 1:
        return decodeTrellis<1, kCopies>(out, tile, levels, lane);
    case 2:
        return decodeTrellis<2, kCopies>(out, tile, levels, lane);
    case 3:
        return decodeTrellis<3, kCopies>(out, tile, levels, lane);
    case 4:
        return decodeTrellis<4, kCopies>(out, tile, levels, lane);
    case 5:
        return decodeTrellis<5, kCopies>(out, tile, levels, lane);
    case 6:
        return decodeTrellis<6, kCopies>(out, tile, levels, lane);
    case 7:
        return decodeTrellis<7, kCopies>(out, tile, levels, lane);
    default:
        return decodeTrellis<8, kCopies>(out, tile, levels, lane);
    }
}

/// From levels [4096].
__device__ inline void decodeLevels(Fragments& out, int width, const unsigned char* tile,
                                    const unsigned char* levels, int lane)
{
    decodeTrellis<false>(out, width, tile, levels, lane);
}

/// From sixteen copies of them, which lie where copiesOf() says.
__device__ inline void decodeCopiedLevels(Fragments& out, int width, const unsigned char* tile, int lane)
{
    decodeTrellis<true>(out, width, tile, nullptr, lane);
}

/// Clears what fills up a block of fewer than 16 columns: levels have no zero.
__device__ inline void clearFillers(Fragments& out, int columns, int lane)
{
    const int own = columns - lane % 4 * 4; // of the lane's four
#pragma unroll
    for (int fragment = 0; fragment < 4; ++fragment)
#pragma unroll
        for (int i = 0; i < 4; ++i) {
            const int first = i / 2 * 2;
            out.a[fragment][i] &= (own > first ? 0xffffu : 0u) | (own > first + 1 ? 0xffff0000u : 0u);
        }
}

/// Changes the bits of `count` listed weights: the list is scattered over a tile of zeros (the warp's patch) in
/// the order of the registers, that is combined with what was decoded, and cleared again. 16 rows of banks,
/// whatever the number of outliers and of rows of x; as a product of its own, each outlier would have to gather
/// the whole batch. `near` has the first kListed of the list.
inline constexpr int kListed = 32;
__device__ inline void applyOutliers(Fragments& weights, unsigned char* patch, const std::uint32_t* near,
                                     const std::uint32_t* list, int count, int lane)
{
    if (count == 0)
        return;
    auto* changes = reinterpret_cast<std::uint16_t*>(patch);
    const auto entry = [&](int i) { return i < kListed ? near[i] : __ldg(list + i); };
    for (int i = lane; i < count; i += 32)
        changes[entry(i) >> 16] = static_cast<std::uint16_t>(entry(i));
    __syncwarp();
#pragma unroll
    for (int fragment = 0; fragment < 4; ++fragment) {
        const uint4 change = reinterpret_cast<const uint4*>(patch)[fragment * 32 + lane];
        weights.a[fragment][0] ^= change.x;
        weights.a[fragment][1] ^= change.y;
        weights.a[fragment][2] ^= change.z;
        weights.a[fragment][3] ^= change.w;
    }
    __syncwarp();
    for (int i = lane; i < count; i += 32)
        changes[entry(i) >> 16] = 0;
    __syncwarp();
}

/// Puts a width's levels into shared memory as sixteen copies, by `threads` threads: two copies at a time are 16
/// bytes, and neighbours begin at different ones for the banks' sake.
__device__ inline void copyLevels(unsigned char* to, const unsigned char* levels, int thread, int threads)
{
    for (int row = thread; row < kCopyRows; row += threads) {
        std::uint32_t slots[4];
#pragma unroll
        for (int s = 0; s < 4; ++s) {
            const int r = (128 * row - kCopyFactor * s + 4 * kCopyFactor - 1) / (4 * kCopyFactor); // rounded up
            const int window = 4 * r + s;
            const bool used = r >= 0 && window < kLevels && window * kCopyFactor / 128 == row;
            slots[s] = used ? reinterpret_cast<const std::uint16_t*>(levels)[window] : 0u;
        }
        const uint2 four{slots[0] | slots[1] << 16, slots[2] | slots[3] << 16};
        for (int i = 0; i < 8; ++i)
            reinterpret_cast<uint4*>(to)[row * 8 + (i + thread) % 8] = {four.x, four.y, four.x, four.y};
    }
}

} // namespace eigenquant::kernels::columns
