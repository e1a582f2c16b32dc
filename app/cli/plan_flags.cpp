// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/plan_flags.h"

#include "app/cli/parse.h"
#include "core/base/error.h"
#include "core/results/statistics.h"

#include <algorithm>
#include <initializer_list>
#include <string_view>

namespace eigenquant::cli {

namespace {

constexpr int kMaxGroupSize = 1 << 20;

/// Words of the command line's language; some of them name what this version does not do.
struct Choice {
    std::string_view flag;
    std::initializer_list<std::string_view> available;
    std::initializer_list<std::string_view> known;
};

const Choice kMethods{"--method", {"rtn", "salient", "rosaq"}, {"gptq", "awq", "randrot", "cmpq"}};
const Choice kRoundings{"--rounding", {"rtn"}, {"gptq"}};
const Choice kRotations{"--rotation", {"per-site"}, {"global"}};
const Choice kBases{"--basis", {"pca", "none"}, {"random"}};
const Choice kSelections{"--select", {"top", "bottom", "random", "top-bottom"}, {}};
const Choice kAttnOut{"--attn-out", {"head-wise", "full", "salient", "none"}, {}};
const Choice kMlpOut{"--mlp-out", {"full", "salient", "none"}, {}};

std::string listed(std::initializer_list<std::string_view> words)
{
    std::string text;
    std::size_t left = words.size();
    for (const std::string_view word : words) {
        text += word;
        text += --left == 0 ? "" : left == 1 ? " or " : ", ";
    }
    return text;
}

void check(const Choice& choice, const std::optional<std::string>& value)
{
    const auto holds = [&](const auto& words) {
        return std::find(words.begin(), words.end(), *value) != words.end();
    };
    if (!value || holds(choice.available))
        return;
    Error error = holds(choice.known) ? Error::unsupported("this version does not have it yet")
                                      : Error::usage("there is no such choice");
    throw error.field(std::string(choice.flag)).found("\"" + *value + "\"").expected(listed(choice.available));
}

void refuse(std::string_view flag, bool written, const std::string& reason)
{
    if (written)
        throw Error::usage("makes no sense here: " + reason).field(std::string(flag)).hint("leave it out");
}

void refuseWhatTheMethodIgnores(const PlanFlags& flags, Method method)
{
    const bool rotates = method == Method::Rosaq;
    if (method == Method::Rtn)
        refuse("--salient", flags.salient.has_value(), "the method rtn keeps no channel in FP16");
    const std::string noBasis = "the method " + std::string(name(method)) + " works in the original space";
    refuse("--rotation", !rotates && flags.rotation, noBasis);
    refuse("--basis", !rotates && flags.basis, noBasis);
    refuse("--select", !rotates && flags.select, noBasis);
    refuse("--mix-rest", !rotates && flags.mixRest, noBasis);
    refuse("--attn-out", !rotates && flags.attnOut, noBasis);
    refuse("--mlp-out", !rotates && flags.mlpOut, noBasis);
}

void refuseRotationsWithoutBasis(const PlanFlags& flags)
{
    if (flags.basis != "none")
        return;
    const std::string reason = "--basis none turns nothing";
    refuse("--rotation", flags.rotation.has_value(), reason);
    refuse("--mix-rest", flags.mixRest, reason);
    refuse("--attn-out", flags.attnOut == "head-wise" || flags.attnOut == "full", reason);
    refuse("--mlp-out", flags.mlpOut == "full", reason);
}

} // namespace

void PlanFlags::addTo(CLI::App& verb)
{
    const auto add = [&verb](const char* flag, std::optional<std::string>& value, const char* type,
                             const char* text) {
        verb.add_option(flag, value, text)->type_name(type)->group("How to quantize");
    };
    add("--method", method, "M", "rtn, salient or rosaq (rosaq)");
    add("--bits", bits, "B", "bits of a code, 2 to 8 (4)");
    add("--group-size", groupSize, "G", "weights of a row that share a scale; 0: the whole row (128)");
    add("--rounding", rounding, "R", "rtn (rtn)");
    add("--salient", salient, "K", "channels that stay FP16: a count, or a fraction such as 1/32 (1/32)");
    add("--rotation", rotation, "R", "per-site (per-site)");
    add("--basis", basis, "B", "pca or none (pca)");
    add("--select", select, "S", "dimensions that stay FP16: top, bottom, random or top-bottom (top)");
    add("--attn-out", attnOut, "T", "head-wise, full, salient or none (head-wise)");
    add("--mlp-out", mlpOut, "T", "full, salient or none (full)");
    verb.add_flag("--symmetric", symmetric, "no zero points")->group("How to quantize");
    verb.add_flag("--mix-rest", mixRest, "a random rotation inside the dimensions that are not salient")
        ->group("How to quantize");
}

bool PlanFlags::given() const
{
    return method || bits || groupSize || rounding || salient || rotation || basis || select || attnOut ||
           mlpOut || symmetric || mixRest;
}

PlanOptions PlanFlags::toOptions(std::uint64_t seed) const
{
    check(kMethods, method);
    check(kRoundings, rounding);
    check(kRotations, rotation);
    check(kBases, basis);
    check(kSelections, select);
    check(kAttnOut, attnOut);
    check(kMlpOut, mlpOut);
    PlanOptions options;
    options.method = method ? methodFromName(*method) : Method::Rosaq;
    refuseWhatTheMethodIgnores(*this, options.method);
    refuseRotationsWithoutBasis(*this);
    if (bits)
        options.bits = static_cast<int>(parseInteger("--bits", *bits, kMinBits, kMaxBits));
    if (groupSize)
        options.groupSize = static_cast<int>(parseInteger("--group-size", *groupSize, 0, kMaxGroupSize));
    if (salient)
        options.salient = SalientBudget::parse(*salient);
    if (select)
        options.select = selectFromName(*select);
    if (attnOut)
        options.attnOut = treatmentFromName(*attnOut);
    if (mlpOut)
        options.mlpOut = treatmentFromName(*mlpOut);
    options.symmetric = symmetric;
    options.mixRest = mixRest;
    options.rotate = basis != "none";
    options.seed = seed;
    return options;
}

} // namespace eigenquant::cli
