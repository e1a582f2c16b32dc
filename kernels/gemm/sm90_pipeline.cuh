// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "kernels/common/bulk_copy.cuh"
#include "kernels/common/launch.cuh"
#include "kernels/gemm/paths.h"
#include "kernels/gemm/stream_k.cuh"

#include <cstdint>

/// The mixed product on Hopper. D = W·xᵀ: rows of W are the rows of the tensor cores' tiles and the batch their columns,
/// so that weights, decoded in registers, are the A operand, and x, in shared memory as the copy engine laid it, is B.
///
/// A block has two warpgroups that compute and one thread that copies. The tile is 128 or 256 rows (each
/// warpgroup has one or two strips of 64) by n rows of x. A unit of work is one block of columns of the layout: 128
/// columns of codes or 32 salient ones, about as many bytes either way. Each stage of the pipeline holds a unit:
///
///   x:       two boxes of 64 columns, [n][64] elements in the 128-byte swizzle, n·128 bytes each
///   weights: one layout block a strip, one behind the other
///
/// Bytes of a stage at n = 64 and 4 bits in groups of 128: 16384 + 2·4288. Weights do not depend on the kernel before,
/// so the first stages' are on their way before it has ended.
namespace eigenquant::kernels::sm90 {

constexpr int kWarpgroups = 2, kComputeThreads = 128 * kWarpgroups;
constexpr int kThreads = kComputeThreads + 128; ///< registers go to warpgroups, so the copier is a whole one
constexpr int kBoxColumns = 64;
constexpr int kSalientBlockBytes = kStripRows * kSalientColumns * 2;
constexpr std::uint32_t kBarrierBytes = 1024;

struct Params {
    StreamK work;
    const std::uint8_t* blocks;
    const float* rowScales;
    const std::uint16_t* codebook;
    const float* bias;
    std::uint16_t* y;
    std::int64_t yStride;
    std::int64_t stripBytes;
    int rows, strips, salient, salientBlocks; ///< of the layout
    int codeBlockBytes;
    int groupsPerBlock;
    int zerosOffset;                    ///< within a code block; 0: a symmetric grid
    int batch, batchTiles;
    int stages, stageBytes, stripPitch; ///< stripPitch: bytes from one strip's block to the next within a stage
    uint4* mail;                        ///< [blocks][2][quads][kComputeThreads], all 0
    bool pairsAligned;                  ///< two neighbouring elements of y can be written as one word
};

template <Element element_, int bits_, Coding coding_, int rowTiles_, int n_>
struct Config {
    static constexpr Element element = element_;
    static constexpr int bits = bits_;
    static constexpr Coding coding = coding_;
    static constexpr int rowTiles = rowTiles_; ///< strips of a warpgroup
    static constexpr int n = n_;
    static constexpr int strips = kWarpgroups * rowTiles;
    static constexpr int boxBytes = n * kBoxColumns * 2;
    static constexpr int sums = n / 2;                ///< of a thread and row tile
    static constexpr int quads = rowTiles * sums / 4; ///< float4s of a thread
    /// Blocks that the registers of a multiprocessor are shared out to. Whether a second one does come, the next
    /// product's with its first weights on their way while this one ends, the stages decide: see fillHopper().
    static constexpr int residents = sm90Residents(strips * kStripRows, n);
    /// A launch gives every thread 168 registers, or 80 where two blocks are resident; the copier hands most of its own
    /// to those that compute.
    static constexpr int copyRegisters = residents == 2 ? 32 : 40;
    static constexpr int computeRegisters = residents == 2 ? 104 : 232;
};

struct Tile {
    int firstStrip, firstBatch;
};

template <class C>
__device__ Tile tileOf(const Params& p, int tile)
{
    return {tile / p.batchTiles * C::strips, tile % p.batchTiles * C::n};
}

/// The stages in turn: their barriers, full and empty, and their data, by shared address.
struct Pipeline {
    std::uint32_t barriers, data; ///< of stage 0: [kMostBulkStages] full barriers, then as many empty ones
    int stages, stageBytes;
    int stage = 0;
    std::uint32_t phase = 0, stageData = data;

    __device__ void advance()
    {
        stageData += static_cast<std::uint32_t>(stageBytes);
        if (++stage == stages) {
            stage = 0;
            phase ^= 1;
            stageData = data;
        }
    }
    __device__ std::uint32_t fullBarrier() const { return barriers + 8 * static_cast<std::uint32_t>(stage); }
    __device__ std::uint32_t emptyBarrier() const { return fullBarrier() + 8 * kMostBulkStages; }
};

// --- the copying thread -----------------------------------------------------------------------------------------

/// A place in a run: the unit and what follows from it, brought forward without divisions.
template <class C>
struct Cursor {
    int tile, block;
    int firstBatch, strips;   ///< of the tile
    const std::uint8_t* from; ///< the block of the tile's first strip

    __device__ Cursor(const Params& p, int unit) : tile(unit / p.work.depth), block(unit - tile * p.work.depth)
    {
        enterTile(p);
        const int codes = max(0, block - p.salientBlocks);
        from += static_cast<std::int64_t>(block - codes) * kSalientBlockBytes +
                static_cast<std::int64_t>(codes) * p.codeBlockBytes;
    }

    __device__ void enterTile(const Params& p)
    {
        const Tile where = tileOf<C>(p, tile);
        firstBatch = where.firstBatch;
        strips = min(C::strips, p.strips - where.firstStrip);
        from = p.blocks + static_cast<std::int64_t>(where.firstStrip) * p.stripBytes;
    }

    __device__ bool salient(const Params& p) const { return block < p.salientBlocks; }
    __device__ int bytes(const Params& p) const { return salient(p) ? kSalientBlockBytes : p.codeBlockBytes; }

    __device__ void advance(const Params& p)
    {
        from += bytes(p);
        if (++block == p.work.depth) {
            block = 0;
            ++tile;
            enterTile(p);
        }
    }
};

template <class C>
__device__ void copyWeights(const Params& p, const Cursor<C>& at, const Pipeline& pipe, std::uint64_t policy)
{
    const auto bytes = static_cast<std::uint32_t>(at.bytes(p));
    const std::uint32_t barrier = pipe.fullBarrier();
    arriveExpecting(barrier, static_cast<std::uint32_t>(at.strips) * bytes + (at.salient(p) ? 1 : 2) * C::boxBytes);
    std::uint32_t to = pipe.stageData + 2 * C::boxBytes;
    const std::uint8_t* from = at.from;
#pragma unroll
    for (int strip = 0; strip < C::strips; ++strip) {
        if (strip < at.strips)
            bulkCopy(to, from, bytes, barrier, policy);
        to += static_cast<std::uint32_t>(p.stripPitch);
        from += p.stripBytes;
    }
}

template <class C>
__device__ void copyX(const Params& p, const CUtensorMap* map, const Cursor<C>& at, const Pipeline& pipe)
{
    const std::uint32_t to = pipe.stageData, barrier = pipe.fullBarrier();
    if (at.salient(p)) {
        tensorCopy(to, map, at.block * kSalientColumns, at.firstBatch, barrier);
        return;
    }
    const int column = p.salient + (at.block - p.salientBlocks) * kCodeColumns;
    tensorCopy(to, map, column, at.firstBatch, barrier);
    tensorCopy(to + C::boxBytes, map, column + kBoxColumns, at.firstBatch, barrier);
}

/// The units of the block's run, in order.
template <class C>
__device__ void copyRun(const Params& p, const CUtensorMap* map, Pipeline pipe, int begin, int end)
{
    const std::uint64_t policy = evictFirst();
    const int early = min(end, begin + p.stages);
    Cursor<C> weights(p, begin), x(p, begin);
    Pipeline ahead = pipe;
    for (int unit = begin; unit < early; ++unit, ahead.advance(), weights.advance(p))
        copyWeights(p, weights, ahead, policy);
    waitForPrevious();
    for (int unit = begin; unit < early; ++unit, pipe.advance(), x.advance(p))
        copyX(p, map, x, pipe);
    for (int unit = early; unit < end; ++unit, pipe.advance(), x.advance(p)) {
        waitBarrier(pipe.emptyBarrier(), pipe.phase ^ 1);
        copyWeights(p, x, pipe, policy);
        copyX(p, map, x, pipe);
    }
}

} // namespace eigenquant::kernels::sm90
