// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/tokenizer/vocabulary.h"
#include "core/tokenizer/word_cache.h"

#include <cstdint>
#include <string_view>
#include <vector>

namespace eigenquant {

/// What encoding keeps from word to word. One for each call of encode(), so that models stay immutable.
struct ModelScratch {
    WordCache cache;
    std::vector<std::int32_t> symbols;
};

/// The third step of a tokenizer: a word of the pre-tokenizer to ids.
class TokenModel {
public:
    virtual ~TokenModel() = default;

    /// Appends the ids of one word (valid UTF-8, not empty). Error::invalid for a character without a token where
    /// the model has no unknown token either and does not leave such characters out.
    virtual void encode(std::string_view word, ModelScratch& scratch, std::vector<std::int32_t>& ids) const = 0;

    virtual const Vocabulary& vocabulary() const = 0;
};

} // namespace eigenquant
