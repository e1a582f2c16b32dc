// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/gguf_metadata.h"

#include "core/io/printable.h"

#include <limits>
#include <type_traits>
#include <vector>

namespace eigenquant {

namespace {

/// Value types, numbered as the format numbers them.
enum class ValueType : std::uint32_t {
    UInt8,
    Int8,
    UInt16,
    Int16,
    UInt32,
    Int32,
    Float32,
    Bool,
    String,
    Array,
    UInt64,
    Int64,
    Float64
};

constexpr std::uint64_t kMaxKeyBytes = 65535;

/// How a stored number is kept: whole numbers as int64, the others as double.
template <class Stored>
using Kept = std::conditional_t<std::is_floating_point_v<Stored>, double, std::int64_t>;

template <class Stored>
Kept<Stored> readNumber(GgufCursor& cursor, const std::string& what)
{
    const auto value = cursor.number<Stored>(what);
    if constexpr (std::is_same_v<Stored, std::uint64_t>)
        if (value > std::uint64_t{std::numeric_limits<std::int64_t>::max()})
            throw cursor.failure("an integer is too large: " + what)
                .found(std::to_string(value))
                .expected("at most 2^63 - 1");
    return static_cast<Kept<Stored>>(value);
}

bool readBool(GgufCursor& cursor, const std::string& what)
{
    const auto value = cursor.number<std::uint8_t>(what);
    if (value > 1)
        throw cursor.failure("a truth value is neither 0 nor 1: " + what).found(std::to_string(value));
    return value == 1;
}

std::string readString(GgufCursor& cursor, const std::string& what)
{
    return cursor.string(what, cursor.remaining());
}

/// An array whose elements take at least `smallestBytes` each.
template <class Read>
GgufValue readElements(GgufCursor& cursor, const std::string& what, std::uint64_t smallestBytes, Read read)
{
    const std::uint64_t count = cursor.count("elements of " + what, smallestBytes);
    std::vector<std::invoke_result_t<Read, GgufCursor&, const std::string&>> values;
    values.reserve(count);
    for (std::uint64_t i = 0; i < count; ++i)
        values.push_back(read(cursor, what));
    return values;
}

template <class Stored>
GgufValue readNumbers(GgufCursor& cursor, const std::string& what)
{
    return readElements(cursor, what, sizeof(Stored), readNumber<Stored>);
}

GgufValue readArray(GgufCursor& cursor, const std::string& what)
{
    const auto type = cursor.number<std::uint32_t>("the element type of " + what);
    switch (static_cast<ValueType>(type)) {
    case ValueType::UInt8:
        return readNumbers<std::uint8_t>(cursor, what);
    case ValueType::Int8:
        return readNumbers<std::int8_t>(cursor, what);
    case ValueType::UInt16:
        return readNumbers<std::uint16_t>(cursor, what);
    case ValueType::Int16:
        return readNumbers<std::int16_t>(cursor, what);
    case ValueType::UInt32:
        return readNumbers<std::uint32_t>(cursor, what);
    case ValueType::Int32:
        return readNumbers<std::int32_t>(cursor, what);
    case ValueType::UInt64:
        return readNumbers<std::uint64_t>(cursor, what);
    case ValueType::Int64:
        return readNumbers<std::int64_t>(cursor, what);
    case ValueType::Float32:
        return readNumbers<float>(cursor, what);
    case ValueType::Float64:
        return readNumbers<double>(cursor, what);
    case ValueType::Bool:
        return readElements(cursor, what, 1, readBool);
    case ValueType::String:
        return readElements(cursor, what, 8, readString);
    case ValueType::Array:
        throw Error::unsupported("an array of arrays in the metadata")
            .file(cursor.file().string())
            .field(what)
            .expected("an array of numbers, truth values or strings");
    }
    throw cursor.failure("an unknown element type: " + what).found(std::to_string(type)).expected("0 to 12");
}

GgufValue readValue(GgufCursor& cursor, const std::string& what)
{
    const auto type = cursor.number<std::uint32_t>("the type of " + what);
    switch (static_cast<ValueType>(type)) {
    case ValueType::UInt8:
        return readNumber<std::uint8_t>(cursor, what);
    case ValueType::Int8:
        return readNumber<std::int8_t>(cursor, what);
    case ValueType::UInt16:
        return readNumber<std::uint16_t>(cursor, what);
    case ValueType::Int16:
        return readNumber<std::int16_t>(cursor, what);
    case ValueType::UInt32:
        return readNumber<std::uint32_t>(cursor, what);
    case ValueType::Int32:
        return readNumber<std::int32_t>(cursor, what);
    case ValueType::UInt64:
        return readNumber<std::uint64_t>(cursor, what);
    case ValueType::Int64:
        return readNumber<std::int64_t>(cursor, what);
    case ValueType::Float32:
        return readNumber<float>(cursor, what);
    case ValueType::Float64:
        return readNumber<double>(cursor, what);
    case ValueType::Bool:
        return readBool(cursor, what);
    case ValueType::String:
        return readString(cursor, what);
    case ValueType::Array:
        return readArray(cursor, what);
    }
    throw cursor.failure("an unknown value type: " + what).found(std::to_string(type)).expected("0 to 12");
}

} // namespace

GgufMetadata readGgufMetadata(GgufCursor& cursor, std::uint64_t count)
{
    GgufMetadata metadata;
    for (std::uint64_t i = 0; i < count; ++i) {
        std::string key = cursor.string("the key of metadata entry " + std::to_string(i), kMaxKeyBytes);
        GgufValue value = readValue(cursor, "the metadata " + printable(key));
        if (key.empty() || metadata.contains(key))
            throw cursor.failure(key.empty() ? "a metadata key is empty" : "a metadata key appears twice")
                .field(printable(key));
        metadata.emplace(std::move(key), std::move(value));
    }
    return metadata;
}

} // namespace eigenquant
