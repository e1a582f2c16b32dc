// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/quant/predict.h"

#include "core/quant/plan.h"
#include "core/quant/predictor.h"
#include "core/quant/site_dimensions.h"

namespace eigenquant {

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
    Predictor(statistics).predict(plan);
}

void predict(Plan& plan, const ModelStatistics& statistics, SiteId changed)
{
    Predictor(statistics).predict(plan, changed);
}

double salientEnergyShare(const SiteStatistics& site, Basis basis, Select select, int salient)
{
    return SiteDimensions(site, basis, select, 0).shareOf(static_cast<std::size_t>(salient));
}

} // namespace eigenquant
