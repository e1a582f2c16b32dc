// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/weights.h"
#include "core/quant/quantize_layer.h"

namespace eigenquant {

/// The weights that a packed layer stands for, in the bases they are stored in, with its run-time rotations.
LayerWeights unpackLayer(const PackedLayer& packed, const ModelConfig& config);

/// The same layer without rotations: every weight brought back to the original basis of its inputs.
LayerWeights inOriginalBasis(LayerWeights weights);

} // namespace eigenquant
