// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/results/statistics.h"

#include <memory>

namespace eigenquant::test {

/// Shape of made-up statistics.
struct SyntheticOptions {
    int layers = 6;
    int hidden = 128;
    int intermediate = 256;
    int kvChannels = 64;   ///< rows of k and v
    int outliers = 3;      ///< channels that stand out of each site
    unsigned seed = 1;
    std::vector<int> groupSizes{64, 128, 0};
    bool normsOnly = false; ///< as of a pass that took channel norms alone
    bool divergence = true; ///< with the Fisher information at the linears' outputs; never with normsOnly
};

/// Statistics as a real model gives them: power-law spectra, a few outlier channels, rounding errors that
/// fall by four with each bit. The same options give the same numbers.
std::shared_ptr<ModelStatistics> syntheticStatistics(const SyntheticOptions& options = {});

} // namespace eigenquant::test
