// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/run_context.h"
#include "core/calib/layer_pass.h"
#include "core/calib/windows.h"
#include "core/decode/decoding_engine.h"
#include "core/model/decoder.h"
#include "core/results/outcome.h"

#include <chrono>
#include <span>
#include <vector>

namespace eigenquant {

/// Perplexity of the windows, which the processes of a job share: each scored alone on its tokens 2..context, exp
/// of the mean over windows of the mean negative log-likelihood, float32 or better: what the GPTQ, AWQ and
/// SmoothQuant papers report.
PerplexityResult perplexity(const Decoder& decoder, const Windows& windows, const RunContext& context);

/// The same figures, to the bit, where one layer at a time is in memory: all windows go through a layer before the next
/// is read. Where all layers are, window by window.
PerplexityResult perplexity(LayerSupply& supply, const Windows& windows, const LayerPass::States& states,
                            const RunContext& context);

/// The same through a decoding engine, which is given pieces of a window that suit its kernels: what decodes is what is
/// scored.
PerplexityResult perplexity(DecodingEngine& engine, const Windows& windows, const RunContext& context);

/// The same from the windows' mean negative log-likelihoods, in nats.
PerplexityResult perplexityFromWindows(const std::vector<double>& windowNll);

/// The mean negative log-likelihood of ids 2..n of one window, in nats.
double windowNll(const Decoder& decoder, std::span<const std::int32_t> ids, const RunContext& context);

/// Throws Error::invalid naming the window unless its likelihood is finite.
void requireFinite(double nll, int window);

/// Fills in what a result says of the text, the device and the time since `start`, beside the figures.
void describeScoring(PerplexityResult& result, const ComputeTarget& target, const Windows& windows,
                     std::chrono::steady_clock::time_point start);

} // namespace eigenquant
