// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tokenizer/char_bpe_model.h"

#include "core/tokenizer/utf8.h"

#include <algorithm>
#include <bit>

namespace eigenquant {

std::array<std::int32_t, 256> byteTokens(const Vocabulary& vocabulary)
{
    constexpr char kDigits[] = "0123456789ABCDEF";
    std::array<std::int32_t, 256> ids{};
    for (std::size_t byte = 0; byte < ids.size(); ++byte)
        ids[byte] = vocabulary.find(std::string("<0x") + kDigits[byte >> 4] + kDigits[byte & 15] + '>');
    return ids;
}

/// What is put in the place of characters without a token. Hugging Face's order is kept where it is odd: the bytes
/// of a character do not end a run of unknown ones, the token of that run comes behind them.
class CharBpeModel::Unknowns {
public:
    Unknowns(const CharBpeModel& model, std::vector<std::int32_t>& ids) : m_model(model), m_ids(ids) {}

    void add(std::string_view spelling)
    {
        if (m_model.m_options.byteFallback && addBytes(spelling))
            return;
        if (m_model.m_options.unknownId < 0)
            return;
        if (!m_model.m_options.fuseUnknown)
            finish();
        m_isPending = true;
    }

    /// Before a character that is known, and at the end.
    void finish()
    {
        if (m_isPending)
            m_ids.push_back(m_model.m_options.unknownId);
        m_isPending = false;
    }

private:
    bool addBytes(std::string_view spelling)
    {
        const auto idOf = [&](char c) { return m_model.m_byteTokens[static_cast<unsigned char>(c)]; };
        if (std::any_of(spelling.begin(), spelling.end(), [&](char c) { return idOf(c) < 0; }))
            return false;
        for (const char c : spelling)
            m_ids.push_back(idOf(c));
        return true;
    }

    const CharBpeModel& m_model;
    std::vector<std::int32_t>& m_ids;
    bool m_isPending = false;
};

CharBpeModel::CharBpeModel(Vocabulary vocabulary, MergeTable merges, Options options)
    : m_vocabulary(std::move(vocabulary)), m_merges(std::move(merges)), m_options(std::move(options)),
      m_frozen(m_options.frozen), m_byteTokens(byteTokens(m_vocabulary))
{
    indexCharacters();
    // Tokens that stand for characters without one are spelt otherwise than the text; where they can be merged,
    // the neighbours in spellings say nothing.
    const auto isStandIn = [&](std::int32_t id) {
        return id == m_options.unknownId ||
               (m_options.byteFallback &&
                std::find(m_byteTokens.begin(), m_byteTokens.end(), id) != m_byteTokens.end());
    };
    // Around a character that is left out the neighbours meet.
    const bool leavesOut =
        m_options.unknownId < 0 &&
        !(m_options.byteFallback && std::find(m_byteTokens.begin(), m_byteTokens.end(), -1) == m_byteTokens.end());
    m_isCut = m_options.continuingPrefix.empty() && m_options.endSuffix.empty() && !leavesOut &&
              !m_merges.anyPart(isStandIn);
    if (!m_isCut)
        return;
    std::size_t characters = 0;
    for (std::int32_t id = 0; id < m_vocabulary.size(); ++id)
        characters += m_vocabulary.has(id) ? m_vocabulary.text(id).size() : 0;
    m_neighbours.resize(std::bit_ceil(std::max<std::size_t>(characters / 16, 16)));
    for (std::int32_t id = 0; id < m_vocabulary.size(); ++id)
        if (m_vocabulary.has(id))
            noteNeighbours(m_vocabulary.text(id));
}

void CharBpeModel::indexCharacters()
{
    const auto index = [&](std::string_view text, std::int32_t id) {
        if (text.empty() || text.size() != utf8Length(static_cast<unsigned char>(text[0])))
            return;
        std::size_t offset = 0;
        const char32_t point = nextCodePoint(text, offset);
        if (point >= m_idOfPoint.size())
            m_idOfPoint.resize(point + 1, -1);
        m_idOfPoint[point] = id;
    };
    for (std::int32_t id = 0; id < m_vocabulary.size(); ++id)
        if (m_vocabulary.has(id))
            index(m_vocabulary.text(id), id);
    for (std::size_t i = 0; i < m_options.looseCharacters.size(); ++i)
        index(m_options.looseCharacters[i], m_vocabulary.size() + static_cast<std::int32_t>(i));
}

std::size_t CharBpeModel::neighbourBit(std::int32_t left, std::int32_t right) const
{
    const std::uint64_t pair =
        std::uint64_t(static_cast<std::uint32_t>(left)) << 32 | static_cast<std::uint32_t>(right);
    return (pair * 0x9e3779b97f4a7c15u) >> (64 - 6 - std::countr_zero(m_neighbours.size()));
}

void CharBpeModel::noteNeighbours(std::string_view token)
{
    std::int32_t left = -1;
    for (std::size_t offset = 0; offset < token.size();) {
        const std::int32_t right = idOfPoint(nextCodePoint(token, offset));
        if (left >= 0 && right >= 0) {
            const std::size_t bit = neighbourBit(left, right);
            m_neighbours[bit / 64] |= std::uint64_t{1} << bit % 64;
        }
        left = right;
    }
}

/// Two pairs may share a bit: then a word is cut less often than it could be.
bool CharBpeModel::mayJoin(std::int32_t left, std::int32_t right) const
{
    const std::size_t bit = neighbourBit(left, right);
    return (m_neighbours[bit / 64] >> bit % 64 & 1) != 0;
}

void CharBpeModel::encode(std::string_view word, ModelScratch& scratch, std::vector<std::int32_t>& ids) const
{
    if (m_options.ignoreMerges) {
        if (const std::int32_t id = m_vocabulary.find(word); id >= 0) {
            ids.push_back(id);
            return;
        }
    }
    const auto begin = static_cast<std::ptrdiff_t>(ids.size());
    if (m_options.frozen.empty())
        encodeUnfrozen(word, scratch, ids);
    else
        encodeAroundFrozen(word, scratch, ids);
    // A loose character that stayed alone does not see the unknown ones beside it.
    const auto areOne = [&](std::int32_t left, std::int32_t right) {
        return left == right && left == m_options.unknownId;
    };
    if (m_options.fuseUnknown && !m_options.looseCharacters.empty())
        ids.erase(std::unique(ids.begin() + begin, ids.end(), areOne), ids.end());
}

void CharBpeModel::encodeAroundFrozen(std::string_view word, ModelScratch& scratch,
                                      std::vector<std::int32_t>& ids) const
{
    m_frozen.split(word, [&](std::string_view part, std::int32_t id) {
        if (id >= 0)
            ids.push_back(id);
        else
            encodeUnfrozen(part, scratch, ids);
    });
}

void CharBpeModel::encodeUnfrozen(std::string_view word, ModelScratch& scratch, std::vector<std::int32_t>& ids) const
{
    if (m_isCut)
        return encodeInParts(word, scratch, ids);
    if (scratch.cache.find(word, ids))
        return;
    encodeWhole(word, scratch.symbols);
    scratch.cache.add(word, scratch.symbols);
    ids.insert(ids.end(), scratch.symbols.begin(), scratch.symbols.end());
}

void CharBpeModel::encodeInParts(std::string_view word, ModelScratch& scratch, std::vector<std::int32_t>& ids) const
{
    Unknowns unknowns(*this, ids);
    std::size_t partBegin = 0;
    std::int32_t left = -1; // the last character of the part, -1 where there is none
    for (std::size_t offset = 0; offset < word.size();) {
        const std::size_t begin = offset;
        const std::int32_t right = idOfPoint(nextCodePoint(word, offset));
        if (left >= 0 && right >= 0 && mayJoin(left, right)) {
            left = right;
            continue;
        }
        if (left >= 0)
            encodePart(word.substr(partBegin, begin - partBegin), scratch, ids);
        if (right < 0)
            unknowns.add(word.substr(begin, offset - begin));
        else
            unknowns.finish();
        partBegin = begin;
        left = right;
    }
    if (left >= 0)
        encodePart(word.substr(partBegin), scratch, ids);
    unknowns.finish();
}

/// Of characters that all have an id.
void CharBpeModel::encodePart(std::string_view part, ModelScratch& scratch, std::vector<std::int32_t>& ids) const
{
    if (scratch.cache.find(part, ids))
        return;
    scratch.symbols.clear();
    scratch.symbols.reserve(part.size());
    for (std::size_t offset = 0; offset < part.size();)
        scratch.symbols.push_back(idOfPoint(nextCodePoint(part, offset)));
    mergeSymbols(scratch.symbols, m_merges);
    spellOut(scratch.symbols);
    scratch.cache.add(part, scratch.symbols);
    ids.insert(ids.end(), scratch.symbols.begin(), scratch.symbols.end());
}

void CharBpeModel::encodeWhole(std::string_view word, std::vector<std::int32_t>& symbols) const
{
    symbols.clear();
    Unknowns unknowns(*this, symbols);
    std::string spelling;
    for (std::size_t offset = 0; offset < word.size();) {
        const std::size_t begin = offset;
        nextCodePoint(word, offset);
        spelling.assign(begin > 0 ? m_options.continuingPrefix : std::string());
        spelling.append(word.substr(begin, offset - begin));
        if (offset == word.size())
            spelling.append(m_options.endSuffix);
        const std::int32_t id = m_vocabulary.find(spelling);
        if (id < 0) {
            unknowns.add(spelling);
            continue;
        }
        unknowns.finish();
        symbols.push_back(id);
    }
    unknowns.finish();
    mergeSymbols(symbols, m_merges);
}

/// Loose characters that were not merged have no token after all.
void CharBpeModel::spellOut(std::vector<std::int32_t>& symbols) const
{
    if (m_options.looseCharacters.empty())
        return;
    const std::int32_t size = m_vocabulary.size();
    if (std::all_of(symbols.begin(), symbols.end(), [&](std::int32_t id) { return id < size; }))
        return;
    std::vector<std::int32_t> spelt;
    Unknowns unknowns(*this, spelt);
    for (const std::int32_t id : symbols) {
        if (id >= size) {
            unknowns.add(m_options.looseCharacters[static_cast<std::size_t>(id - size)]);
            continue;
        }
        unknowns.finish();
        spelt.push_back(id);
    }
    unknowns.finish();
    symbols = std::move(spelt);
}

} // namespace eigenquant
