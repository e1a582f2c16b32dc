// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "kernels/common/bulk_copy.cuh"
#include "kernels/common/cluster.cuh"
#include "kernels/common/launch.cuh"
#include "kernels/gemm/cluster_split.h"
#include "kernels/gemm/paths.h"

#include <cstdint>

/// The mixed product on Hopper. D = W·xᵀ: rows of W are the rows of the tensor cores' tiles and the batch their
/// columns, so that weights, decoded in registers, are the A operand, and x, in shared memory as the copy engine
/// laid it, is B.
///
/// A cluster of 1 to 8 blocks works on a group of up to 3 strips (of 64 rows of W) by n rows of x at a time; its
/// blocks share the group's columns (see cluster_split.h). A unit of work is one block of columns of the layout:
/// 128 columns of codes or 32 salient ones, about as many bytes either way. A block has:
///
///   2 or 3 computing warpgroups. Each decodes and multiplies one strip of every unit; in a group of fewer
///     strips than warpgroups they take turns: of `phases` = warpgroups / strips units each takes one.
///   2 copying threads, of two warps, which keep the stages of the pipeline full: one brings weights, one x.
///     One thread for both is slower than memory: it takes 70 to 120 ns to have the copy engine begin.
///   2 collecting warps, which add up what the blocks of the cluster have sent (see sm90_exchange.cuh).
///
/// Each stage of the pipeline holds a unit:
///
///   x:       two boxes of 64 columns, [n][64] elements in the 128-byte swizzle, n·128 bytes each
///   weights: one layout block a strip, one behind the other
///
/// Bytes of a stage at n = 64 and 4 bits in groups of 128: 16384 + 3·4288. Weights do not depend on the kernel
/// before, so they are on their way before it has ended.
namespace eigenquant::kernels::sm90 {

constexpr int kBoxColumns = 64;
constexpr int kSalientBlockBytes = kStripRows * kSalientColumns * 2;
constexpr int kCollectors = 2; ///< warps
constexpr int kCopiers = 2;    ///< threads: of weights and of x

struct Params {
    ClusterSplit work;
    int rankShift; ///< log2 of the blocks of a cluster
    const std::uint8_t* blocks;
    const float* rowScales;
    const std::uint16_t* codebook;
    const float* bias;
    std::uint16_t* y;
    std::int64_t yStride;
    std::int64_t stripBytes;
    int rows, salient, salientBlocks; ///< of the layout
    int codeBlockBytes;
    int groupsPerBlock;
    int zerosOffset; ///< within a code block; 0: a symmetric grid
    int batch;
    int stages, stageBytes, stripPitch; ///< stripPitch: bytes from one strip's block to the next within a stage
    bool pairsAligned;                  ///< two neighbouring elements of y can be written as one word
    bool wholeBoxes;                    ///< the code columns are whole boxes; see XMaps
};

/// x [batch, columns] as the copy engine sees it: by rows, boxes [n][64] at any column; and its code columns by
/// boxes, of which it brings the two of a unit at once, [2][n][64]. That a box ends within x is told by rows only,
/// so where the last one would not be whole, `rows` serves for all.
struct XMaps {
    CUtensorMap rows, boxes;
};

/// Where a block stands: its cluster, and its rank in it.
struct Place {
    int cluster, rank;

    __device__ explicit Place(const Params& p)
        : cluster(static_cast<int>(blockIdx.x) >> p.rankShift), rank(static_cast<int>(blockIdx.x) & (p.work.ranks - 1))
    {
    }
};

template <Element element_, int bits_, Coding coding_, int warpgroups_, int n_>
struct Config {
    static constexpr Element element = element_;
    static constexpr int bits = bits_;
    static constexpr Coding coding = coding_;
    static constexpr int warpgroups = warpgroups_; ///< that compute; the most strips of a group
    static constexpr int n = n_;
    static constexpr int boxBytes = n * kBoxColumns * 2;
    static constexpr int sums = n / 2;   ///< of a thread
    static constexpr int quads = n / 8;  ///< float4s of them
    /// Whether sums are scaled, not weights: takes registers for a second set of them.
    static constexpr bool unscaled = coding == Coding::Grid && n <= kMostUnscaledBatch;
    static constexpr int computeThreads = 128 * warpgroups;
    static constexpr int threads = computeThreads + 128; ///< registers go to warpgroups: the others have one
    /// A launch gives every thread 128 or 168 registers; the last warpgroup hands most of its own to those that
    /// compute.
    static constexpr int otherRegisters = 56;
    static constexpr int computeRegisters = warpgroups == 3 ? 152 : 216;
};

/// Of warpgroups by strips of a group: how many share a strip, each with a part of its units.
template <class C>
__device__ __forceinline__ int phasesOf(const StripGroup& group)
{
    return C::warpgroups / group.count;
}

/// Where things lie in shared memory; the stages come first, because x has to begin at a multiple of 1024 bytes.
struct SharedPlan {
    std::uint32_t full, empty;         ///< [kMostBulkStages] barriers of the stages
    std::uint32_t mailFull, mailFree;  ///< barriers
    std::uint32_t mail;                ///< sm90MailBytes()
    std::uint32_t stages;

    __device__ SharedPlan(std::uint32_t start, const Params& p)
        : full(start), empty(start + 8 * kMostBulkStages), mailFull(start + 16 * kMostBulkStages),
          mailFree(mailFull + 8),
          mail(start + kSm90BarrierBytes + static_cast<std::uint32_t>(p.stages * p.stageBytes)),
          stages(start + kSm90BarrierBytes)
    {
    }
};

/// The stages in turn: their barriers and their data, by shared address.
struct Pipeline {
    std::uint32_t full, empty, data; ///< of stage 0
    int stages, stageBytes;
    int stage = 0;
    std::uint32_t phase = 0, stageData = data;

    __device__ Pipeline(const SharedPlan& plan, const Params& p)
        : full(plan.full), empty(plan.empty), data(plan.stages), stages(p.stages), stageBytes(p.stageBytes)
    {
    }
    /// By no more units than there are stages.
    __device__ __forceinline__ void advance(int units = 1)
    {
        stage += units;
        if (stage >= stages) {
            stage -= stages;
            phase ^= 1;
        }
        stageData = data + static_cast<std::uint32_t>(stage * stageBytes);
    }
    /// By any number of units, or back by fewer than there are stages.
    __device__ void move(int units)
    {
        for (; units > stages; units -= stages)
            phase ^= 1;
        if (units < 0) {
            units += stages;
            phase ^= 1;
        }
        advance(units);
    }
    __device__ std::uint32_t fullBarrier() const { return full + 8 * static_cast<std::uint32_t>(stage); }
    __device__ std::uint32_t emptyBarrier() const { return empty + 8 * static_cast<std::uint32_t>(stage); }
};

// --- the copying threads ----------------------------------------------------------------------------------------

/// The units that a block is dealt, one after the other. Does as little as it can for each: what a copying thread
/// computes delays what it copies.
template <class C, class SalientUnit, class CodeUnit>
__device__ __forceinline__ void forUnits(const Params& p, const Place& place, const SalientUnit& salientUnit,
                                         const CodeUnit& codeUnit)
{
    for (GroupWalk walk(p.work, place.cluster, C::warpgroups); !walk.done(); walk.advance()) {
        int unit = walk.group.firstUnit(place.rank, p.work.ranks);
        for (; unit < p.salientBlocks; unit += p.work.ranks)
            salientUnit(walk.group, unit);
        for (unit -= p.salientBlocks; unit < p.work.depth - p.salientBlocks; unit += p.work.ranks)
            codeUnit(walk.group, unit);
    }
}

/// A block of columns of each strip of a group.
__device__ __forceinline__ void copyBlocks(const Params& p, int strips, const std::uint8_t* from, std::uint32_t bytes,
                                           std::uint32_t to, Pipeline& pipe, std::uint64_t policy)
{
    const std::uint32_t barrier = pipe.fullBarrier();
    waitBarrier(pipe.emptyBarrier(), pipe.phase ^ 1);
    arriveExpecting(barrier, static_cast<std::uint32_t>(strips) * bytes);
    for (int strip = 0; strip < strips; ++strip) {
        bulkCopy(pipe.stageData + to, from, bytes, barrier, policy);
        to += static_cast<std::uint32_t>(p.stripPitch);
        from += p.stripBytes;
    }
    pipe.advance();
}

template <class C>
__device__ void copyWeights(const Params& p, Pipeline pipe, const Place& place)
{
    const std::uint64_t policy = evictFirst();
    const auto copy = [&](const StripGroup& group, std::int64_t offset, int bytes) {
        copyBlocks(p, group.count, p.blocks + group.strip * p.stripBytes + offset, static_cast<std::uint32_t>(bytes),
                   2 * C::boxBytes, pipe, policy);
    };
    const std::int64_t codes = static_cast<std::int64_t>(p.salientBlocks) * kSalientBlockBytes;
    forUnits<C>(
        p, place,
        [&](const StripGroup& group, int unit) {
            copy(group, unit * std::int64_t{kSalientBlockBytes}, kSalientBlockBytes);
        },
        [&](const StripGroup& group, int unit) {
            copy(group, codes + unit * static_cast<std::int64_t>(p.codeBlockBytes), p.codeBlockBytes);
        });
}

template <class C>
__device__ void copyX(const Params& p, const XMaps& x, Pipeline pipe, const Place& place)
{
    waitForPrevious();
    const auto begin = [&](int boxes) {
        waitBarrier(pipe.emptyBarrier(), pipe.phase ^ 1);
        arriveExpecting(pipe.fullBarrier(), static_cast<std::uint32_t>(boxes * C::boxBytes));
    };
    forUnits<C>(
        p, place,
        [&](const StripGroup& group, int unit) {
            begin(1);
            tensorCopy(pipe.stageData, &x.rows, unit * kSalientColumns, group.batchTile * C::n, pipe.fullBarrier());
            pipe.advance();
        },
        [&](const StripGroup& group, int unit) {
            const int batch = group.batchTile * C::n, column = p.salient + unit * kCodeColumns;
            begin(2);
            if (p.wholeBoxes) {
                tensorCopy(pipe.stageData, &x.boxes, 0, batch, 2 * unit, pipe.fullBarrier());
            } else {
                tensorCopy(pipe.stageData, &x.rows, column, batch, pipe.fullBarrier());
                tensorCopy(pipe.stageData + C::boxBytes, &x.rows, column + kBoxColumns, batch, pipe.fullBarrier());
            }
            pipe.advance();
        });
}

} // namespace eigenquant::kernels::sm90
