// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/quant/predictor.h"

#include "core/quant/expected_error.h"
#include "core/quant/predict.h"
#include "core/quant/storage.h"

#include <algorithm>
#include <numeric>
#include <utility>
#include <vector>

namespace eigenquant {
namespace {

/// A linear's part of its site's run-time rotation: the linears that read the site share it in proportion to
/// their rows, in whole bytes that add up.
std::uint64_t rotationShare(const ModelStatistics& statistics, const SitePlan& site,
                            const LinearStatistics& linear)
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
double expectedKlPerError(const LinearStatistics& linear)
{
    const double fisher = std::accumulate(linear.outputFisher.begin(), linear.outputFisher.end(), 0.0);
    return linear.outFeatures > 0 ? fisher / linear.outFeatures / 2 : 0;
}

} // namespace

Predictor::Predictor(std::shared_ptr<const ModelStatistics> statistics)
    : m_statistics(std::move(statistics)), m_sites(m_statistics->sites.size()),
      m_linears(m_statistics->linears.size())
{}

Predictor::Predictor(const ModelStatistics& statistics)
    : Predictor(std::shared_ptr<const ModelStatistics>(std::shared_ptr<void>(), &statistics))
{}

Predictor::~Predictor() = default;

SiteErrors& Predictor::errorsOf(SiteId site)
{
    const SiteStatistics& statistics = m_statistics->site(site);
    auto& errors = m_sites[static_cast<std::size_t>(&statistics - m_statistics->sites.data())];
    if (!errors)
        errors = std::make_unique<SiteErrors>(*m_statistics, statistics);
    return *errors;
}

const Predictor::Linear& Predictor::knownOf(const LinearStatistics& linear)
{
    auto& known = m_linears[static_cast<std::size_t>(&linear - m_statistics->linears.data())];
    if (!known)
        known = {outputEnergy(m_statistics->site(linear.id.site()), linear), expectedKlPerError(linear)};
    return *known;
}

void Predictor::predictLinear(const Plan& plan, LinearPlan& linear)
{
    const LinearStatistics& shape = m_statistics->linear(linear.id);
    const SitePlan& site = plan.site(linear.id.site());
    const double weights = static_cast<double>(shape.outFeatures) * shape.inFeatures;
    const std::uint64_t rotationBytes = rotationShare(*m_statistics, site, shape);
    linear.bytes = totalBytes(linearParts(linear, site, shape.outFeatures, shape.inFeatures)) + rotationBytes;
    linear.rotationBits = 8 * static_cast<double>(rotationBytes) / weights;
    linear.effectiveBits = 8 * static_cast<double>(linear.bytes) / weights;
    const double error = errorsOf(site.id).errorEnergy(site, linear, plan.options);
    const Linear& known = knownOf(shape);
    linear.predictedError = known.outputEnergy > 0 ? error / known.outputEnergy : 0;
    linear.predictedKl = known.klPerError * error;
}

void Predictor::predict(Plan& plan)
{
    for (LinearPlan& linear : plan.linears)
        predictLinear(plan, linear);
    updateTotals(plan, *m_statistics);
}

void Predictor::predict(Plan& plan, SiteId changed)
{
    for (LinearPlan& linear : plan.linears)
        if (linear.id.site() == changed)
            predictLinear(plan, linear);
    updateTotals(plan, *m_statistics);
}

double Predictor::salientEnergyShare(SiteId site, Basis basis, Select select, int salient, std::uint64_t seed)
{
    return errorsOf(site).dimensions(basis, select, seed).shareOf(static_cast<std::size_t>(salient));
}

void Predictor::prepare(const Plan& plan, const RunContext& context)
{
    for (const LinearPlan& linear : plan.linears) {
        context.checkpoint();
        LinearPlan candidate = linear;
        predictLinear(plan, candidate);
        if (!usesGrid(linear.method))
            continue;
        std::vector<int> groupSizes = m_statistics->groupSizes;
        if (std::ranges::find(groupSizes, linear.groupSize) == groupSizes.end())
            groupSizes.push_back(linear.groupSize);
        for (const int groupSize : groupSizes)
            for (int bits = kMinBits; bits <= kMaxBits; ++bits) {
                candidate.groupSize = groupSize;
                candidate.bits = bits;
                predictLinear(plan, candidate);
            }
    }
}

std::size_t Predictor::passes() const
{
    std::size_t passes = 0;
    for (const auto& site : m_sites)
        passes += site ? site->passes() : 0;
    return passes;
}

} // namespace eigenquant
