// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/quant/quantize_layer.h"

#include "core/quant/rosaq.h"
#include "core/quant/salient.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/bmm.h>
#include <ATen/ops/matmul.h>

#include <algorithm>

namespace eigenquant {
namespace {

int largestSalient(const Plan& plan, SiteId site)
{
    int largest = 0;
    for (const LinearRole role : kAllRoles)
        if (siteOf(role) == site.site)
            largest = std::max(largest, plan.linear({site.layer, role}).salient);
    return largest;
}

/// Turns the rows (the outputs) of v by the transposed block of their key/value head.
at::Tensor turnHeads(const at::Tensor& rows, const at::Tensor& headBlocks)
{
    const std::int64_t kvHeads = headBlocks.size(0), headDim = headBlocks.size(1);
    return at::bmm(headBlocks.transpose(1, 2), rows.view({kvHeads, headDim, -1})).view(rows.sizes());
}

/// tr(A M Aᵀ): the mean of ‖xAᵀ‖² over the calibration tokens. float32 products, which a report's six digits
/// need no more of, take half the time; the sum is float64.
double outputEnergy(const at::Tensor& matrix, const at::Tensor& moment)
{
    return (at::matmul(matrix, moment) * matrix).sum(at::kDouble).item<double>();
}

/// ‖XΔW‖² / ‖XW‖² of what is stored, both sides in the original basis.
double outputError(const at::Tensor& weight, const PackedLinear& packed, const SiteRotation& rotation,
                   const at::Tensor& moment)
{
    at::Tensor stored = unpackLinear(packed);
    if (rotation.matrix.defined()) {
        const at::Tensor& applied = rotation.stored.defined() ? rotation.stored : rotation.matrix;
        stored = at::matmul(stored, applied.to(at::kFloat).t());
    }
    const double energy = outputEnergy(weight, moment);
    return energy > 0 ? outputEnergy(weight - stored, moment) / energy : 0;
}

} // namespace

PackedLayer quantizeLayer(int layer, const LayerWeights& weights, const LayerMoments& moments, const Plan& plan,
                          const ModelConfig& config, const RunContext& context, std::vector<LinearOutcome>& outcomes)
{
    std::array<SiteRotation, kAllSites.size()> rotations;
    LayerMoments narrowMoments; // float32, for the output errors
    PackedLayer packed{weights.attentionNorm, weights.mlpNorm, {}, {}};
    for (std::size_t i = 0; i < kAllSites.size(); ++i) {
        context.checkpoint();
        const SiteId id{layer, kAllSites[i]};
        rotations[i] = makeSiteRotation(plan.site(id), moments[i], largestSalient(plan, id), config, plan.options.seed);
        packed.rotations[i] = rotations[i].stored;
        narrowMoments[i] = moments[i].to(at::kFloat);
    }
    const at::Tensor& headBlocks = rotations[static_cast<std::size_t>(Site::AttnOut)].headBlocks;
    for (const LinearRole role : kAllRoles) {
        context.checkpoint();
        const LinearId id{layer, role};
        const auto site = static_cast<std::size_t>(siteOf(role));
        const LinearPlan& linearPlan = plan.linear(id);
        at::Tensor original = weights.linear(role).weight.to(at::kDouble);
        at::Tensor bias = weights.linear(role).bias;
        if (role == LinearRole::V && headBlocks.defined()) {
            original = turnHeads(original, headBlocks);
            if (bias.defined())
                bias = turnHeads(bias.to(at::kDouble).unsqueeze(1), headBlocks).squeeze(1).to(at::kFloat);
        }
        const SiteRotation& rotation = rotations[site];
        const at::Tensor rotated = rotation.matrix.defined() ? at::matmul(original, rotation.matrix) : original;
        PackedLinear& linear = packed.linears[static_cast<std::size_t>(role)];
        const int kept = linearPlan.method == Method::Float ? 0 : linearPlan.salient;
        linear = packLinear(rotated.to(at::kFloat), linearPlan,
                            salientChannels(rotation.energy, plan.site(id.site()).select, kept, plan.options.seed, id.site()));
        linear.bias = bias;
        outcomes.push_back({id, linearPlan.effectiveBits, linearPlan.rotationBits, linearPlan.bytes,
                            linearPlan.predictedError, outputError(original.to(at::kFloat), linear, rotation, narrowMoments[site])});
    }
    return packed;
}

} // namespace eigenquant
