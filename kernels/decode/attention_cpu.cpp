// SPDX-License-Identifier: GPL-3.0-or-later
#include "kernels/decode/decode_kernels_cpu.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace eigenquant::kernels {
namespace {

/// One head of one token, as floats that are elements.
using Head = std::vector<float>;

Head headOf(const AttentionParams& params, std::int64_t row, int head)
{
    const auto* elements = static_cast<const std::uint16_t*>(params.qkv) + row * params.stride +
                           static_cast<std::int64_t>(head) * params.cache.headDim;
    Head values(static_cast<std::size_t>(params.cache.headDim));
    for (std::size_t i = 0; i < values.size(); ++i)
        values[i] = fromElement(elements[i], params.element);
    return values;
}

void rotate(Head& head, const AttentionParams& params, std::int64_t position)
{
    const auto rounded = [&](float value) { return fromElement(toElement(value, params.element), params.element); };
    const std::size_t half = head.size() / 2;
    for (std::size_t i = 0; i < half; ++i) {
        const std::size_t angle = static_cast<std::size_t>(position) * half + i;
        const float c = rounded(params.cosine[angle]), s = rounded(params.sine[angle]);
        const float x = head[i], y = head[i + half];
        head[i] = rounded(rounded(x * c) - rounded(y * s));
        head[i + half] = rounded(rounded(y * c) + rounded(x * s));
    }
}

/// Keys or values of the cache.
struct Side {
    void* data;
    float* scales;
};

void append(const Head& head, const Side& side, const AttentionParams& params, std::int64_t index)
{
    const std::size_t first = static_cast<std::size_t>(index) * head.size();
    if (params.cache.type == KvType::Same) {
        for (std::size_t i = 0; i < head.size(); ++i)
            static_cast<std::uint16_t*>(side.data)[first + i] = toElement(head[i], params.element);
        return;
    }
    float largest = kLeastKvMagnitude;
    for (const float value : head)
        largest = std::max(largest, std::fabs(value));
    const float inverse = 127.0f / largest;
    for (std::size_t i = 0; i < head.size(); ++i)
        static_cast<std::int8_t*>(side.data)[first + i] =
            static_cast<std::int8_t>(std::clamp(std::nearbyint(head[i] * inverse), -127.0f, 127.0f));
    side.scales[index] = largest / 127.0f;
}

float cached(const Side& side, const AttentionParams& params, std::int64_t index, std::size_t dim)
{
    const std::size_t at = static_cast<std::size_t>(index) * static_cast<std::size_t>(params.cache.headDim) + dim;
    if (params.cache.type == KvType::Same)
        return fromElement(static_cast<const std::uint16_t*>(side.data)[at], params.element);
    return static_cast<float>(static_cast<const std::int8_t*>(side.data)[at]) * side.scales[index];
}

/// One query against `count` keys that begin at row `first` of the cache.
Head attend(const Head& query, const Side& keys, const Side& values, const AttentionParams& params,
            std::int64_t first, std::int64_t count)
{
    const float scale = 1 / std::sqrt(static_cast<float>(query.size()));
    std::vector<float> weights(static_cast<std::size_t>(count));
    float most = -INFINITY;
    for (std::int64_t key = 0; key < count; ++key) {
        float dot = 0;
        for (std::size_t dim = 0; dim < query.size(); ++dim)
            dot += query[dim] * cached(keys, params, first + key, dim);
        weights[static_cast<std::size_t>(key)] = dot * scale;
        most = std::max(most, dot * scale);
    }
    float sum = 0;
    for (float& weight : weights)
        sum += weight = std::exp(weight - most);
    Head out(query.size(), 0.0f);
    for (std::int64_t key = 0; key < count; ++key)
        for (std::size_t dim = 0; dim < out.size(); ++dim)
            out[dim] += weights[static_cast<std::size_t>(key)] * cached(values, params, first + key, dim);
    for (float& value : out)
        value /= sum;
    return out;
}

/// Position of a new token, and whether the cache has room for it.
struct Position {
    std::int64_t row;
    bool fits;
};

Position positionOf(const AttentionParams& params, int sequence, int token)
{
    const int wanted = params.positions[sequence] + token, last = params.cache.capacity - 1;
    // A decoding step overwrites the last position where there is no room; a prefill leaves it.
    return {std::clamp(wanted, 0, last), wanted <= last || params.tokens == 1};
}

void appendToken(const AttentionParams& params, int sequence, int token)
{
    const KvCache& cache = params.cache;
    const Position position = positionOf(params, sequence, token);
    if (!position.fits)
        return;
    const std::int64_t row = static_cast<std::int64_t>(sequence) * params.tokens + token;
    for (int kvHead = 0; kvHead < cache.kvHeads; ++kvHead) {
        const std::int64_t index =
            (static_cast<std::int64_t>(sequence) * cache.kvHeads + kvHead) * cache.capacity + position.row;
        Head key = headOf(params, row, params.heads + kvHead);
        rotate(key, params, position.row);
        append(key, {cache.keys, cache.keyScales}, params, index);
        append(headOf(params, row, params.heads + cache.kvHeads + kvHead), {cache.values, cache.valueScales}, params,
               index);
    }
}

void attendToken(const AttentionParams& params, int sequence, int token)
{
    const KvCache& cache = params.cache;
    const std::int64_t position = positionOf(params, sequence, token).row;
    const std::int64_t row = static_cast<std::int64_t>(sequence) * params.tokens + token;
    for (int head = 0; head < params.heads; ++head) {
        const int kvHead = head / (params.heads / cache.kvHeads);
        const std::int64_t first = (static_cast<std::int64_t>(sequence) * cache.kvHeads + kvHead) * cache.capacity;
        Head query = headOf(params, row, head);
        rotate(query, params, position);
        const Head out = attend(query, {cache.keys, cache.keyScales}, {cache.values, cache.valueScales}, params,
                                first, position + 1);
        auto* target = static_cast<std::uint16_t*>(params.out) + row * params.outStride;
        for (int dim = 0; dim < cache.headDim; ++dim) {
            const int channel = head * cache.headDim + dim;
            target[params.places ? params.places[channel] : channel] =
                toElement(out[static_cast<std::size_t>(dim)], params.element);
        }
    }
}

} // namespace

void attentionCpu(const AttentionParams& params)
{
    for (int sequence = 0; sequence < params.sequences; ++sequence) {
        for (int token = 0; token < params.tokens; ++token)
            appendToken(params, sequence, token);
        for (int token = 0; token < params.tokens; ++token)
            attendToken(params, sequence, token);
    }
}

} // namespace eigenquant::kernels
