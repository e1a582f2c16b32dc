// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/tokenizer/byte_trie.h"
#include "core/tokenizer/character_map.h"
#include "core/tokenizer/normalizer.h"

#include <string>
#include <string_view>
#include <vector>

namespace eigenquant {

/// The sign that SentencePiece writes for a space, U+2581.
inline constexpr std::string_view kSpaceSign = "\xe2\x96\x81";

/// SentencePiece's own normalizer: replacements by the longest entry, then white space.
class SentencePieceNormalizer : public Normalizer {
public:
    struct Options {
        bool addsDummyPrefix = true;
        bool removesExtraSpaces = true; ///< at the ends, and all but one between words
        bool escapesSpaces = true;      ///< writes kSpaceSign for them
        bool isPrefixASuffix = false;   ///< the dummy goes behind the text
        bool isPrefixedOnce = false;    ///< only at the beginning of a text, not of every part
    };

    /// `userDefined` are pieces that are copied as they are.
    SentencePieceNormalizer(CharacterMap map, const std::vector<std::string>& userDefined, Options options);
    std::string normalize(std::string_view text) const override { return normalize(text, m_options.addsDummyPrefix); }
    std::string normalizeRest(std::string_view part) const override
    {
        return normalize(part, m_options.addsDummyPrefix && !m_options.isPrefixedOnce);
    }

private:
    std::string normalize(std::string_view text, bool addsDummy) const;
    CharacterMap::Match next(std::string_view text) const;

    CharacterMap m_map;
    ByteTrie m_userDefined;
    Options m_options;
};

} // namespace eigenquant
