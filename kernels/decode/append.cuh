// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "kernels/decode/decode_kernels.h"
#include "kernels/decode/element.cuh"

/// Rotary positions, and one head of one token on its way into the cache. Roundings are those of a 16-bit reference
/// that computes x·cos ∓ y·sin operation by operation.
namespace eigenquant::kernels {

inline constexpr int kMostPairs = 4; ///< of a lane: 256 dimensions are 128 pairs, over 32 lanes

/// x_i and x_{i + half} of a head, rotated; cosine and sine are the position's rows [half].
template <class T>
__device__ void rotatedPair(const T* head, const float* cosine, const float* sine, int i, int half, float& low,
                            float& high)
{
    const float x = toFloat(head[i]), y = toFloat(head[i + half]);
    const float c = rounded<T>(cosine[i]), s = rounded<T>(sine[i]);
    low = rounded<T>(rounded<T>(x * c) - rounded<T>(y * s));
    high = rounded<T>(rounded<T>(y * c) + rounded<T>(x * s));
}

/// A head of one token over a warp: lane l has dimensions l + 32j and those half a head further.
struct LaneOfHead {
    float low[kMostPairs], high[kMostPairs];
};

template <class T>
__device__ LaneOfHead rotatedHead(const T* head, const float* cosine, const float* sine, int half, int lane)
{
    LaneOfHead row{};
#pragma unroll
    for (int j = 0; j < kMostPairs; ++j)
        if (lane + 32 * j < half)
            rotatedPair(head, cosine, sine, lane + 32 * j, half, row.low[j], row.high[j]);
    return row;
}

template <class T>
__device__ LaneOfHead plainHead(const T* head, int half, int lane)
{
    LaneOfHead row{};
#pragma unroll
    for (int j = 0; j < kMostPairs; ++j)
        if (lane + 32 * j < half) {
            row.low[j] = toFloat(head[lane + 32 * j]);
            row.high[j] = toFloat(head[lane + 32 * j + half]);
        }
    return row;
}

/// Replaces values by codes of -127 to 127 and returns their scale.
__device__ inline float quantizeHead(LaneOfHead& row)
{
    float largest = kLeastKvMagnitude;
#pragma unroll
    for (int j = 0; j < kMostPairs; ++j)
        largest = fmaxf(largest, fmaxf(fabsf(row.low[j]), fabsf(row.high[j])));
#pragma unroll
    for (int distance = 16; distance > 0; distance /= 2)
        largest = fmaxf(largest, __shfl_xor_sync(~0u, largest, distance));
    const float inverse = __fdiv_rn(127.0f, largest);
#pragma unroll
    for (int j = 0; j < kMostPairs; ++j) {
        row.low[j] = fminf(fmaxf(rintf(row.low[j] * inverse), -127.0f), 127.0f);
        row.high[j] = fminf(fmaxf(rintf(row.high[j] * inverse), -127.0f), 127.0f);
    }
    return __fdiv_rn(largest, 127.0f);
}

/// Writes a head to its row of the cache, and leaves in `row` what the cache holds; returns the scale of that.
template <class T, KvType Kind>
__device__ float appendHead(LaneOfHead& row, void* cache, float* scales, std::int64_t index, int half, int lane)
{
    const std::int64_t offset = index * 2 * half;
    float scale = 1;
    if constexpr (Kind == KvType::Int8) {
        scale = quantizeHead(row);
        if (lane == 0)
            scales[index] = scale;
    }
#pragma unroll
    for (int j = 0; j < kMostPairs; ++j) {
        const int i = lane + 32 * j;
        if (i >= half)
            break;
        if constexpr (Kind == KvType::Int8) {
            auto* codes = static_cast<signed char*>(cache) + offset;
            codes[i] = static_cast<signed char>(row.low[j]);
            codes[i + half] = static_cast<signed char>(row.high[j]);
        } else {
            T* elements = static_cast<T*>(cache) + offset;
            elements[i] = fromFloat<T>(row.low[j]);
            elements[i + half] = fromFloat<T>(row.high[j]);
        }
    }
    return scale;
}

} // namespace eigenquant::kernels
