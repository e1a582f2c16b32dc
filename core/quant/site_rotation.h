// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/weights.h"
#include "core/results/plan.h"

#include <ATen/core/Tensor.h>

#include <map>
#include <string>
#include <vector>

namespace eigenquant {

/// How one site is turned: XW = (XR)(RᵀW), ROSAQ (arXiv 2506.13472), equation 2. The residual stream's rotation is not
/// one of these: its sites are those of a model that was turned before (global_rotation.h).
struct SiteRotation {
    /// R, float64 [channels, channels]; undefined where nothing is turned. What `o` and the linears of a fully
    /// rotated site are multiplied with.
    at::Tensor matrix;
    /// attn_out, head-wise: the block of each key/value head, float64 [kvHeads, headDim, headDim]; the rows of
    /// v are turned by it, so that nothing is left to do at run time. Else undefined.
    at::Tensor headBlocks;
    /// What is stored and applied at run time: the tensors that siteParts() lists.
    std::map<std::string, at::Tensor> parts;
    /// E[(xR)_j²] of each channel of the basis, before --mix-rest; decides which channels are salient.
    std::vector<double> energy;
};

/// The rotation of a site from its second moment, float64 [channels, channels], or from the channels' energies
/// alone, float64 [channels], where the site is in the original basis. `largestSalient` is the largest K of the
/// linears that read it: --mix-rest leaves those channels alone.
SiteRotation makeSiteRotation(const SitePlan& site, const at::Tensor& moment, int largestSalient,
                              const ModelConfig& config, std::uint64_t seed);

/// What the linears of a site multiply their input with, float32 [channels, channels], from its stored parts;
/// undefined if there are none. Error::invalid for parts that are no rotation.
at::Tensor appliedRotation(const std::map<std::string, at::Tensor>& parts, std::int64_t channels);

/// Merges a head-wise rotation, float64 [kvHeads, headDim, headDim], into a layer: v puts out its heads turned
/// (weight and bias), o reads them so. The attention between the two mixes tokens and leaves channels alone, so that
/// the layer computes what it did. Computed in float64.
void mergeHeadRotation(LayerWeights& weights, const at::Tensor& headBlocks);
/// Its first half: the outputs of v, turned by the transposed block of their key/value head.
void turnHeads(LinearWeights& v, const at::Tensor& headBlocks);

} // namespace eigenquant
