// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/state/site_summary.h"

namespace eigenquant {

SiteSummary summarize(const Plan& plan, const ModelStatistics& statistics, const SitePlan& site,
                      const std::vector<int>& linears)
{
    SiteSummary row{.id = site.id, .basis = site.basis, .select = site.select, .mixRest = site.mixRest};
    row.channels = statistics.site(site.id).channels;
    double weights = 0;
    for (const int position : linears) {
        const LinearPlan& linear = plan.linears[std::size_t(position)];
        const LinearStatistics& shape = statistics.linear(linear.id);
        const double count = double(shape.outFeatures) * shape.inFeatures;
        if (weights == 0) {
            row.method = linear.method;
            row.salient = linear.salient;
            row.bits = linear.bits;
            row.groupSize = linear.groupSize;
        }
        row.uniform = row.uniform && row.method == linear.method && row.salient == linear.salient &&
                      row.bits == linear.bits && row.groupSize == linear.groupSize;
        row.effectiveBits += linear.effectiveBits * count;
        row.rotationBits += linear.rotationBits * count;
        row.predictedError += linear.predictedError * count;
        row.bytes += linear.bytes;
        weights += count;
    }
    if (weights > 0) {
        row.effectiveBits /= weights;
        row.rotationBits /= weights;
        row.predictedError /= weights;
    }
    return row;
}

} // namespace eigenquant
