// SPDX-License-Identifier: GPL-3.0-or-later
//
// The mixed product on the tensor cores of any GPU from compute capability 8.0 on (mma.sync m16n8k16). D = W·xᵀ:
// rows of W are the rows of the fragments and the batch their columns, so that a warp decodes each weight once,
// into the registers of the A operand, and x, the B operand, comes from shared memory by ldmatrix.
//
// A block has four warps. The tile is 64·strips rows (warp w has the rows 16w … 16w + 15 of each strip) by
// batchTile rows of x. A unit of work is one block of columns of the layout: 128 columns of codes or 32 salient
// ones. Each stage of the pipeline holds a unit:
//
//   weights: one layout block a strip, blockPitch() bytes each
//   x:       [batchTile][128] elements, swizzled by stagedOffset(), 256 bytes a row
//
// At 128 rows by 64 and 4 bits in groups of 128 that is 2·4288 + 16384 bytes: three stages are 73 KiB, two blocks
// on a multiprocessor. Each weight of a stage is used by one warp, each element of x by all four. Work is split by
// StreamK; a tile that several blocks share is summed by the last of them to arrive, always in the order of the
// columns.
#include "kernels/common/launch.cuh"
#include "kernels/gemm/mixed_kinds.h"
#include "kernels/gemm/mixed_units.cuh"

#include <algorithm>
#include <stdexcept>

namespace eigenquant::kernels {
namespace {

constexpr int kThreads = 128;

template <Element element_, int bits_, Coding coding_, int strips_, int batchTile_>
struct Config {
    static constexpr Element element = element_;
    static constexpr int bits = bits_;
    static constexpr Coding coding = coding_;
    static constexpr int strips = strips_;
    static constexpr int batchTile = batchTile_;
    static constexpr int columnTiles = batchTile / 8; ///< of the tensor cores' eight columns
};

template <class C>
class Block {
public:
    __device__ Block(const UnitParams& p, std::uint8_t* shared)
        : p(p), batchTiles((p.batch + C::batchTile - 1) / C::batchTile), warp(threadIdx.x / 32),
          lane(threadIdx.x % 32), stageBytes(C::strips * p.pitch + C::batchTile * kStagedRowBytes), stages(shared)
    {
        if constexpr (C::coding == Coding::Codebook)
            codebook.load(p.codebook);
    }

    __device__ __forceinline__ void run()
    {
        const int begin = static_cast<int>(p.work.runBegin(blockIdx.x));
        const int end = static_cast<int>(p.work.runBegin(blockIdx.x + 1));
        fillPipeline(begin, end);
        int stage = 0, last = p.stages - 1; // last: the stage that was read before this one, and is filled anew
        int tile = begin / p.work.depth, block = begin - tile * p.work.depth;
        for (int unit = begin; unit < end; ++unit) {
            waitCopies(p.stages - 2);
            __syncthreads(); // all of the stage is there, and nobody reads the last one any more
            if (unit + p.stages - 1 < end)
                copyUnit(last, unit + p.stages - 1);
            commitCopies();
            multiply(stages + stage * stageBytes, block);
            last = stage;
            stage = stage + 1 == p.stages ? 0 : stage + 1;
            if (++block == p.work.depth || unit + 1 == end) {
                finish(tile++);
                block = 0;
            }
        }
    }

private:
    /// Weights do not depend on the kernel before, and are on their way before it has ended.
    __device__ __forceinline__ void fillPipeline(int begin, int end)
    {
        for (int stage = 0; stage < p.stages - 1; ++stage)
            if (begin + stage < end)
                copyUnitWeights(stage, begin + stage);
        waitForPrevious();
        for (int stage = 0; stage < p.stages - 1; ++stage) {
            if (begin + stage < end)
                copyUnitActivations(stage, begin + stage);
            commitCopies();
        }
    }

    __device__ __forceinline__ void copyUnit(int stage, int unit)
    {
        copyUnitWeights(stage, unit);
        copyUnitActivations(stage, unit);
    }

    __device__ __forceinline__ void copyUnitWeights(int stage, int unit)
    {
        const int tile = unit / p.work.depth, block = unit - tile * p.work.depth;
#pragma unroll
        for (int s = 0; s < C::strips; ++s)
            copyWeights<kThreads>(stages + stage * stageBytes + s * p.pitch, p, firstStrip(tile) + s, block,
                                  threadIdx.x);
    }

    __device__ __forceinline__ void copyUnitActivations(int stage, int unit)
    {
        const int tile = unit / p.work.depth, block = unit - tile * p.work.depth;
        copyActivations<kThreads>(stages + stage * stageBytes + C::strips * p.pitch, p, firstBatch(tile),
                                  min(C::batchTile, p.batch - firstBatch(tile)), block, threadIdx.x);
    }

    /// The batch tiles of the same rows follow each other, so that their weights are read from the L2 but once.
    __device__ int firstStrip(int tile) const
    {
        return tile / batchTiles * C::strips;
    }
    __device__ int firstBatch(int tile) const
    {
        return tile % batchTiles * C::batchTile;
    }

    __device__ __forceinline__ void multiply(const std::uint8_t* stage, int block)
    {
        if (block < p.shape.salientBlocks)
            multiplySalient(stage);
        else
            multiplyCodes(stage);
    }

    __device__ __forceinline__ void multiplySalient(const std::uint8_t* stage)
    {
#pragma unroll
        for (int step = 0; step < 2; ++step) {
            std::uint32_t a[C::strips][4];
#pragma unroll
            for (int s = 0; s < C::strips; ++s)
                loadSalient(a[s], stage + s * p.pitch, warp, step, lane);
            multiplyStep(a, stage + C::strips * p.pitch, step);
        }
    }

    __device__ __forceinline__ void multiplyCodes(const std::uint8_t* stage)
    {
#pragma unroll 1 // the other half is the same code
        for (int half = 0; half < 2; ++half) {
#pragma unroll
            for (int s = 0; s < C::strips; ++s)
                reader[s].loadHalf(stage + s * p.pitch, warp, half, lane);
            forEachStep([&]<int step>() {
                std::uint32_t a[C::strips][4];
#pragma unroll
                for (int s = 0; s < C::strips; ++s) {
                    if constexpr (step % 2 == 0)
                        reader[s].loadScales(stage + s * p.pitch, p.shape, warp, 2 * half + step / 2, lane);
                    reader[s].template decode<step>(codebook, a[s]);
                }
                multiplyStep(a, stage + C::strips * p.pitch, 4 * half + step);
            });
        }
    }

    /// sums += a·x over the 16 columns of a step, two column tiles at a time: lanes 0 … 15 give ldmatrix the rows
    /// of the first (its columns 0 … 7, then 8 … 15), lanes 16 … 31 those of the second.
    __device__ __forceinline__ void multiplyStep(const std::uint32_t (&a)[C::strips][4], const std::uint8_t* x,
                                                 int step)
    {
        const int row = lane / 16 * 8 + lane % 8, chunk = 2 * step + lane / 8 % 2;
        const std::uint8_t* from = x + stagedOffset(row, chunk);
#pragma unroll
        for (int pair = 0; pair < C::columnTiles / 2; ++pair) {
            std::uint32_t b[4];
            loadMatrices(b, from + pair * 16 * kStagedRowBytes);
#pragma unroll
            for (int s = 0; s < C::strips; ++s) {
                multiplyAdd<C::element>(sums[s][2 * pair], a[s], b[0], b[1]);
                multiplyAdd<C::element>(sums[s][2 * pair + 1], a[s], b[2], b[3]);
            }
        }
    }

    /// The sums of the tile become y, or a part that the last of the tile's blocks adds up; and start again at
    /// zero.
    __device__ __forceinline__ void finish(int tile)
    {
        const Sharers sharers(p.work, tile);
        bool complete = sharers.count == 1;
        if (!complete) {
            writePart(sharers.place(p.work, blockIdx.x), tile);
            complete = lastToArrive(p.counters + tile, sharers.count);
            if (complete)
                addParts(sharers, tile);
        }
        if (complete)
            store(tile);
        forEachSum(C::columnTiles, [&](int s, int j) {
            for (float& sum : sums[s][j])
                sum = 0;
        });
    }

    /// Calls f(strip, column tile) for those that the batch reaches.
    template <class Function>
    __device__ __forceinline__ void forEachSum(int columnTiles, Function&& f)
    {
#pragma unroll
        for (int s = 0; s < C::strips; ++s)
#pragma unroll
            for (int j = 0; j < C::columnTiles; ++j)
                if (j < columnTiles)
                    f(s, j);
    }

    __device__ int usedColumnTiles(int tile) const
    {
        return (p.batch - firstBatch(tile) + 7) / 8;
    }

    /// Parts: [place][strip][column tile][thread] of four sums.
    __device__ float4* part(int place, int s, int j) const
    {
        return reinterpret_cast<float4*>(p.partials) +
               ((static_cast<std::size_t>(place) * C::strips + s) * C::columnTiles + j) * kThreads + threadIdx.x;
    }

    __device__ __forceinline__ void writePart(int place, int tile)
    {
        forEachSum(usedColumnTiles(tile), [&](int s, int j) {
            __stcg(part(place, s, j), make_float4(sums[s][j][0], sums[s][j][1], sums[s][j][2], sums[s][j][3]));
        });
    }

    __device__ __forceinline__ void addParts(const Sharers& sharers, int tile)
    {
        forEachSum(usedColumnTiles(tile), [&](int s, int j) {
            for (float& sum : sums[s][j])
                sum = 0;
        });
        for (int block = sharers.first; block < sharers.first + sharers.count; ++block) {
            const int place = sharers.place(p.work, block);
            forEachSum(usedColumnTiles(tile), [&](int s, int j) {
                const float4 more = __ldcg(part(place, s, j));
                sums[s][j][0] += more.x;
                sums[s][j][1] += more.y;
                sums[s][j][2] += more.z;
                sums[s][j][3] += more.w;
            });
        }
    }

    /// Rounds, and transposes 8 x 8 sums at a time, so that four lanes write 16 bytes of a row of y.
    __device__ __forceinline__ void store(int tile)
    {
#pragma unroll
        for (int s = 0; s < C::strips; ++s)
#pragma unroll
            for (int upper = 0; upper < 2; ++upper) {
                const int firstRow = (firstStrip(tile) + s) * kStripRows + 16 * warp + 8 * upper;
                const int row = firstRow + lane / 4;
                const bool exists = row < p.rows;
                const float scale = C::coding == Coding::Codebook && exists ? p.rowScales[row] : 1.0f;
                const float bias = p.bias && exists ? p.bias[row] : 0.0f;
#pragma unroll
                for (int j = 0; j < C::columnTiles; ++j) {
                    const std::uint32_t first = elementBits<C::element>(sums[s][j][2 * upper] * scale + bias);
                    const std::uint32_t second = elementBits<C::element>(sums[s][j][2 * upper + 1] * scale + bias);
                    const std::uint32_t rowsOfOne = transposedMatrix(first | second << 16);
                    storePair(firstBatch(tile) + 8 * j + lane / 4, firstRow + 2 * (lane % 4), rowsOfOne);
                }
            }
    }

    /// y[batch][row] and y[batch][row + 1].
    __device__ __forceinline__ void storePair(int batch, int row, std::uint32_t pair) const
    {
        if (batch >= p.batch || row >= p.rows)
            return;
        std::uint16_t* to = p.y + batch * p.yStride + row;
        if (p.yStride % 2 == 0 && reinterpret_cast<std::uintptr_t>(p.y) % 4 == 0 && row + 1 < p.rows) {
            *reinterpret_cast<std::uint32_t*>(to) = pair;
            return;
        }
        to[0] = static_cast<std::uint16_t>(pair);
        if (row + 1 < p.rows)
            to[1] = static_cast<std::uint16_t>(pair >> 16);
    }

    const UnitParams& p;
    int batchTiles, warp, lane, stageBytes;
    std::uint8_t* stages;
    CodebookDecoder<C::bits> codebook;
    CodeReader<C::element, C::bits, C::coding> reader[C::strips];
    float sums[C::strips][C::columnTiles][4] = {};
};

template <class C>
__global__ void __launch_bounds__(kThreads, sm80Residents(64 * C::strips, C::batchTile))
    mixedGemmSm80Kernel(const __grid_constant__ UnitParams p)
{
    extern __shared__ __align__(16) std::uint8_t shared[];
    releaseNext();
    Block<C>(p, shared).run();
}

template <class C>
void run(const MixedGemm& gemm, const TileChoice& tile, Stream stream)
{
    UnitParams p = unitParams(gemm, tile);
    const int rowTiles = (p.shape.strips + C::strips - 1) / C::strips, depth = gemm.weights.layout.blocks();
    const int tiles = rowTiles * ((gemm.batch + C::batchTile - 1) / C::batchTile);
    p.work = {tiles, depth, static_cast<int>(std::min<std::int64_t>(tile.blocks, std::int64_t{tiles} * depth))};
    checkWorkspace(p.work.tiles, p.work.blocks, static_cast<std::size_t>(tile.rows * tile.batch) * 4);
    const std::size_t sharedBytes = sm80SharedBytes(gemm.weights.layout, tile);
    allowSharedBytes(mixedGemmSm80Kernel<C>, sharedBytes);
    launch("mixedGemmSm80", mixedGemmSm80Kernel<C>, dim3(static_cast<unsigned>(p.work.blocks)), dim3(kThreads),
           sharedBytes, stream, p);
}

template <Element element, int bits, Coding coding, int strips>
void runBatch(const MixedGemm& gemm, const TileChoice& tile, Stream stream)
{
    switch (tile.batch) {
    case 16:
        return run<Config<element, bits, coding, strips, 16>>(gemm, tile, stream);
    case 32:
        return run<Config<element, bits, coding, strips, 32>>(gemm, tile, stream);
    case 64:
        return run<Config<element, bits, coding, strips, 64>>(gemm, tile, stream);
    }
    throw std::invalid_argument("mixed product: no kernel for the tile " + tile.name());
}

template <Element element, int bits, Coding coding>
void runRows(const MixedGemm& gemm, const TileChoice& tile, Stream stream)
{
    if (tile.rows == kStripRows)
        runBatch<element, bits, coding, 1>(gemm, tile, stream);
    else
        runBatch<element, bits, coding, 2>(gemm, tile, stream);
}

} // namespace

void mixedGemmSm80(const MixedGemm& gemm, const TileChoice& tile, Stream stream)
{
    withKind(gemm, [&]<Element element, int bits, Coding coding>() {
        runRows<element, bits, coding>(gemm, tile, stream);
    });
}

} // namespace eigenquant::kernels
