// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tokenizer/character_map.h"

#include "core/base/error.h"
#include "core/io/text_file.h"
#include "core/tokenizer/utf8.h"

#include <utf8proc.h>

namespace eigenquant {

namespace {

std::uint32_t littleEndian(std::string_view bytes, std::size_t offset)
{
    std::uint32_t value = 0;
    for (std::size_t i = 4; i-- > 0;)
        value = value << 8 | static_cast<unsigned char>(bytes[offset + i]);
    return value;
}

// A unit of the double array, as Darts writes it.
bool hasLeaf(std::uint32_t unit) { return (unit >> 8 & 1) != 0; }
std::uint32_t leafValue(std::uint32_t unit) { return unit & 0x7fffffffu; }
std::uint32_t labelOf(std::uint32_t unit) { return unit & 0x800000ffu; }
std::uint32_t offsetOf(std::uint32_t unit) { return (unit >> 10) << ((unit & 0x200u) >> 6); }

bool isGraphemeBreak(char32_t left, char32_t right, utf8proc_int32_t& state)
{
    if (left >= 0x80 || right >= 0x80)
        return utf8proc_grapheme_break_stateful(static_cast<utf8proc_int32_t>(left),
                                                static_cast<utf8proc_int32_t>(right), &state);
    state = 0;
    return left != '\r' || right != '\n';
}

} // namespace

CharacterMap::CharacterMap(std::string_view bytes, const std::filesystem::path& file, const std::string& field)
{
    const auto broken = [&](std::string found) {
        return Error::invalid("the table of replacements is damaged").file(file.string()).field(field)
            .found(std::move(found)).expected("the size of a trie, the trie, and texts that end with a zero byte");
    };
    if (bytes.empty())
        return;
    const std::size_t size = bytes.size() >= 4 ? littleEndian(bytes, 0) : 0;
    if (bytes.size() < 4 || size % 4 != 0 || size > bytes.size() - 4)
        throw broken(std::to_string(bytes.size()) + " bytes, of which " + std::to_string(size) +
                     " are said to be the trie");
    for (std::size_t offset = 4; offset < 4 + size; offset += 4)
        m_units.push_back(littleEndian(bytes, offset));
    m_texts = bytes.substr(4 + size);
    if (const std::size_t offset = firstInvalidUtf8(m_texts); offset != std::string_view::npos)
        throw broken("texts that are no UTF-8 at byte " + std::to_string(4 + size + offset));
}

std::optional<CharacterMap::Match> CharacterMap::find(std::string_view text, bool isFirstTaken) const
{
    std::optional<Match> match;
    if (m_units.empty())
        return match;
    std::uint32_t node = offsetOf(m_units[0]);
    for (std::size_t i = 0; i < text.size() && text[i] != 0; ++i) {
        const auto byte = static_cast<unsigned char>(text[i]);
        node ^= byte;
        if (node >= m_units.size() || labelOf(m_units[node]) != byte)
            break;
        const bool isLeaf = hasLeaf(m_units[node]);
        node ^= offsetOf(m_units[node]);
        if (!isLeaf || node >= m_units.size())
            continue;
        const std::size_t begin = leafValue(m_units[node]);
        const bool isInsideCharacter =
            begin < m_texts.size() && (static_cast<unsigned char>(m_texts[begin]) & 0xc0) == 0x80;
        if (begin >= m_texts.size() || isInsideCharacter)
            continue;
        match = {i + 1, std::string_view(m_texts).substr(begin, m_texts.find('\0', begin) - begin)};
        if (isFirstTaken)
            break;
    }
    return match;
}

std::string PrecompiledNormalizer::normalize(std::string_view text) const
{
    constexpr std::size_t kShortGrapheme = 6;
    std::string out;
    out.reserve(text.size());
    const auto appendCharacters = [&](std::string_view grapheme) {
        for (std::size_t offset = 0; offset < grapheme.size();) {
            const std::size_t begin = offset;
            nextCodePoint(grapheme, offset);
            const std::string_view character = grapheme.substr(begin, offset - begin);
            const auto match = m_map.shortest(character);
            out += match ? match->replacement : character;
        }
    };
    const auto appendGrapheme = [&](std::string_view grapheme) {
        const auto match = grapheme.size() < kShortGrapheme ? m_map.shortest(grapheme) : std::nullopt;
        if (match)
            out += match->replacement;
        else
            appendCharacters(grapheme);
    };
    utf8proc_int32_t state = 0;
    std::size_t begin = 0;
    char32_t previous = 0;
    for (std::size_t offset = 0; offset < text.size();) {
        const std::size_t at = offset;
        const char32_t c = nextCodePoint(text, offset);
        if (at != 0 && isGraphemeBreak(previous, c, state)) {
            appendGrapheme(text.substr(begin, at - begin));
            begin = at;
        }
        previous = c;
    }
    if (!text.empty())
        appendGrapheme(text.substr(begin));
    return out;
}

std::optional<std::string> bytesOfBase64(std::string_view text)
{
    constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    while (text.ends_with('='))
        text.remove_suffix(1);
    std::string bytes;
    std::uint32_t buffer = 0;
    int bits = 0;
    for (const char c : text) {
        const std::size_t digit = kDigits.find(c);
        if (digit == std::string_view::npos)
            return std::nullopt;
        buffer = (buffer << 6 | static_cast<std::uint32_t>(digit)) & 0xffffff;
        bits += 6;
        if (bits >= 8) {
            bits -= 8;
            bytes += static_cast<char>(buffer >> bits & 0xff);
        }
    }
    return bytes;
}

} // namespace eigenquant
