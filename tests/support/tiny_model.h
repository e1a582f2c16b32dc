// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

namespace eigenquant::test {

/// Shape of a random model of the Llama kind.
struct TinyModelOptions {
    int layers = 2;
    int hidden = 64;
    int intermediate = 96;
    int heads = 4;
    int kvHeads = 2;
    int contextLength = 512;
    bool tied = false;       ///< no lm_head: the embedding is used
    double outlierGain = 12; ///< norm gain of two channels of each layer, so that there are outliers to find
    std::uint64_t seed = 1;
};

/// Size of the vocabulary: the 256 bytes, the merges, and one special token, the last.
int tinyVocabularySize();

/// A tokenizer.json of those words: byte-level BPE with few merges and "<|endoftext|>".
std::string tinyTokenizerJson();

/// Writes a Hugging Face folder: config.json (LlamaForCausalLM), model.safetensors (F32, the same bytes
/// for the same options on every machine) and tokenizer.json. Makes `folder` and returns it.
std::filesystem::path writeTinyModel(const std::filesystem::path& folder, const TinyModelOptions& options = {});

/// So many characters of words and line ends that repeat with variations; ASCII.
std::string tinyText(std::size_t characters, std::uint64_t seed = 1);

} // namespace eigenquant::test
