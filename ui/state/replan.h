// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/results/plan.h"
#include "core/results/statistics.h"

#include <vector>

namespace eigenquant {

/// Plans these sites anew from options, as `eigenquant plan` would; all of them if `sites` is empty. What is locked
/// stays as it is. With target bits the whole plan is brought to them, by these sites alone.
/// Throws Error::usage for what the model or the rest of the plan cannot take: a global rotation of some sites only, a
/// target out of reach.
Plan replanned(const Plan& plan, const ModelStatistics& statistics, const PlanOptions& options,
               const std::vector<SiteId>& sites);

} // namespace eigenquant
