// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tokenizer/word_models.h"

#include "core/base/error.h"
#include "core/io/printable.h"

#include <algorithm>

namespace eigenquant {

namespace {

bool isInsideCharacter(std::string_view text, std::size_t offset)
{
    return offset < text.size() && (static_cast<unsigned char>(text[offset]) & 0xc0) == 0x80;
}

std::int32_t unknownOrError(std::int32_t unknownId, std::string_view word)
{
    if (unknownId < 0)
        throw Error::invalid("the tokenizer has no token for a word of the text, and none for unknown words")
            .found(printable(std::string(word.substr(0, 100))));
    return unknownId;
}

} // namespace

WordPieceModel::WordPieceModel(Vocabulary vocabulary, Options options)
    : m_vocabulary(std::move(vocabulary)), m_options(std::move(options))
{
    for (std::int32_t id = 0; id < m_vocabulary.size(); ++id)
        if (m_vocabulary.has(id))
            m_longestToken = std::max(m_longestToken, m_vocabulary.text(id).size());
}

void WordPieceModel::encode(std::string_view word, ModelScratch& scratch, std::vector<std::int32_t>& ids) const
{
    if (scratch.cache.find(word, ids))
        return;
    const auto characters = std::count_if(word.begin(), word.end(),
                                          [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; });
    scratch.symbols.clear();
    if (static_cast<std::size_t>(characters) > m_options.mostCharacters || !encodeAnew(word, scratch.symbols))
        scratch.symbols.assign(1, unknownOrError(m_options.unknownId, word));
    scratch.cache.add(word, scratch.symbols);
    ids.insert(ids.end(), scratch.symbols.begin(), scratch.symbols.end());
}

bool WordPieceModel::encodeAnew(std::string_view word, std::vector<std::int32_t>& ids) const
{
    std::string spelling;
    for (std::size_t begin = 0; begin < word.size();) {
        std::int32_t id = -1;
        std::size_t end = std::min(word.size(), begin + m_longestToken);
        for (; end > begin && id < 0; --end) {
            if (isInsideCharacter(word, end))
                continue;
            spelling.assign(begin > 0 ? m_options.continuingPrefix : std::string());
            spelling.append(word.substr(begin, end - begin));
            id = m_vocabulary.find(spelling);
        }
        if (id < 0)
            return false;
        ids.push_back(id);
        begin = end + 1; // the loop above stepped once more
    }
    return true;
}

void WordLevelModel::encode(std::string_view word, ModelScratch&, std::vector<std::int32_t>& ids) const
{
    const std::int32_t id = m_vocabulary.find(word);
    ids.push_back(id >= 0 ? id : unknownOrError(m_unknownId, word));
}

} // namespace eigenquant
