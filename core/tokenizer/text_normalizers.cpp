// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tokenizer/text_normalizers.h"

#include "core/tokenizer/byte_alphabet.h"
#include "core/tokenizer/character_set.h"
#include "core/tokenizer/character_tables.h"
#include "core/tokenizer/utf8.h"

#include <utf8proc.h>

#include <algorithm>
#include <iterator>

namespace eigenquant {

namespace {

/// Calls onCharacter(out, code point) for every character; what it appends becomes the text.
template <typename OnCharacter> std::string mapped(std::string_view text, OnCharacter&& onCharacter)
{
    std::string out;
    out.reserve(text.size());
    for (std::size_t offset = 0; offset < text.size();)
        onCharacter(out, nextCodePoint(text, offset));
    return out;
}

std::string without(std::string_view text, const CharacterSet& removed)
{
    return mapped(text, [&](std::string& out, char32_t c) {
        if (!removed.has(c))
            appendUtf8(out, c);
    });
}

void appendLowercase(std::string& out, char32_t c)
{
    if (c < 0x80) {
        out += static_cast<char>(c >= 'A' && c <= 'Z' ? c + 0x20 : c);
        return;
    }
    if (c == 0x130) { // the one letter whose small form is two characters: a dotted i
        out += "i\xcc\x87";
        return;
    }
    const auto* const young =
        std::lower_bound(std::begin(kYoungLowercase), std::end(kYoungLowercase), c,
                         [](const CodePointRange& pair, char32_t value) { return pair.first < value; });
    if (young != std::end(kYoungLowercase) && young->first == c)
        return appendUtf8(out, young->last);
    appendUtf8(out, static_cast<char32_t>(utf8proc_tolower(static_cast<utf8proc_int32_t>(c))));
}

bool isNmtControl(char32_t c)
{
    return (c >= 0x1 && c <= 0x8) || c == 0xb || (c >= 0xe && c <= 0x1f) || c == 0x7f || c == 0x8f || c == 0x9f;
}

bool isNmtSpace(char32_t c)
{
    return c == 0x9 || c == 0xa || c == 0xc || c == 0xd || c == 0x1680 || (c >= 0x200b && c <= 0x200f) || c == 0x2028 ||
           c == 0x2029 || c == 0x2581 || c == 0xfeff || c == 0xfffd;
}

} // namespace

std::string LowercaseNormalizer::normalize(std::string_view text) const
{
    return mapped(text, appendLowercase);
}

std::string StripNormalizer::normalize(std::string_view text) const
{
    std::size_t begin = text.size(), end = text.size();
    for (std::size_t offset = 0; offset < text.size();) {
        const std::size_t at = offset;
        if (isSpace(nextCodePoint(text, offset)))
            continue;
        begin = std::min(begin, at);
        end = offset;
    }
    if (begin == text.size())
        return m_atBegin || m_atEnd ? std::string() : std::string(text);
    begin = m_atBegin ? begin : 0;
    return std::string(text.substr(begin, (m_atEnd ? end : text.size()) - begin));
}

std::string StripAccentsNormalizer::normalize(std::string_view text) const
{
    static const CharacterSet kRemoved(kMarks);
    return without(text, kRemoved);
}

std::string NmtNormalizer::normalize(std::string_view text) const
{
    return mapped(text, [](std::string& out, char32_t c) {
        if (!isNmtControl(c))
            appendUtf8(out, isNmtSpace(c) ? U' ' : c);
    });
}

std::string BertNormalizer::normalize(std::string_view text) const
{
    static const CharacterSet kRemoved(kCleanedAway), kSpaced(kChinese), kAccents(kNonspacingMarks);
    std::string out(text);
    if (m_options.cleansText)
        out = mapped(out, [](std::string& clean, char32_t c) {
            if (!kRemoved.has(c))
                appendUtf8(clean, isSpace(c) ? U' ' : c);
        });
    if (m_options.spacesChinese)
        out = mapped(out, [](std::string& spaced, char32_t c) {
            const std::string_view around = kSpaced.has(c) ? " " : "";
            spaced += around;
            appendUtf8(spaced, c);
            spaced += around;
        });
    if (m_options.stripsAccents)
        out = without(UnicodeNormalizer(UnicodeForm::Nfd).normalize(out), kAccents);
    return m_options.lowercases ? mapped(out, appendLowercase) : out;
}

std::string ByteLevelNormalizer::normalize(std::string_view text) const
{
    std::string out;
    out.reserve(text.size());
    for (const char c : text)
        out += letterOfByte(static_cast<unsigned char>(c));
    return out;
}

} // namespace eigenquant
