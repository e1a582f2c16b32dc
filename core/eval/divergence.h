// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/run_context.h"
#include "core/calib/windows.h"
#include "core/model/decoder.h"
#include "core/results/outcome.h"

#include <span>

namespace eigenquant {

/// How far another model's predictions for one window are from a reference's: means over its tokens 2..n.
struct WindowDivergence {
    double kl = 0;           ///< KL(reference ‖ other), nats
    double sameTop = 0;      ///< share of the tokens for which both hold the same one the most likely, 0..1
    double nll = 0;          ///< mean negative log-likelihood of the other, nats
    double referenceNll = 0; ///< of the reference
};

/// What one pass over the windows finds of a model beside a reference. Figures over no window at all are NaN.
struct Divergence {
    double kl = 0;                        ///< nats, over the compared windows
    double sameTop = 0;                   ///< 0..1, over the compared windows
    int windows = 0;                      ///< how many were compared
    PerplexityResult perplexity;          ///< of the other model, over all windows
    PerplexityResult referencePerplexity; ///< of the reference, over the compared windows
};

/// Runs both decoders over one window: log softmax in float32, sums in float64. Error::invalid unless they share
/// one vocabulary.
WindowDivergence windowDivergence(const Decoder& reference, const Decoder& other, std::span<const std::int32_t> ids,
                                  const RunContext& context);

/// The same where the hidden states [tokens, hidden] behind the last norm of both are known.
WindowDivergence windowDivergence(const Decoder& reference, const at::Tensor& referenceHidden, const Decoder& other,
                                  const at::Tensor& otherHidden, std::span<const std::int32_t> ids,
                                  const RunContext& context);

/// Scores `other` on all windows, and on the first `compared` of them beside the reference too: one forward pass a
/// model and window.
Divergence divergence(const Decoder& reference, const Decoder& other, const Windows& windows, int compared,
                      const RunContext& context);

} // namespace eigenquant
