// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

namespace eigenquant {

/// One group of weights on the uniform grid that is fitted to it.
struct RoundedGroup {
    double scale = 1;            ///< the distance of two neighbouring levels, rounded to FP16 as it is stored
    double zero = 0;             ///< the code that stands for 0
    std::vector<double> levels;  ///< the 2^bits values of the grid, rising
    std::vector<double> rounded; ///< what each weight becomes
    double squaredError = 0;     ///< Σ (w - ŵ)²
    double squaredNorm = 0;      ///< Σ w²
};

} // namespace eigenquant
