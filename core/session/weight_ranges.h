// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/run_context.h"
#include "core/results/weight_ranges.h"
#include "core/session/model_assets.h"

#include <filesystem>

namespace eigenquant {

/// Quantizes the linear's layer by the plan, and tells how its weights are distributed as they are, in the basis that
/// they are rounded in, and as they are stored. Refuses what `quantize` refuses, and statistics without moments.
WeightRanges measureWeightRanges(const ModelAssets& model, const std::filesystem::path& stats, Plan plan,
                                 LinearId linear, const RunContext& context);

} // namespace eigenquant
