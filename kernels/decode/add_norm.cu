// SPDX-License-Identifier: GPL-3.0-or-later
#include "kernels/common/launch.cuh"
#include "kernels/decode/channel_order.cuh"
#include "kernels/decode/decode_kernels.h"
#include "kernels/decode/element.cuh"

#include <algorithm>

/// The addition to the residual stream and the norm after it, a block a token. Rows of whole eights stay in registers
/// between the two (one or two eights a thread of up to 1024: 16384 channels), so that the residual is read and written
/// once; others are read again. Where an output has an order, the normed row lies in shared memory (2 bytes a channel)
/// and each thread picks the channels that its outputs want. Gains and orders, which no kernel writes, are in registers
/// before the kernel before is done.
namespace eigenquant::kernels {
namespace {

constexpr int kMostThreads = 1024;
constexpr int kFetchedPairs = 4; ///< of each order, that a thread holds: all where it has one eight

/// The sum over a block, the same in all threads, its terms added in an order that only the block's size decides.
__device__ float blockSum(float value)
{
    __shared__ float warps[32];
#pragma unroll
    for (int distance = 16; distance > 0; distance /= 2)
        value += __shfl_xor_sync(~0u, value, distance);
    if (threadIdx.x % 32 == 0)
        warps[threadIdx.x / 32] = value;
    __syncthreads();
    float sum = threadIdx.x % 32 < blockDim.x / 32 ? warps[threadIdx.x % 32] : 0.0f;
#pragma unroll
    for (int distance = 16; distance > 0; distance /= 2)
        sum += __shfl_xor_sync(~0u, sum, distance);
    return sum;
}

__device__ inline float normScale(float squares, const AddNormParams& params)
{
    return 1.0f / sqrtf(squares / static_cast<float>(params.width) + params.epsilon);
}

/// The reference computes x·scale in float32, rounds it, and multiplies by a gain that is an element too.
template <class T>
__device__ T normed(T value, float scale, T gain)
{
    return fromFloat<T>(rounded<T>(toFloat(value) * scale) * toFloat(gain));
}

/// Gains 8i to 8i + 7 as elements.
template <class T>
__device__ Eight<T> eightGains(const float* gain, int i)
{
    const auto* fours = reinterpret_cast<const float4*>(gain) + 2 * i;
    const float4 low = fours[0], high = fours[1];
    return {{fromFloat<T>(low.x), fromFloat<T>(low.y), fromFloat<T>(low.z), fromFloat<T>(low.w), fromFloat<T>(high.x),
             fromFloat<T>(high.y), fromFloat<T>(high.z), fromFloat<T>(high.w)}};
}

struct Output {
    const std::int32_t* order;
    void* out;
};

__device__ inline Output outputOf(const AddNormParams& params, int index)
{
    return index == 0   ? Output{params.order, params.out}
           : index == 1 ? Output{params.secondOrder, params.secondOut}
                        : Output{params.thirdOrder, params.thirdOut};
}

template <class T, int Eights>
__global__ void __launch_bounds__(kMostThreads) addNormKernel(const AddNormParams params, bool anyOrder)
{
    extern __shared__ __align__(16) char sharedBytes[];
    auto* row = reinterpret_cast<Eight<T>*>(sharedBytes);
    const std::int64_t token = blockIdx.x;
    const int count = params.width / 8;
    FetchedOrder<kFetchedPairs> orders[3];
#pragma unroll
    for (int o = 0; o < 3; ++o)
        if (const Output output = outputOf(params, o); output.out && output.order)
            orders[o].fetch(output.order, params.width);
    Eight<T> gain[Eights];
#pragma unroll
    for (int e = 0; e < Eights; ++e)
        if (const int i = threadIdx.x + e * blockDim.x; i < count)
            gain[e] = eightGains<T>(params.gain, i);
    releaseNext();
    waitForPrevious();
    auto* residual = reinterpret_cast<Eight<T>*>(static_cast<T*>(params.residual) + token * params.width);
    const auto* delta = reinterpret_cast<const Eight<T>*>(static_cast<const T*>(params.delta) + token * params.width);

    // Step 1: the sum, rounded as it is kept.
    Eight<T> kept[Eights];
    float squares = 0;
#pragma unroll
    for (int e = 0; e < Eights; ++e) {
        const int i = threadIdx.x + e * blockDim.x;
        if (i >= count)
            break;
        kept[e] = residual[i];
        if (params.delta) {
            const Eight<T> added = delta[i];
#pragma unroll
            for (int k = 0; k < 8; ++k)
                kept[e].value[k] = fromFloat<T>(toFloat(kept[e].value[k]) + toFloat(added.value[k]));
            residual[i] = kept[e];
        }
#pragma unroll
        for (int k = 0; k < 8; ++k)
            squares += toFloat(kept[e].value[k]) * toFloat(kept[e].value[k]);
    }
    const float scale = normScale(blockSum(squares), params);

    // Step 2: the norm, to the outputs without an order and to shared memory for those with one.
#pragma unroll
    for (int e = 0; e < Eights; ++e) {
        const int i = threadIdx.x + e * blockDim.x;
        if (i >= count)
            break;
#pragma unroll
        for (int k = 0; k < 8; ++k)
            kept[e].value[k] = normed(kept[e].value[k], scale, gain[e].value[k]);
        if (anyOrder)
            row[i] = kept[e];
        for (int o = 0; o < 3; ++o)
            if (const Output output = outputOf(params, o); output.out && !output.order)
                reinterpret_cast<Eight<T>*>(static_cast<T*>(output.out) + token * params.outStride)[i] = kept[e];
    }
    if (!anyOrder)
        return;
    __syncthreads();

    // Step 3: the orders.
#pragma unroll
    for (int o = 0; o < 3; ++o)
        if (const Output output = outputOf(params, o); output.out && output.order)
            orders[o].write(reinterpret_cast<const T*>(sharedBytes), output.order,
                            static_cast<T*>(output.out) + token * params.outStride, params.width);
}

/// Any width and alignment: one channel at a time.
template <class T>
__global__ void __launch_bounds__(kMostThreads) raggedAddNormKernel(const AddNormParams params)
{
    releaseNext();
    waitForPrevious();
    const std::int64_t token = blockIdx.x;
    T* residual = static_cast<T*>(params.residual) + token * params.width;
    const T* delta = static_cast<const T*>(params.delta) + token * params.width;
    float squares = 0;
    for (int i = threadIdx.x; i < params.width; i += blockDim.x) {
        if (params.delta)
            residual[i] = fromFloat<T>(toFloat(residual[i]) + toFloat(delta[i]));
        squares += toFloat(residual[i]) * toFloat(residual[i]);
    }
    const float scale = normScale(blockSum(squares), params); // its barrier shows all threads the whole sum
    for (int o = 0; o < 3; ++o) {
        const Output output = outputOf(params, o);
        if (!output.out)
            continue;
        T* out = static_cast<T*>(output.out) + token * params.outStride;
        for (int j = threadIdx.x; j < params.width; j += blockDim.x) {
            const int channel = output.order ? output.order[j] : j;
            out[j] = normed(residual[channel], scale, fromFloat<T>(params.gain[channel]));
        }
    }
}

bool isWhole(const AddNormParams& params)
{
    const auto fits = [&](const void* out, const std::int32_t* order) {
        return !out || (inEights(out, params.outStride) && inPairs(order, out, params.outStride, params.width));
    };
    return params.width <= 16 * kMostThreads && inEights(params.residual, params.width) &&
           inEights(params.delta, params.width) && inEights(params.gain, 0) && fits(params.out, params.order) &&
           fits(params.secondOut, params.secondOrder) && fits(params.thirdOut, params.thirdOrder);
}

} // namespace

void addNorm(const AddNormParams& params, Stream stream)
{
    if (params.tokens < 1)
        return;
    const bool anyOrder = params.order || params.secondOrder || params.thirdOrder;
    const dim3 grid(static_cast<unsigned>(params.tokens));
    withElement(params.element, [&](auto element) {
        using T = decltype(element);
        if (!isWhole(params)) {
            launch("norm", raggedAddNormKernel<T>, grid, dim3(256), 0, stream, params);
            return;
        }
        const unsigned threads =
            static_cast<unsigned>(std::clamp(ceilDivide(params.width, 8 * 32) * 32, 32, kMostThreads));
        const std::size_t bytes = anyOrder ? sizeof(T) * static_cast<std::size_t>(params.width) : 0;
        if (params.width <= 8 * kMostThreads)
            launch("norm", addNormKernel<T, 1>, grid, dim3(threads), bytes, stream, params, anyOrder);
        else
            launch("norm", addNormKernel<T, 2>, grid, dim3(threads), bytes, stream, params, anyOrder);
    });
}

} // namespace eigenquant::kernels
