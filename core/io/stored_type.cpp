// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/stored_type.h"

#include "core/base/error.h"

#include <algorithm>

namespace eigenquant {

std::string_view name(StoredType type)
{
    switch (type) {
    case StoredType::F64:
        return "F64";
    case StoredType::F32:
        return "F32";
    case StoredType::F16:
        return "F16";
    case StoredType::BF16:
        return "BF16";
    case StoredType::I64:
        return "I64";
    case StoredType::I32:
        return "I32";
    case StoredType::I16:
        return "I16";
    case StoredType::I8:
        return "I8";
    case StoredType::U8:
        return "U8";
    case StoredType::Bool:
        return "BOOL";
    case StoredType::Q4_0:
        return "Q4_0";
    case StoredType::Q4_1:
        return "Q4_1";
    case StoredType::Q5_0:
        return "Q5_0";
    case StoredType::Q5_1:
        return "Q5_1";
    case StoredType::Q8_0:
        return "Q8_0";
    case StoredType::Q2_K:
        return "Q2_K";
    case StoredType::Q3_K:
        return "Q3_K";
    case StoredType::Q4_K:
        return "Q4_K";
    case StoredType::Q5_K:
        return "Q5_K";
    case StoredType::Q6_K:
        return "Q6_K";
    case StoredType::Q8_K:
        return "Q8_K";
    case StoredType::IQ4_NL:
        return "IQ4_NL";
    case StoredType::IQ4_XS:
        return "IQ4_XS";
    }
    throw Error::internal("a tensor type out of its range");
}

TypeLayout layoutOf(StoredType type)
{
    switch (type) {
    case StoredType::F64:
    case StoredType::I64:
        return {1, 8};
    case StoredType::F32:
    case StoredType::I32:
        return {1, 4};
    case StoredType::F16:
    case StoredType::BF16:
    case StoredType::I16:
        return {1, 2};
    case StoredType::I8:
    case StoredType::U8:
    case StoredType::Bool:
        return {1, 1};
    case StoredType::Q4_0:
        return {32, 2 + 16}; // f16 scale, 32 nibbles
    case StoredType::Q4_1:
        return {32, 2 + 2 + 16}; // f16 scale, f16 minimum, 32 nibbles
    case StoredType::Q5_0:
        return {32, 2 + 4 + 16}; // f16 scale, 32 high bits, 32 nibbles
    case StoredType::Q5_1:
        return {32, 2 + 2 + 4 + 16}; // f16 scale, f16 minimum, 32 high bits, 32 nibbles
    case StoredType::Q8_0:
        return {32, 2 + 32}; // f16 scale, 32 int8
    case StoredType::Q2_K:
        return {256, 16 + 64 + 2 + 2}; // 16 scales and minima of 4 bits, codes, f16 scale and minimum
    case StoredType::Q3_K:
        return {256, 32 + 64 + 12 + 2}; // high bits, low bits, 16 scales of 6 bits, f16 scale
    case StoredType::Q4_K:
        return {256, 2 + 2 + 12 + 128}; // f16 scale and minimum, 8 scales and minima of 6 bits, nibbles
    case StoredType::Q5_K:
        return {256, 2 + 2 + 12 + 32 + 128}; // the same with high bits in front of the nibbles
    case StoredType::Q6_K:
        return {256, 128 + 64 + 16 + 2}; // nibbles, high bits, 16 int8 scales, f16 scale
    case StoredType::Q8_K:
        return {256, 4 + 256 + 32}; // f32 scale, 256 int8, sums of 16
    case StoredType::IQ4_NL:
        return {32, 2 + 16}; // f16 scale, 32 nibbles
    case StoredType::IQ4_XS:
        return {256, 2 + 2 + 4 + 128}; // f16 scale, 8 scales of 6 bits, nibbles
    }
    throw Error::internal("a tensor type out of its range");
}

std::uint64_t storedBytes(StoredType type, std::uint64_t count)
{
    const TypeLayout layout = layoutOf(type);
    if (count % layout.blockValues != 0)
        throw Error::internal("a count of " + std::string(name(type)) +
                              " values that is no multiple of its block");
    return count / layout.blockValues * layout.blockBytes;
}

std::int64_t StoredTensor::count() const
{
    std::int64_t product = 1;
    for (const std::int64_t dimension : shape)
        product *= dimension;
    return product;
}

std::optional<std::int64_t> checkedCount(std::span<const std::int64_t> shape)
{
    std::int64_t product = 1;
    for (const std::int64_t dimension : shape)
        if (__builtin_mul_overflow(product, std::max<std::int64_t>(dimension, 1), &product))
            return std::nullopt;
    return std::ranges::find(shape, 0) == shape.end() ? product : 0;
}

std::optional<std::uint64_t> checkedBytes(StoredType type, std::span<const std::int64_t> shape)
{
    const TypeLayout layout = layoutOf(type);
    const std::optional<std::int64_t> count = checkedCount(shape);
    std::uint64_t bytes = 0;
    if (!count || __builtin_mul_overflow(static_cast<std::uint64_t>(*count) / layout.blockValues,
                                         std::uint64_t{layout.blockBytes}, &bytes))
        return std::nullopt;
    return bytes;
}

std::string shapeText(std::span<const std::int64_t> shape)
{
    std::string text = "[";
    for (const std::int64_t dimension : shape) {
        if (text.size() > 1)
            text += ", ";
        text += std::to_string(dimension);
    }
    return text + "]";
}

} // namespace eigenquant
