// SPDX-License-Identifier: GPL-3.0-or-later
#include "kernels/gemm/column_gemm.h"

#include "kernels/common/current_gpu.h"
#include "kernels/common/launch.cuh"
#include "kernels/gemm/column_decode.cuh"
#include "kernels/gemm/column_kernels.cuh"
#include "kernels/gemm/column_plan.h"

#include <algorithm>
#include <stdexcept>

/// Weights as 16-bit floats, for batches that are large enough for cuBLAS. Each of a block's eight warps decodes
/// tiles of 64 x 16, straight from memory: what bounds it are the bytes written, five times those read.
///   shared memory: levels [width in use][4096] elements, or patches [warp 8][1024] elements
namespace eigenquant::kernels {
namespace columns {
namespace {

constexpr int kWarps = 8;
constexpr int kBlocksPerMultiprocessor = 2;

struct DequantParams {
    KernelParams weights;
    const float* rowScales; ///< [64·strips] or null
    std::uint16_t* out;     ///< [rows][stride] elements
    std::int64_t stride;
    int rows;
};

template <ColumnCoding kCoding>
__device__ void prepareShared(const DequantParams& params, unsigned char* shared)
{
    const bool levels = kCoding == ColumnCoding::Trellis;
    const int bytes = levels ? params.weights.stagesAt : kWarps * kPatchBytes;
    for (int at = static_cast<int>(threadIdx.x) * 16; at < bytes; at += kWarps * 32 * 16)
        *reinterpret_cast<uint4*>(shared + at) =
            levels ? *reinterpret_cast<const uint4*>(params.weights.tables + at) : uint4{0, 0, 0, 0};
    __syncthreads();
}

template <ColumnCoding kCoding>
__device__ void decodeTile(Fragments& out, const KernelParams& params, unsigned char* shared, int strip, int block,
                           int warp, int lane)
{
    int width = 1;
    while (block >= params.firstBlock[width + 1])
        ++width;
    const int group = strip / kGroupStrips, nth = block - params.firstBlock[width];
    const int strips = min(kGroupStrips, params.strips - group * kGroupStrips);
    const unsigned char* tile =
        params.codes + static_cast<std::size_t>(group * kGroupStrips) * params.codeStart[kMaxColumnWidth + 1] +
        static_cast<std::size_t>(strips) *
            (params.codeStart[width] + static_cast<std::size_t>(nth) * params.tileBytes[width]) +
        strip % kGroupStrips * params.tileBytes[width];
    if constexpr (kCoding == ColumnCoding::Codebooks) {
        const unsigned char* tables = params.tables + params.tableStart[width] +
                                      static_cast<std::size_t>(nth) * kTileColumns * params.tableBytes[width];
        decodeCodebooks(out, width, tile, tables, lane);
        if (params.outliers == nullptr)
            return;
        const std::uint32_t* begin = params.outlierBegins + strip * params.blocks + block;
        const std::uint32_t* list = params.outliers + begin[0];
        applyOutliers(out, shared + warp * kPatchBytes, list, list, static_cast<int>(begin[1] - begin[0]), lane);
    } else {
        decodeLevels(out, width, tile, shared + params.levelsAt[width], lane);
        if (const int columns = params.counts[width] - nth * kTileColumns; columns < kTileColumns)
            clearFillers(out, columns, lane);
    }
}

/// Two elements times a row's scale.
__device__ inline std::uint32_t scaled(std::uint32_t pair, float scale, bool bf16)
{
    std::uint16_t result[2];
#pragma unroll
    for (int i = 0; i < 2; ++i) {
        const auto bits = static_cast<std::uint16_t>(pair >> (16 * i));
        const float value =
            bf16 ? __uint_as_float(static_cast<std::uint32_t>(bits) << 16) : __half2float(__ushort_as_half(bits));
        storeElement(&result[i], value * scale, bf16);
    }
    return result[0] | static_cast<std::uint32_t>(result[1]) << 16;
}

/// codes → out [rows][16·blocks] elements. A warp takes tile after tile.
template <ColumnCoding kCoding>
__global__ void __launch_bounds__(kWarps * 32) writeWeights(const __grid_constant__ DequantParams params)
{
    extern __shared__ __align__(16) unsigned char shared[];
    releaseNext();
    prepareShared<kCoding>(params, shared);
    waitForPrevious();
    const int warp = static_cast<int>(threadIdx.x) / 32, lane = static_cast<int>(threadIdx.x) % 32;
    const KernelParams& weights = params.weights;
    const int tiles = weights.strips * weights.blocks, step = static_cast<int>(gridDim.x) * kWarps;
    for (int tile = static_cast<int>(blockIdx.x) * kWarps + warp; tile < tiles; tile += step) {
        const int strip = tile / weights.blocks, block = tile % weights.blocks;
        Fragments values;
        decodeTile<kCoding>(values, weights, shared, strip, block, warp, lane);
        const int firstRow = strip * kTileRows + lane / 4 * 8, column = block * kTileColumns + lane % 4 * 4;
#pragma unroll
        for (int i = 0; i < 8; ++i) {
            const int row = firstRow + i;
            if (row >= params.rows)
                continue;
            uint2 four{values.a[i / 2][i % 2], values.a[i / 2][i % 2 + 2]};
            if (kCoding == ColumnCoding::Trellis)
                four = {scaled(four.x, params.rowScales[row], weights.bf16),
                        scaled(four.y, params.rowScales[row], weights.bf16)};
            *reinterpret_cast<uint2*>(params.out + row * params.stride + column) = four;
        }
    }
}

template <ColumnCoding kCoding>
void launchWrite(const DequantParams& params, int sharedBytes, Stream stream)
{
    const int tiles = params.weights.strips * params.weights.blocks;
    const int blocks = std::min(currentMultiprocessors() * kBlocksPerMultiprocessor, (tiles + kWarps - 1) / kWarps);
    allowSharedBytes(writeWeights<kCoding>, static_cast<std::size_t>(sharedBytes));
    launch("weights of columns", writeWeights<kCoding>, dim3(static_cast<unsigned>(blocks)), dim3(kWarps * 32),
           static_cast<std::size_t>(sharedBytes), stream, params);
}

} // namespace
} // namespace columns

void dequantizeColumns(const ColumnWeights& weights, void* out, std::int64_t stride, Stream stream)
{
    using namespace columns;
    const ColumnLayout& layout = weights.layout;
    if (stride % 4 != 0 || stride < layout.paddedColumns())
        throw std::invalid_argument("weights of columns: rows are not a multiple of 4 apart, or overlap");
    const bool trellis = layout.coding == ColumnCoding::Trellis;
    if (trellis && weights.rowScales == nullptr)
        throw std::invalid_argument("weights of columns: there are no scales");
    Plan plan; // one copy of each table, as in memory
    plan.levelBytes = trellis ? static_cast<int>(layout.tablesBytes()) : 0;
    const DequantParams params{kernelParams(weights, plan), weights.rowScales, static_cast<std::uint16_t*>(out),
                               stride, layout.rows};
    if (trellis)
        launchWrite<ColumnCoding::Trellis>(params, plan.levelBytes, stream);
    else
        launchWrite<ColumnCoding::Codebooks>(params, kWarps * kPatchBytes, stream);
}

} // namespace eigenquant::kernels
