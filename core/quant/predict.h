// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/results/plan.h"
#include "core/results/statistics.h"

namespace eigenquant {

/// Sums the plan's linears up.
void updateTotals(Plan& plan, const ModelStatistics& statistics);

} // namespace eigenquant
