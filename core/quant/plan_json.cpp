// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/quant/plan.h"

#include "core/base/error.h"
#include "core/io/strict_json.h"

#include <nlohmann/json.hpp>

namespace eigenquant {
namespace {

constexpr const char* kFormat = "eigenquant-plan";
constexpr int kVersion = 1;

nlohmann::ordered_json optionsToJson(const PlanOptions& options)
{
    return {{"method", name(options.method)},
            {"bits", options.bits},
            {"group_size", options.groupSize},
            {"symmetric", options.symmetric},
            {"salient", options.salient.value},
            {"salient_is_fraction", options.salient.isFraction},
            {"rotate", options.rotate},
            {"select", name(options.select)},
            {"mix_rest", options.mixRest},
            {"attn_out", name(options.attnOut)},
            {"mlp_out", name(options.mlpOut)},
            {"seed", options.seed}};
}

Basis basisFromName(const std::string& word, const std::string& where)
{
    for (const Basis basis : {Basis::Original, Basis::Pca, Basis::HeadWise})
        if (name(basis) == word)
            return basis;
    throw Error::invalid("unknown basis").field(where).found("\"" + word + "\"").expected("none, pca or head-wise");
}

PlanOptions optionsFromJson(const JsonObject& json)
{
    PlanOptions options;
    options.method = methodFromName(json.getString("method"));
    options.bits = static_cast<int>(json.getInteger("bits", kMinBits, kMaxBits));
    options.groupSize = static_cast<int>(json.getInteger("group_size", 0, 1 << 20));
    options.symmetric = json.getBoolOr("symmetric", false);
    options.salient = {json.getNumberOr("salient", 0), json.getBoolOr("salient_is_fraction", false)};
    options.rotate = json.getBoolOr("rotate", true);
    options.select = selectFromName(json.getStringOr("select", "top"));
    options.mixRest = json.getBoolOr("mix_rest", false);
    options.attnOut = treatmentFromName(json.getStringOr("attn_out", "head-wise"));
    options.mlpOut = treatmentFromName(json.getStringOr("mlp_out", "full"));
    options.seed = static_cast<std::uint64_t>(json.getIntegerOr("seed", 0, 0, INT64_MAX));
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
    return {id, basisFromName(json.getString("basis"), where + "basis"), selectFromName(json.getStringOr("select", "top")),
            json.getBoolOr("mix_rest", false)};
}

LinearPlan linearFromJson(const nlohmann::json& value, const std::filesystem::path& source, std::size_t index)
{
    const std::string where = "linears[" + std::to_string(index) + "].";
    const JsonObject json(value, source, where);
    const LinearId id{static_cast<int>(index / kAllRoles.size()), kAllRoles[index % kAllRoles.size()]};
    requireInOrder(json.getString("name"), id, source, where + "name");
    LinearPlan linear;
    linear.id = id;
    linear.method = methodFromName(json.getString("method"));
    linear.bits = static_cast<int>(json.getInteger("bits", kMinBits, kMaxBits));
    linear.groupSize = static_cast<int>(json.getInteger("group_size", 0, 1 << 20));
    linear.symmetric = json.getBoolOr("symmetric", false);
    linear.salient = static_cast<int>(json.getIntegerOr("salient", 0, 0, 1 << 24));
    linear.effectiveBits = json.getNumberOr("effective_bits", 0);
    linear.rotationBits = json.getNumberOr("rotation_bits", 0);
    linear.bytes = static_cast<std::uint64_t>(json.getIntegerOr("bytes", 0, 0, INT64_MAX));
    linear.predictedError = json.getNumberOr("predicted_error", 0);
    return linear;
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
                                  {"predicted_error", plan.totals.predictedError}}},
                                {"options", optionsToJson(plan.options)}};
    json["sites"] = nlohmann::ordered_json::array();
    for (const SitePlan& site : plan.sites)
        json["sites"].push_back({{"name", site.id.name()},
                                 {"basis", name(site.basis)},
                                 {"select", name(site.select)},
                                 {"mix_rest", site.mixRest}});
    json["linears"] = nlohmann::ordered_json::array();
    for (const LinearPlan& linear : plan.linears)
        json["linears"].push_back({{"name", linear.id.name()},
                                   {"method", name(linear.method)},
                                   {"bits", linear.bits},
                                   {"group_size", linear.groupSize},
                                   {"symmetric", linear.symmetric},
                                   {"salient", linear.salient},
                                   {"effective_bits", linear.effectiveBits},
                                   {"rotation_bits", linear.rotationBits},
                                   {"bytes", linear.bytes},
                                   {"predicted_error", linear.predictedError}});
    return json.dump(1) + '\n';
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
                   totals.getNumberOr("predicted_error", 0)};
    for (const auto& site : json.getArray("sites"))
        plan.sites.push_back(siteFromJson(site, source, plan.sites.size()));
    for (const auto& linear : json.getArray("linears"))
        plan.linears.push_back(linearFromJson(linear, source, plan.linears.size()));
    return plan;
} catch (Error& error) {
    // A wrong word in a file is the file's fault, not the command line's.
    if (error.code() == ErrorCode::Usage)
        throw Error::invalid(error.summary()).file(source.string()).field(error.field()).found(error.found()).expected(
            error.expected());
    throw;
}

} // namespace eigenquant
