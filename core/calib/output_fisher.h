// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/run_context.h"
#include "core/calib/layer_pass.h"
#include "core/distributed/process_group.h"
#include "core/calib/windows.h"
#include "core/results/site.h"

#include <cstdint>
#include <vector>

namespace eigenquant {

/// How much the model's output feels an error at the output y [tokens, out] of each linear: the diagonal of the
/// Fisher information, G_i = E over tokens t of g_ti², where g_t is the gradient by y_t of the log-likelihood of all
/// labels of the window, and the labels are drawn from the model's own distribution.
///
/// KL(float ‖ perturbed), summed over a window, is ½ E[(Σ_t g_t·δy_t)²] up to higher orders (Amari 1998). Without the
/// terms between channels and between tokens, a weight error ΔW at a site with second moment M costs
/// ½ Σ_i G_i (ΔW M ΔWᵀ)_ii nats a token, and ½ mean(G)·tr(ΔW M ΔWᵀ) if all channels are taken to be alike.
struct OutputFisher {
    std::vector<std::vector<double>> diagonal; ///< by layer, then role: G [out]
    std::size_t linearsPerLayer = kAllRoles.size();
    std::int64_t tokens = 0;                   ///< tokens that it is a mean over

    const std::vector<double>& of(LinearId id) const;
    /// The mean over the outputs of a linear.
    double mean(LinearId id) const;
};

/// Measures it, with one draw of labels, a function of `seed`, and one backward pass a window, layer by layer.
/// float32 gradients (or the decoder's type), float64 sums in the order of windows: the same for any number of
/// threads. What goes into the layers waits where `states` says: hidden·layers values a token. On a CPU every
/// thread takes a window of its own; a window in work needs about 4·(20·hidden + 8·intermediate) bytes a token for
/// the gradients of one layer, which is computed again for them. Error::invalid when a gradient is not finite. The
/// processes of a job share the windows, and all get the sums.
OutputFisher measureOutputFisher(LayerSupply& supply, const Windows& windows, std::uint64_t seed,
                                 const LayerPass::States& states, const RunContext& context,
                                 ProcessGroup* processes = nullptr);

} // namespace eigenquant
