// SPDX-License-Identifier: GPL-3.0-or-later
#include "kernels/common/current_gpu.h"
#include "kernels/common/launch.cuh"
#include "kernels/decode/decode_kernels.h"
#include "kernels/decode/element.cuh"
#include "kernels/decode/hadamard_plan.h"

#include <cmath>
#include <stdexcept>
#include <string>

/// The structured rotation of a token, over the blocks that hadamard_plan.h says. Shared memory: with a dense factor
/// the row with its signs [width] elements and the block's columns of the factor [denseOrder, rows padded to 8]
/// float32; then the block's rows of the result [rows, power] float32.
///
/// The butterflies of distances 1, 2, 4 are within the eight neighbours that a thread holds, those of 8 to 128 between
/// the lanes of a warp, and larger ones, up to four at a time, between 16 values from shared memory.
namespace eigenquant::kernels {
namespace {

constexpr int kLaneEights = 8;
constexpr int kOrdersAhead = 8; ///< numbers of the order that a thread reads at a time
constexpr int kFirstSharedDistance = 32 * kLaneEights;

template <class T>
__device__ T signedValue(T value, unsigned signs, int bit)
{
    return signs >> bit & 1 ? -value : value;
}

/// Channels 8i to 8i + 7 with their signs.
template <class T>
__device__ Eight<T> signedEight(const T* x, const std::uint8_t* signs, int i)
{
    Eight<T> eight = reinterpret_cast<const Eight<T>*>(x)[i];
    const unsigned byte = signs[i];
#pragma unroll
    for (int k = 0; k < 8; ++k)
        eight.value[k] = signedValue(eight.value[k], byte, k);
    return eight;
}

/// Step 1 with a dense factor: the row with its signs, and the factor's columns, zero beyond the block's rows.
template <class T>
__device__ void bringInputs(T* input, float* factor, const HadamardParams& params, const HadamardPlan& plan,
                            int firstRow, int rows, int padded, bool wide)
{
    for (int index = threadIdx.x; index < params.denseOrder * padded; index += blockDim.x) {
        const int a = index / padded, b = index % padded;
        factor[index] = b < rows ? params.factor[a * params.denseOrder + firstRow + b] : 0.0f;
    }
    releaseNext();
    waitForPrevious(); // the factor is a weight, x is not
    const T* x = static_cast<const T*>(params.in) + blockIdx.y * params.inStride;
    if (wide)
        for (int i = threadIdx.x; i < params.width / 8; i += blockDim.x)
            reinterpret_cast<Eight<T>*>(input)[i] = signedEight(x, params.signs, i);
    else
        for (int i = threadIdx.x; i < params.width; i += blockDim.x)
            input[i] = signedValue(x[i], params.signs[i / 8], i % 8);
}

/// Step 2: values[b, i] = Σ_a A[a, b]·x[a, i], a thread eight rows b of one column i at a time.
template <class T>
__device__ void multiplyFactor(float* values, const T* input, const float* factor, int order, int power, int rows,
                               int padded)
{
    for (int tile = threadIdx.x; tile < padded / kHadamardRowTile * power; tile += blockDim.x) {
        const int firstRow = tile / power * kHadamardRowTile, i = tile % power;
        float sums[kHadamardRowTile] = {};
#pragma unroll 4
        for (int a = 0; a < order; ++a) {
            const float x = toFloat(input[a * power + i]);
            const auto* columns = reinterpret_cast<const float4*>(factor + a * padded + firstRow);
            const float4 low = columns[0], high = columns[1];
            const float factors[8] = {low.x, low.y, low.z, low.w, high.x, high.y, high.z, high.w};
#pragma unroll
            for (int b = 0; b < kHadamardRowTile; ++b)
                sums[b] += factors[b] * x;
        }
#pragma unroll
        for (int b = 0; b < kHadamardRowTile; ++b)
            if (firstRow + b < rows)
                values[(firstRow + b) * power + i] = sums[b];
    }
}

/// Values base to base + 7: rows in shared memory are filled up to whole eights.
__device__ inline void readEight(float (&v)[8], const float* values, int base)
{
    const auto* fours = reinterpret_cast<const float4*>(values + base);
    const float4 low = fours[0], high = fours[1];
    v[0] = low.x, v[1] = low.y, v[2] = low.z, v[3] = low.w;
    v[4] = high.x, v[5] = high.y, v[6] = high.z, v[7] = high.w;
}

/// The same of a row that is yet to get its signs, zero beyond its width.
template <class T>
__device__ void readEight(float (&v)[8], const T* x, const HadamardParams& params, int base, bool wide)
{
    if (wide) {
        const Eight<T> eight = signedEight(x, params.signs, base / 8);
#pragma unroll
        for (int k = 0; k < 8; ++k)
            v[k] = toFloat(eight.value[k]);
        return;
    }
#pragma unroll
    for (int k = 0; k < 8; ++k)
        v[k] = base + k < params.width ? toFloat(signedValue(x[base + k], params.signs[base / 8], k)) : 0.0f;
}

/// Step 3: distances below 256, eight values a lane. read(v, base) gives values base to base + 7; all threads of a warp
/// take part.
template <class Read>
__device__ void nearButterflies(float* values, int count, int power, const Read& read)
{
    const int eights = (count + 7) / 8, lane = threadIdx.x % 32;
    for (int first = threadIdx.x - lane; first < eights; first += blockDim.x) {
        const int base = (first + lane) * 8;
        float v[8] = {};
        if (base < count)
            read(v, base);
#pragma unroll
        for (int distance = 1; distance < 8; distance *= 2)
            if (distance < power)
#pragma unroll
                for (int k = 0; k < 8; ++k)
                    if (!(k & distance)) {
                        const float low = v[k], high = v[k + distance];
                        v[k] = low + high;
                        v[k + distance] = low - high;
                    }
#pragma unroll
        for (int distance = 1; distance < 32; distance *= 2)
            if (8 * distance < power)
#pragma unroll
                for (int k = 0; k < 8; ++k) {
                    const float other = __shfl_xor_sync(~0u, v[k], distance);
                    v[k] = lane & distance ? other - v[k] : v[k] + other;
                }
        if (first + lane < eights) {
            auto* out = reinterpret_cast<float4*>(values + base);
            out[0] = make_float4(v[0], v[1], v[2], v[3]);
            out[1] = make_float4(v[4], v[5], v[6], v[7]);
        }
    }
}

/// Step 4: the distances from `nearest` to Radix/2 times that, values that far apart in one thread.
template <int Radix>
__device__ void farButterflies(float* values, int count, int nearest)
{
    __syncthreads();
    for (int group = threadIdx.x; group < count / Radix; group += blockDim.x) {
        float* first = values + group / nearest * nearest * Radix + group % nearest;
        float v[Radix];
#pragma unroll
        for (int k = 0; k < Radix; ++k)
            v[k] = first[k * nearest];
#pragma unroll
        for (int distance = 1; distance < Radix; distance *= 2)
#pragma unroll
            for (int k = 0; k < Radix; ++k)
                if (!(k & distance)) {
                    const float low = v[k], high = v[k + distance];
                    v[k] = low + high;
                    v[k + distance] = low - high;
                }
#pragma unroll
        for (int k = 0; k < Radix; ++k)
            first[k * nearest] = v[k];
    }
}

__device__ inline void farButterflies(float* values, int count, int power, int nearest)
{
    while (nearest < power) {
        const int left = power / nearest;
        if (left >= 16)
            farButterflies<16>(values, count, nearest);
        else if (left == 8)
            farButterflies<8>(values, count, nearest);
        else if (left == 4)
            farButterflies<4>(values, count, nearest);
        else
            farButterflies<2>(values, count, nearest);
        nearest *= left >= 16 ? 16 : left;
    }
    __syncthreads();
}

template <class T>
__global__ void __launch_bounds__(1024)
    hadamardKernel(const HadamardParams params, const HadamardPlan plan, const bool wide, const float scale)
{
    extern __shared__ __align__(16) char sharedBytes[];
    T* input = reinterpret_cast<T*>(sharedBytes);
    auto* factor = reinterpret_cast<float*>(sharedBytes + plan.inputBytes);
    auto* values = reinterpret_cast<float*>(sharedBytes + plan.inputBytes + plan.factorBytes);
    const int firstRow = blockIdx.x * plan.rows, rows = min(plan.rows, params.denseOrder - firstRow);
    const int count = rows * plan.power, firstChannel = firstRow * plan.power;

    if (params.denseOrder > 1) {
        const int padded = ceilDivide(plan.rows, kHadamardRowTile) * kHadamardRowTile;
        bringInputs(input, factor, params, plan, firstRow, rows, padded, wide);
        __syncthreads();
        multiplyFactor(values, input, factor, params.denseOrder, plan.power, rows, padded);
        __syncthreads();
        nearButterflies(values, count, plan.power, [&](float(&v)[8], int base) { readEight(v, values, base); });
    } else {
        releaseNext();
        waitForPrevious();
        const T* x = static_cast<const T*>(params.in) + blockIdx.y * params.inStride;
        nearButterflies(values, count, plan.power,
                        [&](float(&v)[8], int base) { readEight(v, x, params, base, wide); });
    }
    farButterflies(values, count, plan.power, kFirstSharedDistance);

    // Step 5: outputs whose channel is the block's own.
    T* out = static_cast<T*>(params.out) + blockIdx.y * params.outStride;
    if (!params.order) {
        for (int i = threadIdx.x; i < count; i += blockDim.x)
            out[firstChannel + i] = fromFloat<T>(values[i] * scale);
        return;
    }
    for (int first = threadIdx.x; first < params.width; first += kOrdersAhead * blockDim.x) {
        int own[kOrdersAhead]; // channels as the block numbers its own; all reads before the first is needed
#pragma unroll
        for (int k = 0; k < kOrdersAhead; ++k)
            if (const int j = first + k * blockDim.x; j < params.width)
                own[k] = params.order[j] - firstChannel;
            else
                own[k] = -1;
#pragma unroll
        for (int k = 0; k < kOrdersAhead; ++k)
            if (own[k] >= 0 && own[k] < count)
                out[first + k * blockDim.x] = fromFloat<T>(values[own[k]] * scale);
    }
}

} // namespace

void hadamard(const HadamardParams& params, Stream stream)
{
    if (params.tokens < 1)
        return;
    const int power = params.denseOrder > 0 ? params.width / params.denseOrder : 0;
    if (power < 1 || power * params.denseOrder != params.width || (power & (power - 1)) != 0 ||
        params.width > 32768 || params.denseOrder > 1024)
        throw std::invalid_argument("rotation: " + std::to_string(params.width) + " channels with a factor of order " +
                                    std::to_string(params.denseOrder));
    const HadamardPlan plan = hadamardPlan(params.tokens, params.width, params.denseOrder, currentMultiprocessors());
    const float scale = 1.0f / std::sqrt(static_cast<float>(power));
    const bool wide = params.width % 8 == 0 && inEights(params.in, params.inStride);
    withElement(params.element, [&](auto element) {
        const auto kernel = hadamardKernel<decltype(element)>;
        allowSharedBytes(kernel, plan.sharedBytes());
        launch("rotation", kernel,
               dim3(static_cast<unsigned>(plan.blocks), static_cast<unsigned>(params.tokens)),
               dim3(static_cast<unsigned>(plan.threads)), plan.sharedBytes(), stream, params, plan, wide, scale);
    });
}

} // namespace eigenquant::kernels
