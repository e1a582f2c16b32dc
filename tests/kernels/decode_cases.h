// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "kernels/decode/decode_kernels.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>
#include <string>
#include <vector>

/// Inputs that the tests of decode kernels share, on the host.
namespace eigenquant::tests {

using Bits = std::vector<std::uint16_t>;
using kernels::Element;
using kernels::KvType;

inline std::string nameOf(Element element)
{
    return element == Element::F16 ? "F16" : "BF16";
}

class Numbers {
public:
    explicit Numbers(std::uint32_t seed) : m_engine(seed) {}

    /// Even over [-span, span].
    float even(float span) { return span * (static_cast<float>(m_engine() >> 8) * 0x1p-23f - 1); }
    Bits elements(std::size_t count, Element element, float span = 1)
    {
        Bits bits(count);
        for (std::uint16_t& value : bits)
            value = kernels::toElement(even(span), element);
        return bits;
    }
    std::vector<float> floats(std::size_t count, float span = 1)
    {
        std::vector<float> values(count);
        for (float& value : values)
            value = even(span);
        return values;
    }
    std::vector<std::int32_t> order(int count)
    {
        std::vector<std::int32_t> values(static_cast<std::size_t>(count));
        std::iota(values.begin(), values.end(), 0);
        for (std::size_t i = values.size(); i > 1; --i)
            std::swap(values[i - 1], values[m_engine() % i]);
        return values;
    }
    std::uint32_t bits() { return static_cast<std::uint32_t>(m_engine()); }

private:
    std::mt19937 m_engine;
};

struct AttentionCase {
    int sequences, tokens, heads, kvHeads, headDim, capacity;
    std::vector<std::int32_t> positions; ///< of the sequences in turn, repeated
    int longest;
    KvType type;
    Element element;

    std::string name() const
    {
        return std::to_string(sequences) + " sequences x " + std::to_string(tokens) + " tokens, " +
               std::to_string(heads) + "/" + std::to_string(kvHeads) + " heads of " + std::to_string(headDim) +
               ", first position " + std::to_string(positions.front()) + ", longest " + std::to_string(longest) +
               (type == KvType::Int8 ? ", INT8 cache, " : ", ") + nameOf(element);
    }
};

/// All memory of one case. What the cache holds from the first new position on is not a number.
struct AttentionData {
    AttentionCase shape;
    Bits qkv, out;
    std::int64_t stride, outStride;
    std::vector<float> cosine, sine, keyScales, valueScales;
    std::vector<std::uint8_t> keys, values;
    std::vector<std::int32_t> positions;

    explicit AttentionData(const AttentionCase& from, std::uint32_t seed) : shape(from)
    {
        Numbers numbers(seed);
        const auto size = [](std::int64_t count) { return static_cast<std::size_t>(count); };
        const std::int64_t rows = std::int64_t{shape.sequences} * shape.tokens;
        stride = std::int64_t{shape.heads + 2 * shape.kvHeads} * shape.headDim + 3;
        outStride = std::int64_t{shape.heads} * shape.headDim + 8;
        qkv = numbers.elements(size(rows * stride), shape.element, 2);
        out.assign(size(rows * outStride), 0x3c00);
        for (int position = 0; position < shape.capacity; ++position)
            for (int i = 0; i < shape.headDim / 2; ++i) {
                const double angle = position * std::pow(10000.0, -2.0 * i / shape.headDim);
                cosine.push_back(static_cast<float>(std::cos(angle)));
                sine.push_back(static_cast<float>(std::sin(angle)));
            }
        for (int s = 0; s < shape.sequences; ++s)
            positions.push_back(shape.positions[size(s) % shape.positions.size()]);
        fillCache(numbers, keys, keyScales);
        fillCache(numbers, values, valueScales);
    }

    kernels::AttentionParams params()
    {
        kernels::AttentionParams p{};
        p.qkv = qkv.data();
        p.stride = stride;
        p.cosine = cosine.data();
        p.sine = sine.data();
        p.cache = {keys.data(),   values.data(),  keyScales.data(), valueScales.data(),
                   shape.type,    shape.kvHeads,  shape.headDim,    shape.capacity};
        p.positions = positions.data();
        p.out = out.data();
        p.outStride = outStride;
        p.sequences = shape.sequences;
        p.tokens = shape.tokens;
        p.heads = shape.heads;
        p.longest = shape.longest;
        p.element = shape.element;
        return p;
    }

private:
    void fillCache(Numbers& numbers, std::vector<std::uint8_t>& side, std::vector<float>& scales)
    {
        for (int s = 0; s < shape.sequences; ++s)
            for (int row = 0; row < shape.kvHeads * shape.capacity; ++row) {
                const bool past = row % shape.capacity < positions[static_cast<std::size_t>(s)];
                scales.push_back(past ? (1.5f + numbers.even(1)) / 127 : NAN);
                for (int i = 0; i < shape.headDim; ++i)
                    if (shape.type == KvType::Int8) {
                        side.push_back(past ? static_cast<std::uint8_t>(numbers.bits() % 255 - 127) : 0x80);
                    } else {
                        const std::uint16_t bits =
                            past ? kernels::toElement(numbers.even(2), shape.element) : std::uint16_t{0x7fff};
                        side.push_back(static_cast<std::uint8_t>(bits));
                        side.push_back(static_cast<std::uint8_t>(bits >> 8));
                    }
            }
    }
};

/// What is wrong with `placed`, which must be `natural` with each channel of the heads at its place and the rest as it
/// was; empty if nothing is.
inline std::string misplaced(const AttentionData& data, const Bits& natural, const Bits& placed,
                             const std::vector<std::int32_t>& places)
{
    for (std::size_t i = 0; i < natural.size(); ++i) {
        const auto stride = static_cast<std::size_t>(data.outStride);
        const std::size_t row = i / stride, channel = i % stride;
        const std::size_t place = channel < places.size() ? static_cast<std::size_t>(places[channel]) : channel;
        if (placed[row * stride + place] != natural[i])
            return "row " + std::to_string(row) + " channel " + std::to_string(channel) + " is not at " +
                   std::to_string(place) + ": found bits " + std::to_string(placed[row * stride + place]) +
                   ", expected " + std::to_string(natural[i]);
    }
    return {};
}

inline std::vector<AttentionCase> attentionCases()
{
    std::vector<AttentionCase> cases;
    for (const Element element : {Element::F16, Element::BF16})
        for (const KvType type : {KvType::Same, KvType::Int8}) {
            const auto add = [&](int sequences, int tokens, int heads, int kvHeads, int headDim, int capacity,
                                 std::vector<std::int32_t> positions, int longest) {
                cases.push_back({sequences, tokens, heads, kvHeads, headDim, capacity, std::move(positions), longest,
                                 type, element});
            };
            // Decoding: no past, one key, borders of tiles and of warps' rounds, no split.
            add(9, 1, 32, 32, 128, 300, {0, 1, 15, 16, 17, 63, 64, 65, 127, 128, 200, 299}, 300);
            add(64, 1, 32, 32, 128, 160, {128}, 160);
            // Split over blocks: lengths that use all, some and one of them.
            add(1, 1, 32, 32, 128, 1100, {1023}, 1100);
            add(3, 1, 4, 4, 128, 1100, {1050, 70, 0}, 1100);
            add(2, 1, 2, 1, 64, 5000, {4999, 4097}, 5000);
            // Grouped heads: one tile of queries, two, and more than a block has.
            add(3, 1, 9, 3, 64, 200, {31, 150, 199}, 200);
            add(2, 1, 32, 8, 128, 200, {100, 199}, 200);
            add(2, 1, 24, 2, 128, 200, {100, 3}, 200);
            add(2, 1, 71, 1, 64, 300, {290, 33}, 300);
            // Heads of every number of chunks, whole or not.
            for (const int headDim : {32, 40, 72, 80, 96, 112, 160, 192, 200, 256})
                add(2, 1, 4, 2, headDim, 150, {149, 20}, 150);
            add(2, 1, 12, 1, 256, 150, {149, 20}, 150);
            add(2, 1, 10, 1, 168, 150, {149, 20}, 150);
            // Prefills: from nothing, onto a past, ragged against tiles of 64 and 16 rows.
            add(2, 128, 4, 4, 128, 128, {0}, 128);
            add(2, 37, 4, 4, 128, 200, {0, 100}, 200);
            add(1, 130, 9, 3, 64, 300, {50}, 300);
            add(2, 2, 8, 1, 128, 100, {97, 98}, 100);
            for (const int headDim : {32, 40, 80, 96, 136, 192, 256})
                add(1, 70, 4, 2, headDim, 120, {33}, 120);
        }
    return cases;
}

} // namespace eigenquant::tests
