// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/results/plan.h"
#include "core/results/statistics.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace eigenquant {

/// A change to every linear of a plan whose name a pattern matches; what is not said stays as it is.
struct PlanRule {
    std::string pattern; ///< an ECMAScript regular expression for the whole name: ".*\.down", "(0|29)\..*"
    std::optional<Method> method;
    std::optional<double> bits;
    std::optional<SalientBudget> salient;
    std::optional<int> groupSize;
    std::optional<Rounding> rounding;
    std::optional<bool> symmetric;
    std::optional<bool> locked;

    /// "PATTERN: key=value, key=value" with the keys method, bits, salient, group_size, rounding, symmetric and locked,
    /// each at most once. The pattern ends at the last colon. Error::usage for a bad pattern, key or value.
    static PlanRule parse(std::string_view text);
};

/// Applies the rules in order, then checks the plan and brings its predictions up to date. A new method brings its own
/// rounding, and drops what it has no use for: K where it keeps no channels, clipping, activation order. Throws
/// Error::usage, with the plan as it was, for a rule that matches no linear and for settings a linear cannot take.
void applyRules(Plan& plan, const std::vector<PlanRule>& rules, const ModelStatistics& statistics);

/// The same for rules as they are written, which are added to those in the plan's options.
void applyRules(Plan& plan, const std::vector<std::string>& rules, const ModelStatistics& statistics);

} // namespace eigenquant
