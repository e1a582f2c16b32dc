// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

namespace eigenquant {

class GgufStore;

/// `tokenizer.json` with the vocabulary, merges, pre-tokenizer and special tokens of a GGUF file, so that a
/// checkpoint made from it loads in transformers.
std::string ggufTokenizerJson(const GgufStore& gguf);

/// The `tokenizer_config.json` that belongs to it: which tokens begin and end a text, and the chat template.
std::string ggufTokenizerConfig(const GgufStore& gguf);

} // namespace eigenquant
