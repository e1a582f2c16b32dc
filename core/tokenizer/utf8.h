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
char32_t nextCodePoint(std::string_view text, std::size_t& offset);

/// Appends a code point as UTF-8.
void appendUtf8(std::string& text, char32_t codePoint);

/// The bytes with every maximal part of an ill-formed sequence replaced by one U+FFFD, as the Unicode
/// standard recommends (chapter 3, table 3-8) and both Rust and Python do.
std::string replaceInvalidUtf8(std::string_view bytes);

/// The White_Space property.
bool isSpace(char32_t codePoint);

} // namespace eigenquant
