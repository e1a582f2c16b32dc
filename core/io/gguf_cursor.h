// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <span>
#include <string>
#include <utility>

namespace eigenquant {

/// Walks through the little-endian fields of a file and proves each to lie inside it before reading.
/// Every failure is an Error::invalid that names the file, the byte offset and what was being read.
class GgufCursor {
public:
    GgufCursor(std::span<const std::byte> bytes, std::filesystem::path file);

    std::uint64_t position() const { return m_position; }
    std::uint64_t remaining() const { return m_bytes.size() - m_position; }
    const std::filesystem::path& file() const { return m_file; }

    /// The next `count` bytes; `what` is for the message.
    std::span<const std::byte> take(std::uint64_t count, const std::string& what);

    template <class T>
    T number(const std::string& what)
    {
        T value;
        std::memcpy(&value, take(sizeof value, what).data(), sizeof value);
        return value;
    }

    /// A length of 64 bits and so many bytes, at most `limit`, of UTF-8.
    std::string string(const std::string& what, std::uint64_t limit);

    /// A count of things that take at least `smallestBytes` each, proved to fit into what is left.
    std::uint64_t count(const std::string& what, std::uint64_t smallestBytes);

    Error failure(std::string summary) const;

private:
    std::span<const std::byte> m_bytes;
    std::uint64_t m_position = 0;
    std::filesystem::path m_file;
};

} // namespace eigenquant
