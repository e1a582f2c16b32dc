// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/config.h"
#include "core/model/config_names.h"
#include "core/model/config_rope.h"

#include <nlohmann/json.hpp>

#include <array>
#include <cmath>
#include <utility>

namespace eigenquant {
namespace {

/// The first word of each is the one that is written.
constexpr std::array<std::pair<std::string_view, Activation>, 6> kActivations{{
    {"silu", Activation::Silu},
    {"gelu_pytorch_tanh", Activation::GeluTanh},
    {"gelu", Activation::Gelu},
    {"relu", Activation::Relu},
    {"swish", Activation::Silu},
    {"gelu_new", Activation::GeluTanh},
}};

/// As transformers' config classes want it: whole numbers without a point.
nlohmann::json number(double value)
{
    if (value == std::floor(value))
        return static_cast<std::int64_t>(value);
    return value;
}

nlohmann::json capToJson(double cap)
{
    return cap > 0 ? nlohmann::json(cap) : nlohmann::json(nullptr);
}

void writeOptOptions(const ModelConfig& config, nlohmann::json& json)
{
    json["word_embed_proj_dim"] = config.embeddingWidth();
    json["do_layer_norm_before"] = !config.normsAfterSum;
    json["_remove_final_layer_norm"] = !config.normsAfterSum && !config.finalNorm;
    json["enable_bias"] = config.attentionBias;
    json["layer_norm_elementwise_affine"] = config.storedNorms;
    if (config.norm == NormKind::Rms)
        json[kNormKindKey] = kRmsNormWord;
}

void writeWindows(const ModelConfig& config, const Architecture& architecture, nlohmann::json& json)
{
    if (architecture.windows == WindowRule::None)
        return;
    int window = 0;
    auto types = nlohmann::json::array();
    int first = config.layers;
    for (int layer = config.layers - 1; layer >= 0; --layer)
        if (config.window(layer) > 0) {
            window = config.window(layer);
            first = layer;
        }
    for (int layer = 0; layer < config.layers; ++layer)
        types.push_back(config.window(layer) > 0 ? "sliding_attention" : "full_attention");
    json["sliding_window"] = window > 0 ? nlohmann::json(window) : nlohmann::json(nullptr);
    if (architecture.windows == WindowRule::UpperLayers) {
        json["use_sliding_window"] = window > 0;
        json["max_window_layers"] = first;
    }
    if (architecture.windows == WindowRule::Pattern)
        json["sliding_window_pattern"] = architecture.defaults.windowPattern;
    if (architecture.windows != WindowRule::EveryLayer)
        json["layer_types"] = std::move(types);
}

void writeBlocks(const ModelConfig& config, const Architecture& architecture, nlohmann::json& json)
{
    json[architecture.keys.activation] = name(config.activation);
    if (architecture.keys.normEpsilon)
        json[architecture.keys.normEpsilon] = config.normEpsilon;
    if (!architecture.alwaysQkvBias && !architecture.learnedPositions)
        json["attention_bias"] = config.attentionBias;
    if (config.mlpBias && !architecture.learnedPositions)
        json["mlp_bias"] = true;
    if (architecture.softCaps) {
        json["attn_logit_softcapping"] = capToJson(config.attentionCap);
        json["final_logit_softcapping"] = capToJson(config.logitCap);
        json["query_pre_attn_scalar"] = number(config.queryScalar > 0 ? config.queryScalar : config.headDim);
    }
}

} // namespace

std::optional<Activation> activationFromName(std::string_view word)
{
    for (const auto& [known, activation] : kActivations)
        if (known == word)
            return activation;
    return std::nullopt;
}

std::string_view name(Activation activation)
{
    for (const auto& [known, value] : kActivations)
        if (value == activation)
            return known;
    return {};
}

std::string activationNames()
{
    std::string list;
    for (const auto& [known, activation] : kActivations)
        list += (list.empty() ? "" : ", ") + std::string(known);
    return list;
}

nlohmann::json configToJson(const ModelConfig& config, const std::string& torchDtype)
{
    const Architecture& architecture = architectureOf(config);
    nlohmann::json json{
        {"architectures", {config.architecture}},
        {"model_type", architecture.modelType},
        {"num_hidden_layers", config.layers},
        {"hidden_size", config.hiddenSize},
        {architecture.keys.intermediateSize, config.intermediateSize},
        {"num_attention_heads", config.heads},
        {"vocab_size", config.vocabSize},
        {"max_position_embeddings", config.contextLength},
        {"tie_word_embeddings", config.tiedEmbeddings},
        {"torch_dtype", torchDtype},
        // Some config classes have a default far beyond a small vocabulary; no logit depends on it.
        {"pad_token_id", nullptr},
        {"use_cache", true},
    };
    if (config.bosTokenId)
        json["bos_token_id"] = *config.bosTokenId;
    if (config.eosTokenId)
        json["eos_token_id"] = *config.eosTokenId;
    writeBlocks(config, architecture, json);
    writeWindows(config, architecture, json);
    if (architecture.learnedPositions) {
        writeOptOptions(config, json);
        return json;
    }
    json["num_key_value_heads"] = config.kvHeads;
    json["head_dim"] = config.headDim;
    writeRope(config, architecture, json);
    return json;
}

} // namespace eigenquant
