// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "kernels/common/mma_sync.cuh"
#include "kernels/gemm/decode_codes.cuh"
#include "kernels/gemm/mixed_gemm.h"
#include "kernels/gemm/paths.h"
#include "kernels/gemm/stream_k.cuh"

#include <cstdint>

/// What the two paths without a copy engine share: how a unit of work, one block of columns, comes to shared
/// memory, how a warp reads its weights there, and how sums become y.
namespace eigenquant::kernels {

inline constexpr int kSalientBlockBytes = MixedLayout{}.salientBlockBytes();

/// What MixedLayout's functions would work out, with divisions, again and again.
struct BlockShape {
    int strips, salientBlocks;
    std::size_t stripBytes;
    int codeBlockBytes, groups, scalesOffset, zerosOffset;
    bool zeros;
};

inline BlockShape blockShape(const MixedLayout& layout)
{
    return {layout.strips(),         layout.salientBlocks(), layout.stripBytes(),  layout.codeBlockBytes(),
            layout.groupsPerBlock(), layout.scalesOffset(),  layout.zerosOffset(), layout.hasZeros()};
}

struct UnitParams {
    int rows, columns, salient;
    BlockShape shape;
    StreamK work;
    const std::uint8_t* blocks;    ///< layout.bytes()
    const float* rowScales;        ///< [64·strips], with a codebook
    const std::uint16_t* codebook; ///< [2^bits]
    const float* bias;             ///< [rows] or null
    const std::uint16_t* x;        ///< [batch, columns]
    std::int64_t xStride;
    std::uint16_t* y; ///< [batch, rows]
    std::int64_t yStride;
    int batch;
    int stages, pitch;  ///< of the pipeline; pitch: bytes of a layout block in a stage
    unsigned* counters; ///< [tiles]: parts that have arrived
    float* partials;    ///< [blocks][2] parts of tiles
};

/// All but the split of the work, which is the path's to know.
inline UnitParams unitParams(const MixedGemm& gemm, const TileChoice& tile)
{
    const MixedLayout& layout = gemm.weights.layout;
    auto* workspace = static_cast<std::uint8_t*>(gemm.workspace);
    return {layout.rows,
            layout.columns,
            layout.salient,
            blockShape(layout),
            {},
            static_cast<const std::uint8_t*>(gemm.weights.blocks),
            gemm.weights.rowScales,
            gemm.weights.codebook,
            gemm.bias,
            static_cast<const std::uint16_t*>(gemm.x),
            gemm.xStride,
            static_cast<std::uint16_t*>(gemm.y),
            gemm.yStride,
            gemm.batch,
            tile.stages,
            blockPitch(layout),
            reinterpret_cast<unsigned*>(workspace),
            reinterpret_cast<float*>(workspace + kWorkspaceCounterBytes)};
}

/// Copies a block of a strip; a strip beyond the last one becomes zeros.
template <int threads>
__device__ __forceinline__ void copyWeights(std::uint8_t* shared, const UnitParams& p, int strip, int block,
                                            int thread)
{
    const int salientBlocks = min(block, p.shape.salientBlocks);
    const int bytes = block < p.shape.salientBlocks ? kSalientBlockBytes : p.shape.codeBlockBytes;
    const bool exists = strip < p.shape.strips;
    const std::uint8_t* from = p.blocks;
    if (exists)
        from += strip * p.shape.stripBytes + static_cast<std::size_t>(salientBlocks) * kSalientBlockBytes +
                static_cast<std::size_t>(block - salientBlocks) * p.shape.codeBlockBytes;
    for (int at = 16 * thread; at < bytes; at += 16 * threads)
        copyAsync16(shared + at, from + at, exists ? 16 : 0);
}

/// Eight elements of x from an address that is not 16-byte aligned: where the number of salient columns is none of
/// eights. What is beyond `count` is zero.
__device__ inline uint4 gatherChunk(const std::uint16_t* x, int count)
{
    std::uint32_t words[4] = {};
#pragma unroll
    for (int i = 0; i < 8; ++i)
        if (i < count)
            words[i / 2] |= static_cast<std::uint32_t>(x[i]) << (16 * (i % 2));
    return {words[0], words[1], words[2], words[3]};
}

/// Where chunk c, 16 bytes, of a staged row of x lies: chunks of eight rows spread over all banks.
__device__ inline int stagedOffset(int row, int chunk)
{
    return row * kStagedRowBytes + ((chunk ^ (row & 7)) << 4);
}

/// Copies x's columns of a unit for `rows` rows from `firstRow` on; what is beyond the unit's columns becomes
/// zero.
template <int threads>
__device__ __forceinline__ void copyActivations(std::uint8_t* shared, const UnitParams& p, int firstRow, int rows,
                                                int block, int thread)
{
    const int salientBlocks = p.shape.salientBlocks;
    const bool salient = block < salientBlocks;
    const int first = salient ? block * kSalientColumns : p.salient + (block - salientBlocks) * kCodeColumns;
    const int end = salient ? p.salient : p.columns;
    const int logChunks = salient ? 2 : 4;
    for (int i = thread; i < rows << logChunks; i += threads) {
        const int row = i >> logChunks, chunk = i & ((1 << logChunks) - 1);
        const int count = max(0, min(8, end - (first + 8 * chunk)));
        const std::uint16_t* from = p.x + (firstRow + row) * p.xStride + (count > 0 ? first + 8 * chunk : 0);
        std::uint8_t* to = shared + stagedOffset(row, chunk);
        if (first % 8 == 0)
            copyAsync16(to, from, 2 * count);
        else
            *reinterpret_cast<uint4*>(to) = gatherChunk(from, count);
    }
}

/// Calls f.operator()<0>() … <3>(): the decoders want the step as a constant.
template <class Function>
__device__ __forceinline__ void forEachStep(Function&& f)
{
    f.template operator()<0>();
    f.template operator()<1>();
    f.template operator()<2>();
    f.template operator()<3>();
}

/// A code block as one of its four warps' 16 rows see it: loads half a block of words at a time and makes
/// fragments of them. The block may lie in shared or in global memory. Grids leave the codebook unread.
template <Element element, int bits, Coding coding>
struct CodeReader {
    std::uint32_t words[bits];
    GridScales<element> scales;

    __device__ __forceinline__ void loadHalf(const std::uint8_t* block, int warp, int half, int lane)
    {
        if constexpr (bits == 4) {
            const uint4 loaded = *reinterpret_cast<const uint4*>(block + ((warp * 2 + half) * 32 + lane) * 16);
            words[0] = loaded.x;
            words[1] = loaded.y;
            words[2] = loaded.z;
            words[3] = loaded.w;
        } else {
#pragma unroll
            for (int k = 0; k < 3; ++k)
                words[k] =
                    *reinterpret_cast<const std::uint32_t*>(block + ((warp * 2 + half) * 96 + 32 * k + lane) * 4);
        }
    }

    /// The scales of the group that quarter 0 … 3 of the block, 32 columns, begins; none begins in most where
    /// groups are longer.
    __device__ __forceinline__ void loadScales(const std::uint8_t* block, const BlockShape& shape, int warp,
                                               int quarter, int lane)
    {
        if constexpr (coding == Coding::Grid) {
            if (quarter * shape.groups % 4 != 0)
                return;
#pragma unroll
            for (int i = 0; i < 2; ++i) {
                const int at = quarter * shape.groups / 4 * kStripRows + 16 * warp + lane / 4 + 8 * i;
                const auto scale = *reinterpret_cast<const std::uint16_t*>(block + shape.scalesOffset + 2 * at);
                scales.set(i, scale, shape.zeros ? block[shape.zerosOffset + at] : 1u << (bits - 1));
            }
        }
    }

    template <int step>
    __device__ __forceinline__ void decode(const CodebookDecoder<bits>& codebook, std::uint32_t (&a)[4]) const
    {
        if constexpr (coding == Coding::Grid)
            GridDecoder<element, bits>::template decode<step>(words, scales, a);
        else
            codebook.template decode<step>(words, a);
    }
};

/// The fragment of a step, 0 or 1, of a salient block.
__device__ __forceinline__ void loadSalient(std::uint32_t (&a)[4], const std::uint8_t* block, int warp, int step,
                                            int lane)
{
    const uint4 loaded = *reinterpret_cast<const uint4*>(block + ((warp * 2 + step) * 32 + lane) * 16);
    a[0] = loaded.x;
    a[1] = loaded.y;
    a[2] = loaded.z;
    a[3] = loaded.w;
}

template <Element element>
__device__ inline std::uint32_t elementBits(float value)
{
    if constexpr (element == Element::F16)
        return __half_as_ushort(__float2half_rn(value));
    else
        return __bfloat16_as_ushort(__float2bfloat16_rn(value));
}

/// The blocks that share a tile.
struct Sharers {
    int first, count;
    int firstUnit;

    __device__ Sharers(const StreamK& work, int tile) : firstUnit(tile * work.depth)
    {
        first = work.firstBlock(tile);
        count = work.lastBlock(tile) - first + 1;
    }

    /// Where a block keeps its part: the first segment of its run in place 0, a later one, which begins with the
    /// tile, in place 1. Whole tiles lie between and are kept nowhere.
    __device__ int place(const StreamK& work, int block) const
    {
        return 2 * block + (work.runBegin(block) >= firstUnit ? 0 : 1);
    }
};

/// Tells that this block's part of a tile, written by all its threads, is there. Whether it was the last of
/// `count`: that block then sees all parts, and has set the counter back to zero for the next product.
__device__ inline bool lastToArrive(unsigned* counter, int count)
{
    __shared__ bool last;
    __threadfence();
    __syncthreads();
    if (threadIdx.x == 0) {
        last = atomicAdd(counter, 1u) + 1 == static_cast<unsigned>(count);
        if (last)
            *counter = 0;
    }
    __syncthreads();
    __threadfence();
    return last;
}

} // namespace eigenquant::kernels
