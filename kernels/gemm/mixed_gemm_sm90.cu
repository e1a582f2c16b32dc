// SPDX-License-Identifier: GPL-3.0-or-later
// The mixed product on Hopper: its kernel and its launches. sm90_pipeline.cuh says how it works.
#include "kernels/gemm/mixed_kinds.h"
#include "kernels/gemm/sm90_computer.cuh"

#include <algorithm>
#include <cstdint>
#include <stdexcept>
#include <string>

namespace eigenquant::kernels {
namespace {

using namespace sm90;

template <class C>
__global__ void __launch_bounds__(kThreads, C::residents)
    mixedGemmKernel(const __grid_constant__ CUtensorMap x, const __grid_constant__ Params p)
{
#if defined(__CUDA_ARCH_FEAT_SM90_ALL)
    extern __shared__ std::uint8_t shared[];
    const std::uint32_t base = (sharedAddress(shared) + 1023) / 1024 * 1024;
    const Pipeline pipe{base, base + kBarrierBytes, p.stages, p.stageBytes};
        if (threadIdx.x == 0) {
        for (int stage = 0; stage < p.stages; ++stage) {
            initBarrier(base + 8u * stage, 1);
            initBarrier(base + 8u * (kMostBulkStages + stage), 4 * kWarpgroups); // one lane of each computing warp
        }
        fenceBarrierInit();
        prefetchMap(&x);
    }
    __syncthreads();
    releaseNext();

    const int block = static_cast<int>(blockIdx.x);
    const int begin = p.work.runBegin(block), end = p.work.runBegin(block + 1);
    if (threadIdx.x >= kComputeThreads) {
        asm volatile("setmaxnreg.dec.sync.aligned.u32 %0;" ::"n"(C::copyRegisters));
        if (threadIdx.x == kComputeThreads)
            copyRun<C>(p, &x, pipe, begin, end);
    } else {
        asm volatile("setmaxnreg.inc.sync.aligned.u32 %0;" ::"n"(C::computeRegisters));
        waitForPrevious();
        Computer<C> computer(p, pipe, static_cast<int>(threadIdx.x));
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

int multiprocessors()
{
    int device = 0, processors = 0;
    check(cudaGetDevice(&device), "asking for the current GPU");
    check(cudaDeviceGetAttribute(&processors, cudaDevAttrMultiProcessorCount, device), "counting multiprocessors");
    return processors;
}

/// How many blocks run at once: those that share a tile wait for each other, so all of them have to.
template <class C>
int residentBlocks(std::size_t sharedBytes)
{
    int each = 0;
    check(cudaOccupancyMaxActiveBlocksPerMultiprocessor(&each, mixedGemmKernel<C>, kThreads, sharedBytes),
          "asking how many blocks fit");
    return each * multiprocessors();
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
    Params p{};
    p.work = StreamK(tiles, layout.blocks(), blocks);
    p.blocks = static_cast<const std::uint8_t*>(gemm.weights.blocks);
    p.rowScales = gemm.weights.rowScales;
    p.codebook = gemm.weights.codebook;
    p.bias = gemm.bias;
    p.y = static_cast<std::uint16_t*>(gemm.y);
    p.yStride = gemm.yStride;
    p.stripBytes = static_cast<std::int64_t>(layout.stripBytes());
    p.rows = layout.rows;
    p.strips = layout.strips();
    p.salient = layout.salient;
    p.salientBlocks = layout.salientBlocks();
    p.codeBlockBytes = layout.codeBlockBytes();
    p.groupsPerBlock = layout.groupsPerBlock();
    p.zerosOffset = layout.hasZeros() ? layout.zerosOffset() : 0;
    p.batch = gemm.batch;
    p.batchTiles = batchTiles;
    p.stages = tile.stages;
    p.stripPitch = blockPitch(layout);
    p.stageBytes = sm90StageBytes(layout, tile);
    p.mail = reinterpret_cast<uint4*>(static_cast<std::uint8_t*>(gemm.workspace) +
                                      mixedGemmMailOffset(multiprocessors()));
    p.pairsAligned = gemm.yStride % 2 == 0 && reinterpret_cast<std::uintptr_t>(gemm.y) % 4 == 0;
    launch("mixedGemmSm90", mixedGemmKernel<C>, dim3(static_cast<unsigned>(blocks)), dim3(kThreads), sharedBytes,
           stream, mapOfX(gemm, C::n), p);
}

/// One case for each of kSm90Tiles.
template <Element element, int bits, Coding coding>
void runTile(const MixedGemm& gemm, const TileChoice& tile, Stream stream)
{
    switch (tile.batch) {
    case 8:
        return run<Config<element, bits, coding, 2, 8>>(gemm, tile, stream);
    case 16:
        return run<Config<element, bits, coding, 1, 16>>(gemm, tile, stream);
    case 32:
        return run<Config<element, bits, coding, 1, 32>>(gemm, tile, stream);
    case 64:
        return run<Config<element, bits, coding, 1, 64>>(gemm, tile, stream);
    default:
        return run<Config<element, bits, coding, 1, 128>>(gemm, tile, stream);
    }
}

} // namespace

void mixedGemmSm90(const MixedGemm& gemm, const TileChoice& tile, Stream stream)
{
    if (!sm90Takes(gemm.weights.layout))
        throw std::invalid_argument("mixed product: the Hopper kernel takes salient channels by eights, not " +
                                    std::to_string(gemm.weights.layout.salient));
    withKind(gemm, [&]<Element element, int bits, Coding coding>() {
        runTile<element, bits, coding>(gemm, tile, stream);
    });
}

} // namespace eigenquant::kernels
