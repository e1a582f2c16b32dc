// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/state/site_summary.h"

#include <algorithm>
#include <limits>

namespace eigenquant {

namespace {

/// What the linears have in common, told by the first of them.
void compare(SiteSummary& row, const Plan& plan, const std::vector<int>& linears)
{
    if (linears.empty())
        return;
    const LinearPlan& first = plan.linears[std::size_t(linears.front())];
    const auto all = [&](auto isSo) {
        return std::ranges::all_of(linears, [&](int at) { return isSo(plan.linears[std::size_t(at)]); });
    };
    row.method = first.method;
    row.salient = first.salient;
    row.sameMethod = all([&](const LinearPlan& linear) { return linear.method == first.method; });
    row.sameSalient = all([&](const LinearPlan& linear) { return linear.salient == first.salient; });
    row.groupSize = first.groupSize;
    row.sameGroup = all([&](const LinearPlan& linear) { return linear.groupSize == first.groupSize; });
    row.sameBits = all([&](const LinearPlan& linear) { return linear.bits == first.bits; });
    row.locked = all([](const LinearPlan& linear) { return linear.locked; });
    row.partlyLocked = !row.locked && !all([](const LinearPlan& linear) { return !linear.locked; });
}

} // namespace

SiteSummary summarize(const Plan& plan, const ModelStatistics& statistics, const SitePlan& site,
                      const std::vector<int>& linears)
{
    SiteSummary row{.id = site.id, .basis = site.basis, .select = site.select, .mixRest = site.mixRest};
    row.channels = statistics.site(site.id).channels;
    compare(row, plan, linears);
    double weights = 0;
    double bits = 0;
    for (const int position : linears) {
        const LinearPlan& linear = plan.linears[std::size_t(position)];
        const LinearStatistics& shape = statistics.linear(linear.id);
        // The mean of one linear is its own figure, to the bit.
        const double count = linears.size() == 1 ? 1 : double(shape.outFeatures) * shape.inFeatures;
        bits += linear.bits * count;
        row.effectiveBits += linear.effectiveBits * count;
        row.rotationBits += linear.rotationBits * count;
        row.predictedError += linear.predictedError * count;
        row.predictedKl += shape.outputFisher.empty() ? std::numeric_limits<double>::quiet_NaN() : linear.predictedKl;
        row.bytes += linear.bytes;
        weights += count;
    }
    if (weights > 0) {
        row.effectiveBits /= weights;
        row.rotationBits /= weights;
        row.predictedError /= weights;
        row.bits = row.sameBits ? plan.linears[std::size_t(linears.front())].bits : bits / weights;
    }
    return row;
}

} // namespace eigenquant
