// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/quant/predict.h"

#include "core/quant/expected_error.h"
#include "core/quant/plan.h"
#include "core/quant/salient.h"
#include "core/quant/storage.h"

#include <numeric>

namespace eigenquant {
namespace {

/// A linear's part of its site's run-time rotation: the linears that read the site share it in proportion to
/// their rows, in whole bytes that add up.
std::uint64_t rotationShare(const ModelStatistics& statistics, const SitePlan& site, const LinearStatistics& linear)
{
    std::uint64_t rowsBefore = 0, rows = 0;
    for (const LinearRole role : layerRoles(statistics.model.gatedMlp)) {
        if (siteOf(role) != site.id.site)
            continue;
        if (role < linear.id.role)
            rowsBefore += static_cast<std::uint64_t>(statistics.linear({site.id.layer, role}).outFeatures);
        rows += static_cast<std::uint64_t>(statistics.linear({site.id.layer, role}).outFeatures);
    }
    const std::uint64_t bytes = totalBytes(siteParts(site, linear.inFeatures));
    const auto upTo = [&](std::uint64_t count) { return bytes * count / rows; };
    return upTo(rowsBefore + static_cast<std::uint64_t>(linear.outFeatures)) - upTo(rowsBefore);
}

/// Nats a token: ½ Σ_i G_i E[δy_i²], with the error spread evenly over the outputs.
double expectedKl(const LinearStatistics& linear, double errorEnergy)
{
    const double fisher = std::accumulate(linear.outputFisher.begin(), linear.outputFisher.end(), 0.0);
    return linear.outFeatures > 0 ? fisher / linear.outFeatures * errorEnergy / 2 : 0;
}

} // namespace

void predictLinear(const Plan& plan, LinearPlan& linear, const ModelStatistics& statistics)
{
    const LinearStatistics& shape = statistics.linear(linear.id);
    const SitePlan& site = plan.site(linear.id.site());
    const double weights = static_cast<double>(shape.outFeatures) * shape.inFeatures;
    const std::uint64_t rotationBytes = rotationShare(statistics, site, shape);
    linear.bytes = totalBytes(linearParts(linear, site, shape.outFeatures, shape.inFeatures)) + rotationBytes;
    linear.rotationBits = 8 * static_cast<double>(rotationBytes) / weights;
    linear.effectiveBits = 8 * static_cast<double>(linear.bytes) / weights;
    const double output = outputEnergy(statistics.site(site.id), shape);
    const double error = expectedErrorEnergy(statistics, site, linear, plan.options);
    linear.predictedError = output > 0 ? error / output : 0;
    linear.predictedKl = expectedKl(shape, error);
}

void updateTotals(Plan& plan, const ModelStatistics& statistics)
{
    double weights = 0, rotationBits = 0, error = 0;
    plan.totals = {};
    for (const LinearPlan& linear : plan.linears) {
        const LinearStatistics& shape = statistics.linear(linear.id);
        const double count = static_cast<double>(shape.outFeatures) * shape.inFeatures;
        weights += count;
        rotationBits += linear.rotationBits * count;
        error += linear.predictedError * count;
        plan.totals.bytes += linear.bytes;
        plan.totals.predictedKl += linear.predictedKl;
    }
    if (weights == 0)
        return;
    plan.totals.effectiveBits = 8 * static_cast<double>(plan.totals.bytes) / weights;
    plan.totals.rotationBits = rotationBits / weights;
    plan.totals.predictedError = error / weights;
}

void predict(Plan& plan, const ModelStatistics& statistics)
{
    for (LinearPlan& linear : plan.linears)
        predictLinear(plan, linear, statistics);
    updateTotals(plan, statistics);
}

void predict(Plan& plan, const ModelStatistics& statistics, SiteId changed)
{
    for (LinearPlan& linear : plan.linears)
        if (linear.id.site() == changed)
            predictLinear(plan, linear, statistics);
    updateTotals(plan, statistics);
}

double salientEnergyShare(const SiteStatistics& site, Basis basis, Select select, int salient)
{
    const std::vector<double> energy = site.energy(basis);
    const double total = std::accumulate(energy.begin(), energy.end(), 0.0);
    double kept = 0;
    for (const int channel : salientChannels(energy, select, salient, 0, site.id))
        kept += energy[static_cast<std::size_t>(channel)];
    return total > 0 ? kept / total : 0;
}

} // namespace eigenquant
