// SPDX-License-Identifier: GPL-3.0-or-later
//
// W as 16-bit floats, row after row, in the order of x's channels: for batches that cuBLAS multiplies faster. Each
// block of threads takes one block of a strip: its four warps decode their 16 rows from global memory, put them in
// their place in shared memory, [64][128] elements with 8 more a row, so that eight rows of pairs share no bank,
// and all write 16 bytes a thread. At 4 bits four fifths of the traffic are these writes.
#include "kernels/common/launch.cuh"
#include "kernels/gemm/mixed_units.cuh"

#include <stdexcept>
#include <string>

namespace eigenquant::kernels {
namespace {

constexpr int kThreads = 128;
constexpr int kPitch = kCodeColumns + 8; ///< elements

struct DequantizeParams {
    const std::uint8_t* blocks;    ///< layout.bytes()
    const float* rowScales;        ///< [64·strips], with a codebook
    const std::uint16_t* codebook; ///< [2^bits]
    std::uint16_t* out;            ///< [rows, columns]
    std::int64_t stride;
    int rows, columns, salient;
    BlockShape shape;
    bool chunksAligned; ///< rows of `out` begin at 16 bytes
};

/// Two neighbouring weights that lack their row's scale.
template <Element element>
__device__ std::uint32_t scaledPair(std::uint32_t pair, float scale)
{
    float2 values;
    if constexpr (element == Element::F16)
        values = __half22float2(*reinterpret_cast<const __half2*>(&pair));
    else
        values = __bfloat1622float2(*reinterpret_cast<const __nv_bfloat162*>(&pair));
    return elementBits<element>(values.x * scale) | elementBits<element>(values.y * scale) << 16;
}

/// Puts a fragment of step `step` of a warp's 16 rows in its place.
__device__ __forceinline__ void placeFragment(std::uint16_t (*weights)[kPitch], const std::uint32_t (&a)[4],
                                              int warp, int step, int lane)
{
#pragma unroll
    for (int pair = 0; pair < 4; ++pair)
        *reinterpret_cast<std::uint32_t*>(
            &weights[16 * warp + fragmentRow(lane, 2 * pair)][16 * step + fragmentColumn(lane, 2 * pair)]) =
            a[pair];
}

template <Element element, int bits, Coding coding>
__device__ __forceinline__ void decodeBlock(const DequantizeParams& p, const std::uint8_t* block, int strip,
                                            std::uint16_t (*weights)[kPitch])
{
    const int warp = threadIdx.x / 32, lane = threadIdx.x % 32;
    CodebookDecoder<bits> codebook;
    CodeReader<element, bits, coding> reader;
    float rowScales[2] = {};
    if constexpr (coding == Coding::Codebook) {
        codebook.load(p.codebook);
        for (int i = 0; i < 2; ++i)
            rowScales[i] = p.rowScales[strip * kStripRows + 16 * warp + lane / 4 + 8 * i];
    }
#pragma unroll
    for (int half = 0; half < 2; ++half) {
        reader.loadHalf(block, warp, half, lane);
        forEachStep([&]<int step>() {
            if constexpr (step % 2 == 0)
                reader.loadScales(block, p.shape, warp, 2 * half + step / 2, lane);
            std::uint32_t a[4];
            reader.template decode<step>(codebook, a);
            if constexpr (coding == Coding::Codebook)
                for (int pair = 0; pair < 4; ++pair)
                    a[pair] = scaledPair<element>(a[pair], rowScales[pair % 2]);
            placeFragment(weights, a, warp, 4 * half + step, lane);
        });
    }
}

__device__ __forceinline__ void placeSalient(const std::uint8_t* block, std::uint16_t (*weights)[kPitch])
{
    const int warp = threadIdx.x / 32, lane = threadIdx.x % 32;
#pragma unroll
    for (int step = 0; step < 2; ++step) {
        std::uint32_t a[4];
        loadSalient(a, block, warp, step, lane);
        placeFragment(weights, a, warp, step, lane);
    }
}

/// Writes `count` columns of a strip's rows from column `first` of `out` on.
__device__ __forceinline__ void writeRows(const DequantizeParams& p, const std::uint16_t (*weights)[kPitch],
                                          int strip, int first, int count)
{
    const int chunk = 8 * (threadIdx.x % 16);
    for (int row = threadIdx.x / 16; row < min(kStripRows, p.rows - strip * kStripRows); row += kThreads / 16) {
        std::uint16_t* to = p.out + (strip * kStripRows + row) * p.stride + first + chunk;
        if (p.chunksAligned && first % 8 == 0 && chunk + 8 <= count)
            *reinterpret_cast<uint4*>(to) = *reinterpret_cast<const uint4*>(&weights[row][chunk]);
        else
            for (int i = 0; i < 8 && chunk + i < count; ++i)
                to[i] = weights[row][chunk + i];
    }
}

/// A block of the grid each block of the layout: x along the columns, y the strips.
template <Element element, int bits, Coding coding>
__global__ void __launch_bounds__(kThreads) dequantizeMixedKernel(const __grid_constant__ DequantizeParams p)
{
    __shared__ __align__(16) std::uint16_t weights[kStripRows][kPitch];
    releaseNext();
    const int block = blockIdx.x, strip = blockIdx.y, salientBlocks = p.shape.salientBlocks;
    const std::uint8_t* from = p.blocks + strip * p.shape.stripBytes +
                               static_cast<std::size_t>(min(block, salientBlocks)) * kSalientBlockBytes;
    int first = block * kSalientColumns, end = p.salient;
    if (block < salientBlocks) {
        placeSalient(from, weights);
        end = min(end, first + kSalientColumns);
    } else {
        from += static_cast<std::size_t>(block - salientBlocks) * p.shape.codeBlockBytes;
        first = p.salient + (block - salientBlocks) * kCodeColumns;
        end = min(p.columns, first + kCodeColumns);
        decodeBlock<element, bits, coding>(p, from, strip, weights);
    }
    waitForPrevious(); // what is in `out` may still be read
    __syncthreads();
    writeRows(p, weights, strip, first, end - first);
}

template <Element element, int bits>
void run(const MixedWeights& weights, const DequantizeParams& p, Stream stream)
{
    const dim3 grid(static_cast<unsigned>(weights.layout.blocks()),
                    static_cast<unsigned>(weights.layout.strips()));
    const auto kernel = weights.layout.coding == Coding::Grid
                            ? dequantizeMixedKernel<element, bits, Coding::Grid>
                            : dequantizeMixedKernel<element, bits, Coding::Codebook>;
    launch("dequantizeMixed", kernel, grid, dim3(kThreads), 0, stream, p);
}

} // namespace

void dequantizeMixed(const MixedWeights& weights, Element element, void* out, std::int64_t stride, Stream stream)
{
    const MixedLayout& layout = weights.layout;
    if (!isMixedLayout(layout) || !weights.blocks || !out || stride < layout.columns || layout.strips() > 65535)
        throw std::invalid_argument("dequantizing a mixed linear: " + std::to_string(layout.rows) + " x " +
                                    std::to_string(layout.columns) + " with rows of " + std::to_string(stride) +
                                    " elements, or a null pointer");
    if (layout.coding == Coding::Codebook && (!weights.rowScales || !weights.codebook))
        throw std::invalid_argument("dequantizing a mixed linear: a codebook's values or row scales are null");
    const DequantizeParams p{static_cast<const std::uint8_t*>(weights.blocks),
                             weights.rowScales,
                             weights.codebook,
                             static_cast<std::uint16_t*>(out),
                             stride,
                             layout.rows,
                             layout.columns,
                             layout.salient,
                             blockShape(layout),
                             stride % 8 == 0 && reinterpret_cast<std::uintptr_t>(out) % 16 == 0};
    if (element == Element::F16)
        layout.bits == 4 ? run<Element::F16, 4>(weights, p, stream) : run<Element::F16, 3>(weights, p, stream);
    else
        layout.bits == 4 ? run<Element::BF16, 4>(weights, p, stream) : run<Element::BF16, 3>(weights, p, stream);
}

} // namespace eigenquant::kernels
