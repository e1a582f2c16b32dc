// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/quant/plan.h"

#include "core/base/error.h"

#include <charconv>
#include <cmath>

namespace eigenquant {
namespace {

constexpr double kMinEtqBits = 1;
constexpr double kMaxOutliers = 0.1;

/// The shortest text that reads back as the number, whatever the locale.
std::string shortNumber(double value)
{
    char text[32];
    return {text, std::to_chars(text, text + sizeof text, value).ptr};
}

/// The basis that turns a site's whole width.
Basis fullBasis(RotationKind kind)
{
    switch (kind) {
    case RotationKind::Pca:
        return Basis::Pca;
    case RotationKind::Random:
        return Basis::Random;
    case RotationKind::Hadamard:
        return Basis::Hadamard;
    case RotationKind::None:
        break;
    }
    return Basis::Original;
}

} // namespace

Basis basisOf(const PlanOptions& options, Site site)
{
    if (!rotates(options.method) || options.basis == RotationKind::None)
        return Basis::Original;
    if (site == Site::AttnIn || site == Site::MlpIn)
        return options.scope == RotationScope::Global ? Basis::Global : fullBasis(options.basis);
    switch (site == Site::AttnOut ? options.attnOut : options.mlpOut) {
    case SiteTreatment::HeadWise:
        return options.basis == RotationKind::Pca ? Basis::HeadWise : Basis::HeadWiseRandom;
    case SiteTreatment::Full:
        return fullBasis(options.basis);
    case SiteTreatment::Salient:
    case SiteTreatment::None:
        break;
    }
    return Basis::Original;
}

namespace {

bool canMixRest(Basis basis)
{
    return basis == Basis::Pca || basis == Basis::HeadWise;
}

int salientOf(const PlanOptions& options, Site site, int channels)
{
    if (!keepsSalient(options.method))
        return 0;
    const bool untreated = (site == Site::AttnOut && options.attnOut == SiteTreatment::None) ||
                           (site == Site::MlpOut && options.mlpOut == SiteTreatment::None);
    return rotates(options.method) && untreated ? 0 : options.salient.count(channels);
}

void checkRange(const std::string& where, const char* what, std::int64_t value, std::int64_t low, std::int64_t high)
{
    if (value < low || value > high)
        throw Error::usage(std::string(what) + " out of range")
            .field(where)
            .found(std::to_string(value))
            .expected(std::to_string(low) + " to " + std::to_string(high));
}

void checkBits(const std::string& where, Method method, double bits)
{
    const double low = method == Method::Etq ? kMinEtqBits : kMinBits;
    const bool whole = bits == std::floor(bits);
    if (!(bits >= low && bits <= kMaxBits) || (usesGrid(method) && !whole))
        throw Error::usage(whole ? "bits out of range" : "a uniform grid has a whole number of bits")
            .field(where)
            .found(shortNumber(bits))
            .expected(usesGrid(method) ? "a whole number from 2 to 8" : shortNumber(low) + " to 8");
}

void checkShare(const std::string& where, const char* what, double share)
{
    if (!(share >= 0 && share <= kMaxOutliers))
        throw Error::usage(std::string(what) + " out of range")
            .field(where)
            .found(shortNumber(share))
            .expected("0 to " + shortNumber(kMaxOutliers));
}

void checkSettings(const LinearPlan& linear, int channels)
{
    const std::string where = linear.id.name();
    if (linear.method != Method::Float)
        checkBits(where, linear.method, linear.bits);
    checkRange(where, "group size", linear.groupSize, 0, 1 << 20);
    checkRange(where, "the number of salient channels", linear.salient, 0, channels);
    if (linear.salient != 0 && linear.method != Method::Float && !keepsSalient(linear.method))
        throw Error::usage("this method keeps no salient channels")
            .field(where)
            .found(std::string(name(linear.method)) + " with salient " + std::to_string(linear.salient));
    if (linear.clip && (linear.method != Method::Awq || linear.rounding == Rounding::Gptq))
        throw Error::usage("ranges are clipped only by awq, rounded to nearest").field(where);
    checkShare(where, "the share of activation outliers", linear.cmpq.activationOutliers);
    checkShare(where, "the share of quantization outliers", linear.cmpq.quantizationOutliers);
}

void checkSite(const SitePlan& site, const Plan& plan)
{
    if ((site.basis == Basis::HeadWise || site.basis == Basis::HeadWiseRandom) && site.id.site != Site::AttnOut)
        throw Error::usage("only attn_out has heads")
            .field(site.id.name())
            .found("basis " + std::string(name(site.basis)));
    const bool readsResidual = site.id.site == Site::AttnIn || site.id.site == Site::MlpIn;
    if (plan.turnsResidual() ? readsResidual != (site.basis == Basis::Global) : site.basis == Basis::Global)
        throw Error::usage("the residual stream is turned as a whole or not at all: attn_in and mlp_in of every layer")
            .field(site.id.name())
            .found("basis " + std::string(name(site.basis)));
    if (site.mixRest && !canMixRest(site.basis))
        throw Error::usage("the rest can be mixed only where the site is turned by its own PCA").field(site.id.name());
}

/// What the statistics must hold for the plan to be carried out.
void checkStatistics(const Plan& plan, const ModelStatistics& statistics)
{
    const bool turnable =
        statistics.normsOnly || statistics.sites.empty() || !statistics.sites.front().globalEnergy.empty();
    if (plan.turnsResidual() && !turnable)
        throw Error::unsupported(
            "the norms of this architecture do not commute with one rotation of the residual stream")
            .file(statistics.path)
            .field("rotation")
            .found("global, of \"" + statistics.model.architecture + "\"")
            .hint("use --rotation per-site");
    if (!statistics.normsOnly)
        return;
    for (const SitePlan& site : plan.sites)
        if (site.basis != Basis::Original)
            throw Error::usage("statistics of channel norms alone know no rotation")
                .file(statistics.path)
                .field(site.id.name())
                .found("basis " + std::string(name(site.basis)))
                .hint("analyze again without --norms-only");
    for (const LinearPlan& linear : plan.linears)
        if (linear.method == Method::Awq || linear.method == Method::Etq || linear.rounding == Rounding::Gptq)
            throw Error::usage("statistics of channel norms alone do not do for this method")
                .file(statistics.path)
                .field(linear.id.name())
                .found(std::string(name(linear.method)))
                .hint("analyze again without --norms-only");
}

} // namespace

Plan makePlan(const ModelStatistics& statistics, const PlanOptions& options)
{
    if (options.mlpOut == SiteTreatment::HeadWise)
        throw Error::usage("mlp_out has no heads")
            .field("mlp_out")
            .found("head-wise")
            .expected("full, salient or none");
    if (options.scope == RotationScope::Global && rotates(options.method) && options.basis == RotationKind::None)
        throw Error::usage("a global rotation needs a basis")
            .field("basis")
            .found("none")
            .expected("pca, random or hadamard");
    Plan plan;
    plan.options = options;
    plan.statsFingerprint = statistics.fingerprint;
    plan.modelName = statistics.model.name;
    for (const SiteStatistics& site : statistics.sites) {
        const Basis basis = basisOf(options, site.id.site);
        plan.sites.push_back({site.id, basis, options.select, options.mixRest && canMixRest(basis)});
    }
    for (const LinearStatistics& linear : statistics.linears) {
        LinearPlan entry{linear.id, options.method, options.bits, options.groupSize, options.symmetric};
        entry.salient = salientOf(options, siteOf(linear.id.role), linear.inFeatures);
        entry.rounding = options.rounding;
        entry.activationOrder = options.activationOrder;
        entry.clip = options.clip;
        entry.cmpq = options.cmpq;
        plan.linears.push_back(entry);
    }
    validatePlan(plan, statistics);
    predict(plan, statistics);
    plan.options.rules.clear(); // they come back as they are applied
    applyRules(plan, options.rules, statistics);
    if (options.targetBits > 0)
        allocateBits(plan, statistics, options.targetBits);
    return plan;
}

void validatePlan(const Plan& plan, const ModelStatistics& statistics)
{
    if (plan.sites.size() != statistics.sites.size() || plan.linears.size() != statistics.linears.size())
        throw Error::usage("the plan is for another model")
            .field("linears")
            .found(std::to_string(plan.linears.size()))
            .expected(std::to_string(statistics.linears.size()));
    checkStatistics(plan, statistics);
    for (const SitePlan& site : plan.sites)
        checkSite(site, plan);
    for (const LinearPlan& linear : plan.linears)
        checkSettings(linear, statistics.linear(linear.id).inFeatures);
}

} // namespace eigenquant
