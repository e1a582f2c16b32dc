// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tokenizer/byte_bpe_model.h"

#include "core/tokenizer/byte_alphabet.h"

#include <algorithm>

namespace eigenquant {

ByteBpeModel::ByteBpeModel(Vocabulary vocabulary, MergeTable merges, Options options)
    : m_vocabulary(std::move(vocabulary)), m_merges(std::move(merges)), m_options(options)
{
    for (std::size_t byte = 0; byte < m_idOfByte.size(); ++byte)
        m_idOfByte[byte] = m_vocabulary.find(letterOfByte(static_cast<unsigned char>(byte)));
    for (int id = 0; id < m_vocabulary.size(); ++id)
        if (m_vocabulary.has(id))
            m_longestToken = std::max(m_longestToken, m_vocabulary.text(id).size());
}

bool ByteBpeModel::knowsEveryByte(const Vocabulary& vocabulary)
{
    for (int byte = 0; byte < 256; ++byte)
        if (vocabulary.find(letterOfByte(static_cast<unsigned char>(byte))) < 0)
            return false;
    return true;
}

void ByteBpeModel::encode(std::string_view word, ModelScratch& scratch, std::vector<std::int32_t>& ids) const
{
    if (scratch.cache.find(word, ids))
        return;
    encodeAnew(word, scratch.symbols);
    ids.insert(ids.end(), scratch.symbols.begin(), scratch.symbols.end());
    scratch.cache.add(word, scratch.symbols);
}

void ByteBpeModel::encodeAnew(std::string_view word, std::vector<std::int32_t>& symbols) const
{
    symbols.clear();
    if (m_options.ignoreMerges) {
        if (const std::int32_t id = wholeWord(word); id >= 0) {
            symbols.push_back(id);
            return;
        }
    }
    bool wasUnknown = false;
    for (const char c : word) {
        const std::int32_t id = m_idOfByte[static_cast<unsigned char>(c)];
        if (id >= 0)
            symbols.push_back(id);
        else if (m_options.unknownId >= 0 && !(wasUnknown && m_options.fuseUnknown))
            symbols.push_back(m_options.unknownId);
        wasUnknown = id < 0;
    }
    mergeSymbols(symbols, m_merges);
}

std::int32_t ByteBpeModel::wholeWord(std::string_view word) const
{
    if (word.size() > m_longestToken)
        return -1;
    std::string letters;
    for (const char c : word)
        letters += letterOfByte(static_cast<unsigned char>(c));
    return m_vocabulary.find(letters);
}

} // namespace eigenquant
