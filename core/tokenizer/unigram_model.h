// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/tokenizer/byte_trie.h"
#include "core/tokenizer/token_model.h"

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

namespace eigenquant {

/// The unigram language model of SentencePiece: of all ways to write a word with tokens the one whose scores (log
/// probabilities) have the largest sum, found with Viterbi's algorithm. Sums grow along the word and are
/// rounded as the library's that the model is of, so that ties fall as they do there.
class UnigramModel : public TokenModel {
public:
    struct Token {
        double score = 0;
        bool isMatched = true; ///< false: never found in a text, as control tokens
    };
    struct Options {
        std::int32_t unknownId = -1; ///< of runs of characters without a token; -1: these are an error
        double unknownScore = 0;     ///< what such a character costs
        bool byteFallback = false;   ///< the tokens of its bytes instead
        bool isSinglePrecision = false; ///< sums are rounded to float, as SentencePiece has them
    };

    /// `tokens[id]` for every id of the vocabulary; scores are finite.
    UnigramModel(Vocabulary vocabulary, std::vector<Token> tokens, Options options);

    void encode(std::string_view word, ModelScratch& scratch, std::vector<std::int32_t>& ids) const override;
    const Vocabulary& vocabulary() const override { return m_vocabulary; }

private:
    class Lattice;

    Vocabulary m_vocabulary;
    std::vector<Token> m_tokens;
    Options m_options;
    std::array<std::int32_t, 256> m_byteTokens;
    ByteTrie m_trie;
    std::size_t m_longestToken = 4; ///< in bytes, a character at least
};

} // namespace eigenquant
