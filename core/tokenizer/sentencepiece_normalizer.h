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
    };

    /// `userDefined` are pieces that are copied as they are.
    SentencePieceNormalizer(CharacterMap map, const std::vector<std::string>& userDefined, Options options);
    std::string normalize(std::string_view text) const override;

private:
    CharacterMap::Match next(std::string_view text) const;

    CharacterMap m_map;
    ByteTrie m_userDefined;
    Options m_options;
};

} // namespace eigenquant
