// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/quant/grid.h"

#include <ATen/core/Tensor.h>

#include <vector>

namespace eigenquant {

/// Query heads that read one key/value head must share their scales, so that these fold into the rows of v:
/// channel h·headDim + i of attn_out, for all heads h of a group. No heads: every channel has a scale of its own.
struct HeadSharing {
    int heads = 0;
    int kvHeads = 0;
};

/// The scales of one site, AWQ (arXiv 2306.00978), equations 4 and 5: weights are multiplied by them, activations
/// divided.
struct AwqSearch {
    std::vector<float> scales;  ///< [in], finite and positive
    double ratio = 0;           ///< the exponent α that was best
    double error = 0;           ///< Σ tr(ΔMΔᵀ) over the linears, with these scales
    double unscaledError = 0;   ///< the same with no scales: round to nearest
};

/// Searches the scales of a site for all linears that read it, float32 [out_i, in] each, with its second moment,
/// float64 [in, in]. Tried are s_j = rms_j^α, α = 0, 1/steps, …, (steps - 1)/steps, normalised by √(max s · min s),
/// with round to nearest on the given grid; α = 0 is among them, so that the result is never worse than that.
/// Channels that never fire keep a scale of 1.
AwqSearch searchAwqScales(const std::vector<at::Tensor>& weights, const at::Tensor& moment, const GridSpec& grid,
                          const HeadSharing& sharing = {}, int steps = 20);

/// Rounds a weight, float32 [out, in], to grids whose range is clipped: for each group of each row, of the ranges
/// 1, 0.95, …, 0.55 times the group's the one with the least output error of this group alone, by its block of the
/// moment, float64 [in, in]. AWQ's clipping search; never worse than no clipping by that measure. A scaled weight
/// needs the moment of the scaled activations, M_jk / (s_j s_k).
GridCodes roundClipped(const at::Tensor& weight, const at::Tensor& moment, const GridSpec& grid);

} // namespace eigenquant
