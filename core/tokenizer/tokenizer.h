// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace eigenquant {

class GgufStore;

/// Text to token ids and back, exactly as the model's own tokenizer does it. Immutable and safe to
/// share between threads.
class Tokenizer {
public:
    virtual ~Tokenizer() = default;

    /// The ids of UTF-8 text (Error::invalid names the byte offset otherwise). Added tokens written out in
    /// the text are recognized, as Hugging Face tokenizers do. BOS/EOS are added as the tokenizer's own
    /// post-processor or metadata says. Linear time in the text.
    virtual std::vector<std::int32_t> encode(std::string_view text) const = 0;

    /// The text of the ids, special tokens included (as `decode(ids, skip_special_tokens=False)`). Bytes that
    /// form no valid UTF-8 become U+FFFD. Error::usage for an id outside the vocabulary.
    virtual std::string decode(const std::vector<std::int32_t>& ids) const = 0;

    /// One more than the largest id.
    virtual int vocabularySize() const = 0;
};

/// From `tokenizer.json` of a model folder. Error::unsupported names the part (model type, normalizer,
/// pre-tokenizer, decoder) that is not known and lists those that are; Error::invalid for a file that lies.
std::shared_ptr<const Tokenizer> loadTokenizerJson(const std::filesystem::path& file);

/// From `tokenizer.model` of a model folder, a SentencePiece model; BOS, EOS and added tokens as
/// `tokenizer_config.json`, `added_tokens.json` and `special_tokens_map.json` beside it say. As in SentencePiece,
/// control tokens that these do not name are text where they are written out, and decode to nothing.
/// Error::unsupported says what the file is if it is something else.
std::shared_ptr<const Tokenizer> loadTokenizerModel(const std::filesystem::path& file);

/// From the `tokenizer.ggml.*` metadata of a GGUF file.
std::shared_ptr<const Tokenizer> loadTokenizerGguf(const GgufStore& gguf);

} // namespace eigenquant
