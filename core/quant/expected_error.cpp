// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/quant/expected_error.h"

#include "core/quant/cmpq.h"
#include "core/quant/column_errors.h"
#include "core/quant/etq.h"
#include "core/quant/gptq.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <numeric>
#include <utility>

namespace eigenquant {
namespace {

// How far the arithmetic mean of D_j lies above the geometric one on real models.
constexpr double kUnevenFeedback = 1.15;

// The least mean squared error of 2^b levels on a Gaussian of variance 1 (Max 1960), b = 0 … 8, and what taking the
// outliers out leaves of it.
constexpr std::array<double, 9> kLloydMax{1,        0.3634,   0.1175,   0.03454,  0.009497,
                                          0.002499, 0.000646, 0.000164, 0.0000414};
constexpr double kWithoutOutliers = 0.75;

/// A person goes to and fro between two or three ways to turn a site; more would only cost memory.
constexpr std::size_t kKeptDimensions = 3;

/// The rounding errors of a basis that were measured, or those nearest to it: any full rotation mixes the weights of a
/// row much as the PCA's does. Only o is read in the head-wise basis; that rotation turns v's outputs, not its inputs.
const ColumnErrors& errorsNear(const LinearStatistics& linear, Basis basis)
{
    for (const Basis candidate :
         {basis, basis == Basis::HeadWiseRandom ? Basis::HeadWise : Basis::Pca, Basis::Original}) {
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
    return site.mixRest || (site.basis == Basis::Global && options.basis != RotationKind::Pca) ||
           site.basis == Basis::Random || site.basis == Basis::HeadWiseRandom || site.basis == Basis::Hadamard;
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

SiteErrors::SiteErrors(const ModelStatistics& statistics, const SiteStatistics& site)
    : m_statistics(&statistics), m_site(&site)
{}

double SiteErrors::errorEnergy(const SitePlan& plan, const LinearPlan& linear, const PlanOptions& options)
{
    switch (linear.method) {
    case Method::Float:
        return 0;
    case Method::Cmpq:
        return cmpqErrorEnergy(linear);
    case Method::Etq:
        return etqErrorEnergy(linear);
    default:
        return gridErrorEnergy(plan, linear, options);
    }
}

SiteDimensions& SiteErrors::dimensions(Basis basis, Select select, std::uint64_t seed)
{
    const auto found =
        std::find_if(m_dimensions.begin(), m_dimensions.end(),
                     [&](const SiteDimensions& dimensions) { return dimensions.isFor(basis, select, seed); });
    if (found != m_dimensions.end()) {
        std::rotate(m_dimensions.begin(), found, found + 1);
        return m_dimensions.front();
    }
    if (m_dimensions.size() == kKeptDimensions) {
        m_droppedPasses += 1 + m_dimensions.back().passes();
        m_dimensions.pop_back();
    }
    return *m_dimensions.insert(m_dimensions.begin(), SiteDimensions(*m_site, basis, select, seed));
}

std::size_t SiteErrors::passes() const
{
    std::size_t passes = m_droppedPasses + m_dimensions.size();
    for (const SiteDimensions& dimensions : m_dimensions)
        passes += dimensions.passes();
    for (const auto& feedback : m_feedback)
        passes += feedback ? 1 : 0;
    return passes;
}

double SiteErrors::Feedback::logAt(std::size_t j) const
{
    return std::log(spectrum[j] + damping);
}

double SiteErrors::Feedback::variance(int salient) const
{
    const auto first = static_cast<std::size_t>(salient);
    if (first >= spectrum.size())
        return 0;
    const double sum = logs.from(first, [this](std::size_t j) { return logAt(j); });
    return kUnevenFeedback * std::exp(sum / static_cast<double>(spectrum.size() - first));
}

const SiteErrors::Feedback& SiteErrors::feedback(Basis basis)
{
    std::optional<Feedback>& kept = m_feedback[basis == Basis::Global];
    if (kept)
        return *kept;
    kept.emplace();
    kept->spectrum = spectrumOf(*m_site, basis);
    const std::size_t count = kept->spectrum.size();
    const double sum = std::accumulate(kept->spectrum.begin(), kept->spectrum.end(), 0.0);
    kept->damping = kDamping * sum / std::max<double>(1, static_cast<double>(count)) + 1e-30;
    kept->logs = {count, [&](std::size_t j) { return kept->logAt(j); }};
    return *kept;
}

double SiteErrors::gridErrorEnergy(const SitePlan& plan, const LinearPlan& linear, const PlanOptions& options)
{
    SiteDimensions& dimensions = this->dimensions(plan.basis, plan.select, options.seed);
    const auto salient = static_cast<std::size_t>(linear.salient);
    const ColumnErrorsAt errors(errorsNear(m_statistics->linear(linear.id), plan.basis), m_statistics->groupSizes,
                                linear.gridBits(), linear.groupSize);
    const auto remaining =
        dimensions.errorsFrom(salient, {linear.id.role, linear.gridBits(), linear.groupSize}, errors);
    const bool isSpread = isRandom(plan, options) && salient < dimensions.count();
    const double nearest = isSpread ? remaining.errors * dimensions.energyFrom(salient) /
                                          static_cast<double>(dimensions.count() - salient)
                                    : remaining.products;
    if (linear.rounding != Rounding::Gptq || m_site->eigenvalues.empty())
        return nearest;
    return std::min(nearest, remaining.errors * feedback(plan.basis).variance(linear.salient));
}

double SiteErrors::cmpqErrorEnergy(const LinearPlan& linear)
{
    // The channels with the most energy have the widest codes: each width is a stretch of the order of saliency.
    SiteDimensions& dimensions = this->dimensions(Basis::Original, Select::Top, 0);
    const auto& norms = m_statistics->linear(linear.id).columns.at(Basis::Original).squaredNorm;
    const auto energyFrom = [&](std::size_t first) {
        return dimensions.errorsFrom(first, {linear.id.role, 0, 0}, norms).products;
    };
    const auto counts = cmpqWidthCounts(static_cast<int>(dimensions.count()),
                                        {linear.bits, linear.cmpq.activationOutliers,
                                         linear.cmpq.quantizationOutliers, linear.cmpq.fourAndTwo});
    double error = 0;
    std::size_t first = 0;
    for (std::size_t width = counts.size(); width-- > 0;) {
        if (counts[width] == 0)
            continue;
        const std::size_t next = first + static_cast<std::size_t>(counts[width]);
        error += (energyFrom(first) - energyFrom(next)) * kLloydMax[width];
        first = next;
    }
    return error * kWithoutOutliers;
}

double SiteErrors::etqErrorEnergy(const LinearPlan& linear)
{
    SiteDimensions& dimensions = this->dimensions(Basis::Original, Select::Top, 0);
    const auto& norms = m_statistics->linear(linear.id).columns.at(Basis::Original).squaredNorm;
    return dimensions.errorsFrom(0, {linear.id.role, 0, 0}, norms).errors * etqDistortion(linear.bits) *
           feedback(Basis::Original).variance(0);
}

} // namespace eigenquant
