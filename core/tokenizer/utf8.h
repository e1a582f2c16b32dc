// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace eigenquant {

/// The bytes of the UTF-8 character that begins with `lead`, in text proved valid.
constexpr std::size_t utf8Length(unsigned char lead)
{
    return lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
}

/// The code point at `offset` of valid UTF-8; moves `offset` behind it.
inline char32_t nextCodePoint(std::string_view text, std::size_t& offset)
{
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const unsigned char lead = byte(offset);
    if (lead < 0x80)
        return byte(offset++);
    const std::size_t length = utf8Length(lead);
    char32_t value = lead & (0xff >> (length + 1));
    for (std::size_t i = 1; i < length; ++i)
        value = value << 6 | (byte(offset + i) & 0x3f);
    offset += length;
    return value;
}

void appendLongUtf8(std::string& text, char32_t codePoint);

/// Appends a code point as UTF-8.
inline void appendUtf8(std::string& text, char32_t codePoint)
{
    if (codePoint < 0x80)
        text += static_cast<char>(codePoint);
    else
        appendLongUtf8(text, codePoint);
}

/// The bytes with every maximal part of an ill-formed sequence replaced by one U+FFFD, as the Unicode
/// standard recommends (chapter 3, table 3-8) and both Rust and Python do.
std::string replaceInvalidUtf8(std::string_view bytes);

/// The White_Space property.
constexpr bool isSpace(char32_t c)
{
    if (c < 0x80)
        return (c >= 0x9 && c <= 0xd) || c == 0x20;
    return c == 0x85 || c == 0xa0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200a) || c == 0x2028 || c == 0x2029 ||
           c == 0x202f || c == 0x205f || c == 0x3000;
}

} // namespace eigenquant
