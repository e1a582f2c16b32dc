// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <nlohmann/json.hpp>

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

namespace eigenquant {

/// What an untrusted JSON text may hold.
struct JsonLimits {
    int depth = 64;
    std::uint64_t bytes = 256ull << 20;
};

/// Parses JSON that nobody vouches for: doubled keys, anything behind the value, NUL bytes, invalid
/// UTF-8, too deep nesting and non-finite numbers are refused. `source` is the file named in the
/// error (Error::invalid with the line or byte offset).
nlohmann::json parseStrictJson(std::string_view text, const std::filesystem::path& source, JsonLimits limits = {});

/// Typed members of an untrusted object, with the error naming source and key. `get…` throws
/// Error::invalid when the key is missing; the `…Or` forms take a default for a missing key or null.
/// A member of another type, or an integer outside [low, high], is always an error.
class JsonObject {
public:
    /// `where` prefixes keys in messages, e.g. "rope_scaling."; `value` must outlive this.
    JsonObject(const nlohmann::json& value, std::filesystem::path source, std::string where = {});

    bool has(std::string_view key) const; ///< present and not null
    std::int64_t getInteger(std::string_view key, std::int64_t low, std::int64_t high) const;
    std::int64_t getIntegerOr(std::string_view key, std::int64_t fallback, std::int64_t low, std::int64_t high) const;
    double getNumber(std::string_view key) const;
    double getNumberOr(std::string_view key, double fallback) const;
    bool getBoolOr(std::string_view key, bool fallback) const;
    std::string getString(std::string_view key) const;
    std::string getStringOr(std::string_view key, std::string fallback) const;
    JsonObject getObject(std::string_view key) const;
    const nlohmann::json& getArray(std::string_view key) const;
    const nlohmann::json& raw() const { return m_value; }
    const std::filesystem::path& source() const { return m_source; }
    std::string fieldName(std::string_view key) const { return m_where + std::string(key); }

private:
    const nlohmann::json* member(std::string_view key) const;
    const nlohmann::json& m_value;
    std::filesystem::path m_source;
    std::string m_where;
};

} // namespace eigenquant
