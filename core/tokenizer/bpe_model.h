// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/tokenizer/merge_table.h"
#include "core/tokenizer/vocabulary.h"
#include "core/tokenizer/word_cache.h"

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

namespace eigenquant {

/// What encoding keeps from word to word. One for each call of encode(), so that the model stays immutable.
struct BpeScratch {
    WordCache cache;
    std::vector<std::int32_t> symbols;
};

/// The third step of a tokenizer: byte-level byte-pair encoding, a word to ids.
class BpeModel {
public:
    struct Options {
        bool ignoreMerges = false;      ///< a word that is a token as it stands is not taken apart
        std::int32_t unknownId = -1;    ///< of bytes that the vocabulary lacks; -1: they are left out
        bool fuseUnknown = false;       ///< one unknownId for a run of such bytes
    };

    BpeModel(Vocabulary vocabulary, MergeTable merges, Options options);

    /// Appends the ids of one word of the pre-tokenizer.
    void encode(std::string_view word, BpeScratch& scratch, std::vector<std::int32_t>& ids) const;

    const Vocabulary& vocabulary() const { return m_vocabulary; }
    /// Whether every byte has a token, so that nothing can be unknown.
    bool knowsEveryByte() const;

private:
    void encodeAnew(std::string_view word, std::vector<std::int32_t>& symbols) const;
    std::int32_t wholeWord(std::string_view word) const;

    Vocabulary m_vocabulary;
    MergeTable m_merges;
    Options m_options;
    std::array<std::int32_t, 256> m_idOfByte{};
    std::size_t m_longestToken = 0; ///< in bytes of the vocabulary's spelling
};

} // namespace eigenquant
