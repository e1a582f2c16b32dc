// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/tokenizer/added_tokens.h"
#include "core/tokenizer/merge_table.h"
#include "core/tokenizer/token_model.h"

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace eigenquant {

/// The ids of the tokens <0x00> to <0xFF>, -1 for those that the vocabulary lacks.
std::array<std::int32_t, 256> byteTokens(const Vocabulary& vocabulary);

/// Byte-pair encoding of characters, as SentencePiece trains it, with a way out for characters without a token.
///
/// A text that is one long word is not merged as a whole: between two characters that stand side by side in no
/// token nothing can ever be merged, so it is cut there without changing the result, and the parts are looked up
/// among those met before.
class CharBpeModel : public TokenModel {
public:
    struct Options {
        bool ignoreMerges = false;    ///< a word that is a token as it stands is not taken apart
        bool byteFallback = false;    ///< the tokens of its bytes for a character without a token
        std::int32_t unknownId = -1;  ///< where that is not to be had either; -1: the character is left out
        bool fuseUnknown = false;     ///< one unknownId for a run of such characters
        std::string continuingPrefix; ///< spelt before every character but the first
        std::string endSuffix;        ///< spelt behind the last character
        /// Characters that have no token but take part in merges; their ids in the merges follow the vocabulary.
        std::vector<std::string> looseCharacters;
        std::vector<AddedToken> frozen; ///< tokens found in the word first, and merged with nothing
    };

    CharBpeModel(Vocabulary vocabulary, MergeTable merges, Options options);

    void encode(std::string_view word, ModelScratch& scratch, std::vector<std::int32_t>& ids) const override;
    const Vocabulary& vocabulary() const override { return m_vocabulary; }

private:
    class Unknowns;

    void indexCharacters();
    void noteNeighbours(std::string_view token);
    std::int32_t idOfPoint(char32_t point) const { return point < m_idOfPoint.size() ? m_idOfPoint[point] : -1; }
    std::size_t neighbourBit(std::int32_t left, std::int32_t right) const;
    bool mayJoin(std::int32_t left, std::int32_t right) const;

    void encodeAroundFrozen(std::string_view word, ModelScratch& scratch, std::vector<std::int32_t>& ids) const;
    void encodeUnfrozen(std::string_view word, ModelScratch& scratch, std::vector<std::int32_t>& ids) const;
    void encodeInParts(std::string_view word, ModelScratch& scratch, std::vector<std::int32_t>& ids) const;
    void encodePart(std::string_view part, ModelScratch& scratch, std::vector<std::int32_t>& ids) const;
    void encodeWhole(std::string_view word, std::vector<std::int32_t>& symbols) const;
    void spellOut(std::vector<std::int32_t>& symbols) const;

    Vocabulary m_vocabulary;
    MergeTable m_merges;
    Options m_options;
    AddedTokenSplitter m_frozen;
    std::array<std::int32_t, 256> m_byteTokens;
    std::vector<std::int32_t> m_idOfPoint;    ///< by code point, up to the largest that has a token
    std::vector<std::uint64_t>
        m_neighbours; ///< a bit for each hash of two characters that some token holds side by side
    bool m_isCut = false;                     ///< whether words are encoded in parts
};

} // namespace eigenquant
