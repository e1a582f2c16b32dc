// SPDX-License-Identifier: GPL-3.0-or-later
#include "kernels/gemm/column_gemm.h"

#include "kernels/common/launch.cuh"
#include "kernels/gemm/column_decode.cuh"
#include "kernels/gemm/column_kernels.cuh"
#include "kernels/gemm/column_plan.h"
#include "kernels/gemm/column_team.cuh"

#include <algorithm>
#include <stdexcept>
#include <string>

/// Two kernels: products of runs of columns into the workspace (column_team.cuh), then their sum in a fixed order.
namespace eigenquant::kernels {
namespace columns {
namespace {

/// The teams' sums, in their order, to those of team 0; scratch [team - 1][strip][tile][lane].
template <int kBatchTiles, int kTeams>
__device__ void addTeams(float (&sums)[4][kBatchTiles][4], float4* scratch, Place place)
{
    const auto at = [&](int team, int tile) {
        return (((team - 1) * kGroupStrips + place.strip) * kBatchTiles + tile) * 32 + place.lane;
    };
    __syncthreads(); // the stages are free
#pragma unroll
    for (int fragment = 0; fragment < 4; ++fragment) {
#pragma unroll
        for (int tile = 0; tile < kBatchTiles; ++tile)
            if (place.team > 0) {
                const float(&own)[4] = sums[fragment][tile];
                scratch[at(place.team, tile)] = {own[0], own[1], own[2], own[3]};
            }
        __syncthreads();
#pragma unroll
        for (int tile = 0; tile < kBatchTiles; ++tile)
            if (place.team == 0)
                for (int team = 1; team < kTeams; ++team) {
                    const float4 other = scratch[at(team, tile)];
                    sums[fragment][tile][0] += other.x;
                    sums[fragment][tile][1] += other.y;
                    sums[fragment][tile][2] += other.z;
                    sums[fragment][tile][3] += other.w;
                }
        __syncthreads();
    }
}

/// partial [batch][256]: a lane has eight rows of two rows of x in each tile.
template <int kBatchTiles>
__device__ void storeSums(const float (&sums)[4][kBatchTiles][4], float* partial, int batch, Place place)
{
    const int row = place.strip * kTileRows + place.lane / 4 * 8;
#pragma unroll
    for (int tile = 0; tile < kBatchTiles; ++tile)
#pragma unroll
        for (int i = 0; i < 2; ++i) {
            const int n = tile * 8 + place.lane % 4 * 2 + i;
            if (n >= batch)
                continue;
            auto* to = reinterpret_cast<float4*>(partial + n * kGroupRows + row);
            to[0] = {sums[0][tile][i], sums[0][tile][2 + i], sums[1][tile][i], sums[1][tile][2 + i]};
            to[1] = {sums[2][tile][i], sums[2][tile][2 + i], sums[3][tile][i], sums[3][tile][2 + i]};
        }
}

/// What lies in shared memory for the whole kernel.
template <ColumnCoding kCoding>
__device__ void prepareShared(const KernelParams& params, unsigned char* shared, int threads)
{
    const int thread = static_cast<int>(threadIdx.x);
    if constexpr (kCoding == ColumnCoding::Codebooks) {
        for (int at = thread * 16; at < threads / 32 * kPatchBytes; at += threads * 16)
            *reinterpret_cast<uint4*>(shared + params.patchesAt + at) = {0, 0, 0, 0};
    } else {
        const unsigned char* levels = params.tables;
        for (int width = 1; width <= kMaxColumnWidth; ++width) {
            if (params.counts[width] == 0)
                continue;
            if (width == params.copiedWidth)
                copyLevels(copiesOf(shared), levels, thread, threads);
            else
                for (int at = thread * 16; at < kLevels * 2; at += threads * 16)
                    *reinterpret_cast<uint4*>(shared + params.levelsAt[width] + at) =
                        *reinterpret_cast<const uint4*>(levels + at);
            levels += kLevels * 2;
        }
    }
    __syncthreads();
}

/// x [batch][columns] elements, codes as column_layout.h says → partials [block + group][batch][256] float32.
template <ColumnCoding kCoding, int kBatchTiles, int kTeams>
__global__ void __launch_bounds__(kTeams* kTeamThreads, 1)
    multiplyColumns(const __grid_constant__ KernelParams params)
{
    extern __shared__ __align__(16) unsigned char shared[];
    releaseNext();
    prepareShared<kCoding>(params, shared, kTeams * kTeamThreads);
    const Place place = placeOf(static_cast<int>(threadIdx.x));
    const int index = static_cast<int>(blockIdx.x), grid = static_cast<int>(gridDim.x);
    const std::int64_t units = static_cast<std::int64_t>(params.groups) * params.blocks;
    const auto end = static_cast<int>(firstUnit(index + 1, grid, units));
    bool first = true;
    for (auto unit = static_cast<int>(firstUnit(index, grid, units)); unit < end; first = false) {
        const int group = unit / params.blocks, begin = unit % params.blocks;
        const int count = min(params.blocks - begin, end - unit);
        float sums[4][kBatchTiles][4] = {};
        Team<kCoding, kBatchTiles>(params, shared, place, group, begin + count * place.team / kTeams,
                                   begin + count * (place.team + 1) / kTeams)
            .run(sums, first);
        addTeams<kBatchTiles, kTeams>(sums, reinterpret_cast<float4*>(shared + params.stagesAt), place);
        if (place.team == 0)
            storeSums<kBatchTiles>(
                sums, params.partials + static_cast<std::int64_t>(index + group) * params.batch * kGroupRows,
                params.batch, place);
        unit += count;
    }
}

/// y [batch][rows] elements = scale·(the partial sums, by rising column) + bias. A block is a group and one row of
/// x.
__global__ void __launch_bounds__(kGroupRows) addPartials(const __grid_constant__ SumParams params)
{
    releaseNext();
    const int group = static_cast<int>(blockIdx.x), n = static_cast<int>(blockIdx.y);
    const int thread = static_cast<int>(threadIdx.x), row = group * kGroupRows + thread;
    const std::int64_t units = static_cast<std::int64_t>(params.groups) * params.blocks;
    const std::int64_t begin = static_cast<std::int64_t>(group) * params.blocks;
    const int first = ownerOf(begin, params.grid, units),
              last = ownerOf(begin + params.blocks - 1, params.grid, units);
    const std::int64_t step = static_cast<std::int64_t>(params.batch) * kGroupRows;
    waitForPrevious();
    const float* partial = params.partials + (first + group) * step + n * kGroupRows + thread;
    float sum = 0;
#pragma unroll 4
    for (int i = first; i <= last; ++i, partial += step)
        sum += *partial;
    if (row >= params.rows)
        return;
    sum = sum * (params.rowScales != nullptr ? params.rowScales[row] : 1.0f) +
          (params.bias != nullptr ? params.bias[row] : 0.0f);
    storeElement(params.y + n * params.yStride + row, sum, params.bf16);
}

template <ColumnCoding kCoding, int kBatchTiles, int kTeams>
void launchProduct(const KernelParams& params, const Plan& plan, Stream stream)
{
    const auto kernel = multiplyColumns<kCoding, kBatchTiles, kTeams>;
    const auto sharedBytes = static_cast<std::size_t>(plan.sharedBytes());
    allowSharedBytes(kernel, sharedBytes);
    launch("columns", kernel, dim3(static_cast<unsigned>(plan.blocks)), dim3(kTeams * kTeamThreads), sharedBytes,
           stream, params);
}

template <ColumnCoding kCoding>
void launchProduct(const KernelParams& params, const Plan& plan, Stream stream)
{
    switch (plan.batchTile) {
    case 8:
        return launchProduct<kCoding, 1, 4>(params, plan, stream);
    case 16:
        return launchProduct<kCoding, 2, 4>(params, plan, stream);
    case 32:
        return launchProduct<kCoding, 4, 2>(params, plan, stream);
    default:
        return launchProduct<kCoding, 8, 2>(params, plan, stream);
    }
}

void requireGemm(bool holds, const char* what)
{
    if (!holds)
        throw std::invalid_argument(std::string("a product of columns: ") + what);
}

void checkGemm(const ColumnGemm& gemm, const Plan& plan, const GpuTraits& gpu)
{
    const ColumnLayout& layout = gemm.weights.layout;
    requireGemm(layout.rows > 0 && layout.blocks() > 0, "there are no weights");
    requireGemm(gemm.xStride % 8 == 0 && gemm.xStride >= layout.paddedColumns(),
                "rows of x are not a multiple of 8 apart, or overlap");
    requireGemm(gemm.yStride >= layout.rows, "rows of y overlap");
    requireGemm(gemm.workspace != nullptr, "there is no workspace");
    requireGemm(layout.coding == ColumnCoding::Codebooks || gemm.weights.rowScales != nullptr,
                "there are no scales");
    requireGemm(static_cast<std::size_t>(plan.sharedBytes()) <= gpu.sharedBytes, "too little shared memory");
}

void queueTile(const ColumnGemm& gemm, int begin, int batch, const GpuTraits& gpu, Stream stream)
{
    const ColumnLayout& layout = gemm.weights.layout;
    const Plan plan = planColumns(layout, batch, gpu);
    checkGemm(gemm, plan, gpu);
    KernelParams params = kernelParams(gemm.weights, plan);
    params.x = static_cast<const std::uint16_t*>(gemm.x) + begin * gemm.xStride;
    params.xStride = gemm.xStride;
    params.partials = static_cast<float*>(gemm.workspace);
    params.batch = batch;
    if (layout.coding == ColumnCoding::Codebooks)
        launchProduct<ColumnCoding::Codebooks>(params, plan, stream);
    else
        launchProduct<ColumnCoding::Trellis>(params, plan, stream);
    const SumParams sum{params.partials, gemm.weights.rowScales,
                        gemm.bias,       static_cast<std::uint16_t*>(gemm.y) + begin * gemm.yStride,
                        gemm.yStride,    layout.rows,
                        batch,           layout.groups(),
                        layout.blocks(), plan.blocks,
                        params.bf16};
    launch("sums of columns", addPartials,
           dim3(static_cast<unsigned>(layout.groups()), static_cast<unsigned>(batch)), dim3(kGroupRows), 0, stream,
           sum);
}

} // namespace
} // namespace columns

void columnGemm(const ColumnGemm& gemm, const GpuTraits& gpu, Stream stream)
{
    for (int begin = 0; begin < gemm.batch; begin += columns::kLargestBatchTile)
        columns::queueTile(gemm, begin, std::min(columns::kLargestBatchTile, gemm.batch - begin), gpu, stream);
}

} // namespace eigenquant::kernels
