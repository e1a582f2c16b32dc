// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tokenizer/gguf_pre_tokenizers.h"

#include "core/base/error.h"
#include "core/io/gguf.h"
#include "core/io/printable.h"
#include "core/tokenizer/pre_tokenizer.h"

#include <string>

namespace eigenquant {
namespace {

// Where llama.cpp writes an approximation of the pattern in the model's own tokenizer.json, this is the model's own.

constexpr std::string_view kGpt2[] = {kGpt2Pattern};

constexpr std::string_view kLlama3[] = {
    R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+)"
    R"(|\s+(?!\S)|\s+)"};

constexpr std::string_view kQwen2[] = {
    R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+)"
    R"(|\s+(?!\S)|\s+)"};

/// Words of letters and marks.
constexpr std::string_view kQwen35[] = {
    R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?[\p{L}\p{M}]+|\p{N}| ?[^\s\p{L}\p{M}\p{N}]+[\r\n]*)"
    R"(|\s*[\r\n]+|\s+(?!\S)|\s+)"};

/// Words end before a capital letter that follows a small one.
constexpr std::string_view kTekken[] = {
    R"([^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+)"
    R"(|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*)"
    R"(|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+)"};

constexpr std::string_view kGpt4o[] = {
    R"([^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?)"
    R"(|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?)"
    R"(|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+)"};

/// The second is of the letters that have two cases, as Unicode had them when the model was made; the third begins at
/// the colon and ends at the tilde, letters included.
constexpr std::string_view kDeepSeekLlm[] = {
    R"([\r\n])",
    R"(\s?[A-Za-z\x{b5}\x{c0}-\x{d6}\x{d8}-\x{f6}\x{f8}-\x{1ba}\x{1bc}-\x{1bf}\x{1c4}-\x{293}\x{295}-\x{2af})"
    R"(\x{370}-\x{373}\x{376}\x{377}\x{37b}-\x{37d}\x{37f}\x{386}\x{388}-\x{38a}\x{38c}\x{38e}-\x{3a1})"
    R"(\x{3a3}-\x{3f5}\x{3f7}-\x{481}\x{48a}-\x{52f}\x{531}-\x{556}\x{10a0}-\x{10c5}\x{13a0}-\x{13f5})"
    R"(\x{13f8}-\x{13fd}\x{1c90}-\x{1cba}\x{1cbd}-\x{1cbf}\x{1d00}-\x{1d2b}\x{1d6b}-\x{1d77}\x{1d79}-\x{1d9a})"
    R"(\x{1e00}-\x{1f15}\x{1f18}-\x{1f1d}\x{1f20}-\x{1f45}\x{1f48}-\x{1f4d}\x{1f50}-\x{1f57}\x{1f59}\x{1f5b})"
    R"(\x{1f5d}\x{1f5f}-\x{1f7d}\x{1f80}-\x{1fb4}\x{1fb6}-\x{1fbc}\x{1fbe}\x{1fc2}-\x{1fc4}\x{1fc6}-\x{1fcc})"
    R"(\x{1fd0}-\x{1fd3}\x{1fd6}-\x{1fdb}\x{1fe0}-\x{1fec}\x{1ff2}-\x{1ff4}\x{1ff6}-\x{1ffc}\x{2102}\x{2107})"
    R"(\x{210a}-\x{2113}\x{2115}\x{2119}-\x{211d}\x{2124}\x{2126}\x{2128}\x{212a}-\x{212d}\x{212f}-\x{2134})"
    R"(\x{2139}\x{213c}-\x{213f}\x{2145}-\x{2149}\x{214e}\x{2183}\x{2184}\x{2c00}-\x{2c7b}\x{2c7e}-\x{2ce4})"
    R"(\x{2ceb}-\x{2cee}\x{2cf2}\x{2cf3}\x{a640}-\x{a66d}\x{a680}-\x{a69b}\x{a722}-\x{a76f}\x{a771}-\x{a787})"
    R"(\x{a78b}-\x{a78e}\x{ab70}-\x{abbf}\x{fb00}-\x{fb06}\x{fb13}-\x{fb17}\x{ff21}-\x{ff3a}\x{ff41}-\x{ff5a})"
    R"(\x{10400}-\x{1044f}\x{104b0}-\x{104d3}\x{104d8}-\x{104fb}\x{10c80}-\x{10cb2}\x{10cc0}-\x{10cf2})"
    R"(\x{118a0}-\x{118df}\x{1e900}-\x{1e943}]+)",
    R"(\s?[!-/:-~\x{ff01}-\x{ff0f}\x{ff1a}-\x{ff5e}\x{2018}-\x{201f}\x{3000}-\x{3002}]+)",
    R"(\s+$)",
    R"([\x{800}-\x{9fa5}\x{ac00}-\x{d7ff}]+)",
    R"(\p{N}+)"};

constexpr std::string_view kDeepSeekCoder[] = {R"([\r\n])", R"(\s?\p{L}+)", R"(\s?\p{P}+)",
                                               R"([\x{800}-\x{9fa5}\x{ac00}-\x{d7ff}]+)", R"(\p{N})"};

constexpr std::string_view kDeepSeek3[] = {
    R"(\p{N}{1,3})", R"([\x{4e00}-\x{9fa5}\x{3040}-\x{30ff}]+)",
    R"([!"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+)"
    R"(| ?[\p{P}\p{S}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)"};

constexpr std::string_view kFalcon[] = {R"([\p{P}\$\+<=>\^~\|`]+)", kGpt2Pattern, "[0-9][0-9][0-9]"};

/// What files without the key were made for.
constexpr std::string_view kDefault[] = {R"([\p{P}\$\+<=>\^~\|]+)", kGpt2Pattern, R"(\p{N}+)", "[0-9][0-9][0-9]"};

constexpr GgufPreTokenizer kNames[] = {
    {.name = "default", .patterns = kDefault},
    {.name = "gpt-2", .patterns = kGpt2},
    {.name = "phi-2", .patterns = kGpt2},
    {.name = "olmo", .patterns = kGpt2},
    {.name = "mpt", .patterns = kGpt2},
    {.name = "exaone4", .patterns = kGpt2},
    {.name = "gigachat", .patterns = kGpt2},
    {.name = "smollm", .patterns = kGpt2, .splitsDigits = true},
    {.name = "starcoder", .patterns = kGpt2, .splitsDigits = true},
    {.name = "refact", .patterns = kGpt2, .splitsDigits = true},
    {.name = "codeshell", .patterns = kGpt2, .splitsDigits = true},
    {.name = "exaone", .patterns = kGpt2, .splitsDigits = true},
    {.name = "minerva-7b", .patterns = kGpt2, .splitsDigits = true},
    {.name = "command-r", .patterns = kGpt2, .splitsDigits = true, .isNfc = true},
    {.name = "llama-bpe", .patterns = kLlama3, .ignoreMerges = true, .addsBos = true},
    {.name = "llama3", .patterns = kLlama3, .ignoreMerges = true, .addsBos = true},
    {.name = "llama-v3", .patterns = kLlama3, .ignoreMerges = true, .addsBos = true},
    {.name = "falcon3", .patterns = kLlama3, .ignoreMerges = true, .addsBos = true},
    {.name = "falcon-h1", .patterns = kLlama3, .ignoreMerges = true, .addsBos = true},
    {.name = "pixtral", .patterns = kLlama3, .ignoreMerges = true, .addsBos = true},
    {.name = "lfm2", .patterns = kLlama3, .ignoreMerges = true, .addsBos = true},
    {.name = "midm-2.0", .patterns = kLlama3, .ignoreMerges = true, .addsBos = true},
    {.name = "glm4", .patterns = kLlama3, .ignoreMerges = true},
    {.name = "chatglm-bpe", .patterns = kLlama3},
    {.name = "smaug-bpe", .patterns = kLlama3},
    {.name = "dbrx", .patterns = kLlama3},
    {.name = "qwen2", .patterns = kQwen2, .isNfc = true},
    {.name = "deepseek-r1-qwen", .patterns = kQwen2, .isNfc = true},
    {.name = "stablelm2", .patterns = kQwen2},
    {.name = "megrez", .patterns = kQwen2},
    {.name = "hunyuan", .patterns = kQwen2},
    {.name = "grok-2", .patterns = kQwen2},
    {.name = "qwen35", .patterns = kQwen35, .isNfc = true},
    {.name = "tekken", .patterns = kTekken, .ignoreMerges = true, .addsBos = true},
    {.name = "gpt-4o", .patterns = kGpt4o},
    {.name = "llama4", .patterns = kGpt4o},
    {.name = "deepseek-llm", .patterns = kDeepSeekLlm},
    {.name = "deepseek-coder", .patterns = kDeepSeekCoder},
    {.name = "deepseek-v3", .patterns = kDeepSeek3},
    {.name = "hunyuan-dense", .patterns = kDeepSeek3},
    {.name = "falcon", .patterns = kFalcon},
};

} // namespace

const GgufPreTokenizer& ggufPreTokenizer(const GgufStore& gguf)
{
    const std::string wanted = gguf.textIf("tokenizer.ggml.pre").value_or("default");
    std::string known;
    for (const auto& entry : kNames) {
        if (entry.name == wanted)
            return entry;
        known += (known.empty() ? "" : ", ") + std::string(entry.name);
    }
    throw Error::unsupported("this tokenizer has a pre-tokenizer that is not known here")
        .file(gguf.files().front().string()).field("tokenizer.ggml.pre").found(printable(wanted)).expected(known);
}

} // namespace eigenquant
