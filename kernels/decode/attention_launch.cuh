// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "kernels/decode/attention_split.h"
#include "kernels/decode/decode_kernels.h"
#include "kernels/decode/element.cuh"

#include <type_traits>

/// The two ways to attend, one file each, and the choice of their template parameters.
namespace eigenquant::kernels {

/// One new token a sequence.
void decodeAttention(const AttentionParams& params, const GpuTraits& gpu, Stream stream);
/// Several.
void prefillAttention(const AttentionParams& params, Stream stream);

template <int Value>
using Constant = std::integral_constant<int, Value>;
template <KvType Kind>
using KvConstant = std::integral_constant<KvType, Kind>;

/// Calls work(T{}, KvConstant<…>{}, Constant<chunks of 64 of a head>{}).
template <class Work>
void withAttentionTypes(const AttentionParams& params, const Work& work)
{
    withElement(params.element, [&](auto element) {
        const auto withKind = [&](auto kind) {
            switch (ceilDivide(params.cache.headDim, kDimChunk)) {
            case 1:
                return work(element, kind, Constant<1>{});
            case 2:
                return work(element, kind, Constant<2>{});
            case 3:
                return work(element, kind, Constant<3>{});
            default:
                return work(element, kind, Constant<4>{});
            }
        };
        if (params.cache.type == KvType::Int8)
            withKind(KvConstant<KvType::Int8>{});
        else
            withKind(KvConstant<KvType::Same>{});
    });
}

/// Of scores: 1/√headDim, and log2 e since the softmax is in base 2.
inline float scoreScale2(int headDim)
{
    return 1.4426950408889634f / std::sqrt(static_cast<float>(headDim));
}

} // namespace eigenquant::kernels
