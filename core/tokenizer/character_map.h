// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/tokenizer/normalizer.h"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace eigenquant {

/// SentencePiece's table of replacements (`precompiled_charsmap`): a double-array trie of what is replaced, with
/// places in a list of texts that end with a zero byte. Reads no place outside the table, whatever it holds.
class CharacterMap {
public:
    /// From the bytes of a file; Error::invalid names `field`.
    CharacterMap(std::string_view bytes, const std::filesystem::path& file, const std::string& field);

    struct Match {
        std::size_t length = 0; ///< of what is replaced, in bytes
        std::string_view replacement;
    };
    /// The shortest and the longest entry that `text` begins with.
    std::optional<Match> shortest(std::string_view text) const { return find(text, true); }
    std::optional<Match> longest(std::string_view text) const { return find(text, false); }

private:
    std::optional<Match> find(std::string_view text, bool isFirstTaken) const;

    std::vector<std::uint32_t> m_units;
    std::string m_texts;
};

/// The normalizer Precompiled of Hugging Face tokenizers: looks up whole graphemes while they are short, then
/// characters, and takes the shortest entry for the whole of it.
class PrecompiledNormalizer : public Normalizer {
public:
    explicit PrecompiledNormalizer(CharacterMap map) : m_map(std::move(map)) {}
    std::string normalize(std::string_view text) const override;

private:
    CharacterMap m_map;
};

/// The bytes that base64 stands for, or nothing if it is none.
std::optional<std::string> bytesOfBase64(std::string_view text);

} // namespace eigenquant
