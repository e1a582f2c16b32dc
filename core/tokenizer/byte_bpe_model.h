// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/tokenizer/merge_table.h"
#include "core/tokenizer/token_model.h"

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

namespace eigenquant {

/// Byte-level byte-pair encoding: the word's bytes are the letters of the byte alphabet that the vocabulary is
/// written in, which are never spelt out.
class ByteBpeModel : public TokenModel {
public:
    struct Options {
        bool ignoreMerges = false;      ///< a word that is a token as it stands is not taken apart
        std::int32_t unknownId = -1;    ///< of bytes that the vocabulary lacks; -1: they are left out
        bool fuseUnknown = false;       ///< one unknownId for a run of such bytes
    };

    ByteBpeModel(Vocabulary vocabulary, MergeTable merges, Options options);

    void encode(std::string_view word, ModelScratch& scratch, std::vector<std::int32_t>& ids) const override;
    const Vocabulary& vocabulary() const override { return m_vocabulary; }
    /// Whether every byte has a token, so that nothing can be unknown.
    static bool knowsEveryByte(const Vocabulary& vocabulary);

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
