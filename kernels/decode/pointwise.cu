// SPDX-License-Identifier: GPL-3.0-or-later
#include "kernels/common/launch.cuh"
#include "kernels/decode/channel_order.cuh"
#include "kernels/decode/decode_kernels.h"
#include "kernels/decode/element.cuh"

#include <algorithm>
#include <stdexcept>
#include <string>

/// The element-wise steps: a thread works on eight neighbours at a time where rows are 16-byte aligned, else on one.
/// A block that must put its row in another order has all of it in shared memory (2 bytes a channel); what it reads
/// there its threads know before the kernel before is done.
namespace eigenquant::kernels {
namespace {

constexpr int kThreads = 256;
constexpr int kMostThreads = 1024;
constexpr std::size_t kMostRowBytes = 96 * 1024; ///< of an ordered row in shared memory, on every GPU since sm_80
constexpr int kOrderedPairs = 8; ///< of an order, that a thread holds: rows of 16384 channels for the largest block

unsigned blocksFor(int width, bool eights)
{
    return static_cast<unsigned>(std::max(1, ceilDivide(eights ? width / 8 : width, kThreads)));
}

/// Threads of a block that has a whole row to itself.
unsigned threadsForRow(int width)
{
    return static_cast<unsigned>(std::clamp(ceilDivide(width, 8 * 32) * 32, 32, kMostThreads));
}

template <class T>
__global__ void embedKernel(const T* table, const std::int32_t* ids, T* out, int width, bool eights)
{
    releaseNext();
    waitForPrevious();
    const int token = blockIdx.y, i = blockIdx.x * blockDim.x + threadIdx.x;
    const T* from = table + static_cast<std::int64_t>(ids[token]) * width;
    T* to = out + static_cast<std::int64_t>(token) * width;
    if (eights && i < width / 8)
        reinterpret_cast<Eight<T>*>(to)[i] = reinterpret_cast<const Eight<T>*>(from)[i];
    else if (!eights && i < width)
        to[i] = from[i];
}

/// silu(gate)·up, rounded after each of the two as a 16-bit reference does.
template <class T>
__device__ T gated(T gate, T up)
{
    const float x = toFloat(gate);
    return fromFloat<T>(rounded<T>(x / (1.0f + expf(-x))) * toFloat(up));
}

template <class T>
__device__ Eight<T> gated(const Eight<T>& gate, const Eight<T>& up)
{
    Eight<T> result;
#pragma unroll
    for (int k = 0; k < 8; ++k)
        result.value[k] = gated(gate.value[k], up.value[k]);
    return result;
}

template <class T>
__global__ void siluMulKernel(const SiluMulParams params, bool eights)
{
    releaseNext();
    waitForPrevious();
    const std::int64_t token = blockIdx.y;
    const int i = blockIdx.x * blockDim.x + threadIdx.x;
    const T* gate = static_cast<const T*>(params.gate) + token * params.stride;
    const T* up = static_cast<const T*>(params.up) + token * params.stride;
    T* out = static_cast<T*>(params.out) + token * params.outStride;
    if (eights && i < params.width / 8)
        reinterpret_cast<Eight<T>*>(out)[i] =
            gated(reinterpret_cast<const Eight<T>*>(gate)[i], reinterpret_cast<const Eight<T>*>(up)[i]);
    else if (!eights && i < params.width)
        out[i] = gated(gate[i], up[i]);
}

/// A row in another order: out[j] = row[order[j]], once bring(row) has put it into shared memory. `pairs`: see
/// inPairs().
template <class T, class Bring>
__device__ void reorderRow(T* row, const std::int32_t* order, T* out, int width, bool pairs, const Bring& bring)
{
    FetchedOrder<kOrderedPairs> fetched;
    if (pairs)
        fetched.fetch(order, width);
    releaseNext();
    waitForPrevious();
    bring(row);
    __syncthreads();
    if (pairs)
        fetched.write(row, order, out, width);
    else
        writeInOrder(row, order, out, width);
}

template <class T>
__global__ void __launch_bounds__(kMostThreads)
    orderedSiluMulKernel(const SiluMulParams params, bool eights, bool pairs)
{
    extern __shared__ __align__(16) char sharedBytes[];
    const std::int64_t token = blockIdx.x;
    const T* gate = static_cast<const T*>(params.gate) + token * params.stride;
    const T* up = static_cast<const T*>(params.up) + token * params.stride;
    reorderRow(reinterpret_cast<T*>(sharedBytes), params.order, static_cast<T*>(params.out) + token * params.outStride,
               params.width, pairs, [&](T* row) {
                   const int count = eights ? params.width / 8 : params.width;
                   for (int i = threadIdx.x; i < count; i += blockDim.x)
                       if (eights)
                           reinterpret_cast<Eight<T>*>(row)[i] = gated(reinterpret_cast<const Eight<T>*>(gate)[i],
                                                                       reinterpret_cast<const Eight<T>*>(up)[i]);
                       else
                           row[i] = gated(gate[i], up[i]);
               });
}

template <class T>
__global__ void __launch_bounds__(kMostThreads) permuteKernel(const PermuteParams params, bool eights, bool pairs)
{
    extern __shared__ __align__(16) char sharedBytes[];
    const std::int64_t token = blockIdx.x;
    const T* in = static_cast<const T*>(params.in) + token * params.inStride;
    reorderRow(reinterpret_cast<T*>(sharedBytes), params.order, static_cast<T*>(params.out) + token * params.outStride,
               params.width, pairs, [&](T* row) {
                   const int count = eights ? params.width / 8 : params.width;
                   for (int i = threadIdx.x; i < count; i += blockDim.x)
                       if (eights)
                           reinterpret_cast<Eight<T>*>(row)[i] = reinterpret_cast<const Eight<T>*>(in)[i];
                       else
                           row[i] = in[i];
               });
}

template <class T>
__global__ void addBiasKernel(const AddBiasParams params)
{
    releaseNext();
    waitForPrevious();
    const int i = blockIdx.x * blockDim.x + threadIdx.x;
    T* row = static_cast<T*>(params.y) + static_cast<std::int64_t>(blockIdx.y) * params.stride;
    if (i < params.width)
        row[i] = fromFloat<T>(toFloat(row[i]) + params.bias[i]);
}

std::size_t rowBytes(int width)
{
    const std::size_t bytes = sizeof(std::uint16_t) * static_cast<std::size_t>(width);
    if (bytes > kMostRowBytes)
        throw std::invalid_argument("channels in another order: " + std::to_string(width) + " are too many");
    return bytes;
}

} // namespace

void embed(const EmbedParams& params, Stream stream)
{
    if (params.tokens < 1)
        return;
    const bool eights = inEights(params.table, params.width) && inEights(params.out, params.width);
    withElement(params.element, [&](auto element) {
        using T = decltype(element);
        launch("reading embeddings", embedKernel<T>,
               dim3(blocksFor(params.width, eights), static_cast<unsigned>(params.tokens)), dim3(kThreads), 0, stream,
               static_cast<const T*>(params.table), params.ids, static_cast<T*>(params.out), params.width, eights);
    });
}

void siluMul(const SiluMulParams& params, Stream stream)
{
    if (params.tokens < 1)
        return;
    bool eights = params.width % 8 == 0 && inEights(params.gate, params.stride) && inEights(params.up, params.stride);
    const unsigned tokens = static_cast<unsigned>(params.tokens);
    withElement(params.element, [&](auto element) {
        using T = decltype(element);
        if (params.order) {
            const std::size_t bytes = rowBytes(params.width);
            allowSharedBytes(orderedSiluMulKernel<T>, bytes);
            launch("gating in order", orderedSiluMulKernel<T>, dim3(tokens), dim3(threadsForRow(params.width)), bytes,
                   stream, params, eights, inPairs(params.order, params.out, params.outStride, params.width));
            return;
        }
        eights = eights && inEights(params.out, params.outStride);
        launch("gating", siluMulKernel<T>, dim3(blocksFor(params.width, eights), tokens), dim3(kThreads), 0, stream,
               params, eights);
    });
}

void permute(const PermuteParams& params, Stream stream)
{
    if (params.tokens < 1)
        return;
    const bool eights = params.width % 8 == 0 && inEights(params.in, params.inStride);
    withElement(params.element, [&](auto element) {
        using T = decltype(element);
        const std::size_t bytes = rowBytes(params.width);
        allowSharedBytes(permuteKernel<T>, bytes);
        launch("ordering channels", permuteKernel<T>, dim3(static_cast<unsigned>(params.tokens)),
               dim3(threadsForRow(params.width)), bytes, stream, params, eights,
               inPairs(params.order, params.out, params.outStride, params.width));
    });
}

void addBias(const AddBiasParams& params, Stream stream)
{
    if (params.rows < 1)
        return;
    withElement(params.element, [&](auto element) {
        using T = decltype(element);
        launch("adding a bias", addBiasKernel<T>,
               dim3(blocksFor(params.width, false), static_cast<unsigned>(params.rows)), dim3(kThreads), 0, stream,
               params);
    });
}

} // namespace eigenquant::kernels
