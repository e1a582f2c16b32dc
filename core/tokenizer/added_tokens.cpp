// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tokenizer/added_tokens.h"

#include "core/tokenizer/character_set.h"
#include "core/tokenizer/utf8.h"

#include <algorithm>

namespace eigenquant {

namespace {

bool isWordCharacter(std::string_view character)
{
    std::size_t offset = 0;
    return wordCharacters().has(nextCodePoint(character, offset));
}

std::string_view characterBefore(std::string_view text, std::size_t offset)
{
    std::size_t begin = offset - 1;
    while (begin > 0 && (static_cast<unsigned char>(text[begin]) & 0xc0) == 0x80)
        --begin;
    return text.substr(begin, offset - begin);
}

std::string_view characterAt(std::string_view text, std::size_t offset)
{
    return text.substr(offset, utf8Length(static_cast<unsigned char>(text[offset])));
}

bool isSpaceCharacter(std::string_view character)
{
    std::size_t offset = 0;
    return isSpace(nextCodePoint(character, offset));
}

} // namespace

AddedTokenSplitter::AddedTokenSplitter(std::vector<AddedToken> tokens) : m_tokens(std::move(tokens))
{
    m_tokenAtNode.push_back(-1);
    for (std::size_t i = 0; i < m_tokens.size(); ++i)
        if (!m_tokens[i].content.empty())
            insert(i);
}

void AddedTokenSplitter::insert(std::size_t tokenIndex)
{
    const std::string& content = m_tokens[tokenIndex].content;
    m_begins[static_cast<unsigned char>(content[0])] = true;
    std::uint32_t node = 0;
    for (const char c : content) {
        const std::uint64_t edge = std::uint64_t(node) << 8 | static_cast<unsigned char>(c);
        const auto [child, isNew] = m_children.try_emplace(edge, static_cast<std::uint32_t>(m_tokenAtNode.size()));
        if (isNew)
            m_tokenAtNode.push_back(-1);
        node = child->second;
    }
    if (m_tokenAtNode[node] < 0)
        m_tokenAtNode[node] = static_cast<std::int64_t>(tokenIndex);
}

AddedTokenSplitter::Match AddedTokenSplitter::longestAt(std::string_view text, std::size_t begin) const
{
    Match match;
    std::uint32_t node = 0;
    for (std::size_t i = begin; i < text.size(); ++i) {
        const auto child = m_children.find(std::uint64_t(node) << 8 | static_cast<unsigned char>(text[i]));
        if (child == m_children.end())
            break;
        node = child->second;
        if (m_tokenAtNode[node] >= 0)
            match = {&m_tokens[static_cast<std::size_t>(m_tokenAtNode[node])], begin, i + 1};
    }
    return match;
}

AddedTokenSplitter::Match AddedTokenSplitter::find(std::string_view text, std::size_t from) const
{
    if (m_children.empty())
        return {};
    for (std::size_t begin = from; begin < text.size(); ++begin) {
        if (!m_begins[static_cast<unsigned char>(text[begin])])
            continue;
        if (const Match match = longestAt(text, begin); match.token)
            return match;
    }
    return {};
}

bool AddedTokenSplitter::widen(std::string_view text, std::size_t done, Match& match)
{
    const AddedToken& token = *match.token;
    if (token.singleWord) {
        if (match.begin > 0 && isWordCharacter(characterBefore(text, match.begin)))
            return false;
        if (match.end < text.size() && isWordCharacter(characterAt(text, match.end)))
            return false;
    }
    if (token.leftStrip) {
        std::size_t begin = match.begin;
        while (begin > done && isSpaceCharacter(characterBefore(text, begin)))
            begin -= characterBefore(text, begin).size();
        // The last match may have taken the beginning of this one along.
        match.begin = std::max(begin, done);
    }
    if (token.rightStrip) {
        while (match.end < text.size() && isSpaceCharacter(characterAt(text, match.end)))
            match.end += characterAt(text, match.end).size();
    }
    return true;
}

} // namespace eigenquant
