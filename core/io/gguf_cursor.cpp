// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/gguf_cursor.h"

#include "core/io/text_file.h"

namespace eigenquant {

GgufCursor::GgufCursor(std::span<const std::byte> bytes, std::filesystem::path file)
    : m_bytes(bytes), m_file(std::move(file))
{
}

Error GgufCursor::failure(std::string summary) const
{
    return Error::invalid(std::move(summary) + " (near byte " + std::to_string(m_position) + ")")
        .file(m_file.string());
}

std::span<const std::byte> GgufCursor::take(std::uint64_t count, const std::string& what)
{
    if (count > remaining())
        throw failure("the file ends inside " + what)
            .found(std::to_string(remaining()) + " bytes")
            .expected(std::to_string(count) + " bytes")
            .hint("the file is truncated or corrupt: download it again");
    const auto taken = m_bytes.subspan(m_position, count);
    m_position += count;
    return taken;
}

std::string GgufCursor::string(const std::string& what, std::uint64_t limit)
{
    const auto length = number<std::uint64_t>("the length of " + what);
    if (length > limit)
        throw failure("a string is too long: " + what)
            .found(std::to_string(length) + " bytes")
            .expected("at most " + std::to_string(limit));
    const auto bytes = take(length, what);
    std::string text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    if (firstInvalidUtf8(text) != std::string::npos)
        throw failure("a string is not UTF-8: " + what);
    return text;
}

std::uint64_t GgufCursor::count(const std::string& what, std::uint64_t smallestBytes)
{
    const auto value = number<std::uint64_t>("the number of " + what);
    if (value > remaining() / smallestBytes)
        throw failure("more " + what + " than the file can hold")
            .found(std::to_string(value))
            .expected("at most " + std::to_string(remaining() / smallestBytes));
    return value;
}

} // namespace eigenquant
