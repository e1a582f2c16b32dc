// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/calib/pca.h"
#include "core/calib/second_moments.h"
#include "core/model/config.h"
#include "core/results/statistics.h"

#include <ATen/core/Tensor.h>

#include <array>
#include <vector>

namespace eigenquant {

/// The bases that a layer's linears are looked at in.
struct LayerBases {
    std::array<at::Tensor, kAllSites.size()> principal; ///< float64 [channels, channels]
    at::Tensor headWise;                                ///< of attn_out
};

/// What a site comes to, from what was gathered, its mean, and the principal basis of that, which is added to `bases`.
SiteStatistics siteStatistics(const SecondMoment& moment, const at::Tensor& mean, const PrincipalBasis& principal,
                              const ModelConfig& config, LayerBases& bases);

/// A linear with no figures but its sizes.
LinearStatistics blankLinear(LinearId id, const at::Tensor& weight);

/// Its rounding errors in its own channels, and in the bases of its site. The weight, float32, is where the bases are.
LinearStatistics linearStatistics(LinearId id, const at::Tensor& weight, const LayerBases& bases);

/// The rounding errors of weight · basis.
ColumnErrors errorsIn(const at::Tensor& basis, const at::Tensor& weight);

/// Of any type, on any device.
std::vector<double> toVector(const at::Tensor& values);

} // namespace eigenquant
