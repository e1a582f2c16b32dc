// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/results/plan.h"
#include "core/results/statistics.h"

#include <vector>

namespace eigenquant {

/// The channels of a basis in the order in which they become salient: the first K of it stay FP16, so a larger
/// K keeps what a smaller one kept. Top: by falling energy; bottom: by rising; top-bottom: from both ends in
/// turn; random: by the seed. Ties go to the lower channel.
std::vector<int> saliencyOrder(const std::vector<double>& energy, Select select, std::uint64_t seed, SiteId site);

/// The first K channels of that order, by rising channel.
std::vector<int> salientChannels(const std::vector<double>& energy, Select select, int salient, std::uint64_t seed,
                                 SiteId site);

/// The channels that are not among `salient` (rising), by rising channel.
std::vector<int> remainingChannels(const std::vector<int>& salient, int channels);

} // namespace eigenquant
