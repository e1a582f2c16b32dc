// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/error.h"
#include "core/io/gguf.h"
#include "core/model/config.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

namespace eigenquant {
namespace {

int size(const GgufStore& gguf, const std::string& key)
{
    const std::int64_t value = gguf.integer(key);
    const std::int64_t largest = key.ends_with("block_count") ? 1 << 14 : 1 << 24;
    if (value < 1 || value > largest)
        throw Error::invalid("not a usable size")
            .file(gguf.files().front().string())
            .field(key)
            .found(std::to_string(value))
            .expected("1 to " + std::to_string(largest));
    return static_cast<int>(value);
}

int sizeOr(const GgufStore& gguf, const std::string& key, int fallback)
{
    return gguf.integerIf(key).value_or(0) != 0 ? size(gguf, key) : fallback;
}

/// A size that the tensor itself proves, so that the file need not be believed.
int vocabularyRows(const GgufStore& gguf)
{
    const StoredTensor& embedding = gguf.at("token_embd.weight");
    if (embedding.shape.size() != 2)
        throw Error::invalid("the embedding is not a matrix")
            .file(gguf.files().front().string())
            .field("token_embd.weight");
    if (embedding.shape[0] < 1 || embedding.shape[0] > (1 << 24))
        throw Error::invalid("not a usable vocabulary")
            .file(gguf.files().front().string())
            .field("token_embd.weight")
            .found(std::to_string(embedding.shape[0]))
            .expected("1 to 16777216");
    return static_cast<int>(embedding.shape[0]);
}

std::vector<double> factors(const GgufStore& gguf, const char* name)
{
    const StoredTensor* tensor = gguf.find(name);
    if (!tensor)
        return {};
    if (tensor->count() > (1 << 16)) // far more than any head has
        throw Error::invalid("too many RoPE factors").file(gguf.files().front().string()).field(name).found(
            std::to_string(tensor->count()));
    std::vector<float> values(static_cast<std::size_t>(tensor->count()));
    gguf.readFloat(*tensor, values);
    for (const float value : values)
        if (!(value > 0))
            throw Error::invalid("a RoPE factor is not positive").file(gguf.files().front().string()).field(name).found(
                std::to_string(value));
    return {values.begin(), values.end()};
}

RopeScaling::Type scalingType(const GgufStore& gguf, const std::string& key)
{
    const std::string kind = gguf.textIf(key).value_or("none");
    if (kind == "linear")
        return RopeScaling::Type::Linear;
    if (kind == "yarn")
        return RopeScaling::Type::Yarn;
    if (kind == "none" || kind == "longrope") // the factors of longrope are tensors, and tell by themselves
        return RopeScaling::Type::None;
    throw Error::unsupported("unknown kind of RoPE scaling")
        .file(gguf.files().front().string())
        .field(key)
        .found("\"" + kind + "\"")
        .expected("none, linear, yarn or longrope");
}

void readRotaryDimensions(ModelConfig& config, const Architecture& architecture, const GgufStore& gguf,
                          const std::string& key)
{
    const int rotary = sizeOr(gguf, key, config.headDim);
    if (rotary > config.headDim || (rotary < config.headDim && !architecture.partialRotary))
        throw Error::unsupported("this architecture turns all of each head")
            .file(gguf.files().front().string())
            .field(key)
            .found(std::to_string(rotary))
            .expected(std::to_string(config.headDim));
    config.partialRotaryDim = rotary < config.headDim ? rotary : 0;
}

void readRope(ModelConfig& config, const Architecture& architecture, const GgufStore& gguf, const std::string& prefix)
{
    config.ropeTheta = gguf.realIf(prefix + "rope.freq_base").value_or(architecture.defaults.ropeTheta);
    if (architecture.defaults.localRopeTheta > 0)
        config.localRopeTheta =
            gguf.realIf(prefix + "rope.freq_base_swa").value_or(architecture.defaults.localRopeTheta);
    readRotaryDimensions(config, architecture, gguf, prefix + "rope.dimension_count");
    RopeScaling& scaling = config.ropeScaling;
    scaling.type = scalingType(gguf, prefix + "rope.scaling.type");
    scaling.factor = gguf.realIf(prefix + "rope.scaling.factor").value_or(1);
    scaling.originalContext = sizeOr(gguf, prefix + "rope.scaling.original_context_length", 0);
    scaling.longFactors = factors(gguf, "rope_factors_long.weight");
    scaling.shortFactors = factors(gguf, "rope_factors_short.weight");
    if (!scaling.longFactors.empty()) {
        scaling.type = RopeScaling::Type::LongRope;
        scaling.factor = 0; // derived from the two context lengths, unless the factor on cos and sin is given
        scaling.attentionFactor = gguf.realIf(prefix + "rope.scaling.attn_factor");
    }
    config.ropeFactors = factors(gguf, "rope_freqs.weight");
}

void readWindows(ModelConfig& config, const Architecture& architecture, const GgufStore& gguf,
                 const std::string& prefix)
{
    const int pattern = std::max(architecture.defaults.windowPattern, 1);
    const bool everyLayer = architecture.windows == WindowRule::EveryLayer;
    const int fallback = architecture.windows == WindowRule::Pattern ? architecture.defaults.window : 0;
    const std::string key = prefix + "attention.sliding_window";
    const int window = sizeOr(gguf, key, fallback);
    if (architecture.windows == WindowRule::None && window > 0 && window < config.contextLength)
        throw Error::unsupported("this architecture has no windows of attention")
            .file(gguf.files().front().string())
            .field(key)
            .found(std::to_string(window))
            .expected("none, or one of at least the context, " + std::to_string(config.contextLength))
            .hint("use the Hugging Face original of the model, which says what it is");
    if (architecture.windows == WindowRule::None || architecture.windows == WindowRule::UpperLayers || window == 0)
        return;
    for (int layer = 0; layer < config.layers; ++layer)
        config.windows.push_back(everyLayer || (layer + 1) % pattern != 0 ? window : 0);
}

/// What llama.cpp knows of a model by its size: the largest Gemma of each generation scales queries by the width that
/// its heads would have if they shared the hidden size.
bool isLargestGemma(const ModelConfig& config)
{
    return (config.architecture == "Gemma2ForCausalLM" && config.layers == 46) ||
           (config.architecture == "Gemma3ForCausalLM" && config.layers == 62);
}

void readBlocks(ModelConfig& config, const Architecture& architecture, const GgufStore& gguf, const std::string& prefix)
{
    const ConfigDefaults& defaults = architecture.defaults;
    const auto has = [&](const char* tensor) { return gguf.find(tensor) != nullptr; };
    config.normEpsilon = gguf.realIf(prefix + "attention.layer_norm_rms_epsilon").value_or(1e-5);
    config.outNorms = architecture.outNorms;
    config.headNorms = architecture.headNorms;
    config.activation = defaults.activation;
    config.gatedMlp = architecture.gatedMlp;
    config.attentionBias = has("blk.0.attn_q.bias") || has("blk.0.attn_qkv.bias");
    config.attentionOutBias = has("blk.0.attn_output.bias");
    config.mlpBias = has("blk.0.ffn_up.bias");
    if (architecture.scaledEmbedding)
        config.embeddingScale = std::sqrt(static_cast<float>(config.hiddenSize));
    if (!architecture.softCaps)
        return;
    config.attentionCap = gguf.realIf(prefix + "attn_logit_softcapping").value_or(defaults.attentionCap);
    config.logitCap = gguf.realIf(prefix + "final_logit_softcapping").value_or(defaults.logitCap);
    config.queryScalar =
        isLargestGemma(config) ? static_cast<double>(config.hiddenSize) / config.heads : config.headDim;
}

} // namespace

ModelConfig configFromGguf(const GgufStore& gguf)
{
    const std::string file = gguf.files().front().string();
    const std::string word = gguf.text("general.architecture");
    const Architecture* architecture = findGgufArchitecture(word);
    if (!architecture)
        throw Error::unsupported("this architecture is not supported")
            .file(file)
            .field("general.architecture")
            .found("\"" + word + "\"")
            .expected("one of " + supportedGgufArchitectures());
    const std::string prefix = word + ".";
    if (gguf.integerIf(prefix + "expert_count").value_or(0) > 0)
        throw Error::unsupported("mixtures of experts are not supported").file(file).field(prefix + "expert_count");

    ModelConfig config;
    config.architecture = architecture->name;
    config.modelType = architecture->modelType;
    config.name = gguf.textIf("general.name").value_or("");
    config.layers = size(gguf, prefix + "block_count");
    config.hiddenSize = size(gguf, prefix + "embedding_length");
    config.intermediateSize = size(gguf, prefix + "feed_forward_length");
    config.heads = size(gguf, prefix + "attention.head_count");
    config.kvHeads = sizeOr(gguf, prefix + "attention.head_count_kv", config.heads);
    const bool headSizeGiven = gguf.integerIf(prefix + "attention.key_length").has_value();
    if ((!headSizeGiven && config.hiddenSize % config.heads != 0) || config.heads % config.kvHeads != 0)
        throw Error::invalid("the sizes do not divide into the attention heads")
            .file(file)
            .field(prefix + "attention.head_count")
            .found(std::to_string(config.heads) + " heads, " + std::to_string(config.kvHeads) + " key/value heads")
            .expected("divisors of " + std::to_string(config.hiddenSize));
    config.headDim = sizeOr(gguf, prefix + "attention.key_length", std::max(config.hiddenSize / config.heads, 1));
    config.vocabSize = vocabularyRows(gguf);
    config.contextLength = sizeOr(gguf, prefix + "context_length", 2048);
    config.tiedEmbeddings = gguf.find("output.weight") == nullptr;
    config.bosTokenId = gguf.integerIf("tokenizer.ggml.bos_token_id");
    config.eosTokenId = gguf.integerIf("tokenizer.ggml.eos_token_id");
    readBlocks(config, *architecture, gguf, prefix);
    readRope(config, *architecture, gguf, prefix);
    readWindows(config, *architecture, gguf, prefix);
    checkConfig(config, file);
    return config;
}

} // namespace eigenquant
