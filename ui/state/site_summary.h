// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/results/plan.h"
#include "core/results/statistics.h"

#include <vector>

namespace eigenquant {

/// One row of the budget table: what a site's linears share, and what they come to together.
struct SiteSummary {
    SiteId id;
    int channels = 0;
    Method method = Method::Rtn;
    Basis basis = Basis::Original;
    Select select = Select::Top;
    bool mixRest = false;
    int salient = 0;
    double bits = 4;             ///< mean over the linears, weighed by their weights
    bool sameMethod = true;      ///< false: the linears of the site differ; the first one's is told
    bool sameSalient = true;     ///< likewise
    int groupSize = 0;
    bool sameGroup = true;       ///< likewise
    bool sameBits = true;        ///< false: `bits` is a mean of different ones
    bool locked = false;         ///< all linears are
    bool partlyLocked = false;   ///< some linears are
    double effectiveBits = 0;    ///< a weight, over the site's linears, rotations included
    double rotationBits = 0;
    std::uint64_t bytes = 0;
    double predictedError = 0;   ///< mean over the linears, weighed by their weights
    /// Nats a token that the linears' errors are expected to cost; NaN if the statistics cannot tell.
    double predictedKl = 0;
};

/// Sums the plan up for the site; `linears` are positions in plan.linears of the linears that read it.
SiteSummary summarize(const Plan& plan, const ModelStatistics& statistics, const SitePlan& site,
                      const std::vector<int>& linears);

} // namespace eigenquant
