// SPDX-License-Identifier: GPL-3.0-or-later
// The mixed product on Hopper: its kernel and its launches. sm90_pipeline.cuh and sm90_exchange.cuh say how it works.
#include "kernels/gemm/mixed_kinds.h"
#include "kernels/gemm/sm90_computer.cuh"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <stdexcept>
#include <string>

namespace eigenquant::kernels {
namespace {

using namespace sm90;

template <class C>
__device__ void initBarriers(const Params& p, const SharedPlan& plan, const Place& place)
{
    for (int stage = 0; stage < p.stages; ++stage) {
        initBarrier(plan.full + 8u * stage, kCopiers);
        initBarrier(plan.empty + 8u * stage, 4 * C::warpgroups); // of each computing warp
    }
    initBarrier(plan.mailFull, 1 + C::computeThreads);
    initBarrier(plan.mailFree, kCollectors * p.work.ranks);
    fenceBarrierInit();
    Exchange<C>(p, plan, place.rank).expect(GroupWalk(p.work, place.cluster, C::warpgroups).group);
}

template <class C>
__global__ void __launch_bounds__(C::threads, 1)
    mixedGemmKernel(const __grid_constant__ XMaps x, const __grid_constant__ Params p)
{
#if defined(__CUDA_ARCH_FEAT_SM90_ALL)
    extern __shared__ std::uint8_t shared[];
    const SharedPlan plan((sharedAddress(shared) + 1023) / 1024 * 1024, p);
    const Place place(p);
    if (threadIdx.x == 0) {
        initBarriers<C>(p, plan, place);
        prefetchMap(&x.rows);
        prefetchMap(&x.boxes);
    }
    __syncthreads();
    arriveAtCluster();
    releaseNext();

    // From one lane, so that the compiler knows it to be the same in all of a warp, and what follows from it.
    const int warpgroup = __shfl_sync(0xffffffff, static_cast<int>(threadIdx.x / 128), 0);
    if (warpgroup == C::warpgroups) {
        asm volatile("setmaxnreg.dec.sync.aligned.u32 %0;" ::"n"(C::otherRegisters));
        const int warp = __shfl_sync(0xffffffff, static_cast<int>(threadIdx.x / 32 % 4), 0);
        if (warp < kCollectors)
            collectGroups<C>(p, plan, place, warp);
        else if (warp == kCollectors && threadIdx.x % 32 == 0)
            copyWeights<C>(p, Pipeline(plan, p), place);
        else if (threadIdx.x % 32 == 0)
            copyX<C>(p, x, Pipeline(plan, p), place);
    } else {
        asm volatile("setmaxnreg.inc.sync.aligned.u32 %0;" ::"n"(C::computeRegisters));
        waitForPrevious();
        Computer<C> computer(p, plan, place.rank, warpgroup);
        if constexpr (C::coding == Coding::Codebook)
            computer.codebook.load(p.codebook);
        computer.computeGroups(plan, place.cluster);
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

/// A tensor of elements as boxes, innermost dimension first; `strides` in elements, those of the innermost left out.
template <std::size_t rank>
CUtensorMap tensorMap(const void* first, Element element, const std::array<cuuint64_t, rank>& sizes,
                      std::array<cuuint64_t, rank - 1> strides, const std::array<cuuint32_t, rank>& box)
{
    for (cuuint64_t& stride : strides)
        stride *= sizeof(std::uint16_t);
    std::array<cuuint32_t, rank> steps{};
    steps.fill(1);
    CUtensorMap map{};
    const CUresult status = encodeTiled()(
        &map, element == Element::F16 ? CU_TENSOR_MAP_DATA_TYPE_FLOAT16 : CU_TENSOR_MAP_DATA_TYPE_BFLOAT16, rank,
        const_cast<void*>(first), sizes.data(), strides.data(), box.data(), steps.data(), CU_TENSOR_MAP_INTERLEAVE_NONE,
        CU_TENSOR_MAP_SWIZZLE_128B, CU_TENSOR_MAP_L2_PROMOTION_L2_256B, CU_TENSOR_MAP_FLOAT_OOB_FILL_NONE);
    if (status != CUDA_SUCCESS)
        throw GpuError(GpuError::Kind::Failed, "no tensor map for x: driver error " + std::to_string(status));
    return map;
}

XMaps mapsOfX(const MixedGemm& gemm, int n)
{
    const MixedLayout& layout = gemm.weights.layout;
    const auto batch = static_cast<cuuint64_t>(gemm.batch), stride = static_cast<cuuint64_t>(gemm.xStride);
    const auto rows = static_cast<cuuint32_t>(n);
    const std::uint16_t* codes = static_cast<const std::uint16_t*>(gemm.x) + layout.salient;
    const auto boxes = static_cast<cuuint64_t>(std::max(1, layout.codeColumns() / kBoxColumns));
    return {tensorMap<2>(gemm.x, gemm.element, {static_cast<cuuint64_t>(layout.columns), batch}, {stride},
                         {kBoxColumns, rows}),
            tensorMap<3>(codes, gemm.element, {kBoxColumns, batch, boxes}, {stride, kBoxColumns},
                         {kBoxColumns, rows, 2})};
}

/// How many clusters run at once. A GPU's multiprocessors lie in groups that clusters do not span, so that it may be
/// fewer than blocks would fill.
template <class C>
int residentClusters(int blocks, int clusterSize, std::size_t sharedBytes)
{
    cudaLaunchConfig_t config{};
    config.gridDim = dim3(static_cast<unsigned>(blocks));
    config.blockDim = dim3(C::threads);
    config.dynamicSmemBytes = sharedBytes;
    cudaLaunchAttribute attribute{};
    attribute.id = cudaLaunchAttributeClusterDimension;
    attribute.val.clusterDim = {static_cast<unsigned>(clusterSize), 1, 1};
    config.attrs = &attribute;
    config.numAttrs = 1;
    int clusters = 0;
    check(cudaOccupancyMaxActiveClusters(&clusters, mixedGemmKernel<C>, &config), "asking how many clusters fit");
    return std::max(1, clusters);
}

template <class C>
void run(const MixedGemm& gemm, const TileChoice& tile, Stream stream)
{
    const MixedLayout& layout = gemm.weights.layout;
    const std::size_t sharedBytes = sm90SharedBytes(layout, tile);
    allowSharedBytes(mixedGemmKernel<C>, sharedBytes);
    const int batchTiles = (gemm.batch + C::n - 1) / C::n;
    const int clusters = std::min({tile.blocks / tile.cluster, layout.strips() * batchTiles,
                                   residentClusters<C>(tile.blocks, tile.cluster, sharedBytes)});
    Params p{};
    p.work = ClusterSplit(layout.strips(), batchTiles, layout.blocks(), clusters, tile.cluster);
    p.rankShift = std::countr_zero(static_cast<unsigned>(tile.cluster));
    p.blocks = static_cast<const std::uint8_t*>(gemm.weights.blocks);
    p.rowScales = gemm.weights.rowScales;
    p.codebook = gemm.weights.codebook;
    p.bias = gemm.bias;
    p.y = static_cast<std::uint16_t*>(gemm.y);
    p.yStride = gemm.yStride;
    p.stripBytes = static_cast<std::int64_t>(layout.stripBytes());
    p.rows = layout.rows;
    p.salient = layout.salient;
    p.salientBlocks = layout.salientBlocks();
    p.codeBlockBytes = layout.codeBlockBytes();
    p.groupsPerBlock = layout.groupsPerBlock();
    p.zerosOffset = layout.hasZeros() ? layout.zerosOffset() : 0;
    p.batch = gemm.batch;
    p.stages = tile.stages;
    p.stripPitch = blockPitch(layout);
    p.stageBytes = sm90StageBytes(layout, tile);
    p.wholeBoxes = layout.codeColumns() % kBoxColumns == 0;
    p.pairsAligned = gemm.yStride % 2 == 0 && reinterpret_cast<std::uintptr_t>(gemm.y) % 4 == 0;
    launchClusters("mixedGemmSm90", mixedGemmKernel<C>, dim3(static_cast<unsigned>(clusters * tile.cluster)),
                   tile.cluster, dim3(C::threads), sharedBytes, stream, mapsOfX(gemm, C::n), p);
}

/// One case for each of kSm90Tiles.
template <Element element, int bits, Coding coding>
void runTile(const MixedGemm& gemm, const TileChoice& tile, Stream stream)
{
    switch (tile.batch) {
    case 8:
        return run<Config<element, bits, coding, 3, 8>>(gemm, tile, stream);
    case 16:
        return run<Config<element, bits, coding, 3, 16>>(gemm, tile, stream);
    case 32:
        return run<Config<element, bits, coding, 3, 32>>(gemm, tile, stream);
    case 64:
        return run<Config<element, bits, coding, 3, 64>>(gemm, tile, stream);
    default:
        return run<Config<element, bits, coding, 2, 128>>(gemm, tile, stream);
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
