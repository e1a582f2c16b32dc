// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <bit>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace eigenquant::testing {

/// Writes the metadata of a GGUF v3 file without tensors.
class GgufBytes {
public:
    GgufBytes& text(std::string_view key, std::string_view value) { return entry(key, 8), string(value); }
    GgufBytes& number(std::string_view key, std::uint32_t value) { return entry(key, 4), integer(value); }
    GgufBytes& flag(std::string_view key, bool value)
    {
        entry(key, 7);
        m_body += static_cast<char>(value);
        return *this;
    }
    GgufBytes& texts(std::string_view key, const std::vector<std::string>& values)
    {
        array(key, 8, values.size());
        for (const auto& value : values)
            string(value);
        return *this;
    }
    GgufBytes& numbers(std::string_view key, const std::vector<std::int32_t>& values)
    {
        array(key, 5, values.size());
        for (const auto value : values)
            integer(value);
        return *this;
    }
    GgufBytes& reals(std::string_view key, const std::vector<float>& values)
    {
        array(key, 6, values.size());
        for (const auto value : values)
            integer(std::bit_cast<std::uint32_t>(value));
        return *this;
    }

    std::string bytes() const
    {
        GgufBytes header;
        header.m_body = "GGUF";
        header.integer(std::uint32_t{3}).integer(std::uint64_t{0}).integer(m_entries);
        return header.m_body + m_body;
    }

private:
    template <typename Integer> GgufBytes& integer(Integer value)
    {
        for (std::size_t i = 0; i < sizeof value; ++i)
            m_body += static_cast<char>(static_cast<std::uint64_t>(value) >> (8 * i));
        return *this;
    }
    GgufBytes& string(std::string_view value)
    {
        integer(std::uint64_t{value.size()});
        m_body += value;
        return *this;
    }
    GgufBytes& entry(std::string_view key, std::uint32_t type)
    {
        ++m_entries;
        return string(key).integer(type);
    }
    GgufBytes& array(std::string_view key, std::uint32_t type, std::size_t size)
    {
        return entry(key, 9).integer(type).integer(std::uint64_t{size});
    }

    std::string m_body;
    std::uint64_t m_entries = 0;
};

} // namespace eigenquant::testing
