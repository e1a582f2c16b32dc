// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/tokenizer/token_model.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace eigenquant {

/// BERT's model: the longest token that the word begins with, then the longest that the rest does.
class WordPieceModel : public TokenModel {
public:
    struct Options {
        std::int32_t unknownId = -1;           ///< of words that cannot be written with tokens
        std::string continuingPrefix = "##";   ///< spelt before every token but the first
        std::size_t mostCharacters = 100;      ///< a longer word is unknown
    };

    WordPieceModel(Vocabulary vocabulary, Options options);
    void encode(std::string_view word, ModelScratch& scratch, std::vector<std::int32_t>& ids) const override;
    const Vocabulary& vocabulary() const override { return m_vocabulary; }

private:
    bool encodeAnew(std::string_view word, std::vector<std::int32_t>& ids) const;

    Vocabulary m_vocabulary;
    Options m_options;
    std::size_t m_longestToken = 0;
};

/// A token for each word.
class WordLevelModel : public TokenModel {
public:
    WordLevelModel(Vocabulary vocabulary, std::int32_t unknownId)
        : m_vocabulary(std::move(vocabulary)), m_unknownId(unknownId)
    {
    }
    void encode(std::string_view word, ModelScratch& scratch, std::vector<std::int32_t>& ids) const override;
    const Vocabulary& vocabulary() const override { return m_vocabulary; }

private:
    Vocabulary m_vocabulary;
    std::int32_t m_unknownId;
};

} // namespace eigenquant
