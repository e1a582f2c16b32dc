// SPDX-License-Identifier: GPL-3.0-or-later
// The mixed product on Hopper: its kernel and its launches. sm90_pipeline.cuh and sm90_exchange.cuh say how it works.
#include "kernels/gemm/mixed_kinds.h"
#include "kernels/gemm/sm90_computer.cuh"

#include <algorithm>
#include <bit>
#include <cstdint>
#include <stdexcept>
#include <string>

namespace eigenquant::kernels {
namespace {

using namespace sm90;

template <class C>
__device__ void initBarriers(const Params& p, const SharedPlan& plan, const Exchange<C>& exchange, int cluster)
{
    for (int stage = 0; stage < p.stages; ++stage) {
        initBarrier(plan.full + 8u * stage, 1);
        initBarrier(plan.empty + 8u * stage, 4 * C::warpgroups); // one lane of each computing warp
    }
    initBarrier(plan.mailFull, 1 + C::computeThreads);
    initBarrier(plan.mailFree, kCollectors * p.work.ranks);
    fenceBarrierInit();
    exchange.expect(GroupWalk(p.work, cluster, C::warpgroups).group);
}

template <class C>
__global__ void __launch_bounds__(C::threads, 1)
    mixedGemmKernel(const __grid_constant__ CUtensorMap x, const __grid_constant__ Params p)
{
#if defined(__CUDA_ARCH_FEAT_SM90_ALL)
    extern __shared__ std::uint8_t shared[];
    const SharedPlan plan((sharedAddress(shared) + 1023) / 1024 * 1024, p);
    const int cluster = static_cast<int>(blockIdx.x) >> p.rankShift;
    const int rank = static_cast<int>(blockIdx.x) & (p.work.ranks - 1);
    if (threadIdx.x == 0) {
        initBarriers<C>(p, plan, Exchange<C>(p, plan, rank), cluster);
        prefetchMap(&x);
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
            collectGroups<C>(p, plan, cluster, rank, warp);
        else if (threadIdx.x % 32 == 0)
            copyUnits<C>(p, &x, Pipeline(plan, p), cluster, rank);
    } else {
        asm volatile("setmaxnreg.inc.sync.aligned.u32 %0;" ::"n"(C::computeRegisters));
        waitForPrevious();
        Computer<C> computer(p, plan, rank, warpgroup);
        if constexpr (C::coding == Coding::Codebook)
            computer.codebook.load(p.codebook);
        computer.computeGroups(plan, cluster);
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
    p.pairsAligned = gemm.yStride % 2 == 0 && reinterpret_cast<std::uintptr_t>(gemm.y) % 4 == 0;
    launchClusters("mixedGemmSm90", mixedGemmKernel<C>, dim3(static_cast<unsigned>(clusters * tile.cluster)), tile.cluster,
                   dim3(C::threads), sharedBytes, stream, mapOfX(gemm, C::n), p);
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
