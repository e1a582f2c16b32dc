// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tokenizer/gguf_pre_tokenizers.h"

#include "core/base/error.h"
#include "core/io/gguf.h"
#include "core/io/printable.h"

#include <string>

namespace eigenquant {
namespace {

constexpr GgufPreTokenizer kNames[] = {
    {"smollm", Splitting::DigitsThenGpt2},
    {"starcoder", Splitting::DigitsThenGpt2},
    {"refact", Splitting::DigitsThenGpt2},
    {"codeshell", Splitting::DigitsThenGpt2},
    {"exaone", Splitting::DigitsThenGpt2},
    {"command-r", Splitting::DigitsThenGpt2, false, false, true},
    {"gpt-2", Splitting::Gpt2},
    {"phi-2", Splitting::Gpt2},
    {"olmo", Splitting::Gpt2},
    {"mpt", Splitting::Gpt2},
    {"llama-bpe", Splitting::Llama3, true, true},
    {"llama3", Splitting::Llama3, true, true},
    {"llama-v3", Splitting::Llama3, true, true},
    {"falcon3", Splitting::Llama3, true, true},
    {"smaug-bpe", Splitting::Llama3},
    {"dbrx", Splitting::Llama3},
    {"qwen2", Splitting::Qwen2, false, false, true},
    {"deepseek-r1-qwen", Splitting::Qwen2, false, false, true},
    {"stablelm2", Splitting::Qwen2},
    {"default", Splitting::Default},
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
