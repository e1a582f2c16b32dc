// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tokenizer/unigram_model.h"

#include "core/base/error.h"
#include "core/tokenizer/char_bpe_model.h"
#include "core/tokenizer/utf8.h"

#include <algorithm>
#include <bit>

namespace eigenquant {

/// The best paths to the places of a word. Of a place behind the one looked at only the token that leads there is
/// kept, four bytes; and where every path goes through one place, what lies before it is written out and forgotten.
class UnigramModel::Lattice {
public:
    Lattice(const UnigramModel& model, std::string_view word, std::vector<std::int32_t>& out)
        : m_model(model), m_word(word), m_out(out), m_scores(std::bit_ceil(model.m_longestToken + 1)), m_tokens(1, -1)
    {
    }

    void run()
    {
        constexpr std::size_t kEnough = 256;
        for (std::size_t at = 0; at < m_word.size();) {
            if (m_farthest == at && at - m_base >= kEnough)
                writeUpTo(at);
            at += leave(at);
        }
        writeUpTo(m_word.size());
        endUnknown(m_word.size());
    }

private:
    /// Goes on from a place with every token that fits; returns the length of its character.
    std::size_t leave(std::size_t from)
    {
        const std::size_t length = utf8Length(static_cast<unsigned char>(m_word[from]));
        const double score = scoreAt(from);
        bool isKnown = false;
        std::uint32_t node = 0;
        for (std::size_t end = from; end < m_word.size();) {
            node = m_model.m_trie.step(node, static_cast<unsigned char>(m_word[end++]));
            if (node == ByteTrie::kNone)
                break;
            const std::int32_t id = m_model.m_trie.value(node);
            if (id < 0)
                continue;
            arrive(end, id, score + m_model.m_tokens[static_cast<std::size_t>(id)].score);
            isKnown = isKnown || end - from == length;
        }
        if (!isKnown)
            arrive(from + length, unknownCharacter(), score + m_model.m_options.unknownScore);
        return length;
    }

    void arrive(std::size_t end, std::int32_t token, double score)
    {
        if (end - m_base >= m_tokens.size())
            m_tokens.resize(end - m_base + 1, -1);
        if (m_model.m_options.isSinglePrecision)
            score = static_cast<float>(score);
        std::int32_t& best = m_tokens[end - m_base];
        if (best >= 0 && !(score > scoreAt(end)))
            return;
        if (token == unknownCharacter() && m_model.m_options.unknownId < 0)
            throw Error::invalid("the tokenizer has no token for a character of the text, and none for unknown ones")
                .found(std::string(m_word.substr(end - characterBehind(end), characterBehind(end))));
        best = token;
        scoreAt(end) = score;
        m_farthest = std::max(m_farthest, end);
    }

    double& scoreAt(std::size_t place) { return m_scores[place & (m_scores.size() - 1)]; }
    std::int32_t unknownCharacter() const { return m_model.m_vocabulary.size(); }

    std::size_t characterBehind(std::size_t end) const
    {
        std::size_t length = 1;
        while ((static_cast<unsigned char>(m_word[end - length]) & 0xc0) == 0x80)
            ++length;
        return length;
    }

    void writeUpTo(std::size_t end)
    {
        std::vector<std::int32_t>& path = m_path;
        path.clear();
        for (std::size_t place = end; place > m_base;) {
            const std::int32_t token = m_tokens[place - m_base];
            path.push_back(token);
            place -= token == unknownCharacter() ? characterBehind(place) : m_model.m_vocabulary.text(token).size();
        }
        std::size_t place = m_base;
        for (auto token = path.rbegin(); token != path.rend(); ++token) {
            const std::size_t begin = place;
            const bool isCharacter = *token == unknownCharacter();
            place += isCharacter ? utf8Length(static_cast<unsigned char>(m_word[begin]))
                                 : m_model.m_vocabulary.text(*token).size();
            if (isCharacter || *token == m_model.m_options.unknownId) {
                m_unknownBegin = std::min(m_unknownBegin, begin);
                continue;
            }
            endUnknown(begin);
            m_out.push_back(*token);
        }
        m_base = end;
        m_tokens.assign(1, -1);
    }

    /// A run of unknown characters is one token, or, if it can be spelt in bytes, those.
    void endUnknown(std::size_t end)
    {
        if (m_unknownBegin == std::string_view::npos)
            return;
        const std::string_view run = m_word.substr(m_unknownBegin, end - m_unknownBegin);
        m_unknownBegin = std::string_view::npos;
        const auto idOf = [&](char c) { return m_model.m_byteTokens[static_cast<unsigned char>(c)]; };
        if (const std::int32_t id = m_model.m_vocabulary.find(run); id >= 0)
            m_out.push_back(id);
        else if (m_model.m_options.byteFallback &&
                 std::all_of(run.begin(), run.end(), [&](char c) { return idOf(c) >= 0; }))
            std::transform(run.begin(), run.end(), std::back_inserter(m_out), idOf);
        else
            m_out.push_back(m_model.m_options.unknownId);
    }

    const UnigramModel& m_model;
    std::string_view m_word;
    std::vector<std::int32_t>& m_out;
    std::vector<double> m_scores;       ///< of the places that can be reached in one step, and a few more; a ring
    std::vector<std::int32_t> m_tokens; ///< that lead to the places from m_base on; -1: not reached
    std::vector<std::int32_t> m_path;
    std::size_t m_base = 0, m_farthest = 0;
    std::size_t m_unknownBegin = std::string_view::npos;
};

UnigramModel::UnigramModel(Vocabulary vocabulary, std::vector<Token> tokens, Options options)
    : m_vocabulary(std::move(vocabulary)), m_tokens(std::move(tokens)), m_options(options),
      m_byteTokens(byteTokens(m_vocabulary))
{
    for (std::int32_t id = 0; id < m_vocabulary.size(); ++id) {
        if (!m_vocabulary.has(id) || !m_tokens[static_cast<std::size_t>(id)].isMatched || m_vocabulary.text(id).empty())
            continue;
        m_trie.insert(m_vocabulary.text(id), id);
        m_longestToken = std::max(m_longestToken, m_vocabulary.text(id).size());
    }
}

void UnigramModel::encode(std::string_view word, ModelScratch& scratch, std::vector<std::int32_t>& ids) const
{
    if (scratch.cache.find(word, ids))
        return;
    scratch.symbols.clear();
    Lattice(*this, word, scratch.symbols).run();
    scratch.cache.add(word, scratch.symbols);
    ids.insert(ids.end(), scratch.symbols.begin(), scratch.symbols.end());
}

} // namespace eigenquant
