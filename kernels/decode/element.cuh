// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "kernels/common/half.h"

#include <cuda_bf16.h>
#include <cuda_fp16.h>

#include <cstdint>
#include <cstring>

/// The two 16-bit floats on the device, T being __half or __nv_bfloat16, and vectors of eight of them (16 bytes).
namespace eigenquant::kernels {

__device__ inline float toFloat(__half value)
{
    return __half2float(value);
}

__device__ inline float toFloat(__nv_bfloat16 value)
{
    return __bfloat162float(value);
}

template <class T>
__device__ T fromFloat(float value);

template <>
__device__ inline __half fromFloat<__half>(float value)
{
    return __float2half_rn(value);
}

template <>
__device__ inline __nv_bfloat16 fromFloat<__nv_bfloat16>(float value)
{
    return __float2bfloat16_rn(value);
}

/// The element next to a value, as a float: what a 16-bit reference holds after each of its operations.
template <class T>
__device__ float rounded(float value)
{
    return toFloat(fromFloat<T>(value));
}

/// Two elements in a word, `low` in the lower half.
template <class T>
__device__ std::uint32_t packPair(float low, float high);

template <>
__device__ inline std::uint32_t packPair<__half>(float low, float high)
{
    const __half2 pair = __floats2half2_rn(low, high);
    std::uint32_t word;
    memcpy(&word, &pair, sizeof word);
    return word;
}

template <>
__device__ inline std::uint32_t packPair<__nv_bfloat16>(float low, float high)
{
    const __nv_bfloat162 pair = __floats2bfloat162_rn(low, high);
    std::uint32_t word;
    memcpy(&word, &pair, sizeof word);
    return word;
}

/// Eight elements, read and written as 16 bytes.
template <class T>
struct alignas(16) Eight {
    T value[8];
};

/// Calls work(T{}) with the element type that is meant.
template <class Work>
void withElement(Element element, const Work& work)
{
    if (element == Element::F16)
        work(__half{});
    else
        work(__nv_bfloat16{});
}

constexpr int ceilDivide(int value, int by)
{
    return (value + by - 1) / by;
}

/// Whether rows at these addresses and strides may be read 16 bytes at a time.
inline bool inEights(const void* data, std::int64_t stride)
{
    return reinterpret_cast<std::uintptr_t>(data) % 16 == 0 && stride % 8 == 0;
}

} // namespace eigenquant::kernels
