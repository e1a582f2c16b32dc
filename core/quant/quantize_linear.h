// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/run_context.h"
#include "core/quant/gptq.h"
#include "core/quant/packed_linear.h"
#include "core/results/plan.h"

#include <ATen/core/Tensor.h>

#include <vector>

namespace eigenquant {

/// A linear in the basis of its site, ready to be rounded.
struct LinearInput {
    at::Tensor weight; ///< float32 [out, in]; on the CPU unless roundsByTensors()
    at::Tensor moment; ///< float64 [in, in], on any device; [in] where only the channels' energies are known
    std::vector<double> energy; ///< of the channels, before mixing; [in]
    std::vector<int> salient;   ///< channels that stay FP16, rising
    bool salientLeads = false;  ///< these are the first ones
    /// The basis of the site, which says how far its moment is to be trusted; see feedbackMoment().
    Basis basis = Basis::Original;
    /// The feedback of the moment, where it is ready; made when needed otherwise.
    const ErrorFeedback* feedback = nullptr;
    std::vector<double> outputFisher; ///< [out], or empty
};

/// The second moment that errors are fed back by: M + s·diag(M), its correlations shrunk by 1/(1 + s). A few enormous
/// activations dominate the moments of real models, and short texts leave them noisy: what M itself promises to make
/// up for, other tokens do not see. Damping by the mean of the diagonal, GPTQ's own, cannot mend that where channels
/// differ a thousandfold. s is 1/2 in the model's own channels, where plain GPTQ can end behind round-to-nearest, and
/// 1/10 in a turned basis, which has no outlier channels.
at::Tensor feedbackMoment(const at::Tensor& moment, Basis basis);

/// Whether a plan needs the second moment of what its linear reads, and not its diagonal alone.
bool needsMoment(const LinearPlan& plan);

/// Whether its weight may be on any device, because it is rounded by operations on whole tensors.
bool roundsByTensors(const LinearPlan& plan);

/// Rounds and packs it by the plan's method. The same bytes for any number of threads. Stoppable.
PackedLinear quantizeLinear(const LinearInput& input, const LinearPlan& plan, const RunContext& context);

} // namespace eigenquant
