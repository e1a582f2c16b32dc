// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/quant/plan.h"

#include "core/base/error.h"
#include "core/io/strict_json.h"

#include <nlohmann/json.hpp>

#include <cmath>
#include <span>

namespace eigenquant {
namespace {

constexpr const char* kFormat = "eigenquant-plan";
constexpr int kVersion = 1;

/// 4 rather than 4.0: most widths are whole.
nlohmann::ordered_json numberToJson(double value)
{
    if (value == std::floor(value) && std::abs(value) < 1e9)
        return static_cast<std::int64_t>(value);
    return value;
}

nlohmann::ordered_json cmpqToJson(const CmpqChoices& choices)
{
    return {{"activation_outliers", choices.activationOutliers},
            {"quantization_outliers", choices.quantizationOutliers},
            {"four_and_two", choices.fourAndTwo}};
}

nlohmann::ordered_json optionsToJson(const PlanOptions& options)
{
    nlohmann::ordered_json json{{"method", name(options.method)},
                                {"bits", numberToJson(options.bits)},
                                {"group_size", options.groupSize},
                                {"symmetric", options.symmetric},
                                {"rounding", name(options.rounding)},
                                {"activation_order", options.activationOrder},
                                {"clip", options.clip},
                                {"salient", options.salient.value},
                                {"salient_is_fraction", options.salient.isFraction},
                                {"rotation", name(options.scope)},
                                {"basis", name(options.basis)},
                                {"select", name(options.select)},
                                {"mix_rest", options.mixRest},
                                {"attn_out", name(options.attnOut)},
                                {"mlp_out", name(options.mlpOut)},
                                {"cmpq", cmpqToJson(options.cmpq)},
                                {"target_bits", options.targetBits},
                                {"seed", options.seed}};
    if (!options.rules.empty())
        json["rules"] = options.rules;
    return json;
}

Basis basisFromName(const std::string& word, const std::string& where)
{
    const std::optional<Basis> basis = eigenquant::basisFromName(word);
    if (!basis)
        throw Error::invalid("unknown basis")
            .field(where)
            .found("\"" + word + "\"")
            .expected("none, pca, head-wise, global, random, head-wise-random or hadamard");
    return *basis;
}

CmpqChoices cmpqFromJson(const JsonObject& json)
{
    CmpqChoices choices;
    if (!json.raw().contains("cmpq"))
        return choices;
    const JsonObject cmpq = json.getObject("cmpq");
    choices.activationOutliers = cmpq.getNumberOr("activation_outliers", choices.activationOutliers);
    choices.quantizationOutliers = cmpq.getNumberOr("quantization_outliers", choices.quantizationOutliers);
    choices.fourAndTwo = cmpq.getBoolOr("four_and_two", false);
    return choices;
}

double bitsFromJson(const JsonObject& json, const std::string& where)
{
    const double bits = json.getNumber("bits");
    if (!(bits >= 1 && bits <= kMaxBits))
        throw Error::invalid("bits out of range")
            .file(json.source().string())
            .field(where + "bits")
            .found(std::to_string(bits))
            .expected("1 to 8");
    return bits;
}

std::vector<std::string> rulesFromJson(const JsonObject& json)
{
    std::vector<std::string> rules;
    if (!json.raw().contains("rules"))
        return rules;
    for (const nlohmann::json& rule : json.getArray("rules")) {
        if (!rule.is_string())
            throw Error::usage("not a rule").field("options.rules").found(rule.type_name()).expected("a string");
        rules.push_back(rule.get<std::string>());
        PlanRule::parse(rules.back()); // refuses what could not be applied again
    }
    return rules;
}

PlanOptions optionsFromJson(const JsonObject& json)
{
    PlanOptions options;
    options.method = methodFromName(json.getString("method"));
    options.bits = bitsFromJson(json, "options.");
    options.groupSize = static_cast<int>(json.getInteger("group_size", 0, 1 << 20));
    options.symmetric = json.getBoolOr("symmetric", false);
    options.rounding = roundingFromName(json.getStringOr("rounding", "rtn"));
    options.activationOrder = json.getBoolOr("activation_order", false);
    options.clip = json.getBoolOr("clip", false);
    options.salient = {json.getNumberOr("salient", 0), json.getBoolOr("salient_is_fraction", false)};
    options.scope = scopeFromName(json.getStringOr("rotation", "per-site"));
    options.basis = rotationKindFromName(json.getStringOr("basis", json.getBoolOr("rotate", true) ? "pca" : "none"));
    options.select = selectFromName(json.getStringOr("select", "top"));
    options.mixRest = json.getBoolOr("mix_rest", false);
    options.attnOut = treatmentFromName(json.getStringOr("attn_out", "head-wise"));
    options.mlpOut = treatmentFromName(json.getStringOr("mlp_out", "full"));
    options.cmpq = cmpqFromJson(json);
    options.targetBits = json.getNumberOr("target_bits", 0);
    options.seed = static_cast<std::uint64_t>(json.getIntegerOr("seed", 0, 0, INT64_MAX));
    options.rules = rulesFromJson(json);
    return options;
}

/// The entries must come in the model's order, each once: position then says what is missing or doubled.
template <typename Id>
void requireInOrder(const std::string& found, const Id& expected, const std::filesystem::path& source,
                    const std::string& field)
{
    if (found != expected.name())
        throw Error::invalid("not the entry that belongs here: every one is listed once, by layer")
            .file(source.string())
            .field(field)
            .found("\"" + found + "\"")
            .expected("\"" + expected.name() + "\"");
}

SitePlan siteFromJson(const nlohmann::json& value, const std::filesystem::path& source, std::size_t index)
{
    const std::string where = "sites[" + std::to_string(index) + "].";
    const JsonObject json(value, source, where);
    const SiteId id{static_cast<int>(index / kAllSites.size()), kAllSites[index % kAllSites.size()]};
    requireInOrder(json.getString("name"), id, source, where + "name");
    return {id, basisFromName(json.getString("basis"), where + "basis"),
            selectFromName(json.getStringOr("select", "top")), json.getBoolOr("mix_rest", false)};
}

LinearPlan linearFromJson(const nlohmann::json& value, const std::filesystem::path& source, std::size_t index,
                          std::span<const LinearRole> roles)
{
    const std::string where = "linears[" + std::to_string(index) + "].";
    const JsonObject json(value, source, where);
    const LinearId id{static_cast<int>(index / roles.size()), roles[index % roles.size()]};
    requireInOrder(json.getString("name"), id, source, where + "name");
    LinearPlan linear;
    linear.id = id;
    linear.method = methodFromName(json.getString("method"));
    linear.bits = bitsFromJson(json, where);
    linear.groupSize = static_cast<int>(json.getInteger("group_size", 0, 1 << 20));
    linear.symmetric = json.getBoolOr("symmetric", false);
    linear.salient = static_cast<int>(json.getIntegerOr("salient", 0, 0, 1 << 24));
    linear.rounding = roundingFromName(json.getStringOr("rounding", "rtn"));
    linear.activationOrder = json.getBoolOr("activation_order", false);
    linear.clip = json.getBoolOr("clip", false);
    linear.cmpq = cmpqFromJson(json);
    linear.locked = json.getBoolOr("locked", false);
    linear.effectiveBits = json.getNumberOr("effective_bits", 0);
    linear.rotationBits = json.getNumberOr("rotation_bits", 0);
    linear.bytes = static_cast<std::uint64_t>(json.getIntegerOr("bytes", 0, 0, INT64_MAX));
    linear.predictedError = json.getNumberOr("predicted_error", 0);
    linear.predictedKl = json.getNumberOr("predicted_kl", 0);
    return linear;
}

/// What goes without saying is left out, so that a person sees what matters.
nlohmann::ordered_json linearToJson(const LinearPlan& linear)
{
    nlohmann::ordered_json json{{"name", linear.id.name()},
                                {"method", name(linear.method)},
                                {"bits", numberToJson(linear.bits)},
                                {"group_size", linear.groupSize},
                                {"symmetric", linear.symmetric},
                                {"salient", linear.salient},
                                {"rounding", name(linear.rounding)}};
    if (linear.activationOrder)
        json["activation_order"] = true;
    if (linear.clip)
        json["clip"] = true;
    if (linear.method == Method::Cmpq)
        json["cmpq"] = cmpqToJson(linear.cmpq);
    if (linear.locked)
        json["locked"] = true;
    json["effective_bits"] = linear.effectiveBits;
    json["rotation_bits"] = linear.rotationBits;
    json["bytes"] = linear.bytes;
    json["predicted_error"] = linear.predictedError;
    json["predicted_kl"] = linear.predictedKl;
    return json;
}

} // namespace

std::string planToJson(const Plan& plan)
{
    nlohmann::ordered_json json{{"format", kFormat},
                                {"version", kVersion},
                                {"model", plan.modelName},
                                {"statistics", plan.statsFingerprint},
                                {"totals",
                                 {{"effective_bits", plan.totals.effectiveBits},
                                  {"rotation_bits", plan.totals.rotationBits},
                                  {"bytes", plan.totals.bytes},
                                  {"predicted_error", plan.totals.predictedError},
                                  {"predicted_kl", plan.totals.predictedKl}}},
                                {"options", optionsToJson(plan.options)}};
    json["sites"] = nlohmann::ordered_json::array();
    for (const SitePlan& site : plan.sites)
        json["sites"].push_back({{"name", site.id.name()},
                                 {"basis", name(site.basis)},
                                 {"select", name(site.select)},
                                 {"mix_rest", site.mixRest}});
    json["linears"] = nlohmann::ordered_json::array();
    for (const LinearPlan& linear : plan.linears)
        json["linears"].push_back(linearToJson(linear));
    return json.dump(1) + '\n';
}

namespace {

/// A wrong word in a file is the file's fault, not the command line's.
Error blamedOn(const Error& error, const std::filesystem::path& source)
{
    if (error.code() != ErrorCode::Usage)
        return error;
    return Error::invalid(error.summary()).file(source.string()).field(error.field()).found(error.found()).expected(
        error.expected());
}

} // namespace

PlanOptions planOptionsFromJson(std::string_view text, const std::filesystem::path& source)
try {
    const nlohmann::json value = parseStrictJson(text, source);
    return optionsFromJson(JsonObject(value, source, "options."));
} catch (const Error& error) {
    throw blamedOn(error, source);
}

Plan planFromJson(std::string_view text, const std::filesystem::path& source)
try {
    const nlohmann::json value = parseStrictJson(text, source);
    const JsonObject json(value, source);
    if (json.getString("format") != kFormat)
        throw Error::invalid("not a plan").file(source.string()).field("format").expected(kFormat);
    if (json.getInteger("version", 1, INT64_MAX) > kVersion)
        throw Error::unsupported("the plan is from a newer version of this program")
            .file(source.string())
            .field("version")
            .expected(std::to_string(kVersion));
    Plan plan;
    plan.options = optionsFromJson(json.getObject("options"));
    plan.statsFingerprint = json.getString("statistics");
    plan.modelName = json.getStringOr("model", "");
    const JsonObject totals = json.getObject("totals");
    plan.totals = {totals.getNumberOr("effective_bits", 0), totals.getNumberOr("rotation_bits", 0),
                   static_cast<std::uint64_t>(totals.getIntegerOr("bytes", 0, 0, INT64_MAX)),
                   totals.getNumberOr("predicted_error", 0), totals.getNumberOr("predicted_kl", 0)};
    for (const auto& site : json.getArray("sites"))
        plan.sites.push_back(siteFromJson(site, source, plan.sites.size()));
    const auto& linears = json.getArray("linears");
    const auto roles = layerRoles(linears.size() * kAllSites.size() != plan.sites.size() * layerRoles(false).size());
    for (const auto& linear : linears)
        plan.linears.push_back(linearFromJson(linear, source, plan.linears.size(), roles));
    return plan;
} catch (const Error& error) {
    throw blamedOn(error, source);
}

} // namespace eigenquant
