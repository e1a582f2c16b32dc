// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <span>
#include <string_view>

namespace eigenquant {

class GgufStore;

/// What a value of `tokenizer.ggml.pre` stands for: how a text is split before byte-level byte-pair encoding.
struct GgufPreTokenizer {
    std::string_view name;
    std::span<const std::string_view> patterns; ///< one after the other, each on the pieces of the one before
    bool splitsDigits = false;                  ///< every digit by itself, before the patterns
    bool ignoreMerges = false;                  ///< a word that is a token as it stands is not taken apart
    bool addsBos = false;                       ///< where the file does not say
    bool isNfc = false;                         ///< the model's own tokenizer normalizes
};

/// That of a file; one without the key has "default". Error::unsupported lists the names that are known.
const GgufPreTokenizer& ggufPreTokenizer(const GgufStore& gguf);

} // namespace eigenquant
