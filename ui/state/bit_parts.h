// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/results/plan.h"
#include "core/results/statistics.h"

#include <QString>

#include <vector>

namespace eigenquant {

/// What effective bits are made of; the three add up to them.
struct BitParts {
    double codes = 0;     ///< codes with their scales, zero points, codebooks and indices
    double salient = 0;   ///< channels that stay FP16
    double rotations = 0; ///< matrices that are applied at run time
    double total() const { return codes + salient + rotations; }
};

/// Of some linears of the plan together, by their positions.
BitParts bitPartsOf(const Plan& plan, const ModelStatistics& statistics, const std::vector<int>& linears);
/// Of the whole plan.
BitParts bitPartsOf(const Plan& plan, const ModelStatistics& statistics);

/// "4.018 for codes and scales + 0.500 for FP16 channels + 13.667 for rotations = 18.185 effective bits a weight", and
/// where the rotations cost much what would spare them.
QString describe(const BitParts& parts);

} // namespace eigenquant
