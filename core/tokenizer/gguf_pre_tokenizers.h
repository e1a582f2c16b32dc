// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/tokenizer/pre_tokenizer.h"

#include <array>
#include <string_view>

namespace eigenquant {

class GgufStore;

/// How a text is split before byte-pair encoding, in the GGUF files that this program reads.
enum class Splitting { Gpt2, DigitsThenGpt2, Llama3, Qwen2, Default };

/// What a value of `tokenizer.ggml.pre` stands for.
struct GgufPreTokenizer {
    std::string_view name;
    Splitting splitting;
    bool ignoreMerges = false;
    bool addsBos = false; ///< where the file does not say
    bool isNfc = false;   ///< the model's own tokenizer normalizes
};

/// That of a file; one without the key has "default". Error::unsupported lists the names that are known.
const GgufPreTokenizer& ggufPreTokenizer(const GgufStore& gguf);

inline constexpr std::string_view kLlama3Pattern =
    R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)";
inline constexpr std::string_view kQwen2Pattern =
    R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)";
/// What files without the key were made for, one after the other: punctuation apart, then GPT-2's pattern, then
/// digits by threes.
inline constexpr std::array<std::string_view, 4> kDefaultPatterns{R"([\p{P}\$\+<=>\^~\|]+)", kGpt2Pattern, R"(\p{N}+)",
                                                                  "[0-9][0-9][0-9]"};

} // namespace eigenquant
