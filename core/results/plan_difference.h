// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/results/plan.h"

#include <string>
#include <vector>

namespace eigenquant {

/// A linear whose settings, or whose site's, are not the same in two plans.
struct LinearDifference {
    LinearPlan before, after;
    SitePlan siteBefore, siteAfter;

    /// The settings that differ, in the words of plan files: "bits", "method", "rotation", …; at least one.
    std::vector<std::string> settings() const;
};

/// The linears that differ, in the plans' order; what follows from the settings is not looked at.
/// Error::usage for plans of models with other linears.
std::vector<LinearDifference> differences(const Plan& before, const Plan& after);

} // namespace eigenquant
