// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/decoder.h"
#include "core/results/activation_sample.h"

#include <cstdint>
#include <span>

namespace eigenquant {

/// What the linears of `site` read at these tokens, seen as one sequence. Computes no layer behind the site's.
ActivationSample sampleActivations(const Decoder& decoder, SiteId site, std::span<const std::int32_t> ids,
                                   const RunContext& context);

} // namespace eigenquant
