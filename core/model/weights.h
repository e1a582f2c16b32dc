// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/config.h"
#include "core/results/site.h"

#include <ATen/core/Tensor.h>

#include <array>

namespace eigenquant {

/// y = x Wᵀ + b.
struct LinearWeights {
    at::Tensor weight; ///< [out, in]
    at::Tensor bias;   ///< [out], or undefined
};

/// One decoder layer. Where a site has a rotation, its linears read x·R in place of x.
struct LayerWeights {
    at::Tensor attentionNorm; ///< [hidden]
    at::Tensor mlpNorm;       ///< [hidden]
    std::array<LinearWeights, kAllRoles.size()> linears;
    std::array<at::Tensor, kAllSites.size()> rotations; ///< [channels, channels], or undefined

    LinearWeights& linear(LinearRole role) { return linears[static_cast<std::size_t>(role)]; }
    const LinearWeights& linear(LinearRole role) const { return linears[static_cast<std::size_t>(role)]; }
    at::Tensor& rotation(Site site) { return rotations[static_cast<std::size_t>(site)]; }
    const at::Tensor& rotation(Site site) const { return rotations[static_cast<std::size_t>(site)]; }
};

/// What comes before and after the decoder layers.
struct OuterWeights {
    at::Tensor embedding; ///< [vocab, hidden]
    at::Tensor finalNorm; ///< [hidden]
    at::Tensor head;      ///< [vocab, hidden]; the embedding itself where the two are tied
};

/// Where weights come from, layer by layer, as float32 on the CPU. Implementations check shapes and values
/// as they read: Error::invalid names the tensor.
class WeightSource {
public:
    virtual ~WeightSource() = default;
    virtual const ModelConfig& config() const = 0;
    virtual OuterWeights outer() const = 0;
    virtual LayerWeights layer(int index) const = 0;
};

/// [out, in] of a linear, after the config.
std::array<std::int64_t, 2> linearShape(const ModelConfig& config, LinearRole role);
/// The number of channels of a site, after the config.
std::int64_t siteChannels(const ModelConfig& config, Site site);
/// Whether a linear has a bias, after the config.
bool hasBias(const ModelConfig& config, LinearRole role);

} // namespace eigenquant
