// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/quant/plan.h"

#include "core/base/error.h"

namespace eigenquant {
namespace {

Basis basisOf(const PlanOptions& options, Site site)
{
    if (options.method != Method::Rosaq || !options.rotate)
        return Basis::Original;
    if (site == Site::AttnIn || site == Site::MlpIn)
        return Basis::Pca;
    switch (site == Site::AttnOut ? options.attnOut : options.mlpOut) {
    case SiteTreatment::HeadWise:
        return Basis::HeadWise;
    case SiteTreatment::Full:
        return Basis::Pca;
    case SiteTreatment::Salient:
    case SiteTreatment::None:
        break;
    }
    return Basis::Original;
}

int salientOf(const PlanOptions& options, Site site, int channels)
{
    if (options.method != Method::Salient && options.method != Method::Rosaq)
        return 0;
    const bool untreated = (site == Site::AttnOut && options.attnOut == SiteTreatment::None) ||
                           (site == Site::MlpOut && options.mlpOut == SiteTreatment::None);
    return options.method == Method::Rosaq && untreated ? 0 : options.salient.count(channels);
}

void checkRange(const std::string& where, const char* what, std::int64_t value, std::int64_t low, std::int64_t high)
{
    if (value < low || value > high)
        throw Error::usage(std::string(what) + " out of range")
            .field(where)
            .found(std::to_string(value))
            .expected(std::to_string(low) + " to " + std::to_string(high));
}

void checkSettings(const LinearPlan& linear, int channels)
{
    const std::string where = linear.id.name();
    checkRange(where, "bits", linear.bits, kMinBits, kMaxBits);
    checkRange(where, "group size", linear.groupSize, 0, 1 << 20);
    checkRange(where, "the number of salient channels", linear.salient, 0, channels);
    if (linear.method == Method::Rtn && linear.salient != 0)
        throw Error::usage("rtn keeps no salient channels").field(where).found("salient " + std::to_string(linear.salient));
}

} // namespace

Plan makePlan(const ModelStatistics& statistics, const PlanOptions& options)
{
    checkRange("bits", "bits", options.bits, kMinBits, kMaxBits);
    checkRange("group_size", "group size", options.groupSize, 0, 1 << 20);
    if (options.mlpOut == SiteTreatment::HeadWise)
        throw Error::usage("mlp_out has no heads").field("mlp_out").found("head-wise").expected("full, salient or none");
    Plan plan;
    plan.options = options;
    plan.statsFingerprint = statistics.fingerprint;
    plan.modelName = statistics.model.name;
    for (const SiteStatistics& site : statistics.sites)
        plan.sites.push_back({site.id, basisOf(options, site.id.site), options.select,
                              options.mixRest && basisOf(options, site.id.site) != Basis::Original});
    for (const LinearStatistics& linear : statistics.linears) {
        LinearPlan entry{linear.id, options.method, options.bits, options.groupSize, options.symmetric};
        entry.salient = salientOf(options, siteOf(linear.id.role), linear.inFeatures);
        plan.linears.push_back(entry);
    }
    validatePlan(plan, statistics);
    predict(plan, statistics);
    return plan;
}

void validatePlan(const Plan& plan, const ModelStatistics& statistics)
{
    if (plan.sites.size() != statistics.sites.size() || plan.linears.size() != statistics.linears.size())
        throw Error::usage("the plan is for another model")
            .field("linears")
            .found(std::to_string(plan.linears.size()))
            .expected(std::to_string(statistics.linears.size()));
    for (const SitePlan& site : plan.sites) {
        if (site.basis == Basis::HeadWise && site.id.site != Site::AttnOut)
            throw Error::usage("only attn_out has heads").field(site.id.name()).found("basis head-wise");
        if (site.mixRest && site.basis == Basis::Original)
            throw Error::usage("the rest can be mixed only where the site is rotated").field(site.id.name());
    }
    for (const LinearPlan& linear : plan.linears)
        checkSettings(linear, statistics.linear(linear.id).inFeatures);
}

} // namespace eigenquant
