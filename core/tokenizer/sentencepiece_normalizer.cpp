// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tokenizer/sentencepiece_normalizer.h"

#include "core/tokenizer/utf8.h"

namespace eigenquant {

SentencePieceNormalizer::SentencePieceNormalizer(CharacterMap map, const std::vector<std::string>& userDefined,
                                                 Options options)
    : m_map(std::move(map)), m_options(options)
{
    for (const std::string& piece : userDefined)
        if (!piece.empty())
            m_userDefined.insert(piece, 0);
}

/// What the beginning of a text becomes, and how long that beginning is.
CharacterMap::Match SentencePieceNormalizer::next(std::string_view text) const
{
    std::size_t length = 0;
    std::uint32_t node = 0;
    for (std::size_t end = 0; end < text.size();) {
        node = m_userDefined.step(node, static_cast<unsigned char>(text[end++]));
        if (node == ByteTrie::kNone)
            break;
        if (m_userDefined.value(node) >= 0)
            length = end;
    }
    if (length != 0)
        return {length, text.substr(0, length)};
    if (const auto match = m_map.longest(text))
        return *match;
    length = utf8Length(static_cast<unsigned char>(text[0]));
    return {length, text.substr(0, length)};
}

std::string SentencePieceNormalizer::normalize(std::string_view text, bool addsDummy) const
{
    const std::string_view space = m_options.escapesSpaces ? kSpaceSign : " ";
    while (m_options.removesExtraSpaces && !text.empty()) {
        const CharacterMap::Match match = next(text);
        if (match.replacement != " ")
            break;
        text.remove_prefix(match.length);
    }
    std::string out;
    if (text.empty())
        return out;
    out.reserve(text.size() + text.size() / 2);
    if (addsDummy && !m_options.isPrefixASuffix)
        out += space;
    bool wasSpace = m_options.removesExtraSpaces;
    while (!text.empty()) {
        const CharacterMap::Match match = next(text);
        text.remove_prefix(match.length);
        std::string_view piece = match.replacement;
        while (wasSpace && piece.starts_with(' '))
            piece.remove_prefix(1);
        for (const char c : piece) {
            if (c == ' ')
                out += space;
            else
                out += c;
        }
        if (!piece.empty())
            wasSpace = m_options.removesExtraSpaces && piece.ends_with(' ');
    }
    while (m_options.removesExtraSpaces && out.ends_with(space))
        out.resize(out.size() - space.size());
    if (addsDummy && m_options.isPrefixASuffix)
        out += space;
    return out;
}

} // namespace eigenquant
