// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/calib/layer_pass.h"

#include <vector>

namespace eigenquant::test {

/// The second moments of all sites over the windows, by layer, then site.
inline std::vector<SecondMoment> collectedMoments(const WeightSource& source, const ComputeTarget& target,
                                                  const Windows& windows)
{
    LayerSupply supply(source, target);
    LayerPass pass(supply, windows, {}, {});
    std::vector<SecondMoment> moments;
    while (pass.next() < source.config().layers)
        for (SecondMoment& moment : pass.advanceForMoments("gathering", {}))
            moments.push_back(std::move(moment));
    return moments;
}

} // namespace eigenquant::test
