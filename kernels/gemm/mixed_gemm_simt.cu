// SPDX-License-Identifier: GPL-3.0-or-later
//
// The mixed product of up to eight rows of x on any GPU: it is done when the weights have been read, so everything
// serves the stream of weights. Each of a block's four warps works for itself, with a pipeline and shared memory
// of its own and no barrier on the way. A unit of work is one block of a strip, 64 rows by 128 columns of codes or
// 32 salient ones; a stage of a warp's pipeline holds it with its columns of x:
//
//   weights: the layout block as it lies in memory, blockPitch() bytes
//   x:       [batch][128] elements, swizzled by stagedOffset()
//
// 4 bits in groups of 128 at batch 1: 4288 + 256 bytes, three stages and four warps 53 KiB, so four blocks are on
// a multiprocessor of an H100 and 200 KiB on the way.
//
// The dot products are the tensor cores' m16n8k16, with the batch as the 8: decoding a weight takes 1.7
// instructions, multiplying it with float32 arithmetic another 2 (two conversions and two additions a pair), for
// one row of x alone. The warps of a block take the units of its run in turn; where a tile ends, their sums are
// added in shared memory.
#include "kernels/common/launch.cuh"
#include "kernels/gemm/mixed_kinds.h"
#include "kernels/gemm/mixed_units.cuh"

#include <algorithm>

namespace eigenquant::kernels {
namespace {

constexpr int kThreads = 32 * kSimtWarps;
constexpr int kWarpRows = 4; ///< the four times 16 rows of a strip, all of one warp

template <Element element, int bits, Coding coding>
class Warp {
public:
    __device__ Warp(const UnitParams& p, std::uint8_t* shared)
        : p(p), warp(threadIdx.x / 32), lane(threadIdx.x % 32), stageBytes(p.pitch + p.batch * kStagedRowBytes),
          stages(shared + warp * p.stages * stageBytes),
          partSums(reinterpret_cast<float*>(shared + kSimtWarps * p.stages * stageBytes)),
          zeroChunk(reinterpret_cast<std::uint8_t*>(partSums + kSimtWarps * p.batch * kSimtSumPitch))
    {
        if constexpr (coding == Coding::Codebook)
            codebook.load(p.codebook);
        if (threadIdx.x < 4)
            reinterpret_cast<std::uint32_t*>(zeroChunk)[threadIdx.x] = 0;
        __syncthreads();
    }

    __device__ __forceinline__ void run()
    {
        const int begin = static_cast<int>(p.work.runBegin(blockIdx.x));
        const int end = static_cast<int>(p.work.runBegin(blockIdx.x + 1));
        fillPipeline(begin + warp, end);
        int unit = begin + warp, stage = 0;
        for (int tile = begin / p.work.depth; tile * p.work.depth < end; ++tile) {
            float sums[kWarpRows][4] = {};
            for (; unit < min(end, (tile + 1) * p.work.depth); unit += kSimtWarps) {
                waitCopies(p.stages - 1);
                __syncwarp(); // what other lanes copied is there
                multiply(sums, stages + stage * stageBytes, unit - tile * p.work.depth);
                __syncwarp(); // nobody reads the stage any more
                const int next = unit + p.stages * kSimtWarps;
                if (next < end) {
                    copyUnitWeights(stage, next);
                    copyUnitActivations(stage, next);
                }
                commitCopies();
                stage = stage + 1 == p.stages ? 0 : stage + 1;
            }
            addWarps(sums);
            finish(tile);
        }
    }

private:
    /// Weights do not depend on the kernel before, and are on their way before it has ended.
    __device__ __forceinline__ void fillPipeline(int first, int end)
    {
        for (int stage = 0; stage < p.stages; ++stage)
            if (first + stage * kSimtWarps < end)
                copyUnitWeights(stage, first + stage * kSimtWarps);
        waitForPrevious();
        for (int stage = 0; stage < p.stages; ++stage) {
            if (first + stage * kSimtWarps < end)
                copyUnitActivations(stage, first + stage * kSimtWarps);
            commitCopies();
        }
    }

    __device__ __forceinline__ void copyUnitWeights(int stage, int unit)
    {
        const int strip = unit / p.work.depth;
        copyWeights<32>(stages + stage * stageBytes, p, strip, unit - strip * p.work.depth, lane);
    }

    __device__ __forceinline__ void copyUnitActivations(int stage, int unit)
    {
        copyActivations<32>(stages + stage * stageBytes + p.pitch, p, 0, p.batch, unit % p.work.depth, lane);
    }

    __device__ __forceinline__ void multiply(float (&sums)[kWarpRows][4], const std::uint8_t* stage, int block)
    {
        if (block < p.shape.salientBlocks)
            multiplySalient(sums, stage);
        else
            multiplyCodes(sums, stage);
    }

    /// x's fragments of two steps of 16 columns, chunks 4q … 4q + 3 of its rows; rows beyond the batch are zero.
    __device__ __forceinline__ void loadActivations(std::uint32_t (&b)[4], const std::uint8_t* stage, int q) const
    {
        const int row = lane % 8;
        loadMatrices(b, row < p.batch ? stage + p.pitch + stagedOffset(row, 4 * q + lane / 8) : zeroChunk);
    }

    __device__ __forceinline__ void multiplySalient(float (&sums)[kWarpRows][4], const std::uint8_t* stage)
    {
        std::uint32_t b[4], a[4];
        loadActivations(b, stage, 0);
#pragma unroll
        for (int rows = 0; rows < kWarpRows; ++rows)
#pragma unroll
            for (int step = 0; step < 2; ++step) {
                loadSalient(a, stage, rows, step, lane);
                multiplyAdd<element>(sums[rows], a, b[2 * step], b[2 * step + 1]);
            }
    }

    __device__ __forceinline__ void multiplyCodes(float (&sums)[kWarpRows][4], const std::uint8_t* stage)
    {
        std::uint32_t b[4][4];
#pragma unroll
        for (int q = 0; q < 4; ++q)
            loadActivations(b[q], stage, q);
#pragma unroll
        for (int rows = 0; rows < kWarpRows; ++rows)
#pragma unroll
            for (int half = 0; half < 2; ++half) {
                reader.loadHalf(stage, rows, half, lane);
                forEachStep([&]<int step>() {
                    constexpr int q = step / 2, at = step % 2 * 2;
                    if constexpr (step % 2 == 0)
                        reader.loadScales(stage, p.shape, rows, 2 * half + q, lane);
                    std::uint32_t a[4];
                    reader.template decode<step>(codebook, a);
                    multiplyAdd<element>(sums[rows], a, b[2 * half + q][at], b[2 * half + q][at + 1]);
                });
            }
    }

    /// Puts this warp's sums beside those of the others: partSums[warp][batch][64 of 68].
    __device__ __forceinline__ void addWarps(const float (&sums)[kWarpRows][4])
    {
#pragma unroll
        for (int i = 0; i < 4; ++i) {
            const int b = 2 * (lane % 4) + i % 2, firstRow = lane / 4 + 8 * (i / 2);
            if (b < p.batch)
#pragma unroll
                for (int rows = 0; rows < kWarpRows; ++rows)
                    partSums[(warp * p.batch + b) * kSimtSumPitch + 16 * rows + firstRow] = sums[rows][i];
        }
        __syncthreads();
    }

    /// The block's sums of the tile become y, or a part that the last of the tile's blocks adds up.
    __device__ __forceinline__ void finish(int tile)
    {
        const Sharers sharers(p.work, tile);
        const int count = kStripRows * p.batch;
        for (int i = threadIdx.x; i < count; i += kThreads) {
            float sum = 0;
#pragma unroll
            for (int w = 0; w < kSimtWarps; ++w)
                sum += partSums[(w * p.batch + i / kStripRows) * kSimtSumPitch + i % kStripRows];
            if (sharers.count == 1)
                store(tile, i, sum);
            else
                __stcg(part(sharers.place(p.work, blockIdx.x)) + i, sum);
        }
        if (sharers.count > 1 && lastToArrive(p.counters + tile, sharers.count))
            for (int i = threadIdx.x; i < count; i += kThreads) {
                float sum = 0;
                for (int block = sharers.first; block < sharers.first + sharers.count; ++block)
                    sum += __ldcg(part(sharers.place(p.work, block)) + i);
                store(tile, i, sum);
            }
        __syncthreads(); // partSums are free for the next tile
    }

    __device__ float* part(int place) const
    {
        return p.partials + static_cast<std::size_t>(place) * (kStripRows * p.batch);
    }

    __device__ __forceinline__ void store(int tile, int i, float sum) const
    {
        const int b = i / kStripRows, row = tile * kStripRows + i % kStripRows;
        if (row >= p.rows)
            return;
        if constexpr (coding == Coding::Codebook)
            sum *= p.rowScales[row];
        if (p.bias)
            sum += p.bias[row];
        p.y[b * p.yStride + row] = static_cast<std::uint16_t>(elementBits<element>(sum));
    }

    const UnitParams& p;
    int warp, lane, stageBytes;
    std::uint8_t* stages; ///< [stages], this warp's
    float* partSums;
    std::uint8_t* zeroChunk;
    CodebookDecoder<bits> codebook;
    CodeReader<element, bits, coding> reader;
};

template <Element element, int bits, Coding coding>
__global__ void __launch_bounds__(kThreads, kSimtResidents)
    mixedGemmSimtKernel(const __grid_constant__ UnitParams p)
{
    extern __shared__ __align__(16) std::uint8_t shared[];
    releaseNext();
    Warp<element, bits, coding>(p, shared).run();
}

template <Element element, int bits, Coding coding>
void run(const MixedGemm& gemm, const TileChoice& tile, Stream stream)
{
    UnitParams p = unitParams(gemm, tile);
    const int depth = gemm.weights.layout.blocks();
    p.work = {p.shape.strips, depth,
              static_cast<int>(std::min<std::int64_t>(tile.blocks, std::int64_t{p.shape.strips} * depth))};
    checkWorkspace(p.work.tiles, p.work.blocks, static_cast<std::size_t>(kStripRows * gemm.batch) * 4);
    const std::size_t sharedBytes = simtSharedBytes(gemm.weights.layout, gemm.batch, tile.stages);
    const auto kernel = mixedGemmSimtKernel<element, bits, coding>;
    allowSharedBytes(kernel, sharedBytes);
    launch("mixedGemmSimt", kernel, dim3(static_cast<unsigned>(p.work.blocks)), dim3(kThreads), sharedBytes,
           stream, p);
}

} // namespace

void mixedGemmSimt(const MixedGemm& gemm, const TileChoice& tile, Stream stream)
{
    withKind(gemm, [&]<Element element, int bits, Coding coding>() {
        run<element, bits, coding>(gemm, tile, stream);
    });
}

} // namespace eigenquant::kernels
