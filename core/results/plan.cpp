// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/results/plan.h"

#include "core/base/error.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <utility>

namespace eigenquant {
namespace {

template <typename Enum>
using Names = std::vector<std::pair<Enum, std::string_view>>;

const Names<Method> kMethods{
    {Method::Rtn, "rtn"},         {Method::Salient, "salient"}, {Method::Gptq, "gptq"},
    {Method::Awq, "awq"},         {Method::RandRot, "randrot"}, {Method::Rosaq, "rosaq"},
    {Method::Cmpq, "cmpq"},       {Method::Etq, "etq"},         {Method::Float, "float"}};
const Names<Rounding> kRoundings{{Rounding::Rtn, "rtn"}, {Rounding::Gptq, "gptq"}};
const Names<RotationScope> kScopes{{RotationScope::PerSite, "per-site"}, {RotationScope::Global, "global"}};
const Names<RotationKind> kRotationKinds{{RotationKind::Pca, "pca"},
                                         {RotationKind::Random, "random"},
                                         {RotationKind::Hadamard, "hadamard"},
                                         {RotationKind::None, "none"}};
const Names<Select> kSelects{{Select::Top, "top"},
                             {Select::Bottom, "bottom"},
                             {Select::Random, "random"},
                             {Select::TopBottom, "top-bottom"}};
const Names<SiteTreatment> kTreatments{{SiteTreatment::HeadWise, "head-wise"},
                                       {SiteTreatment::Full, "full"},
                                       {SiteTreatment::Salient, "salient"},
                                       {SiteTreatment::None, "none"}};

template <typename Enum>
std::string_view nameOf(const Names<Enum>& names, Enum value)
{
    for (const auto& [candidate, text] : names)
        if (candidate == value)
            return text;
    return "?";
}

template <typename Enum>
Enum fromName(const Names<Enum>& names, std::string_view what, std::string_view text)
{
    std::string known;
    for (const auto& [candidate, word] : names) {
        if (word == text)
            return candidate;
        known += (known.empty() ? "" : ", ") + std::string(word);
    }
    throw Error::usage("unknown " + std::string(what))
        .found("\"" + std::string(text) + "\"")
        .expected("one of " + known);
}

double parseNumber(std::string_view text, std::string_view whole)
{
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size() || !std::isfinite(value) || value < 0)
        throw Error::usage("not a number of salient channels")
            .field("salient")
            .found("\"" + std::string(whole) + "\"")
            .expected("a count such as 128, or a fraction such as 1/32 or 0.03125");
    return value;
}

} // namespace

std::string_view name(Method method) { return nameOf(kMethods, method); }
Method methodFromName(std::string_view text) { return fromName(kMethods, "method", text); }
std::string_view name(Rounding rounding) { return nameOf(kRoundings, rounding); }
Rounding roundingFromName(std::string_view text) { return fromName(kRoundings, "rounding", text); }
std::string_view name(RotationScope scope) { return nameOf(kScopes, scope); }
RotationScope scopeFromName(std::string_view text) { return fromName(kScopes, "rotation", text); }
std::string_view name(RotationKind kind) { return nameOf(kRotationKinds, kind); }
RotationKind rotationKindFromName(std::string_view text) { return fromName(kRotationKinds, "basis", text); }
std::string_view name(Select select) { return nameOf(kSelects, select); }
Select selectFromName(std::string_view text) { return fromName(kSelects, "selection", text); }
std::string_view name(SiteTreatment treatment) { return nameOf(kTreatments, treatment); }
SiteTreatment treatmentFromName(std::string_view text) { return fromName(kTreatments, "site treatment", text); }

bool usesGrid(Method method)
{
    return method != Method::Float && method != Method::Cmpq && method != Method::Etq;
}

bool keepsSalient(Method method)
{
    return method == Method::Salient || method == Method::Rosaq || method == Method::RandRot;
}

bool rotates(Method method)
{
    return method == Method::Rosaq || method == Method::RandRot || method == Method::Etq;
}

PlanOptions PlanOptions::of(Method method, RotationScope scope)
{
    PlanOptions options;
    options.method = method;
    options.scope = scope;
    options.basis = method == Method::RandRot ? RotationKind::Random
                    : method == Method::Etq   ? RotationKind::Hadamard
                    : method == Method::Rosaq ? RotationKind::Pca
                                              : RotationKind::None;
    options.rounding = method == Method::Gptq || method == Method::Etq ? Rounding::Gptq : Rounding::Rtn;
    // A random rotation leaves no dimension with more energy than the others.
    if (!keepsSalient(method) || method == Method::RandRot)
        options.salient = {0, false};
    // ETQ's Hadamard transform costs next to nothing at run time, also where nothing can be merged.
    options.attnOut = method == Method::Etq && scope == RotationScope::PerSite ? SiteTreatment::Full
                                                                               : SiteTreatment::HeadWise;
    options.mlpOut = scope == RotationScope::PerSite ? SiteTreatment::Full
                     : keepsSalient(method)          ? SiteTreatment::Salient
                                                     : SiteTreatment::None;
    return options;
}

int SalientBudget::count(int channels) const
{
    double wanted = value;
    if (isFraction) {
        // The multiple of 8 nearest to the fraction; std::nearbyint takes a tie to the even multiple. A fraction
        // such as 20/576 is not exact in binary: without the snap its ties would fall to either side.
        constexpr double snap = 1 << 20;
        wanted = 8 * std::nearbyint(std::nearbyint(value * channels / 8 * snap) / snap);
        if (value <= 1)
            wanted = std::min<double>(wanted, channels);
    }
    if (wanted < 0 || wanted > channels)
        throw Error::usage("more salient channels than the site has")
            .field("salient")
            .found(std::to_string(static_cast<std::int64_t>(wanted)))
            .expected("0 to " + std::to_string(channels));
    // All channels means all, also where they are no multiple of 8.
    return isFraction && value == 1 ? channels : static_cast<int>(wanted);
}

SalientBudget SalientBudget::parse(std::string_view text)
{
    if (const auto slash = text.find('/'); slash != std::string_view::npos) {
        const double denominator = parseNumber(text.substr(slash + 1), text);
        const double value = parseNumber(text.substr(0, slash), text) / (denominator == 0 ? NAN : denominator);
        if (!(value <= 1))
            parseNumber("", text); // says what is expected
        return {value, true};
    }
    const double value = parseNumber(text, text);
    if (text.find_first_of(".eE") != std::string_view::npos) {
        if (value > 1)
            parseNumber("", text);
        return {value, true};
    }
    return {value, false};
}

bool Plan::turnsResidual() const
{
    return std::any_of(sites.begin(), sites.end(), [](const SitePlan& site) { return site.basis == Basis::Global; });
}

std::span<const LinearRole> Plan::roles() const
{
    // Six linears to four sites are those of an MLP without a gate.
    return layerRoles(linears.size() * kAllSites.size() != sites.size() * layerRoles(false).size() || linears.empty());
}

const SitePlan& Plan::site(SiteId id) const
{
    const auto index = static_cast<std::size_t>(id.layer) * kAllSites.size() + static_cast<std::size_t>(id.site);
    if (id.layer < 0 || index >= sites.size())
        throw Error::usage("the plan has no such site").found(id.name());
    return sites[index];
}

SitePlan& Plan::site(SiteId id) { return const_cast<SitePlan&>(std::as_const(*this).site(id)); }

const LinearPlan& Plan::linear(LinearId id) const
{
    const auto index = id.index(roles().size());
    if (!index || *index >= linears.size())
        throw Error::usage("the plan has no such linear").found(id.name());
    return linears[*index];
}

LinearPlan& Plan::linear(LinearId id) { return const_cast<LinearPlan&>(std::as_const(*this).linear(id)); }

} // namespace eigenquant
