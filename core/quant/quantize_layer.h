// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/run_context.h"
#include "core/model/weights.h"
#include "core/quant/packed_linear.h"
#include "core/results/outcome.h"
#include "core/results/plan.h"

#include <array>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace eigenquant {

/// A decoder layer as it is stored in a packed checkpoint.
struct PackedLayer : LayerVectors { ///< vectors in float32
    std::array<PackedLinear, kAllRoles.size()> linears;
    /// What each site does at run time, as siteParts() lists it.
    std::array<std::map<std::string, at::Tensor>, kAllSites.size()> sites;
};

/// The second moments of a layer's sites, float64 [channels, channels] each; or [channels], the channels' energies,
/// where the plan needs no more (see needsMoment()). Factorizations and products run where they are.
using LayerMoments = std::array<at::Tensor, kAllSites.size()>;

/// What one decoder layer is quantized from.
struct LayerInput {
    int index = 0;
    /// float32; of the turned model where the plan turns the residual stream. Linears may be where the moments are.
    LayerWeights weights;
    LayerMoments moments; ///< of the same model
    /// Diagonal Fisher information at each linear's output, [out]; empty where it is not known.
    std::array<std::vector<double>, kAllRoles.size()> outputFisher;
};

/// Sees each linear, float32 [out, in] in the basis that it is rounded in, with the channels that stay FP16 (rising),
/// before it is packed. Called from several threads at once.
using LinearObserver = std::function<void(LinearId, const at::Tensor& weight, const std::vector<int>& salient)>;

/// Carries the plan out for one decoder layer: merges, rotates, selects, rounds and packs. Adds one outcome for each
/// linear, with its output error on the calibration text: exact, or without cross terms where only energies are known.
/// The same bytes for any number of threads.
PackedLayer quantizeLayer(LayerInput input, const Plan& plan, const ModelConfig& config, const RunContext& context,
                          std::vector<LinearOutcome>& outcomes, const LinearObserver& observe = {});

} // namespace eigenquant
