// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/run_context.h"
#include "core/model/weights.h"
#include "core/quant/packed_linear.h"
#include "core/results/outcome.h"
#include "core/results/plan.h"

#include <array>
#include <vector>

namespace eigenquant {

/// A decoder layer as it is stored in a packed checkpoint.
struct PackedLayer {
    at::Tensor attentionNorm, mlpNorm; ///< float32 [hidden]
    std::array<PackedLinear, kAllRoles.size()> linears;
    std::array<at::Tensor, kAllSites.size()> rotations; ///< float16 [channels, channels], or undefined
};

/// The second moments of a layer's sites, float64 [channels, channels] each.
using LayerMoments = std::array<at::Tensor, kAllSites.size()>;

/// Carries the plan out for one decoder layer: rotates, selects, rounds and packs; weights are float32 in the
/// original basis. Adds one outcome for each linear, with its exact output error on the calibration text.
PackedLayer quantizeLayer(int layer, const LayerWeights& weights, const LayerMoments& moments, const Plan& plan,
                          const ModelConfig& config, const RunContext& context, std::vector<LinearOutcome>& outcomes);

} // namespace eigenquant
