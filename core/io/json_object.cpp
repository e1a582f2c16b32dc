// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/strict_json.h"

#include "core/base/error.h"
#include "core/io/printable.h"

#include <limits>
#include <utility>

namespace eigenquant {

namespace {

using nlohmann::json;

/// A value as a message shows it: containers by their kind, the rest as written.
std::string describe(const json& value)
{
    if (value.is_object())
        return "an object";
    if (value.is_array())
        return "an array of " + std::to_string(value.size()) + " values";
    return printable(value.dump(), 60);
}

Error wrongType(const JsonObject& object, std::string_view key, const json& value, std::string expected)
{
    return Error::invalid("the value is of the wrong kind")
        .file(object.source().string())
        .field(printable(object.fieldName(key)))
        .found(describe(value))
        .expected(std::move(expected));
}

Error missing(const JsonObject& object, std::string_view key)
{
    return Error::invalid("the key is missing")
        .file(object.source().string())
        .field(printable(object.fieldName(key)));
}

std::int64_t toInteger(const JsonObject& object, std::string_view key, const json& value, std::int64_t low,
                       std::int64_t high)
{
    const std::string range = "an integer from " + std::to_string(low) + " to " + std::to_string(high);
    if (!value.is_number_integer())
        throw wrongType(object, key, value, range);
    // A conversion of a larger unsigned number would wrap around silently.
    const bool wraps = value.is_number_unsigned() &&
                       value.get<std::uint64_t>() > std::uint64_t{std::numeric_limits<std::int64_t>::max()};
    const std::int64_t number = wraps ? 0 : value.get<std::int64_t>();
    if (wraps || number < low || number > high)
        throw Error::invalid("the value is out of range")
            .file(object.source().string())
            .field(printable(object.fieldName(key)))
            .found(describe(value))
            .expected(range);
    return number;
}

double toNumber(const JsonObject& object, std::string_view key, const json& value)
{
    if (!value.is_number())
        throw wrongType(object, key, value, "a number");
    return value.get<double>();
}

std::string toString(const JsonObject& object, std::string_view key, const json& value)
{
    if (!value.is_string())
        throw wrongType(object, key, value, "a string");
    return value.get<std::string>();
}

} // namespace

JsonObject::JsonObject(const json& value, std::filesystem::path source, std::string where)
    : m_value(value), m_source(std::move(source)), m_where(std::move(where))
{
    if (value.is_object())
        return;
    Error error = Error::invalid("the value is of the wrong kind");
    error.file(m_source.string()).found(describe(value)).expected("an object");
    if (!m_where.empty())
        error.field(printable(m_where.substr(0, m_where.size() - 1)));
    throw error;
}

const json* JsonObject::member(std::string_view key) const
{
    const auto found = m_value.find(key);
    return found == m_value.end() || found->is_null() ? nullptr : &*found;
}

bool JsonObject::has(std::string_view key) const
{
    return member(key) != nullptr;
}

std::int64_t JsonObject::getInteger(std::string_view key, std::int64_t low, std::int64_t high) const
{
    if (const json* value = member(key))
        return toInteger(*this, key, *value, low, high);
    throw missing(*this, key);
}

std::int64_t JsonObject::getIntegerOr(std::string_view key, std::int64_t fallback, std::int64_t low,
                                      std::int64_t high) const
{
    const json* value = member(key);
    return value ? toInteger(*this, key, *value, low, high) : fallback;
}

double JsonObject::getNumber(std::string_view key) const
{
    if (const json* value = member(key))
        return toNumber(*this, key, *value);
    throw missing(*this, key);
}

double JsonObject::getNumberOr(std::string_view key, double fallback) const
{
    const json* value = member(key);
    return value ? toNumber(*this, key, *value) : fallback;
}

bool JsonObject::getBoolOr(std::string_view key, bool fallback) const
{
    const json* value = member(key);
    if (!value)
        return fallback;
    if (!value->is_boolean())
        throw wrongType(*this, key, *value, "true or false");
    return value->get<bool>();
}

std::string JsonObject::getString(std::string_view key) const
{
    if (const json* value = member(key))
        return toString(*this, key, *value);
    throw missing(*this, key);
}

std::string JsonObject::getStringOr(std::string_view key, std::string fallback) const
{
    const json* value = member(key);
    return value ? toString(*this, key, *value) : fallback;
}

JsonObject JsonObject::getObject(std::string_view key) const
{
    if (const json* value = member(key))
        return {*value, m_source, fieldName(key) + "."};
    throw missing(*this, key);
}

const json& JsonObject::getArray(std::string_view key) const
{
    const json* value = member(key);
    if (!value)
        throw missing(*this, key);
    if (!value->is_array())
        throw wrongType(*this, key, *value, "an array");
    return *value;
}

} // namespace eigenquant
