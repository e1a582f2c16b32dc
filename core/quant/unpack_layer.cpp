// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/quant/unpack_layer.h"

#include "core/quant/site_rotation.h"

#include <ATen/ops/matmul.h>

namespace eigenquant {

LayerWeights unpackLayer(const PackedLayer& packed, const ModelConfig& config)
{
    LayerWeights weights;
    static_cast<LayerVectors&>(weights) = packed;
    for (const LinearRole role : layerRoles(config.gatedMlp)) {
        const PackedLinear& linear = packed.linears[static_cast<std::size_t>(role)];
        weights.linear(role) = {unpackLinear(linear), linear.bias};
    }
    for (const Site site : kAllSites)
        weights.rotation(site) =
            appliedRotation(packed.sites[static_cast<std::size_t>(site)], siteChannels(config, site));
    return weights;
}

LayerWeights inOriginalBasis(LayerWeights weights)
{
    for (const LinearRole role : layerRoles(weights.linear(LinearRole::Gate).weight.defined())) {
        const at::Tensor& rotation = weights.rotation(siteOf(role));
        at::Tensor& weight = weights.linear(role).weight;
        // x R W'ᵀ = x (W' Rᵀ)ᵀ.
        if (rotation.defined())
            weight = at::matmul(weight.to(at::kDouble), rotation.to(at::kDouble).t()).to(at::kFloat);
    }
    weights.rotations = {};
    return weights;
}

} // namespace eigenquant
