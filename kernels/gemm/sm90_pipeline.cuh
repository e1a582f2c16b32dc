// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "kernels/common/bulk_copy.cuh"
#include "kernels/common/cluster.cuh"
#include "kernels/common/launch.cuh"
#include "kernels/gemm/cluster_split.h"
#include "kernels/gemm/paths.h"

#include <cstdint>

/// The mixed product on Hopper. D = W·xᵀ: rows of W are the rows of the tensor cores' tiles and the batch their columns,
/// so that weights, decoded in registers, are the A operand, and x, in shared memory as the copy engine laid it, is B.
///
/// A cluster of 1 to 8 blocks works on a group of up to 3 strips (of 64 rows of W) by n rows of x at a time; its blocks
/// share the group's columns (see cluster_split.h). A unit of work is one block of columns of the layout: 128 columns of
/// codes or 32 salient ones, about as many bytes either way. A block has:
///
///   2 or 3 computing warpgroups. Each decodes and multiplies one strip of every unit; in a group of fewer strips than
///     warpgroups they take turns: of `phases` = warpgroups / strips units each takes one.
///   1 copying thread, which keeps the stages of the pipeline full.
///   3 collecting warps, which add up what the blocks of the cluster have sent (see sm90_exchange.cuh).
///
/// Each stage of the pipeline holds a unit:
///
///   x:       two boxes of 64 columns, [n][64] elements in the 128-byte swizzle, n·128 bytes each
///   weights: one layout block a strip, one behind the other
///
/// Bytes of a stage at n = 64 and 4 bits in groups of 128: 16384 + 3·4288. Weights do not depend on the kernel before,
/// so the first stages' are on their way before it has ended.
namespace eigenquant::kernels::sm90 {

constexpr int kBoxColumns = 64;
constexpr int kSalientBlockBytes = kStripRows * kSalientColumns * 2;
constexpr int kCollectors = 3; ///< warps

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
    static constexpr int threads = computeThreads + 128; ///< registers go to warpgroups, so the copier has a whole one
    /// A launch gives every thread 128 or 168 registers; the last warpgroup hands most of its own to those that compute.
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
        : full(start), empty(start + 8 * kMostBulkStages), mailFull(start + 16 * kMostBulkStages), mailFree(mailFull + 8),
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
    __device__ void advance()
    {
        stageData += static_cast<std::uint32_t>(stageBytes);
        if (++stage == stages) {
            stage = 0;
            phase ^= 1;
            stageData = data;
        }
    }
    __device__ std::uint32_t fullBarrier() const { return full + 8 * static_cast<std::uint32_t>(stage); }
    __device__ std::uint32_t emptyBarrier() const { return empty + 8 * static_cast<std::uint32_t>(stage); }
};

// --- the copying thread -----------------------------------------------------------------------------------------

/// The units that a block is dealt, one after the other.
template <class C>
struct Cursor {
    const Params& p;
    GroupWalk walk;
    int rank, unit;

    __device__ Cursor(const Params& params, int cluster, int ownRank)
        : p(params), walk(params.work, cluster, C::warpgroups), rank(ownRank)
    {
        unit = walk.group.firstUnit(rank, p.work.ranks);
        findUnit();
    }
    __device__ bool done() const { return walk.done(); }
    __device__ bool salient() const { return unit < p.salientBlocks; }
    __device__ int bytes() const { return salient() ? kSalientBlockBytes : p.codeBlockBytes; }
    /// The unit's block of the group's first strip.
    __device__ const std::uint8_t* weights() const
    {
        const int salientOnes = min(unit, p.salientBlocks);
        return p.blocks + walk.group.strip * p.stripBytes + salientOnes * kSalientBlockBytes +
               static_cast<std::int64_t>(unit - salientOnes) * p.codeBlockBytes;
    }
    __device__ void advance()
    {
        unit += p.work.ranks;
        findUnit();
    }

private:
    /// Goes on to the next group that has a unit for this rank.
    __device__ void findUnit()
    {
        while (unit >= p.work.depth && !walk.done()) {
            walk.advance();
            unit = walk.group.firstUnit(rank, p.work.ranks);
        }
    }
};

template <class C>
__device__ void copyWeights(const Cursor<C>& at, const Pipeline& pipe, std::uint64_t policy)
{
    const auto bytes = static_cast<std::uint32_t>(at.bytes());
    const std::uint32_t barrier = pipe.fullBarrier();
    const int strips = at.walk.group.count;
    arriveExpecting(barrier, static_cast<std::uint32_t>(strips) * bytes + (at.salient() ? 1 : 2) * C::boxBytes);
    std::uint32_t to = pipe.stageData + 2 * C::boxBytes;
    const std::uint8_t* from = at.weights();
    for (int strip = 0; strip < strips; ++strip) {
        bulkCopy(to, from, bytes, barrier, policy);
        to += static_cast<std::uint32_t>(at.p.stripPitch);
        from += at.p.stripBytes;
    }
}

template <class C>
__device__ void copyX(const CUtensorMap* map, const Cursor<C>& at, const Pipeline& pipe)
{
    const std::uint32_t to = pipe.stageData, barrier = pipe.fullBarrier();
    const int firstBatch = at.walk.group.batchTile * C::n;
    if (at.salient()) {
        tensorCopy(to, map, at.unit * kSalientColumns, firstBatch, barrier);
        return;
    }
    const int column = at.p.salient + (at.unit - at.p.salientBlocks) * kCodeColumns;
    tensorCopy(to, map, column, firstBatch, barrier);
    tensorCopy(to + C::boxBytes, map, column + kBoxColumns, firstBatch, barrier);
}

/// All units of the block, in order.
template <class C>
__device__ void copyUnits(const Params& p, const CUtensorMap* map, Pipeline pipe, int cluster, int rank)
{
    const std::uint64_t policy = evictFirst();
    Cursor<C> weights(p, cluster, rank), x(p, cluster, rank);
    Pipeline ahead = pipe;
    int early = 0;
    for (; early < p.stages && !weights.done(); ++early, ahead.advance(), weights.advance())
        copyWeights(weights, ahead, policy);
    waitForPrevious();
    for (; early > 0; --early, pipe.advance(), x.advance())
        copyX(map, x, pipe);
    for (; !x.done(); pipe.advance(), x.advance()) {
        waitBarrier(pipe.emptyBarrier(), pipe.phase ^ 1);
        copyWeights(x, pipe, policy);
        copyX(map, x, pipe);
    }
}

} // namespace eigenquant::kernels::sm90
