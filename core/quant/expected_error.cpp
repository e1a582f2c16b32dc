// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/quant/expected_error.h"

#include "core/quant/cmpq.h"
#include "core/quant/column_errors.h"
#include "core/quant/etq.h"
#include "core/quant/salient.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <numeric>

namespace eigenquant {
namespace {

// As the feedback's own damping, and how far the arithmetic mean of D_j lies above the geometric one on real models.
constexpr double kDamping = 0.01;
constexpr double kUnevenFeedback = 1.15;

// The least mean squared error of 2^b levels on a Gaussian of variance 1 (Max 1960), b = 0 … 8, and what taking the
// outliers out leaves of it.
constexpr std::array<double, 9> kLloydMax{1, 0.3634, 0.1175, 0.03454, 0.009497, 0.002499, 0.000646, 0.000164, 0.0000414};
constexpr double kWithoutOutliers = 0.75;

double sum(const std::vector<double>& values)
{
    return std::accumulate(values.begin(), values.end(), 0.0);
}

/// What a unit of squared error costs in a column after feedback, when the first K eigenvalues are kept apart.
double feedbackVariance(const std::vector<double>& spectrum, int salient)
{
    const double mean = sum(spectrum) / std::max<double>(1, static_cast<double>(spectrum.size()));
    double logs = 0;
    int count = 0;
    for (std::size_t j = static_cast<std::size_t>(salient); j < spectrum.size(); ++j, ++count)
        logs += std::log(spectrum[j] + kDamping * mean + 1e-30);
    return count == 0 ? 0 : kUnevenFeedback * std::exp(logs / count);
}

/// The rounding errors of a basis that were measured, or those nearest to it: any full rotation mixes the weights of a
/// row much as the PCA's does. Only o is read in the head-wise basis; that rotation turns v's outputs, not its inputs.
const ColumnErrors& errorsNear(const LinearStatistics& linear, Basis basis)
{
    for (const Basis candidate : {basis, basis == Basis::HeadWiseRandom ? Basis::HeadWise : Basis::Pca, Basis::Original}) {
        const bool fits = candidate == basis || basis != Basis::Original;
        if (const auto found = linear.columns.find(candidate); fits && found != linear.columns.end())
            return found->second;
    }
    return linear.columns.at(Basis::Original);
}

/// Eigenvalues of the second moment in a basis, or what is known that is nearest: linears that read the turned
/// residual stream have the norm's gain in their weights, so that theirs is the moment without it.
std::vector<double> spectrumOf(const SiteStatistics& site, Basis basis)
{
    if (basis != Basis::Global || site.globalEnergy.empty())
        return site.eigenvalues;
    std::vector<double> spectrum = site.globalEnergy;
    std::sort(spectrum.begin(), spectrum.end(), std::greater<>());
    return spectrum;
}

bool isRandom(const SitePlan& site, const PlanOptions& options)
{
    return site.mixRest || (site.basis == Basis::Global && options.basis != RotationKind::Pca) || site.basis == Basis::Random || site.basis == Basis::HeadWiseRandom ||
           site.basis == Basis::Hadamard;
}

double gridErrorEnergy(const ModelStatistics& statistics, const SitePlan& plan, const LinearPlan& linear,
                       const PlanOptions& options)
{
    const SiteStatistics& site = statistics.site(plan.id);
    const std::vector<double> energy = site.energy(plan.basis);
    const std::vector<double> columnError = columnErrorsAt(errorsNear(statistics.linear(linear.id), plan.basis),
                                                           statistics.groupSizes, linear.gridBits(), linear.groupSize);
    const std::vector<int> rest = remainingChannels(
        salientChannels(energy, plan.select, linear.salient, options.seed, site.id), site.channels);
    double errorSum = 0, energySum = 0, product = 0;
    for (const int channel : rest) {
        const auto j = static_cast<std::size_t>(channel);
        errorSum += columnError[j];
        energySum += energy[j];
        product += energy[j] * columnError[j];
    }
    const double nearest = isRandom(plan, options) && !rest.empty() ? errorSum * energySum / static_cast<double>(rest.size()) : product;
    if (linear.rounding != Rounding::Gptq || site.eigenvalues.empty())
        return nearest;
    return std::min(nearest, errorSum * feedbackVariance(spectrumOf(site, plan.basis), linear.salient));
}

double cmpqErrorEnergy(const SiteStatistics& site, const LinearStatistics& shape, const LinearPlan& linear)
{
    const auto widths = cmpqWidths(site.channelEnergy, {linear.bits, linear.cmpq.activationOutliers,
                                                        linear.cmpq.quantizationOutliers, linear.cmpq.fourAndTwo});
    const auto& norms = shape.columns.at(Basis::Original).squaredNorm;
    double energy = 0;
    for (std::size_t j = 0; j < widths.size(); ++j)
        energy += site.channelEnergy[j] * static_cast<double>(norms[j]) * kLloydMax[widths[j]];
    return energy * kWithoutOutliers;
}

double etqErrorEnergy(const SiteStatistics& site, const LinearStatistics& shape, const LinearPlan& linear)
{
    const auto& norms = shape.columns.at(Basis::Original).squaredNorm;
    return std::accumulate(norms.begin(), norms.end(), 0.0) * etqDistortion(linear.bits) * feedbackVariance(site.eigenvalues, 0);
}

} // namespace

double outputEnergy(const SiteStatistics& site, const LinearStatistics& linear)
{
    const auto rotated = linear.columns.find(Basis::Pca);
    const bool exact = rotated != linear.columns.end() && !site.eigenvalues.empty();
    const auto& norms = exact ? rotated->second.squaredNorm : linear.columns.at(Basis::Original).squaredNorm;
    const auto& energy = exact ? site.eigenvalues : site.channelEnergy;
    return std::inner_product(norms.begin(), norms.end(), energy.begin(), 0.0);
}

double expectedErrorEnergy(const ModelStatistics& statistics, const SitePlan& site, const LinearPlan& linear,
                           const PlanOptions& options)
{
    switch (linear.method) {
    case Method::Float:
        return 0;
    case Method::Cmpq:
        return cmpqErrorEnergy(statistics.site(site.id), statistics.linear(linear.id), linear);
    case Method::Etq:
        return etqErrorEnergy(statistics.site(site.id), statistics.linear(linear.id), linear);
    default:
        return gridErrorEnergy(statistics, site, linear, options);
    }
}

} // namespace eigenquant
