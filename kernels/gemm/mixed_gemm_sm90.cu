// SPDX-License-Identifier: GPL-3.0-or-later
//
// The mixed product on Hopper. D = W·xᵀ: rows of W are the rows of the tensor cores' tiles and the batch their columns,
// so that weights, decoded in registers, are the A operand, and x, in shared memory as the copy engine laid it, is B.
//
// A block has two warpgroups that compute and one thread that copies. The tile is 128·rowTiles rows (each warpgroup has
// rowTiles strips of 64) by n rows of x. A unit of work is one block of columns of the layout: 128 columns of codes or
// 32 salient ones, about as many bytes either way. Each stage of the pipeline holds a unit:
//
//   x:       two boxes of 64 columns, [n][64] elements in the 128-byte swizzle, n·128 bytes each
//   weights: one layout block a strip, 2·rowTiles of them, one behind the other
//
// Bytes of a stage at n = 64 and 4 bits in groups of 128: 16384 + 4·4288. Weights do not depend on the kernel before,
// so the first stages' are on their way before it has ended.
#include "kernels/common/bulk_copy.cuh"
#include "kernels/common/launch.cuh"
#include "kernels/common/wgmma.cuh"
#include "kernels/gemm/decode_codes.cuh"
#include "kernels/gemm/mixed_gemm.h"
#include "kernels/gemm/paths.h"
#include "kernels/gemm/sm90_work.cuh"

#include <algorithm>
#include <stdexcept>

namespace eigenquant::kernels {
namespace {

constexpr int kWarpgroups = 2, kComputeThreads = 128 * kWarpgroups;
constexpr int kThreads = kComputeThreads + 128; ///< registers are shared out by warpgroups, so the copier is a whole one
constexpr int kBoxColumns = 64;
constexpr std::uint32_t kBarrierBytes = 1024;

struct Params {
    MixedLayout layout;
    StreamK work;
    const std::uint8_t* blocks;
    const float* rowScales;
    const std::uint16_t* codebook;
    const float* bias;
    std::uint16_t* y;
    std::int64_t yStride;
    int batch, batchTiles;
    int stages, stageBytes, stripPitch; ///< stripPitch: bytes from one strip's block to the next within a stage
    unsigned* counters;                 ///< [tiles][2]: blocks that have written their sums, that have read all
    float4* partials;                   ///< [blocks][2][sums / 4][kComputeThreads]
    bool pairsAligned;                  ///< two neighbouring elements of y can be written as one word
};

template <Element element_, int bits_, Coding coding_, int rowTiles_, int n_>
struct Config {
    static constexpr Element element = element_;
    static constexpr int bits = bits_;
    static constexpr Coding coding = coding_;
    static constexpr int rowTiles = rowTiles_;
    static constexpr int n = n_;
    static constexpr int strips = kWarpgroups * rowTiles;
    static constexpr int boxBytes = n * kBoxColumns * 2;
    static constexpr int sums = n / 2;               ///< of a thread and row tile
    static constexpr int quads = rowTiles * sums / 4; ///< float4s of a thread
    /// Narrow tiles leave room for a second block on a multiprocessor: the next product's, which then has its first
    /// weights on the way while this one ends.
    static constexpr int residents = rowTiles * n <= 64 ? 2 : 1;
    /// Of the 512 registers that three threads (one of each warpgroup) have between the residents of a multiprocessor.
    static constexpr int copyRegisters = residents == 2 ? 24 : 40;
    static constexpr int computeRegisters = residents == 2 ? 112 : 232;
};

struct Tile {
    int firstStrip, firstBatch;
};

template <class C>
__device__ Tile tileOf(const Params& p, int tile)
{
    return {tile / p.batchTiles * C::strips, tile % p.batchTiles * C::n};
}

struct Pipeline {
    std::uint32_t full, empty, data; ///< shared addresses of [stages] barriers each and of the stages
    int stage = 0;
    std::uint32_t phase = 0;

    __device__ void advance(int stages)
    {
        if (++stage == stages) {
            stage = 0;
            phase ^= 1;
        }
    }
    __device__ std::uint32_t fullBarrier() const { return full + 8 * static_cast<std::uint32_t>(stage); }
    __device__ std::uint32_t emptyBarrier() const { return empty + 8 * static_cast<std::uint32_t>(stage); }
};

// --- the copying warp -------------------------------------------------------------------------------------------

template <class C>
__device__ void copyWeights(const Params& p, const Pipeline& pipe, int tile, int block, std::uint64_t policy)
{
    const int first = tileOf<C>(p, tile).firstStrip;
    const int count = min(C::strips, p.layout.strips() - first);
    const bool salient = block < p.layout.salientBlocks();
    const auto bytes =
        static_cast<std::uint32_t>(salient ? p.layout.salientBlockBytes() : p.layout.codeBlockBytes());
    const std::uint32_t barrier = pipe.fullBarrier();
    arriveExpecting(barrier, static_cast<std::uint32_t>(count) * bytes + (salient ? 1 : 2) * C::boxBytes);
    const std::uint32_t to =
        pipe.data + static_cast<std::uint32_t>(pipe.stage * p.stageBytes) + 2 * C::boxBytes;
    const std::uint8_t* from =
        p.blocks + static_cast<std::size_t>(first) * p.layout.stripBytes() + p.layout.blockOffset(block);
    for (int strip = 0; strip < count; ++strip)
        bulkCopy(to + static_cast<std::uint32_t>(strip * p.stripPitch),
                 from + static_cast<std::size_t>(strip) * p.layout.stripBytes(), bytes, barrier, policy);
}

template <class C>
__device__ void copyX(const Params& p, const CUtensorMap* map, const Pipeline& pipe, int tile, int block)
{
    const int row = tileOf<C>(p, tile).firstBatch, salientBlocks = p.layout.salientBlocks();
    const std::uint32_t to = pipe.data + static_cast<std::uint32_t>(pipe.stage * p.stageBytes);
    if (block < salientBlocks) {
        tensorCopy(to, map, block * kSalientColumns, row, pipe.fullBarrier());
        return;
    }
    const int column = p.layout.salient + (block - salientBlocks) * kCodeColumns;
    tensorCopy(to, map, column, row, pipe.fullBarrier());
    tensorCopy(to + C::boxBytes, map, column + kBoxColumns, row, pipe.fullBarrier());
}

/// One lane: the units of the block's run, in order.
template <class C>
__device__ void copyRun(const Params& p, const CUtensorMap* map, Pipeline pipe, int begin, int end)
{
    const std::uint64_t policy = evictFirst();
    const int early = min(end, begin + p.stages);
    Pipeline ahead = pipe;
    for (int unit = begin; unit < early; ++unit, ahead.advance(p.stages))
        copyWeights<C>(p, ahead, unit / p.work.depth, unit % p.work.depth, policy);
    waitForPrevious();
    for (int unit = begin; unit < end; ++unit, pipe.advance(p.stages)) {
        const int tile = unit / p.work.depth, block = unit % p.work.depth;
        if (unit >= early) {
            waitBarrier(pipe.emptyBarrier(), pipe.phase ^ 1);
            copyWeights<C>(p, pipe, tile, block, policy);
        }
        copyX<C>(p, map, pipe, tile, block);
    }
}

// --- the computing warpgroups -----------------------------------------------------------------------------------

__device__ inline std::uint32_t loadShared(std::uint32_t address)
{
    std::uint32_t value;
    asm volatile("ld.shared.u32 %0, [%1];" : "=r"(value) : "r"(address));
    return value;
}

__device__ inline uint4 loadShared4(std::uint32_t address)
{
    uint4 v;
    asm volatile("ld.shared.v4.u32 {%0, %1, %2, %3}, [%4];" : "=r"(v.x), "=r"(v.y), "=r"(v.z), "=r"(v.w) : "r"(address));
    return v;
}

__device__ inline std::uint16_t loadShared16(std::uint32_t address)
{
    std::uint16_t value;
    asm volatile("ld.shared.u16 %0, [%1];" : "=h"(value) : "r"(address));
    return value;
}

__device__ inline std::uint32_t loadShared8(std::uint32_t address)
{
    std::uint32_t value;
    asm volatile("ld.shared.u8 %0, [%1];" : "=r"(value) : "r"(address));
    return value;
}

/// The words of both halves of a code block that this lane decodes.
template <int bits>
__device__ __forceinline__ void loadWords(std::uint32_t block, int warp, int lane, std::uint32_t (&words)[2][bits])
{
#pragma unroll
    for (int half = 0; half < 2; ++half) {
        if constexpr (bits == 4) {
            const uint4 v = loadShared4(block + static_cast<std::uint32_t>(warp * 1024 + half * 512 + lane * 16));
            words[half][0] = v.x;
            words[half][1] = v.y;
            words[half][2] = v.z;
            words[half][3] = v.w;
        } else {
#pragma unroll
            for (int k = 0; k < 3; ++k)
                words[half][k] =
                    loadShared(block + static_cast<std::uint32_t>(warp * 768 + half * 384 + k * 128 + lane * 4));
        }
    }
}

/// The scales of one group of a block.
template <class C>
__device__ __forceinline__ void loadScales(const Params& p, std::uint32_t block, int group, int row, GridScales<C::element>& scales)
{
    const std::uint32_t index = static_cast<std::uint32_t>(group * kStripRows + row);
    const std::uint32_t scaleAt = block + static_cast<std::uint32_t>(p.layout.scalesOffset()) + 2 * index;
    const std::uint32_t zeroAt = block + static_cast<std::uint32_t>(p.layout.zerosOffset()) + index;
#pragma unroll
    for (int h = 0; h < 2; ++h)
        scales.set(h, loadShared16(scaleAt + 16u * h),
                   p.layout.hasZeros() ? loadShared8(zeroAt + 8u * h) : 1u << (C::bits - 1));
}

template <class C>
struct Computer {
    const Params& p;
    Pipeline pipe;
    int warp, lane, warpgroup; ///< warp 0 … 3 of its warpgroup
    float sums[C::rowTiles][C::sums];
    std::uint32_t fragments[2][4][4]; ///< two half blocks: one being decoded while the tensor cores read the other
    std::uint32_t toRelease = 0;      ///< the barrier of the stage that the latest products still read; 0: none
    CodebookDecoder<C::bits> codebook;

    __device__ std::uint32_t stageData() const
    {
        return pipe.data + static_cast<std::uint32_t>(pipe.stage * p.stageBytes);
    }

    __device__ std::uint32_t stripBlock(int rowTile) const
    {
        return stageData() + 2 * C::boxBytes +
               static_cast<std::uint32_t>((warpgroup * C::rowTiles + rowTile) * p.stripPitch);
    }

    __device__ __forceinline__ void release()
    {
        if (toRelease != 0 && lane == 0)
            arrive(toRelease);
        toRelease = 0;
    }

    /// Four (or, of a salient block, two) steps of a row tile, and then the wait for those before them.
    template <int steps>
    __device__ __forceinline__ void multiply(int rowTile, const std::uint32_t (&a)[4][4], std::uint64_t x, bool accumulate)
    {
        wgmmaFence();
#pragma unroll
        for (int step = 0; step < steps; ++step)
            Wgmma<C::element, C::n>::run(sums[rowTile], a[step], x + kSwizzledStep * step, accumulate || step > 0);
        wgmmaCommit();
        wgmmaWait<1>();
        release();
    }

    __device__ __forceinline__ void decodeHalf(std::uint32_t block, int half, const std::uint32_t (&words)[C::bits],
                               std::uint32_t (&a)[4][4])
    {
        if constexpr (C::coding == Coding::Codebook) {
            codebook.template decode<0>(words, a[0]);
            codebook.template decode<1>(words, a[1]);
            codebook.template decode<2>(words, a[2]);
            codebook.template decode<3>(words, a[3]);
        } else {
            using Decoder = GridDecoder<C::element, C::bits>;
            const int groups = p.layout.groupsPerBlock(), row = 16 * warp + lane / 4;
            GridScales<C::element> scales;
            loadScales<C>(p, block, half * groups / 2, row, scales);
            Decoder::template decode<0>(words, scales, a[0]);
            Decoder::template decode<1>(words, scales, a[1]);
            if (groups == 4)
                loadScales<C>(p, block, half * 2 + 1, row, scales);
            Decoder::template decode<2>(words, scales, a[2]);
            Decoder::template decode<3>(words, scales, a[3]);
        }
    }

    __device__ __forceinline__ void codeUnit(bool accumulate)
    {
        std::uint32_t words[C::rowTiles][2][C::bits];
#pragma unroll
        for (int r = 0; r < C::rowTiles; ++r)
            loadWords<C::bits>(stripBlock(r), warp, lane, words[r]);
#pragma unroll
        for (int half = 0; half < 2; ++half) {
            const std::uint64_t x = swizzledTile(stageData() + static_cast<std::uint32_t>(half) * C::boxBytes);
#pragma unroll
            for (int r = 0; r < C::rowTiles; ++r) {
                auto& a = fragments[(half * C::rowTiles + r) % 2];
                decodeHalf(stripBlock(r), half, words[r][half], a);
                multiply<4>(r, a, x, accumulate || half > 0);
            }
        }
    }

    __device__ __forceinline__ void salientUnit(bool accumulate)
    {
        const std::uint64_t x = swizzledTile(stageData());
        // Twice as many buffers as row tiles are used, as in a code unit, so that the next unit's first is free.
#pragma unroll
        for (int part = 0; part < 2; ++part)
#pragma unroll
            for (int r = 0; r < C::rowTiles; ++r) {
                auto& a = fragments[(part * C::rowTiles + r) % 2];
                const uint4 v = loadShared4(stripBlock(r) + static_cast<std::uint32_t>(warp * 1024 + part * 512 + lane * 16));
                a[0][0] = v.x;
                a[0][1] = v.y;
                a[0][2] = v.z;
                a[0][3] = v.w;
                multiply<1>(r, a, x + kSwizzledStep * part, accumulate || part > 0);
            }
    }

    /// Blocks [begin, end) of the columns of a tile.
    __device__ __forceinline__ void computeSegment(int begin, int end)
    {
        for (int block = begin; block < end; ++block, pipe.advance(p.stages)) {
            waitBarrier(pipe.fullBarrier(), pipe.phase);
            if (block < p.layout.salientBlocks())
                salientUnit(block > begin);
            else
                codeUnit(block > begin);
            toRelease = pipe.emptyBarrier();
        }
        wgmmaWait<0>();
        release();
    }

    /// Four sums of the tile, number `quad` of this thread: rows g and g + 8 of a row tile, two rows of y.
    __device__ void store(int tile, int quad, float4 s)
    {
        const Tile where = tileOf<C>(p, tile);
        const int rowTile = quad / (C::n / 8), column = quad % (C::n / 8) * 8 + 2 * (lane % 4);
        const int row = (where.firstStrip + warpgroup * C::rowTiles + rowTile) * kStripRows + 16 * warp + lane / 4;
        storeRow(row, where.firstBatch + column, s.x, s.y);
        storeRow(row + 8, where.firstBatch + column, s.z, s.w);
    }

    /// y[batch][row] and y[batch + 1][row]. Lanes of neighbouring rows trade, so that each writes two rows of one y.
    __device__ void storeRow(int row, int batch, float first, float second)
    {
        const bool odd = lane / 4 % 2 != 0;
        if (row < p.layout.rows) {
            const float scale = C::coding == Coding::Codebook ? p.rowScales[row] : 1.0f;
            const float bias = p.bias ? p.bias[row] : 0.0f;
            first = first * scale + bias;
            second = second * scale + bias;
        }
        const float traded = __shfl_xor_sync(0xffffffff, odd ? first : second, 4);
        const int y = batch + (odd ? 1 : 0), evenRow = row - (odd ? 1 : 0);
        if (y >= p.batch)
            return;
        const std::uint32_t low = element(odd ? traded : first), high = element(odd ? second : traded);
        std::uint16_t* to = p.y + static_cast<std::int64_t>(y) * p.yStride + evenRow;
        if (p.pairsAligned && evenRow + 1 < p.layout.rows) {
            *reinterpret_cast<std::uint32_t*>(to) = low | high << 16;
            return;
        }
        if (evenRow < p.layout.rows)
            to[0] = static_cast<std::uint16_t>(low);
        if (evenRow + 1 < p.layout.rows)
            to[1] = static_cast<std::uint16_t>(high);
    }

    __device__ static std::uint32_t element(float value)
    {
        if constexpr (C::element == Element::F16)
            return __half_as_ushort(__float2half_rn(value));
        else
            return __bfloat16_as_ushort(__float2bfloat16_rn(value));
    }

    __device__ int thread() const { return warpgroup * 128 + warp * 32 + lane; }

    /// Where a block keeps the sums of its part of a tile.
    __device__ float4* partial(int block, int tile, int quad) const
    {
        const auto part = static_cast<std::size_t>(p.work.partOf(block, tile));
        return p.partials + (part * C::quads + static_cast<std::size_t>(quad)) * kComputeThreads + thread();
    }

    __device__ __forceinline__ void finishWhole(int tile)
    {
#pragma unroll
        for (int r = 0; r < C::rowTiles; ++r)
#pragma unroll
            for (int j = 0; j < C::sums / 4; ++j)
                store(tile, r * (C::sums / 4) + j,
                      {sums[r][4 * j], sums[r][4 * j + 1], sums[r][4 * j + 2], sums[r][4 * j + 3]});
    }

    /// Hands the sums of a part of a tile to the blocks that share it.
    __device__ __forceinline__ void publish(int tile)
    {
#pragma unroll
        for (int r = 0; r < C::rowTiles; ++r)
#pragma unroll
            for (int j = 0; j < C::sums / 4; ++j)
                *partial(static_cast<int>(blockIdx.x), tile, r * (C::sums / 4) + j) = {
                    sums[r][4 * j], sums[r][4 * j + 1], sums[r][4 * j + 2], sums[r][4 * j + 3]};
        __threadfence();
        syncComputing();
        if (thread() == 0)
            atomicAdd(&p.counters[2 * tile], 1u);
    }

    __device__ void syncComputing() const { asm volatile("bar.sync 1, %0;" ::"n"(kComputeThreads) : "memory"); }

    /// Adds up this block's share of a tile that several blocks computed, in the order of the columns, and stores it.
    __device__ void finishShared(int tile)
    {
        const int firstBlock = p.work.firstBlock(tile), lastBlock = p.work.lastBlock(tile);
        const int sharers = lastBlock - firstBlock + 1, share = static_cast<int>(blockIdx.x) - firstBlock;
        if (thread() == 0) {
            const volatile unsigned* arrived = &p.counters[2 * tile];
            while (*arrived < static_cast<unsigned>(sharers)) {
            }
            __threadfence();
        }
        syncComputing();
        for (int quad = C::quads * share / sharers; quad < C::quads * (share + 1) / sharers; ++quad) {
            float4 total = {0, 0, 0, 0};
            for (int block = firstBlock; block <= lastBlock; ++block) {
                const float4 part = __ldcg(partial(block, tile, quad));
                total.x += part.x;
                total.y += part.y;
                total.z += part.z;
                total.w += part.w;
            }
            store(tile, quad, total);
        }
        syncComputing();
        // The last of them leaves the counters as the next product needs them.
        if (thread() == 0 && atomicAdd(&p.counters[2 * tile + 1], 1u) + 1 == static_cast<unsigned>(sharers)) {
            p.counters[2 * tile] = 0;
            p.counters[2 * tile + 1] = 0;
        }
    }

    __device__ __forceinline__ void computeRun(int begin, int end)
    {
        int firstShared = -1, lastShared = -1;
        for (int unit = begin; unit < end;) {
            const Segment segment = segmentAt(p.work, unit, end);
            computeSegment(segment.begin, segment.end);
            if (segment.whole(p.work.depth)) {
                finishWhole(segment.tile);
            } else {
                publish(segment.tile);
                (unit == begin ? firstShared : lastShared) = segment.tile;
            }
            unit += segment.end - segment.begin;
        }
        // Only now, when its own part is done everywhere, does a block wait for others.
        if (firstShared >= 0)
            finishShared(firstShared);
        if (lastShared >= 0)
            finishShared(lastShared);
    }
};

template <class C>
__global__ void __launch_bounds__(kThreads, C::residents)
    mixedGemmKernel(const __grid_constant__ CUtensorMap x, const __grid_constant__ Params p)
{
#if defined(__CUDA_ARCH_FEAT_SM90_ALL)
    extern __shared__ std::uint8_t shared[];
    const std::uint32_t base = (sharedAddress(shared) + 1023) / 1024 * 1024;
    Pipeline pipe{base, base + 8u * kMaxStages, base + kBarrierBytes};
    const int warp = static_cast<int>(threadIdx.x) / 32, lane = static_cast<int>(threadIdx.x) % 32;
    if (threadIdx.x == 0) {
        for (int stage = 0; stage < p.stages; ++stage) {
            initBarrier(pipe.full + 8u * stage, 1);
            initBarrier(pipe.empty + 8u * stage, 4 * kWarpgroups); // one lane of each computing warp
        }
        fenceBarrierInit();
        prefetchMap(&x);
    }
    __syncthreads();
    releaseNext();

    const int block = static_cast<int>(blockIdx.x);
    const int begin = static_cast<int>(p.work.runBegin(block)), end = static_cast<int>(p.work.runBegin(block + 1));
    if (warp >= 4 * kWarpgroups) {
        asm volatile("setmaxnreg.dec.sync.aligned.u32 %0;" ::"n"(C::copyRegisters));
        if (threadIdx.x == kComputeThreads)
            copyRun<C>(p, &x, pipe, begin, end);
    } else {
        asm volatile("setmaxnreg.inc.sync.aligned.u32 %0;" ::"n"(C::computeRegisters));
        waitForPrevious();
        Computer<C> computer{p, pipe, warp % 4, lane, warp / 4};
        if constexpr (C::coding == Coding::Codebook)
            computer.codebook.load(p.codebook);
        computer.computeRun(begin, end);
    }
#endif
}

// --- the host ---------------------------------------------------------------------------------------------------

using EncodeTiled = CUresult (*)(CUtensorMap*, CUtensorMapDataType, cuuint32_t, void*, const cuuint64_t*,
                                 const cuuint64_t*, const cuuint32_t*, const cuuint32_t*, CUtensorMapInterleave,
                                 CUtensorMapSwizzle, CUtensorMapL2promotion, CUtensorMapFloatOOBfill);

/// The driver's function, found at run time so that programs start without a driver.
EncodeTiled encodeTiled()
{
    static const EncodeTiled function = [] {
        void* found = nullptr;
        cudaDriverEntryPointQueryResult result{};
        check(cudaGetDriverEntryPointByVersion("cuTensorMapEncodeTiled", &found, 12000, cudaEnableDefault, &result),
              "looking for cuTensorMapEncodeTiled");
        if (result != cudaDriverEntryPointSuccess || !found)
            throw GpuError(GpuError::Kind::Unavailable, "the NVIDIA driver knows no tensor maps");
        return reinterpret_cast<EncodeTiled>(found);
    }();
    return function;
}

/// x [batch, columns] as boxes of n rows and 64 columns.
CUtensorMap mapOfX(const MixedGemm& gemm, int n)
{
    CUtensorMap map{};
    const cuuint64_t sizes[2] = {static_cast<cuuint64_t>(gemm.weights.layout.columns),
                                 static_cast<cuuint64_t>(gemm.batch)};
    const cuuint64_t strides[1] = {static_cast<cuuint64_t>(gemm.xStride) * 2};
    const cuuint32_t box[2] = {kBoxColumns, static_cast<cuuint32_t>(n)}, steps[2] = {1, 1};
    const CUresult status = encodeTiled()(
        &map, gemm.element == Element::F16 ? CU_TENSOR_MAP_DATA_TYPE_FLOAT16 : CU_TENSOR_MAP_DATA_TYPE_BFLOAT16, 2,
        const_cast<void*>(gemm.x), sizes, strides, box, steps, CU_TENSOR_MAP_INTERLEAVE_NONE,
        CU_TENSOR_MAP_SWIZZLE_128B, CU_TENSOR_MAP_L2_PROMOTION_L2_256B, CU_TENSOR_MAP_FLOAT_OOB_FILL_NONE);
    if (status != CUDA_SUCCESS)
        throw GpuError(GpuError::Kind::Failed, "no tensor map for x: driver error " + std::to_string(status));
    return map;
}

/// Bytes from one strip's block to the next within a stage.
int stripPitch(const MixedLayout& layout)
{
    return std::max(layout.codeBlocks() > 0 ? layout.codeBlockBytes() : 0,
                    layout.salientBlocks() > 0 ? layout.salientBlockBytes() : 0);
}

int stageBytes(const MixedLayout& layout, int rows, int n)
{
    return (2 * n * kBoxColumns * 2 + rows / kStripRows * stripPitch(layout) + 1023) / 1024 * 1024;
}

/// How many blocks run at once: those that share a tile wait for each other, so all of them have to.
template <class C>
int residentBlocks(std::size_t sharedBytes)
{
    int device = 0, processors = 0, each = 0;
    check(cudaGetDevice(&device), "asking for the current GPU");
    check(cudaDeviceGetAttribute(&processors, cudaDevAttrMultiProcessorCount, device), "counting multiprocessors");
    check(cudaOccupancyMaxActiveBlocksPerMultiprocessor(&each, mixedGemmKernel<C>, kThreads, sharedBytes),
          "asking how many blocks fit");
    return each * processors;
}

template <class C>
void run(const MixedGemm& gemm, const TileChoice& tile, Stream stream)
{
    const MixedLayout& layout = gemm.weights.layout;
    const std::size_t sharedBytes = sm90SharedBytes(layout, tile);
    allowSharedBytes(mixedGemmKernel<C>, sharedBytes);
    const int batchTiles = (gemm.batch + C::n - 1) / C::n;
    const int tiles = (layout.strips() + C::strips - 1) / C::strips * batchTiles;
    const int blocks = std::min({tile.blocks, tiles * layout.blocks(), residentBlocks<C>(sharedBytes)});
    if (2 * tiles > kWorkspaceCounters)
        throw std::invalid_argument("mixed product: more tiles than the workspace has counters for: " +
                                    std::to_string(tiles));
    Params p{};
    p.layout = layout;
    p.work = {tiles, layout.blocks(), blocks};
    p.blocks = static_cast<const std::uint8_t*>(gemm.weights.blocks);
    p.rowScales = gemm.weights.rowScales;
    p.codebook = gemm.weights.codebook;
    p.bias = gemm.bias;
    p.y = static_cast<std::uint16_t*>(gemm.y);
    p.yStride = gemm.yStride;
    p.batch = gemm.batch;
    p.batchTiles = batchTiles;
    p.stages = tile.stages;
    p.stripPitch = stripPitch(layout);
    p.stageBytes = stageBytes(layout, tile.rows, tile.batch);
    p.counters = static_cast<unsigned*>(gemm.workspace);
    p.partials = reinterpret_cast<float4*>(static_cast<std::uint8_t*>(gemm.workspace) + kWorkspaceCounterBytes);
    p.pairsAligned = gemm.yStride % 2 == 0 && reinterpret_cast<std::uintptr_t>(gemm.y) % 4 == 0;
    launch("mixedGemmSm90", mixedGemmKernel<C>, dim3(static_cast<unsigned>(blocks)), dim3(kThreads), sharedBytes,
           stream, mapOfX(gemm, C::n), p);
}

template <Element element, int bits, Coding coding, int rowTiles>
void runBatch(const MixedGemm& gemm, const TileChoice& tile, Stream stream)
{
    switch (tile.batch) {
    case 8:
        return run<Config<element, bits, coding, rowTiles, 8>>(gemm, tile, stream);
    case 16:
        return run<Config<element, bits, coding, rowTiles, 16>>(gemm, tile, stream);
    case 32:
        return run<Config<element, bits, coding, rowTiles, 32>>(gemm, tile, stream);
    case 64:
        return run<Config<element, bits, coding, rowTiles, 64>>(gemm, tile, stream);
    case 128:
        return run<Config<element, bits, coding, rowTiles, 128>>(gemm, tile, stream);
    default:
        throw std::invalid_argument("mixedGemm: no Hopper tile of batch " + std::to_string(tile.batch));
    }
}

template <Element element, int bits, Coding coding>
void runRows(const MixedGemm& gemm, const TileChoice& tile, Stream stream)
{
    switch (tile.rows) {
    case 128:
        return runBatch<element, bits, coding, 1>(gemm, tile, stream);
    case 256:
        return runBatch<element, bits, coding, 2>(gemm, tile, stream);
    default:
        throw std::invalid_argument("mixedGemm: no Hopper tile of " + std::to_string(tile.rows) + " rows");
    }
}

template <Element element, int bits>
void runCoding(const MixedGemm& gemm, const TileChoice& tile, Stream stream)
{
    if (gemm.weights.layout.coding == Coding::Grid)
        runRows<element, bits, Coding::Grid>(gemm, tile, stream);
    else
        runRows<element, bits, Coding::Codebook>(gemm, tile, stream);
}

template <Element element>
void runBits(const MixedGemm& gemm, const TileChoice& tile, Stream stream)
{
    if (gemm.weights.layout.bits == 4)
        runCoding<element, 4>(gemm, tile, stream);
    else
        runCoding<element, 3>(gemm, tile, stream);
}

} // namespace

std::size_t sm90SharedBytes(const MixedLayout& layout, const TileChoice& tile)
{
    return 1024 + kBarrierBytes +
           static_cast<std::size_t>(tile.stages) *
               static_cast<std::size_t>(stageBytes(layout, tile.rows, tile.batch));
}

void mixedGemmSm90(const MixedGemm& gemm, const TileChoice& tile, Stream stream)
{
    if (gemm.element == Element::F16)
        runBits<Element::F16>(gemm, tile, stream);
    else
        runBits<Element::BF16>(gemm, tile, stream);
}

} // namespace eigenquant::kernels
