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
    case StoredType::Q8_0:
        return "Q8_0";
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
    case StoredType::Q8_0:
        return {32, 2 + 32}; // f16 scale, 32 int8
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
