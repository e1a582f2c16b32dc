// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/error.h"
#include "core/io/gguf.h"
#include "core/model/config.h"

namespace eigenquant {
namespace {

int size(const GgufStore& gguf, const std::string& key)
{
    const std::int64_t value = gguf.integer(key);
    if (value < 1 || value > (1 << 24))
        throw Error::invalid("not a usable size")
            .file(gguf.files().front().string())
            .field(key)
            .found(std::to_string(value))
            .expected("1 to 16777216");
    return static_cast<int>(value);
}

int sizeOr(const GgufStore& gguf, const std::string& key, int fallback)
{
    return gguf.integerIf(key) ? size(gguf, key) : fallback;
}

/// A size that the tensor itself proves, so that the file need not be believed.
int vocabularyRows(const GgufStore& gguf)
{
    const StoredTensor& embedding = gguf.at("token_embd.weight");
    if (embedding.shape.size() != 2)
        throw Error::invalid("the embedding is not a matrix")
            .file(gguf.files().front().string())
            .field("token_embd.weight");
    return static_cast<int>(embedding.shape[0]);
}

void readRope(ModelConfig& config, const GgufStore& gguf, const std::string& prefix)
{
    config.ropeTheta = gguf.realIf(prefix + "rope.freq_base").value_or(10000);
    const int rotary = sizeOr(gguf, prefix + "rope.dimension_count", config.headDim);
    if (rotary != config.headDim)
        throw Error::unsupported("rotary positions on a part of the head are not supported")
            .file(gguf.files().front().string())
            .field(prefix + "rope.dimension_count")
            .found(std::to_string(rotary))
            .expected(std::to_string(config.headDim));
    RopeScaling& scaling = config.ropeScaling;
    const std::string kind = gguf.textIf(prefix + "rope.scaling.type").value_or("none");
    scaling.factor = gguf.realIf(prefix + "rope.scaling.factor").value_or(1);
    scaling.originalContext =
        static_cast<int>(gguf.integerIf(prefix + "rope.scaling.original_context_length").value_or(0));
    if (kind == "linear")
        scaling.type = RopeScaling::Type::Linear;
    else if (kind == "yarn")
        scaling.type = RopeScaling::Type::Yarn;
    else if (kind != "none")
        throw Error::unsupported("unknown kind of RoPE scaling")
            .file(gguf.files().front().string())
            .field(prefix + "rope.scaling.type")
            .found("\"" + kind + "\"")
            .expected("none, linear or yarn");
    if (const StoredTensor* factors = gguf.find("rope_freqs.weight")) {
        std::vector<float> values(static_cast<std::size_t>(factors->count()));
        gguf.readFloat(*factors, values);
        config.ropeFactors.assign(values.begin(), values.end());
    }
}

} // namespace

ModelConfig configFromGguf(const GgufStore& gguf)
{
    const std::string file = gguf.files().front().string();
    const std::string architecture = gguf.text("general.architecture");
    if (architecture != "llama")
        throw Error::unsupported("this architecture is not supported")
            .file(file)
            .field("general.architecture")
            .found("\"" + architecture + "\"")
            .expected("llama (" + supportedArchitectures() + ")");
    const std::string prefix = architecture + ".";
    if (gguf.integerIf(prefix + "expert_count").value_or(0) > 0)
        throw Error::unsupported("mixtures of experts are not supported").file(file).field(prefix + "expert_count");

    ModelConfig config;
    config.architecture = "LlamaForCausalLM";
    config.modelType = "llama";
    config.name = gguf.textIf("general.name").value_or("");
    config.layers = size(gguf, prefix + "block_count");
    config.hiddenSize = size(gguf, prefix + "embedding_length");
    config.intermediateSize = size(gguf, prefix + "feed_forward_length");
    config.heads = size(gguf, prefix + "attention.head_count");
    config.kvHeads = sizeOr(gguf, prefix + "attention.head_count_kv", config.heads);
    if (config.hiddenSize % config.heads != 0 || config.heads % config.kvHeads != 0)
        throw Error::invalid("the sizes do not divide into the attention heads")
            .file(file)
            .field(prefix + "attention.head_count")
            .found(std::to_string(config.heads) + " heads, " + std::to_string(config.kvHeads) + " key/value heads")
            .expected("divisors of " + std::to_string(config.hiddenSize));
    config.headDim = sizeOr(gguf, prefix + "attention.key_length", config.hiddenSize / config.heads);
    if (config.headDim % 2 != 0)
        throw Error::invalid("rotary positions need an even head size")
            .file(file)
            .field(prefix + "attention.key_length")
            .found(std::to_string(config.headDim));
    config.vocabSize = vocabularyRows(gguf);
    config.contextLength = sizeOr(gguf, prefix + "context_length", 2048);
    config.normEpsilon = gguf.realIf(prefix + "attention.layer_norm_rms_epsilon").value_or(1e-5);
    config.tiedEmbeddings = gguf.find("output.weight") == nullptr;
    config.attentionBias = gguf.find("blk.0.attn_q.bias") != nullptr;
    config.mlpBias = gguf.find("blk.0.ffn_gate.bias") != nullptr;
    config.bosTokenId = gguf.integerIf("tokenizer.ggml.bos_token_id");
    config.eosTokenId = gguf.integerIf("tokenizer.ggml.eos_token_id");
    readRope(config, gguf, prefix);
    return config;
}

} // namespace eigenquant
