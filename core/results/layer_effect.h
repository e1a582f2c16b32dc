// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/results/outcome.h"

#include <string>
#include <vector>

namespace eigenquant {

/// What one quantized layer does to the model, all other layers as they are.
struct LayerEffect {
    int layer = 0;
    std::vector<LinearOutcome> linears; ///< of the layer, as `quantize` would make them
    double effectiveBits = 0;           ///< over the layer's linears, rotations included
    std::uint64_t bytes = 0;            ///< likewise
    /// Σ‖Δy‖² / Σ‖y‖² over the text's tokens, y being what the layer adds to the residual stream.
    double outputError = 0;
    double kl = 0;                      ///< KL(float ‖ this layer alone quantized), nats a token
    double sameTop = 0;                 ///< share of tokens whose most likely next one stays the same, 0..1
    PerplexityResult perplexity;        ///< with this layer quantized
    double floatPerplexity = 0;         ///< of the model as it is, over the same text
    double quantizeSeconds = 0;
    double seconds = 0;                 ///< all of it
};

} // namespace eigenquant
