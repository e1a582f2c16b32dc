// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/results/plan.h"
#include "core/results/statistics.h"

namespace eigenquant {

/// Chooses bits, and K where the method keeps salient channels, of every linear that is not locked, for the least
/// expected KL(float ‖ quantized) at `targetBits` effective bits over all linears, rotations and locked ones included.
/// Linears that read one site (q, k, v; gate, up) share their setting, so that one kernel serves them; only etq, whose
/// widths differ by column anyway, gives each linear its own. Fills in the predictions.
///
/// The expected divergence is ½ Σ G·‖XΔW‖² with the Fisher information at each linear's output: errors weighed by
/// what the model makes of them. Error::usage for a target that cannot be met, naming the least and the most that can,
/// and for statistics without Fisher information.
void allocateBits(Plan& plan, const ModelStatistics& statistics, double targetBits);

} // namespace eigenquant
