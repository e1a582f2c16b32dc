// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/run_context.h"
#include "core/model/decoder.h"

#include <cstdint>
#include <functional>

namespace eigenquant {

/// The gradient by normed hidden states [tokens, hidden] of the log-likelihood of labels that are drawn from the
/// model's own distribution, for a decoder that does not hold its head. The head is read twice, some words at a
/// time: for what all words sum up to, and for labels and gradients. `share` is a token's draw in [0, 1): its
/// label is the word at which the running sum of the probabilities passes it. `values` is about how many logits
/// are made at a time.
at::Tensor gradientThroughReadHead(const Decoder& decoder, const at::Tensor& hidden,
                                   const std::function<double(std::int64_t)>& share, std::int64_t values,
                                   const RunContext& context);

} // namespace eigenquant
