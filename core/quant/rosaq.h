// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/weights.h"
#include "core/results/plan.h"

#include <ATen/core/Tensor.h>

#include <vector>

namespace eigenquant {

/// How one site is turned: XW = (XR)(RᵀW), ROSAQ (arXiv 2506.13472), equation 2.
struct SiteRotation {
    /// R, float64 [channels, channels]; undefined in the original basis. What `o` and the linears of a fully
    /// rotated site are multiplied with, as it will be stored where it is applied at run time.
    at::Tensor matrix;
    /// attn_out, head-wise: the block of each key/value head, float64 [kvHeads, headDim, headDim]; the rows of
    /// v are turned by it, so that nothing is left to do at run time. Else undefined.
    at::Tensor headBlocks;
    /// FP16 of the matrix, stored and applied at run time. Undefined where nothing is.
    at::Tensor stored;
    /// E[(xR)_j²] of each channel of the basis; decides which channels are salient.
    std::vector<double> energy;
};

/// The rotation of a site from its second moment, float64 [channels, channels]. `largestSalient` is the largest
/// K of the linears that read it: --mix-rest leaves those channels alone.
SiteRotation makeSiteRotation(const SitePlan& site, const at::Tensor& moment, int largestSalient,
                              const ModelConfig& config, std::uint64_t seed);

/// Merges a head-wise rotation, float64 [kvHeads, headDim, headDim], into a layer: v puts out its heads turned
/// (weight and bias), o reads them so. The attention between the two mixes tokens and leaves channels alone, so that
/// the layer computes what it did. Computed in float64.
void mergeHeadRotation(LayerWeights& weights, const at::Tensor& headBlocks);
/// Its first half: rows (the outputs) of v, or its bias as [out, 1], turned by the transposed block of their
/// key/value head; float64 [out, ...].
at::Tensor turnHeadRows(const at::Tensor& rows, const at::Tensor& headBlocks);

} // namespace eigenquant
