// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/weights.h"
#include "core/quant/quantize_layer.h"
#include "core/results/plan.h"

namespace eigenquant {

/// Finds AWQ's scales for the sites whose linears the plan gives to it, and merges them: the columns of the site's
/// linears are multiplied by the scales, and what makes the activation is divided by them (the norm's gain, the rows
/// of v, the rows of up), so that nothing is left to do at run time. Moments become those of the scaled activations.
/// The scales of all sites are searched before any is merged. Error::unsupported where the model has no place for them.
void mergeAwqScales(LayerInput& input, const Plan& plan, const ModelConfig& config);

} // namespace eigenquant
