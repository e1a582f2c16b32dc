// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/config.h"

#include "core/base/error.h"
#include "core/io/quantized_checkpoint.h"
#include "core/io/strict_json.h"
#include "core/io/text_file.h"
#include "core/model/config_names.h"
#include "core/model/config_rope.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace eigenquant {
namespace {

constexpr std::int64_t kLargest = 1 << 24; // far above any real size, far below an overflow
constexpr std::int64_t kMostLayers = 1 << 14;

std::optional<std::int64_t> tokenId(const JsonObject& json, const char* key)
{
    if (!json.has(key))
        return std::nullopt;
    // Llama 3 lists several end tokens; the first is the main one.
    const auto& member = json.raw().at(key);
    const auto& value = member.is_array() && !member.empty() ? member.front() : member;
    return value.is_number_integer() ? std::optional(value.get<std::int64_t>()) : std::nullopt;
}

/// A size that has to be there, unless the architecture's config class has a default.
int sizeOr(const JsonObject& json, const char* key, int fallback, std::int64_t largest = kLargest)
{
    return static_cast<int>(fallback > 0 ? json.getIntegerOr(key, fallback, 1, largest)
                                         : json.getInteger(key, 1, largest));
}

/// Zero for null, the default for a key that is not there.
double capOr(const JsonObject& json, const char* key, double fallback)
{
    if (!json.raw().contains(key))
        return fallback;
    const double cap = json.getNumberOr(key, 0);
    if (json.has(key) && !(cap > 0))
        throw Error::invalid("a soft cap must be positive")
            .file(json.source().string())
            .field(json.fieldName(key))
            .found(std::to_string(cap));
    return cap;
}

void readSizes(ModelConfig& config, const Architecture& architecture, const JsonObject& json)
{
    const ConfigDefaults& defaults = architecture.defaults;
    config.layers = sizeOr(json, "num_hidden_layers", 0, kMostLayers);
    config.hiddenSize = sizeOr(json, "hidden_size", 0);
    config.intermediateSize = sizeOr(json, architecture.keys.intermediateSize, 0);
    config.heads = sizeOr(json, "num_attention_heads", defaults.heads);
    // Null, which some config classes write, is one key/value head for each head.
    const bool given = json.raw().contains("num_key_value_heads");
    config.kvHeads =
        sizeOr(json, "num_key_value_heads", defaults.kvHeads > 0 && !given ? defaults.kvHeads : config.heads);
    if (architecture.learnedPositions)
        config.kvHeads = config.heads;
    const bool free = !architecture.learnedPositions && (json.has("head_dim") || defaults.headDim > 0);
    if (!free && config.hiddenSize % config.heads != 0)
        throw Error::invalid("the hidden size does not divide into the attention heads")
            .file(json.source().string())
            .field(json.fieldName("hidden_size"))
            .found(std::to_string(config.hiddenSize))
            .expected("a multiple of num_attention_heads = " + std::to_string(config.heads));
    const int even = config.hiddenSize / config.heads;
    config.headDim = sizeOr(json, "head_dim", defaults.headDim > 0 ? defaults.headDim : std::max(even, 1));
    if (architecture.learnedPositions)
        config.headDim = even;
    config.vocabSize = sizeOr(json, "vocab_size", defaults.vocabSize);
    config.contextLength =
        static_cast<int>(json.getIntegerOr("max_position_embeddings", defaults.contextLength, 1, 1 << 30));
}

Activation readActivation(const Architecture& architecture, const JsonObject& json)
{
    const char* key = architecture.keys.activation;
    // Configs of Gemma also carry `hidden_act`, which is not looked at.
    if (!json.has(key))
        return architecture.defaults.activation;
    if (const auto activation = activationFromName(json.getString(key)))
        return *activation;
    throw Error::unsupported("this activation function is not supported")
        .file(json.source().string())
        .field(json.fieldName(key))
        .found("\"" + json.getString(key) + "\"")
        .expected("one of " + activationNames());
}

void readBlocks(ModelConfig& config, const Architecture& architecture, const JsonObject& json)
{
    const ConfigDefaults& defaults = architecture.defaults;
    config.norm = architecture.norm;
    config.normBias = architecture.norm == NormKind::Layer;
    config.normEpsilon = architecture.keys.normEpsilon
                             ? json.getNumberOr(architecture.keys.normEpsilon, defaults.normEpsilon)
                             : defaults.normEpsilon;
    config.outNorms = architecture.outNorms;
    config.headNorms = architecture.headNorms;
    config.activation = readActivation(architecture, json);
    config.gatedMlp = architecture.gatedMlp;
    config.attentionBias = architecture.alwaysQkvBias || json.getBoolOr("attention_bias", false);
    config.attentionOutBias = !architecture.alwaysQkvBias;
    config.mlpBias = json.getBoolOr("mlp_bias", false);
    config.embeddingScale = architecture.scaledEmbedding ? std::sqrt(static_cast<float>(config.hiddenSize)) : 1;
    if (architecture.softCaps) {
        config.attentionCap = capOr(json, "attn_logit_softcapping", defaults.attentionCap);
        config.logitCap = capOr(json, "final_logit_softcapping", defaults.logitCap);
        config.queryScalar = json.getNumberOr("query_pre_attn_scalar", 256);
        if (!(config.queryScalar > 0))
            throw Error::invalid("the scale of queries must be positive")
                .file(json.source().string())
                .field(json.fieldName("query_pre_attn_scalar"))
                .found(std::to_string(config.queryScalar));
        if (json.getBoolOr("use_bidirectional_attention", false))
            throw Error::unsupported("attention to tokens that follow is not supported")
                .file(json.source().string())
                .field(json.fieldName("use_bidirectional_attention"))
                .expected("false");
    }
}

void readOptOptions(ModelConfig& config, const JsonObject& json)
{
    config.rotary = false;
    config.positionOffset = 2;
    config.attentionBias = config.mlpBias = json.getBoolOr("enable_bias", true);
    config.storedNorms = json.getBoolOr("layer_norm_elementwise_affine", true);
    config.normsAfterSum = !json.getBoolOr("do_layer_norm_before", true);
    config.finalNorm = !config.normsAfterSum && !json.getBoolOr("_remove_final_layer_norm", false);
    const int width = sizeOr(json, "word_embed_proj_dim", config.hiddenSize);
    config.embeddingSize = width == config.hiddenSize ? 0 : width;
    if (const std::string norm = json.getStringOr(kNormKindKey, kLayerNormWord); norm == kRmsNormWord)
        config.norm = NormKind::Rms;
}

/// Which layers see a window, from `layer_types`; transformers writes it since 4.53.
std::vector<bool> listedWindows(const JsonObject& json, int layers)
{
    const auto& list = json.getArray("layer_types");
    if (list.size() != static_cast<std::size_t>(layers))
        throw Error::invalid("not one type for each layer")
            .file(json.source().string())
            .field(json.fieldName("layer_types"))
            .found(std::to_string(list.size()))
            .expected(std::to_string(layers));
    std::vector<bool> local;
    for (const auto& item : list) {
        const std::string word = item.is_string() ? item.get<std::string>() : item.dump();
        if (word != "full_attention" && word != "sliding_attention")
            throw Error::unsupported("unknown kind of layer")
                .file(json.source().string())
                .field(json.fieldName("layer_types"))
                .found("\"" + word + "\"")
                .expected("full_attention or sliding_attention");
        local.push_back(word == "sliding_attention");
    }
    return local;
}

std::vector<bool> localLayers(const Architecture& architecture, const JsonObject& json, int layers, int window)
{
    if (architecture.windows != WindowRule::EveryLayer && json.has("layer_types"))
        return listedWindows(json, layers);
    const auto most = std::numeric_limits<int>::max();
    const auto first = json.getIntegerOr("max_window_layers", architecture.defaults.windowLayers, 0, most);
    const auto pattern =
        json.getIntegerOr("sliding_window_pattern", std::max(architecture.defaults.windowPattern, 1), 1, most);
    std::vector<bool> local;
    for (int layer = 0; layer < layers; ++layer)
        local.push_back(window > 0 && (architecture.windows == WindowRule::EveryLayer ||
                                       (architecture.windows == WindowRule::UpperLayers && layer >= first) ||
                                       (architecture.windows == WindowRule::Pattern && (layer + 1) % pattern != 0)));
    return local;
}

void readWindows(ModelConfig& config, const Architecture& architecture, const JsonObject& json)
{
    if (architecture.windows == WindowRule::None)
        return;
    const bool wanted = architecture.windows != WindowRule::UpperLayers || json.getBoolOr("use_sliding_window", false);
    int window = json.raw().contains("sliding_window") ? 0 : architecture.defaults.window;
    if (json.has("sliding_window"))
        window = static_cast<int>(json.getInteger("sliding_window", 1, 1 << 30));
    window = wanted ? window : 0;
    for (const bool local : localLayers(architecture, json, config.layers, window)) {
        if (local && window == 0)
            throw Error::invalid("layers with a window, and no size of it")
                .file(json.source().string())
                .field(json.fieldName("sliding_window"))
                .found(json.has("sliding_window") ? "use_sliding_window false" : "null")
                .expected("the window in tokens, for the layers that layer_types calls sliding_attention");
        config.windows.push_back(local ? window : 0);
    }
    if (window == 0)
        config.windows.clear();
}

const Architecture& requireArchitecture(const JsonObject& json)
{
    const auto& names = json.getArray("architectures");
    if (names.empty() || !names.front().is_string())
        throw Error::invalid("names no architecture").file(json.source().string()).field("architectures");
    const std::string name = names.front().get<std::string>();
    if (const Architecture* found = findArchitecture(name))
        return *found;
    if (const Architecture* found = findWrappedArchitecture(name))
        return *found;
    throw Error::unsupported("this architecture is not supported")
        .file(json.source().string())
        .field("architectures")
        .found("\"" + name + "\"")
        .expected("one of " + supportedArchitectures());
}

} // namespace

ModelConfig configFromJson(const nlohmann::json& value, const std::filesystem::path& source)
{
    const JsonObject whole(value, source);
    refuseQuantizedConfig(value, source);
    const Architecture& architecture = requireArchitecture(whole);
    const bool wrapped = whole.raw().at("architectures").front().get<std::string>() != architecture.name;
    const JsonObject json = wrapped ? whole.getObject("text_config") : whole;
    ModelConfig config;
    config.architecture = architecture.name;
    config.modelType = architecture.modelType;
    readSizes(config, architecture, json);
    const bool tied = json.getBoolOr("tie_word_embeddings", architecture.defaults.tiedEmbeddings);
    config.tiedEmbeddings = whole.getBoolOr("tie_word_embeddings", tied);
    config.bosTokenId = tokenId(json, "bos_token_id");
    config.eosTokenId = tokenId(json, "eos_token_id");
    readBlocks(config, architecture, json);
    if (architecture.learnedPositions)
        readOptOptions(config, json);
    else
        readRope(config, architecture, json);
    readWindows(config, architecture, json);
    checkConfig(config, source.string());
    return config;
}

void checkConfig(const ModelConfig& config, const std::string& source)
{
    if (config.heads % config.kvHeads != 0)
        throw Error::invalid("attention heads do not divide into the key/value heads")
            .file(source)
            .field("num_key_value_heads")
            .found(std::to_string(config.kvHeads))
            .expected("a divisor of " + std::to_string(config.heads));
    if (!(config.normEpsilon >= 0))
        throw Error::invalid("the norm's epsilon must not be negative")
            .file(source)
            .field("rms_norm_eps")
            .found(std::to_string(config.normEpsilon))
            .expected("0 or above");
    if (config.rotary)
        checkRope(config, source);
}

ModelConfig loadConfig(const std::filesystem::path& file)
{
    return configFromJson(parseStrictJson(readFile(file, 64 << 20), file), file);
}

} // namespace eigenquant
