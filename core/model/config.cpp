// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/config.h"

#include "core/base/error.h"
#include "core/io/quantized_checkpoint.h"
#include "core/io/strict_json.h"
#include "core/io/text_file.h"

#include <array>
#include <utility>

namespace eigenquant {
namespace {

constexpr std::array<std::string_view, 1> kArchitectures{"LlamaForCausalLM"};
/// Not a key that transformers knows: it keeps a packed checkpoint of a GGUF model with rope_freqs exact.
constexpr const char* kRopeFactorsKey = "eigenquant_rope_factors";
constexpr std::int64_t kLargest = 1 << 24; // far above any real size, far below an overflow

const std::vector<std::pair<RopeScaling::Type, std::string_view>> kRopeTypes{
    {RopeScaling::Type::None, "default"},    {RopeScaling::Type::Linear, "linear"},
    {RopeScaling::Type::Dynamic, "dynamic"}, {RopeScaling::Type::Llama3, "llama3"},
    {RopeScaling::Type::Yarn, "yarn"},       {RopeScaling::Type::LongRope, "longrope"}};

RopeScaling::Type ropeTypeFromName(const std::string& word, const JsonObject& json)
{
    std::string known;
    for (const auto& [type, name] : kRopeTypes) {
        if (name == word)
            return type;
        known += (known.empty() ? "" : ", ") + std::string(name);
    }
    throw Error::unsupported("unknown kind of RoPE scaling")
        .file(json.source().string())
        .field(json.fieldName("rope_type"))
        .found("\"" + word + "\"")
        .expected("one of " + known);
}

std::vector<double> factorList(const JsonObject& json, std::string_view key)
{
    std::vector<double> values;
    if (!json.has(key))
        return values;
    for (const auto& item : json.getArray(key)) {
        if (!item.is_number() || item.get<double>() <= 0)
            throw Error::invalid("not a list of positive numbers")
                .file(json.source().string())
                .field(json.fieldName(key));
        values.push_back(item.get<double>());
    }
    return values;
}

std::optional<double> numberIf(const JsonObject& json, std::string_view key)
{
    return json.has(key) ? std::optional(json.getNumber(key)) : std::nullopt;
}

RopeScaling parseRopeScaling(const JsonObject& json)
{
    RopeScaling scaling;
    const std::string legacyWord = json.getStringOr("type", "default");
    const std::string word = json.getStringOr("rope_type", legacyWord);
    scaling.type = ropeTypeFromName(word == "su" ? "longrope" : word, json);
    if (scaling.type == RopeScaling::Type::None)
        return scaling;
    scaling.originalContext =
        static_cast<int>(json.getIntegerOr("original_max_position_embeddings", 0, 1, kLargest));
    if (scaling.type != RopeScaling::Type::LongRope || json.has("factor"))
        scaling.factor = json.getNumber("factor");
    else
        scaling.factor = 0; // derived from the two context lengths
    scaling.lowFrequencyFactor = json.getNumberOr("low_freq_factor", 1);
    scaling.highFrequencyFactor = json.getNumberOr("high_freq_factor", 4);
    scaling.betaFast = json.getNumberOr("beta_fast", 32);
    scaling.betaSlow = json.getNumberOr("beta_slow", 1);
    scaling.attentionFactor = numberIf(json, "attention_factor");
    scaling.mscale = numberIf(json, "mscale");
    scaling.mscaleAllDim = numberIf(json, "mscale_all_dim");
    scaling.truncate = json.getBoolOr("truncate", true);
    scaling.shortFactors = factorList(json, "short_factor");
    scaling.longFactors = factorList(json, "long_factor");
    return scaling;
}

/// Positions that turn only a part of each head are another model.
void requireWholeHeads(const JsonObject& json)
{
    if (const double part = json.getNumberOr("partial_rotary_factor", 1); part != 1)
        throw Error::unsupported("rotary positions on a part of each head are not supported")
            .file(json.source().string())
            .field(json.fieldName("partial_rotary_factor"))
            .found(std::to_string(part))
            .expected("1");
}

void parseRope(ModelConfig& config, const JsonObject& json)
{
    config.ropeTheta = json.getNumberOr("rope_theta", 10000);
    // transformers 5 writes `rope_parameters`, which holds the base too; earlier ones `rope_scaling`.
    for (const char* key : {"rope_parameters", "rope_scaling"}) {
        if (!json.has(key))
            continue;
        const JsonObject rope = json.getObject(key);
        requireWholeHeads(rope);
        config.ropeTheta = rope.getNumberOr("rope_theta", config.ropeTheta);
        config.ropeScaling = parseRopeScaling(rope);
        break;
    }
    requireWholeHeads(json);
    // Some configs say the trained context beside the scaling; transformers lets that win.
    if (config.ropeScaling.type != RopeScaling::Type::None)
        config.ropeScaling.originalContext = static_cast<int>(json.getIntegerOr(
            "original_max_position_embeddings", config.ropeScaling.originalContext, 1, kLargest));
    if (config.ropeTheta <= 0)
        throw Error::invalid("the RoPE base must be positive").file(json.source().string()).field("rope_theta");
}

/// What must hold between the sizes, whatever format they came from.
void check(const ModelConfig& config, const std::string& source)
{
    auto refuse = [&](const std::string& what, const std::string& field, const std::string& found,
                      const std::string& expected) {
        throw Error::invalid(what).file(source).field(field).found(found).expected(expected);
    };
    if (config.heads % config.kvHeads != 0)
        refuse("attention heads do not divide into the key/value heads", "num_key_value_heads",
               std::to_string(config.kvHeads), "a divisor of " + std::to_string(config.heads));
    if (config.headDim % 2 != 0)
        refuse("rotary positions need an even head size", "head_dim", std::to_string(config.headDim),
               "an even number");
    if (!(config.normEpsilon >= 0))
        refuse("the norm's epsilon must not be negative", "rms_norm_eps", std::to_string(config.normEpsilon),
               "0 or above");
    const auto halfDim = static_cast<std::size_t>(config.headDim / 2);
    const auto& scaling = config.ropeScaling;
    if (scaling.type != RopeScaling::Type::None && scaling.type != RopeScaling::Type::LongRope && scaling.factor < 1)
        refuse("the RoPE scaling factor is below 1", "rope_scaling.factor", std::to_string(scaling.factor),
               "1 or above");
    if (scaling.type == RopeScaling::Type::LongRope &&
        (scaling.shortFactors.size() != halfDim || scaling.longFactors.size() != halfDim))
        refuse("longrope needs one factor for each frequency", "rope_scaling.short_factor, long_factor",
               std::to_string(scaling.shortFactors.size()) + " and " + std::to_string(scaling.longFactors.size()),
               std::to_string(halfDim) + " each");
    if (scaling.type == RopeScaling::Type::Llama3 &&
        (scaling.originalContext == 0 || scaling.highFrequencyFactor <= scaling.lowFrequencyFactor))
        refuse("llama3 RoPE scaling is incomplete", "rope_scaling",
               "original_max_position_embeddings " + std::to_string(scaling.originalContext) + ", low_freq_factor " +
                   std::to_string(scaling.lowFrequencyFactor) + ", high_freq_factor " +
                   std::to_string(scaling.highFrequencyFactor),
               "a positive original context, and low_freq_factor below high_freq_factor");
    if (!config.ropeFactors.empty() && config.ropeFactors.size() != halfDim)
        refuse("one RoPE factor for each frequency is needed", "rope_freqs.weight",
               std::to_string(config.ropeFactors.size()), std::to_string(halfDim));
}

void requireKnownArchitecture(const std::string& architecture, const std::string& source, const std::string& field)
{
    for (const auto known : kArchitectures)
        if (known == architecture)
            return;
    throw Error::unsupported("this architecture is not supported")
        .file(source)
        .field(field)
        .found("\"" + architecture + "\"")
        .expected("one of " + supportedArchitectures());
}

std::optional<std::int64_t> tokenId(const nlohmann::json& json, const char* key)
{
    const auto it = json.find(key);
    if (it == json.end() || it->is_null())
        return std::nullopt;
    // Llama 3 lists several end tokens; the first is the main one.
    const auto& value = it->is_array() && !it->empty() ? it->front() : *it;
    return value.is_number_integer() ? std::optional(value.get<std::int64_t>()) : std::nullopt;
}

} // namespace

std::string supportedArchitectures()
{
    std::string list;
    for (const auto architecture : kArchitectures)
        list += (list.empty() ? "" : ", ") + std::string(architecture);
    return list;
}

ModelConfig configFromJson(const nlohmann::json& value, const std::filesystem::path& source)
{
    const JsonObject json(value, source);
    ModelConfig config;
    refuseQuantizedConfig(value, source);
    const auto& architectures = json.getArray("architectures");
    if (architectures.empty() || !architectures.front().is_string())
        throw Error::invalid("names no architecture").file(source.string()).field("architectures");
    config.architecture = architectures.front().get<std::string>();
    requireKnownArchitecture(config.architecture, source.string(), "architectures");

    auto size = [&](const char* key) { return static_cast<int>(json.getInteger(key, 1, kLargest)); };
    config.modelType = json.getStringOr("model_type", "llama");
    config.layers = size("num_hidden_layers");
    config.hiddenSize = size("hidden_size");
    config.intermediateSize = size("intermediate_size");
    config.heads = size("num_attention_heads");
    config.kvHeads = static_cast<int>(json.getIntegerOr("num_key_value_heads", config.heads, 1, kLargest));
    if (!json.has("head_dim") && config.hiddenSize % config.heads != 0)
        throw Error::invalid("the hidden size does not divide into the attention heads")
            .file(source.string())
            .field("hidden_size")
            .found(std::to_string(config.hiddenSize))
            .expected("a multiple of num_attention_heads = " + std::to_string(config.heads));
    config.headDim =
        static_cast<int>(json.getIntegerOr("head_dim", config.hiddenSize / config.heads, 1, kLargest));
    config.vocabSize = size("vocab_size");
    config.contextLength = static_cast<int>(json.getIntegerOr("max_position_embeddings", 2048, 1, 1 << 30));
    config.normEpsilon = json.getNumberOr("rms_norm_eps", 1e-6);
    config.tiedEmbeddings = json.getBoolOr("tie_word_embeddings", false);
    config.attentionBias = json.getBoolOr("attention_bias", false);
    config.mlpBias = json.getBoolOr("mlp_bias", false);
    if (const auto activation = json.getStringOr("hidden_act", "silu"); activation != "silu")
        throw Error::unsupported("this activation function is not supported")
            .file(source.string())
            .field("hidden_act")
            .found("\"" + activation + "\"")
            .expected("silu");
    config.bosTokenId = tokenId(value, "bos_token_id");
    config.eosTokenId = tokenId(value, "eos_token_id");
    parseRope(config, json);
    config.ropeFactors = factorList(json, kRopeFactorsKey);
    check(config, source.string());
    return config;
}

ModelConfig loadConfig(const std::filesystem::path& file)
{
    return configFromJson(parseStrictJson(readFile(file, 64 << 20), file), file);
}

nlohmann::json configToJson(const ModelConfig& config, const std::string& torchDtype)
{
    nlohmann::json json{
        {"architectures", {config.architecture}},
        {"model_type", config.modelType},
        {"num_hidden_layers", config.layers},
        {"hidden_size", config.hiddenSize},
        {"intermediate_size", config.intermediateSize},
        {"num_attention_heads", config.heads},
        {"num_key_value_heads", config.kvHeads},
        {"head_dim", config.headDim},
        {"vocab_size", config.vocabSize},
        {"max_position_embeddings", config.contextLength},
        {"rms_norm_eps", config.normEpsilon},
        {"rope_theta", config.ropeTheta},
        {"tie_word_embeddings", config.tiedEmbeddings},
        {"attention_bias", config.attentionBias},
        {"mlp_bias", config.mlpBias},
        {"hidden_act", "silu"},
        {"torch_dtype", torchDtype},
        {"use_cache", true},
    };
    if (config.bosTokenId)
        json["bos_token_id"] = *config.bosTokenId;
    if (config.eosTokenId)
        json["eos_token_id"] = *config.eosTokenId;
    const RopeScaling& scaling = config.ropeScaling;
    if (scaling.type != RopeScaling::Type::None) {
        nlohmann::json rope;
        for (const auto& [type, word] : kRopeTypes)
            if (type == scaling.type)
                rope["rope_type"] = std::string(word);
        if (scaling.factor > 0)
            rope["factor"] = scaling.factor;
        if (scaling.originalContext > 0)
            rope["original_max_position_embeddings"] = scaling.originalContext;
        if (scaling.type == RopeScaling::Type::Llama3) {
            rope["low_freq_factor"] = scaling.lowFrequencyFactor;
            rope["high_freq_factor"] = scaling.highFrequencyFactor;
        }
        if (scaling.type == RopeScaling::Type::Yarn) {
            rope["beta_fast"] = scaling.betaFast;
            rope["beta_slow"] = scaling.betaSlow;
            rope["truncate"] = scaling.truncate;
        }
        if (scaling.attentionFactor)
            rope["attention_factor"] = *scaling.attentionFactor;
        if (scaling.mscale)
            rope["mscale"] = *scaling.mscale;
        if (scaling.mscaleAllDim)
            rope["mscale_all_dim"] = *scaling.mscaleAllDim;
        if (!scaling.shortFactors.empty())
            rope["short_factor"] = scaling.shortFactors;
        if (!scaling.longFactors.empty())
            rope["long_factor"] = scaling.longFactors;
        json["rope_scaling"] = std::move(rope);
    }
    if (!config.ropeFactors.empty())
        json[kRopeFactorsKey] = config.ropeFactors;
    return json;
}

} // namespace eigenquant
