// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/results/plan.h"

#include <CLI/CLI.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace eigenquant::cli {

/// The flags that say how a plan is made, as they were written; what was not written stays empty.
struct PlanFlags {
    std::optional<std::string> method, bits, targetBits, groupSize, rounding, salient, rotation, basis, select, attnOut,
        mlpOut, activationOutliers, quantizationOutliers;
    bool symmetric = false;
    bool mixRest = false;
    bool activationOrder = false;
    bool clip = false;
    bool fourAndTwo = false;
    std::vector<std::string> rules;

    void addTo(CLI::App& verb);
    /// Whether any of them was written.
    bool given() const;
    /// The flags that also change a plan that is there: the rules and the target. Throws Error::usage for any other.
    void refuseAllButEdits() const;
    /// --target-bits, or 0.
    double wantedBits() const;
    /// Throws Error::usage for a value, or a combination, that makes no sense.
    PlanOptions toOptions(std::uint64_t seed) const;
};

} // namespace eigenquant::cli
