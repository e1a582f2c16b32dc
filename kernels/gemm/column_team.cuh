// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "kernels/common/launch.cuh"
#include "kernels/common/mma_sync.cuh"
#include "kernels/gemm/column_decode.cuh"
#include "kernels/gemm/column_kernels.cuh"
#include "kernels/gemm/column_plan.h"

#include <cstddef>
#include <cstdint>

/// The main loop of the column products, by four warps: weights pass from memory through the stages of
/// column_plan.h into registers, where each warp decodes tiles of 64 x 16 and multiplies them, as A operands, with
/// x as B operand. mma m16n8k16 makes no difference between batch 1 and 8, so there is no other path for small
/// batches; a decoded tile serves up to 64 rows of x.
namespace eigenquant::kernels::columns {

/// What a thread is in its block.
struct Place {
    int team, strip, lane, thread; ///< strip within the group, thread within the team
};

__device__ inline Place placeOf(int thread)
{
    return {thread / kTeamThreads, thread % kTeamThreads / 32, thread % 32, thread % kTeamThreads};
}

/// A walk over rising blocks of columns, with what follows from their width.
struct Walk {
    int block, end; ///< the first block of another width
    int width, tileBytes, tablesBytes;

    __device__ Walk(const KernelParams& params, int first) : block(first), width(1) { settle(params); }
    __device__ void next(const KernelParams& params)
    {
        if (++block >= end)
            settle(params);
    }

private:
    __device__ void settle(const KernelParams& params)
    {
        while (width < kMaxColumnWidth && block >= params.firstBlock[width + 1])
            ++width;
        end = params.firstBlock[width + 1];
        tileBytes = params.tileBytes[width];
        tablesBytes = kTileColumns * params.tableBytes[width];
    }
};

/// The begins of the lists of outliers of one strip, 31 tiles at a time: lane i has that of tile `base` + i. The
/// next 31 are on their way.
class OutlierBegins {
public:
    __device__ OutlierBegins(const KernelParams& params, int strip, int block, int lane)
        : m_list(params.outlierBegins), m_at(strip * params.blocks), m_end(params.strips * params.blocks),
          m_lane(lane), m_base(block)
    {
        m_now = load(m_base);
        m_next = load(m_base + 31);
    }
    /// The list of a block's tile; blocks rise.
    __device__ uint2 listOf(int block)
    {
        if (block - m_base > 30) {
            m_base += 31;
            m_now = m_next;
            m_next = load(m_base + 31);
        }
        const std::uint32_t begin = __shfl_sync(0xffffffffu, m_now, block - m_base);
        return {begin, __shfl_sync(0xffffffffu, m_now, block - m_base + 1) - begin};
    }

private:
    __device__ std::uint32_t load(int block) const
    {
        return m_list != nullptr ? __ldg(m_list + min(m_at + block + m_lane, m_end)) : 0;
    }
    const std::uint32_t* m_list;
    int m_at, m_end, m_lane, m_base;
    std::uint32_t m_now, m_next;
};

/// What one team does of one segment: a run of column blocks of a group.
template <ColumnCoding kCoding, int kBatchTiles>
class Team {
public:
    __device__ Team(const KernelParams& params, unsigned char* shared, Place place, int group, int begin, int end);

    /// sums += the team's columns. `first`: earlier kernels may still be writing x.
    __device__ void run(float (&sums)[4][kBatchTiles][4], bool first);

private:
    static constexpr int kXBytes = kBatchTiles * 8 * kTileColumns * 2;

    __device__ bool hasStrip() const { return m_place.strip < m_strips; }
    __device__ std::uint32_t* listIn(unsigned char* stage) const
    {
        return reinterpret_cast<std::uint32_t*>(stage + m_params.listsAt) + m_place.strip * kListWords;
    }
    __device__ void copy(unsigned char* to, const unsigned char* from, int bytes) const;
    /// Each fetches what comes next.
    __device__ void fetchWeights(unsigned char* stage);
    __device__ void fetchOutliers(unsigned char* stage);
    __device__ void fetchX(unsigned char* stage);
    __device__ void decode(Fragments& weights, unsigned char* stage, const Walk& at) const;
    __device__ void multiply(float (&sums)[4][kBatchTiles][4], const Fragments& weights,
                             const unsigned char* stage) const;

    const KernelParams& m_params;
    unsigned char* m_shared;
    Place m_place;
    int m_begin, m_count, m_strips;
    Walk m_fetched;
    const unsigned char* m_codes;
    const unsigned char* m_tables;
    const std::uint16_t* m_x; ///< what this thread copies: 16 bytes of a row
    int m_xBytes;             ///< 0 for rows beyond the batch
    OutlierBegins m_begins;
};

template <ColumnCoding kCoding, int kBatchTiles>
__device__ Team<kCoding, kBatchTiles>::Team(const KernelParams& params, unsigned char* shared, Place place,
                                            int group, int begin, int end)
    : m_params(params), m_shared(shared), m_place(place), m_begin(begin), m_count(end - begin),
      m_strips(min(kGroupStrips, params.strips - group * kGroupStrips)), m_fetched(params, begin),
      m_begins(params, min(group * kGroupStrips + place.strip, params.strips - 1), begin, place.lane)
{
    const int width = m_fetched.width, nth = begin - params.firstBlock[width];
    m_codes = params.codes +
              static_cast<std::size_t>(group * kGroupStrips) * params.codeStart[kMaxColumnWidth + 1] +
              static_cast<std::size_t>(m_strips) *
                  (params.codeStart[width] + static_cast<std::size_t>(nth) * m_fetched.tileBytes);
    m_tables = params.tables + params.tableStart[width] + static_cast<std::size_t>(nth) * m_fetched.tablesBytes;
    const int row = place.thread / 2;
    const bool exists = row < params.batch;
    m_x = params.x + (exists ? row : 0) * params.xStride + begin * kTileColumns + place.thread % 2 * 8;
    m_xBytes = exists ? 16 : 0;
}

template <ColumnCoding kCoding, int kBatchTiles>
__device__ void Team<kCoding, kBatchTiles>::copy(unsigned char* to, const unsigned char* from, int bytes) const
{
#pragma unroll 1 // nearly always once
    for (int at = m_place.thread * 16; at < bytes; at += kTeamThreads * 16)
        copyAsync16(to + at, from + at, 16);
}

template <ColumnCoding kCoding, int kBatchTiles>
__device__ void Team<kCoding, kBatchTiles>::fetchWeights(unsigned char* stage)
{
    const int codeBytes = m_strips * m_fetched.tileBytes;
    copy(stage + kXBytes, m_codes, codeBytes);
    m_codes += codeBytes;
    if constexpr (kCoding == ColumnCoding::Codebooks) {
        copy(stage + m_params.tablesAt, m_tables, m_fetched.tablesBytes);
        m_tables += m_fetched.tablesBytes;
        fetchOutliers(stage);
    }
    m_fetched.next(m_params);
}

template <ColumnCoding kCoding, int kBatchTiles>
__device__ void Team<kCoding, kBatchTiles>::fetchOutliers(unsigned char* stage)
{
    if (m_params.outliers == nullptr || !hasStrip())
        return;
    const uint2 list = m_begins.listOf(m_fetched.block); // {begin, length}
    std::uint32_t* to = listIn(stage);
    if (m_place.lane < min(list.y, static_cast<std::uint32_t>(kListed)))
        copyAsync4(to + m_place.lane, m_params.outliers + list.x + m_place.lane);
    if (m_place.lane == 0)
        *reinterpret_cast<uint2*>(to + kListed) = list;
}

template <ColumnCoding kCoding, int kBatchTiles>
__device__ void Team<kCoding, kBatchTiles>::fetchX(unsigned char* stage)
{
    if (m_place.thread < kBatchTiles * 16) // two a row
        copyAsync16(stage + m_place.thread * 16, m_x, m_xBytes);
    m_x += kTileColumns;
}

template <ColumnCoding kCoding, int kBatchTiles>
__device__ void Team<kCoding, kBatchTiles>::decode(Fragments& weights, unsigned char* stage, const Walk& at) const
{
    const unsigned char* tile = stage + kXBytes + m_place.strip * at.tileBytes;
    if constexpr (kCoding == ColumnCoding::Codebooks) {
        decodeCodebooks(weights, at.width, tile, stage + m_params.tablesAt, m_place.lane);
        if (m_params.outliers == nullptr)
            return;
        const std::uint32_t* listed = listIn(stage);
        const uint2 list = *reinterpret_cast<const uint2*>(listed + kListed);
        const int warp = m_place.team * kGroupStrips + m_place.strip;
        applyOutliers(weights, m_shared + m_params.patchesAt + warp * kPatchBytes, listed,
                      m_params.outliers + list.x, static_cast<int>(list.y), m_place.lane);
    } else {
        if (at.width == m_params.copiedWidth)
            decodeCopiedLevels(weights, at.width, tile, m_place.lane);
        else
            decodeLevels(weights, at.width, tile, m_shared + m_params.levelsAt[at.width], m_place.lane);
        const int columns = m_params.counts[at.width] - (at.block - m_params.firstBlock[at.width]) * kTileColumns;
        if (columns < kTileColumns)
            clearFillers(weights, columns, m_place.lane);
    }
}

template <ColumnCoding kCoding, int kBatchTiles>
__device__ void Team<kCoding, kBatchTiles>::multiply(float (&sums)[4][kBatchTiles][4], const Fragments& weights,
                                                     const unsigned char* stage) const
{
    // Row 8·tile + g of x, columns 4t … 4t+3: the warp reads 256 bytes in a row.
    const uint2* x = reinterpret_cast<const uint2*>(stage) + m_place.lane;
#pragma unroll
    for (int tile = 0; tile < kBatchTiles; ++tile) {
        const uint2 b = x[tile * 32];
#pragma unroll
        for (int fragment = 0; fragment < 4; ++fragment)
            if (m_params.bf16)
                multiplyAdd<Element::BF16>(sums[fragment][tile], weights.a[fragment], b.x, b.y);
            else
                multiplyAdd<Element::F16>(sums[fragment][tile], weights.a[fragment], b.x, b.y);
    }
}

template <ColumnCoding kCoding, int kBatchTiles>
__device__ void Team<kCoding, kBatchTiles>::run(float (&sums)[4][kBatchTiles][4], bool first)
{
    const int ahead = m_params.stages - 1, step = m_params.stageBytes;
    unsigned char* const stages = m_shared + m_params.stagesAt + m_place.team * m_params.stages * step;
    for (int i = 0; i < min(ahead, m_count); ++i)
        fetchWeights(stages + i * step);
    if (first)
        waitForPrevious();
    for (int i = 0; i < ahead; ++i) {
        if (i < m_count)
            fetchX(stages + i * step);
        commitCopies();
    }
    Walk at(m_params, m_begin);
    int used = 0, filled = ahead * step;
    const auto advance = [&](int& stage) { stage = stage == ahead * step ? 0 : stage + step; };
    for (int i = 0; i < m_count; ++i) {
        waitCopies(ahead - 1);
        joinBarrier(1 + m_place.team,
                    kTeamThreads); // all have what they copied, none still reads the stage before
        if (i + ahead < m_count) {
            fetchWeights(stages + filled);
            fetchX(stages + filled);
            advance(filled);
        }
        commitCopies();
        if (hasStrip()) {
            Fragments weights;
            decode(weights, stages + used, at);
            multiply(sums, weights, stages + used);
        }
        at.next(m_params);
        advance(used);
    }
}

} // namespace eigenquant::kernels::columns
