// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tokenizer/utf8.h"

namespace eigenquant {

/// Of a code point outside ASCII.
void appendLongUtf8(std::string& text, char32_t codePoint)
{
    const auto tail = [&](int shift) { text += static_cast<char>(0x80 | (codePoint >> shift & 0x3f)); };
    if (codePoint < 0x800) {
        text += static_cast<char>(0xc0 | codePoint >> 6);
        tail(0);
    } else if (codePoint < 0x10000) {
        text += static_cast<char>(0xe0 | codePoint >> 12);
        tail(6);
        tail(0);
    } else {
        text += static_cast<char>(0xf0 | codePoint >> 18);
        tail(12);
        tail(6);
        tail(0);
    }
}

namespace {

struct SequenceRule {
    std::size_t length;        ///< 0: no sequence begins with this byte
    unsigned char low, high;   ///< what the second byte may be
};

/// Table 3-7 of the Unicode standard: well-formed UTF-8 byte sequences.
SequenceRule ruleOf(unsigned char lead)
{
    if (lead < 0x80)
        return {1, 0, 0};
    if (lead < 0xc2 || lead > 0xf4)
        return {0, 0, 0};
    if (lead < 0xe0)
        return {2, 0x80, 0xbf};
    if (lead < 0xf0)
        return {3, static_cast<unsigned char>(lead == 0xe0 ? 0xa0 : 0x80),
                static_cast<unsigned char>(lead == 0xed ? 0x9f : 0xbf)};
    return {4, static_cast<unsigned char>(lead == 0xf0 ? 0x90 : 0x80),
            static_cast<unsigned char>(lead == 0xf4 ? 0x8f : 0xbf)};
}

/// How many bytes at `offset` are a beginning of a well-formed sequence; at least one.
std::size_t wellFormedPart(std::string_view bytes, std::size_t offset, const SequenceRule& rule)
{
    std::size_t part = 1;
    while (part < rule.length && offset + part < bytes.size()) {
        const auto byte = static_cast<unsigned char>(bytes[offset + part]);
        if (byte < (part == 1 ? rule.low : 0x80) || byte > (part == 1 ? rule.high : 0xbf))
            break;
        ++part;
    }
    return part;
}

} // namespace

std::string replaceInvalidUtf8(std::string_view bytes)
{
    std::string text;
    text.reserve(bytes.size());
    for (std::size_t offset = 0; offset < bytes.size();) {
        const SequenceRule rule = ruleOf(static_cast<unsigned char>(bytes[offset]));
        const std::size_t part = wellFormedPart(bytes, offset, rule);
        if (part == rule.length)
            text.append(bytes.substr(offset, part));
        else
            text.append("\xef\xbf\xbd");
        offset += part;
    }
    return text;
}

} // namespace eigenquant
