// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/config_rope.h"

#include "core/base/error.h"

#include <cmath>
#include <utility>

namespace eigenquant {
namespace {

constexpr std::int64_t kLongest = 1 << 24; // of a context; far above any real one

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
        static_cast<int>(json.getIntegerOr("original_max_position_embeddings", 0, 1, kLongest));
    // A null stands for the ratio of the two context lengths with yarn alone.
    const bool isNull = json.raw().contains("factor") && !json.has("factor");
    const bool isDerived = json.has("short_factor") || scaling.type == RopeScaling::Type::LongRope ||
                           (scaling.type == RopeScaling::Type::Yarn && isNull);
    if (!isDerived || json.has("factor"))
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

/// The share of each head that turns, which only some models may make smaller than 1.
void readPartialRotary(ModelConfig& config, const Architecture& architecture, const JsonObject& json)
{
    if (!json.has("partial_rotary_factor"))
        return;
    const double part = json.getNumber("partial_rotary_factor");
    const bool possible = part == 1 || (architecture.partialRotary && part > 0 && part < 1);
    if (!possible)
        throw Error::unsupported("this architecture turns all of each head")
            .file(json.source().string())
            .field(json.fieldName("partial_rotary_factor"))
            .found(std::to_string(part))
            .expected(architecture.partialRotary ? "above 0, at most 1" : "1");
    config.partialRotaryDim = part < 1 ? static_cast<int>(config.headDim * part) : 0;
}

void readParameters(const JsonObject& json, double& theta, RopeScaling& scaling)
{
    theta = json.getNumberOr("rope_theta", theta);
    scaling = parseRopeScaling(json);
}

/// yarn without a factor: what the contexts that the model was trained for, before and after, come to.
void deriveYarnFactor(RopeScaling& scaling, int contextLength)
{
    if (scaling.type == RopeScaling::Type::Yarn && scaling.factor == 0)
        scaling.factor =
            scaling.originalContext > 0 ? static_cast<double>(contextLength) / scaling.originalContext : 1;
}

/// Early configs of Phi-3 call longrope "su" or "yarn".
bool isLongRopeByAnotherName(const Architecture& architecture, const RopeScaling& scaling)
{
    return architecture.partialRotary && scaling.type == RopeScaling::Type::Yarn && !scaling.shortFactors.empty();
}

nlohmann::json scalingToJson(const RopeScaling& scaling, bool contextBeside)
{
    nlohmann::json rope;
    for (const auto& [type, word] : kRopeTypes)
        if (type == scaling.type)
            rope[contextBeside ? "type" : "rope_type"] = std::string(word);
    if (scaling.factor > 0)
        rope["factor"] = scaling.factor;
    if (scaling.originalContext > 0 && !contextBeside)
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
    return rope;
}

void checkScaling(const RopeScaling& scaling, std::size_t frequencies, const std::string& source)
{
    const auto refuse = [&](const std::string& what, const std::string& field, const std::string& found,
                            const std::string& expected) {
        throw Error::invalid(what).file(source).field(field).found(found).expected(expected);
    };
    using Type = RopeScaling::Type;
    if (scaling.type != Type::None && scaling.type != Type::LongRope && !(scaling.factor >= 1))
        refuse("the RoPE scaling factor is below 1", "rope_scaling.factor", std::to_string(scaling.factor),
               "1 or above");
    if (scaling.type == Type::LongRope &&
        (scaling.shortFactors.size() != frequencies || scaling.longFactors.size() != frequencies))
        refuse("longrope needs one factor for each frequency", "rope_scaling.short_factor, long_factor",
               std::to_string(scaling.shortFactors.size()) + " and " + std::to_string(scaling.longFactors.size()),
               std::to_string(frequencies) + " each");
    if (scaling.type == Type::Llama3 &&
        (scaling.originalContext == 0 || scaling.highFrequencyFactor <= scaling.lowFrequencyFactor))
        refuse("llama3 RoPE scaling is incomplete", "rope_scaling",
               "original_max_position_embeddings " + std::to_string(scaling.originalContext) + ", low_freq_factor " +
                   std::to_string(scaling.lowFrequencyFactor) + ", high_freq_factor " +
                   std::to_string(scaling.highFrequencyFactor),
               "a positive original context, and low_freq_factor below high_freq_factor");
}

} // namespace

void readRope(ModelConfig& config, const Architecture& architecture, const JsonObject& json)
{
    config.ropeTheta = json.getNumberOr("rope_theta", architecture.defaults.ropeTheta);
    config.localRopeTheta = architecture.defaults.localRopeTheta;
    if (config.localRopeTheta > 0)
        config.localRopeTheta = json.getNumberOr("rope_local_base_freq", config.localRopeTheta);
    readPartialRotary(config, architecture, json);
    // transformers 5 writes `rope_parameters`, which holds the base too; earlier ones `rope_scaling`.
    for (const char* key : {"rope_parameters", "rope_scaling"}) {
        if (!json.has(key))
            continue;
        const JsonObject rope = json.getObject(key);
        const bool byLayerType = architecture.defaults.localRopeTheta > 0 &&
                                 (rope.has("full_attention") || rope.has("sliding_attention"));
        if (!byLayerType) {
            readPartialRotary(config, architecture, rope);
            readParameters(rope, config.ropeTheta, config.ropeScaling);
            break;
        }
        if (rope.has("full_attention"))
            readParameters(rope.getObject("full_attention"), config.ropeTheta, config.ropeScaling);
        if (rope.has("sliding_attention"))
            readParameters(rope.getObject("sliding_attention"), config.localRopeTheta, config.localRopeScaling);
        break;
    }
    if (isLongRopeByAnotherName(architecture, config.ropeScaling))
        config.ropeScaling.type = RopeScaling::Type::LongRope;
    // Some configs say the trained context beside the scaling; transformers lets that win.
    if (config.ropeScaling.type != RopeScaling::Type::None)
        config.ropeScaling.originalContext = static_cast<int>(json.getIntegerOr(
            "original_max_position_embeddings", config.ropeScaling.originalContext, 1, kLongest));
    for (RopeScaling* scaling : {&config.ropeScaling, &config.localRopeScaling})
        deriveYarnFactor(*scaling, config.contextLength);
    config.ropeFactors = factorList(json, kRopeFactorsKey);
}

void checkRope(const ModelConfig& config, const std::string& source)
{
    const int dims = config.rotaryDim();
    if (dims % 2 != 0 || dims < 2 || dims > config.headDim)
        throw Error::invalid("rotary positions need an even number of each head's dimensions")
            .file(source)
            .field(config.partialRotaryDim > 0 ? "partial_rotary_factor" : "head_dim")
            .found(std::to_string(dims))
            .expected("an even number up to " + std::to_string(config.headDim));
    if (!(config.ropeTheta > 0) || !(config.localRopeTheta >= 0))
        throw Error::invalid("the RoPE base must be positive").file(source).field("rope_theta");
    const auto frequencies = static_cast<std::size_t>(dims / 2);
    checkScaling(config.ropeScaling, frequencies, source);
    checkScaling(config.localRopeScaling, frequencies, source);
    if (!config.ropeFactors.empty() && config.ropeFactors.size() != frequencies)
        throw Error::invalid("one RoPE factor for each frequency is needed")
            .file(source)
            .field("rope_freqs.weight")
            .found(std::to_string(config.ropeFactors.size()))
            .expected(std::to_string(frequencies));
}

void writeRope(const ModelConfig& config, const Architecture& architecture, nlohmann::json& json)
{
    using Type = RopeScaling::Type;
    json["rope_theta"] = config.ropeTheta;
    if (config.localRopeTheta > 0)
        json["rope_local_base_freq"] = config.localRopeTheta;
    if (config.partialRotaryDim > 0) {
        // A reader multiplies and rounds down: the share must not fall short by the rounding of the division.
        double part = static_cast<double>(config.partialRotaryDim) / config.headDim;
        if (static_cast<int>(config.headDim * part) < config.partialRotaryDim)
            part = std::nextafter(part, 1.0);
        json["partial_rotary_factor"] = part;
    }
    // Phi-3 wants exactly its three keys in `rope_scaling`, and the trained context beside it.
    const bool contextBeside = architecture.partialRotary;
    const RopeScaling& scaling = config.ropeScaling;
    if (contextBeside && scaling.originalContext > 0)
        json["original_max_position_embeddings"] = scaling.originalContext;
    if (config.localRopeScaling.type != Type::None) {
        // Only the newer layout can scale the layers with a window.
        const auto whole = [](double theta, const RopeScaling& part) {
            nlohmann::json rope = scalingToJson(part, false);
            rope["rope_theta"] = theta;
            return rope;
        };
        json["rope_parameters"] = {{"full_attention", whole(config.ropeTheta, scaling)},
                                   {"sliding_attention", whole(config.localRopeTheta, config.localRopeScaling)}};
    } else if (scaling.type != Type::None) {
        json["rope_scaling"] = scalingToJson(scaling, contextBeside);
    }
    if (!config.ropeFactors.empty())
        json[kRopeFactorsKey] = config.ropeFactors;
}

} // namespace eigenquant
