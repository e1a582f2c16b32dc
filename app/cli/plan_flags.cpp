// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/plan_flags.h"

#include "app/cli/parse.h"
#include "core/base/error.h"
#include "core/session/session.h"
#include "core/results/statistics.h"

#include <algorithm>
#include <initializer_list>
#include <string_view>

namespace eigenquant::cli {

namespace {

constexpr int kMaxGroupSize = 1 << 20;

/// The words that a flag takes.
struct Choice {
    std::string_view flag;
    std::initializer_list<std::string_view> words;
};

const Choice kMethods{"--method", {"rtn", "salient", "gptq", "awq", "randrot", "rosaq", "cmpq", "etq"}};
const Choice kRoundings{"--rounding", {"rtn", "gptq"}};
const Choice kRotations{"--rotation", {"per-site", "global"}};
const Choice kBases{"--basis", {"pca", "random", "hadamard", "none"}};
const Choice kSelections{"--select", {"top", "bottom", "random", "top-bottom"}};
const Choice kAttnOut{"--attn-out", {"head-wise", "full", "salient", "none"}};
const Choice kMlpOut{"--mlp-out", {"full", "salient", "none"}};

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
    if (value && std::find(choice.words.begin(), choice.words.end(), *value) == choice.words.end())
        throw Error::usage("there is no such choice")
            .field(std::string(choice.flag))
            .found("\"" + *value + "\"")
            .expected(listed(choice.words));
}

void refuse(std::string_view flag, bool written, const std::string& reason)
{
    if (written)
        throw Error::usage("makes no sense here: " + reason).field(std::string(flag)).hint("leave it out");
}

void refuseWhatTheMethodIgnores(const PlanFlags& flags, Method method)
{
    const std::string the = "the method " + std::string(name(method));
    refuse("--salient", flags.salient && !keepsSalient(method), the + " keeps no channel in FP16");
    refuse("--select", flags.select && !keepsSalient(method), the + " keeps no channel in FP16");
    const bool turns = rotates(method);
    const std::string noBasis = the + " works in the original space";
    refuse("--rotation", !turns && flags.rotation, noBasis);
    refuse("--basis", !turns && flags.basis, noBasis);
    refuse("--attn-out", !turns && flags.attnOut, noBasis);
    refuse("--mlp-out", !turns && flags.mlpOut, noBasis);
    refuse("--mix-rest", flags.mixRest && method != Method::Rosaq, "only rosaq has dimensions to mix");
    refuse("--clip", flags.clip && method != Method::Awq, "only awq clips ranges");
    const bool isCmpq = method == Method::Cmpq;
    refuse("--activation-outliers", !isCmpq && flags.activationOutliers, "only cmpq takes outliers out");
    refuse("--quantization-outliers", !isCmpq && flags.quantizationOutliers, "only cmpq takes outliers out");
    refuse("--four-and-two", !isCmpq && flags.fourAndTwo, "only cmpq mixes widths so");
    refuse("--symmetric", !usesGrid(method) && flags.symmetric, the + " has no grid");
    refuse("--rounding", flags.rounding == "gptq" && (method == Method::Rtn || isCmpq),
           method == Method::Rtn ? "rtn with GPTQ's rounding is --method gptq" : the + " has no grid");
    refuse("--rounding", flags.rounding == "rtn" && (method == Method::Gptq || method == Method::Etq),
           the + " makes up for its errors by nature");
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

double parseShare(std::string_view flag, const std::string& text)
{
    return parseNumber(flag, text, 0);
}

double parseBits(const std::string& text, Method method)
{
    if (usesGrid(method))
        return static_cast<double>(parseInteger("--bits", text, kMinBits, kMaxBits));
    const double bits = parseNumber("--bits", text, method == Method::Etq ? 1 : kMinBits);
    if (bits > kMaxBits)
        throw Error::usage("too many bits").field("--bits").found(text).expected("up to 8");
    return bits;
}

} // namespace

void PlanFlags::addTo(CLI::App& verb)
{
    const auto add = [&verb](const char* flag, std::optional<std::string>& value, const char* type,
                             const char* text) {
        verb.add_option(flag, value, text)->type_name(type)->group("How to quantize");
    };
    add("--method", method, "M", "rtn, salient, gptq, awq, randrot, rosaq, cmpq or etq (rosaq)");
    add("--bits", bits, "B", "bits of a code, 2 to 8 (4); cmpq and etq take fractions, such as 2.2, for a mean");
    add("--target-bits", targetBits, "X",
        "effective bits over all linears: bits and K are spread where the model feels them");
    add("--group-size", groupSize, "G",
        "weights of a row that share a scale; 0: the whole row (128); cmpq and etq have no groups");
    add("--rounding", rounding, "R", "rtn, or gptq: later columns make up for errors (rtn)");
    add("--salient", salient, "K",
        "channels that stay FP16: a count, or a fraction such as 1/32 (1/32 with salient and rosaq, else 0)");
    add("--rotation", rotation, "R", "per-site, or global: one for the residual stream, merged (per-site)");
    add("--basis", basis, "B",
        "pca, random, hadamard or none (pca with rosaq, random with randrot, hadamard with etq)");
    add("--select", select, "S", "dimensions that stay FP16: top, bottom, random or top-bottom (top)");
    add("--attn-out", attnOut, "T", "head-wise, full, salient or none (head-wise; full with etq)");
    add("--mlp-out", mlpOut, "T", "full, salient or none (full; salient with a global rotation)");
    add("--activation-outliers", activationOutliers, "SHARE",
        "cmpq: weights kept apart for their activations (0.0005)");
    add("--quantization-outliers", quantizationOutliers, "SHARE", "cmpq: weights kept apart for their errors (0.0045)");
    verb.add_option("--set", rules,
                    "\"REGEX: key=value, …\" for the linears whose whole name it matches, such as "
                    "\".*\\.down: bits=8, locked=true\"; keys: method, bits, salient, group_size, rounding, symmetric, "
                    "locked (--target-bits leaves it alone); may be repeated")
        ->type_name("RULE")
        ->group("How to quantize")
        ->allow_extra_args(false);
    const auto addSwitch = [&verb](const char* flag, bool& value, const char* text) {
        verb.add_flag(flag, value, text)->group("How to quantize");
    };
    addSwitch("--symmetric", symmetric, "no zero points");
    addSwitch("--mix-rest", mixRest, "a random rotation inside the dimensions that are not salient");
    addSwitch("--act-order", activationOrder, "gptq takes columns by falling energy");
    addSwitch("--clip", clip, "awq clips the groups' ranges for the least output error");
    addSwitch("--four-and-two", fourAndTwo, "cmpq mixes 4 and 2 bits, not 3 and 2, for a mean between 2 and 3");
}

bool PlanFlags::given() const
{
    return method || bits || targetBits || groupSize || rounding || salient || rotation || basis || select || attnOut ||
           mlpOut || activationOutliers || quantizationOutliers || symmetric || mixRest || activationOrder || clip ||
           fourAndTwo || !rules.empty();
}

void PlanFlags::refuseAllButEdits() const
{
    PlanFlags others = *this;
    others.targetBits.reset();
    others.rules.clear();
    if (others.given())
        throw Error::usage("a plan already says how to quantize")
            .field("--edit")
            .hint("change it with --set and --target-bits, or leave --edit out");
    if (!given())
        throw Error::usage("how to change the plan is not said").field("--edit").hint("give --set or --target-bits");
}

double PlanFlags::wantedBits() const
{
    return targetBits ? parseNumber("--target-bits", *targetBits, 0.5) : 0;
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
    const Method chosen = method ? methodFromName(*method) : Method::Rosaq;
    refuseWhatTheMethodIgnores(*this, chosen);
    refuseRotationsWithoutBasis(*this);
    PlanOptions options = PlanOptions::of(chosen, rotation ? scopeFromName(*rotation) : RotationScope::PerSite);
    if (bits)
        options.bits = parseBits(*bits, chosen);
    options.targetBits = wantedBits();
    options.rules = rules;
    std::for_each(rules.begin(), rules.end(), PlanRule::parse); // before a model is opened in vain
    if (groupSize)
        options.groupSize = static_cast<int>(parseInteger("--group-size", *groupSize, 0, kMaxGroupSize));
    if (rounding)
        options.rounding = roundingFromName(*rounding);
    refuse("--act-order", activationOrder && (options.rounding != Rounding::Gptq || chosen == Method::Etq),
           "it is GPTQ's order");
    refuse("--clip", clip && options.rounding == Rounding::Gptq, "GPTQ fits its own ranges");
    refuse("--bits", bits && targetBits, "--target-bits chooses them");
    refuse("--salient", salient && targetBits, "--target-bits chooses K");
    if (salient)
        options.salient = SalientBudget::parse(*salient);
    if (basis)
        options.basis = rotationKindFromName(*basis);
    if (select)
        options.select = selectFromName(*select);
    if (attnOut)
        options.attnOut = treatmentFromName(*attnOut);
    if (mlpOut)
        options.mlpOut = treatmentFromName(*mlpOut);
    if (activationOutliers)
        options.cmpq.activationOutliers = parseShare("--activation-outliers", *activationOutliers);
    if (quantizationOutliers)
        options.cmpq.quantizationOutliers = parseShare("--quantization-outliers", *quantizationOutliers);
    options.cmpq.fourAndTwo = fourAndTwo;
    options.activationOrder = activationOrder;
    options.clip = clip;
    options.symmetric = symmetric;
    options.mixRest = mixRest;
    options.seed = seed;
    return options;
}

} // namespace eigenquant::cli
