// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/results/memory_estimate.h"
#include "core/results/model_info.h"
#include "core/results/plan.h"

namespace eigenquant {

/// What a plan with its predictions makes of the model. `tokens`: so many in the sequence, at most the model's context;
/// 0: 2048.
MemoryEstimate estimateMemory(const Plan& plan, const ModelInfo& model, int tokens = 0);

} // namespace eigenquant
