// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/results/site.h"

#include <cstdint>
#include <vector>

namespace eigenquant {

/// What a site's linears read at the tokens of one window of a text, before any rotation.
struct ActivationSample {
    SiteId site;
    int channels = 0;
    std::vector<std::int32_t> ids; ///< the window's tokens
    std::vector<float> values;     ///< [tokens, channels], row by row

    int tokens() const { return static_cast<int>(ids.size()); }
    float at(int token, int channel) const
    {
        return values[static_cast<std::size_t>(token) * static_cast<std::size_t>(channels) +
                      static_cast<std::size_t>(channel)];
    }
};

} // namespace eigenquant
