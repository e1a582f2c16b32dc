// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/quant/plan.h"

#include "core/quant/column_errors.h"
#include "core/quant/salient.h"
#include "core/quant/storage.h"

#include <numeric>

namespace eigenquant {
namespace {

/// ‖XW‖² a token: Σ_j λ_j ‖W_j‖² in the PCA basis, where it is exact.
double outputEnergy(const SiteStatistics& site, const LinearStatistics& linear)
{
    const auto& norms = linear.columns.at(Basis::Pca).squaredNorm;
    return std::inner_product(norms.begin(), norms.end(), site.eigenvalues.begin(), 0.0);
}

/// ‖XΔW‖² a token, expected from the rounding errors of the columns that are not salient.
double errorEnergy(const ModelStatistics& statistics, const SiteStatistics& site, const SitePlan& plan,
                   const LinearPlan& linear, std::uint64_t seed)
{
    const std::vector<double>& energy = site.energy(plan.basis);
    const auto& columns = statistics.linear(linear.id).columns;
    // Only o is read in the head-wise basis; the rotation of its site turns v's outputs, not its inputs.
    const auto found = columns.find(plan.basis);
    const ColumnErrors& errors = found != columns.end() ? found->second : columns.at(Basis::Original);
    const std::vector<double> columnError =
        columnErrorsAt(errors, statistics.groupSizes, linear.bits, linear.groupSize);
    const std::vector<int> salient = salientChannels(energy, plan.select, linear.salient, seed, site.id);
    double errorSum = 0, energySum = 0, product = 0;
    const std::vector<int> rest = remainingChannels(salient, site.channels);
    for (const int channel : rest) {
        const auto j = static_cast<std::size_t>(channel);
        errorSum += columnError[j];
        energySum += energy[j];
        product += energy[j] * columnError[j];
    }
    // A random rotation of the rest spreads both energies and errors evenly.
    return plan.mixRest && !rest.empty() ? errorSum * energySum / static_cast<double>(rest.size()) : product;
}

/// A linear's part of its site's run-time rotation: the linears that read the site share it in proportion to
/// their rows, in whole bytes that add up.
std::uint64_t rotationShare(const ModelStatistics& statistics, const SitePlan& site, const LinearStatistics& linear)
{
    std::uint64_t rowsBefore = 0, rows = 0;
    for (const LinearRole role : kAllRoles) {
        if (siteOf(role) != site.id.site)
            continue;
        if (role < linear.id.role)
            rowsBefore += static_cast<std::uint64_t>(statistics.linear({site.id.layer, role}).outFeatures);
        rows += static_cast<std::uint64_t>(statistics.linear({site.id.layer, role}).outFeatures);
    }
    const std::uint64_t bytes = rotationStorage(site, linear.inFeatures);
    const auto upTo = [&](std::uint64_t count) { return bytes * count / rows; };
    return upTo(rowsBefore + static_cast<std::uint64_t>(linear.outFeatures)) - upTo(rowsBefore);
}

void predictLinear(Plan& plan, LinearPlan& linear, const ModelStatistics& statistics)
{
    const LinearStatistics& shape = statistics.linear(linear.id);
    const SiteStatistics& site = statistics.site(linear.id.site());
    const SitePlan& sitePlan = plan.site(linear.id.site());
    const double weights = static_cast<double>(shape.outFeatures) * shape.inFeatures;
    const std::uint64_t rotationBytes = rotationShare(statistics, sitePlan, shape);
    linear.bytes = linearStorage(linear, sitePlan, shape.outFeatures, shape.inFeatures).total() + rotationBytes;
    linear.rotationBits = 8 * static_cast<double>(rotationBytes) / weights;
    linear.effectiveBits = 8 * static_cast<double>(linear.bytes) / weights;
    const double output = outputEnergy(site, shape);
    linear.predictedError = linear.method == Method::Float || output <= 0
                                ? 0
                                : errorEnergy(statistics, site, sitePlan, linear, plan.options.seed) / output;
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
    }
    if (weights == 0)
        return;
    plan.totals.effectiveBits = 8 * static_cast<double>(plan.totals.bytes) / weights;
    plan.totals.rotationBits = rotationBits / weights;
    plan.totals.predictedError = error / weights;
}

} // namespace

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
    const std::vector<double>& energy = site.energy(basis);
    const double total = std::accumulate(energy.begin(), energy.end(), 0.0);
    double kept = 0;
    for (const int channel : salientChannels(energy, select, salient, 0, site.id))
        kept += energy[static_cast<std::size_t>(channel)];
    return total > 0 ? kept / total : 0;
}

} // namespace eigenquant
