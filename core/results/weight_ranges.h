// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/results/plan.h"

#include <cstdint>
#include <vector>

namespace eigenquant {

/// Columns that share a row's scale, and how far the weights reach in them.
struct GroupRange {
    bool salient = false; ///< the columns that stay FP16, in one group of their own
    int firstColumn = 0;
    int columns = 0;
    double least = 0;
    double largest = 0;
    double meanWidth = 0; ///< the mean over rows of largest - least: what a scale has to span
};

/// One linear's weights in one state.
struct WeightDistribution {
    std::vector<std::int64_t> histogram; ///< counts in equal bins from WeightRanges::lower to upper
    double least = 0;
    double largest = 0;
    double meanSquare = 0;
    double kurtosis = 0; ///< E[(w - mean)⁴] / variance²; NaN if all are equal
    std::vector<GroupRange> groups;
};

/// What a plan makes of the weights of one linear.
struct WeightRanges {
    LinearPlan plan;
    Basis basis = Basis::Original; ///< of the site that the linear reads
    int groupSize = 0;             ///< columns a group; the whole width where the method has no groups
    double lower = 0;              ///< of the histograms, the same for all three
    double upper = 0;
    WeightDistribution original;   ///< W, in the model's own channels
    WeightDistribution turned;     ///< WR, in the basis that the plan rounds in; the same as W where that is its own
    WeightDistribution stored;     ///< what is stored of WR
    double outputError = 0;        ///< ‖XΔW‖² / ‖XW‖² on the calibration text
};

} // namespace eigenquant
