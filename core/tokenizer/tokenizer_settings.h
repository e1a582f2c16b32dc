// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/tokenizer/pipeline.h"

#include <filesystem>
#include <vector>

namespace eigenquant {

/// What the files beside a `tokenizer.model` say about it.
struct TokenizerSettings {
    std::vector<AddedToken> added; ///< looked for in the text as it is
    PostProcessing edges;
    bool isPrefixedOnce = false; ///< the dummy prefix stands at the beginning of a text, not behind every added token
};

/// From `tokenizer_config.json`, `added_tokens.json` and `special_tokens_map.json` of a folder, those that are there.
/// Error::invalid for ids that contradict the vocabulary or each other.
TokenizerSettings readTokenizerSettings(const std::filesystem::path& folder, const Vocabulary& vocabulary);

} // namespace eigenquant
