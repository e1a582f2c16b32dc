// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/results/plan.h"
#include "core/results/statistics.h"

namespace eigenquant {

/// Fills in what follows from the settings of one linear of the plan: bytes, bits, expected error and divergence.
/// `linear` need not be the plan's own: its site is.
void predictLinear(const Plan& plan, LinearPlan& linear, const ModelStatistics& statistics);

/// Sums the plan's linears up.
void updateTotals(Plan& plan, const ModelStatistics& statistics);

} // namespace eigenquant
