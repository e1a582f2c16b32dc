// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/quant/awq_merge.h"

#include "core/base/error.h"
#include "core/quant/awq.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/tensor.h>

namespace eigenquant {
namespace {

/// The scales of a site, float64 [channels]; undefined if none of its linears is AWQ's.
at::Tensor scalesOf(Site site, const LayerInput& input, const Plan& plan, const ModelConfig& config)
{
    std::vector<at::Tensor> weights;
    const LinearPlan* settings = nullptr;
    for (const LinearRole role : layerRoles(config.gatedMlp))
        if (const LinearPlan& linear = plan.linear({input.index, role});
            siteOf(role) == site && linear.method == Method::Awq) {
            weights.push_back(input.weights.linear(role).weight);
            settings = &linear;
        }
    if (weights.empty())
        return {};
    const HeadSharing sharing = site == Site::AttnOut ? HeadSharing{config.heads, config.kvHeads} : HeadSharing{};
    const GridSpec grid{settings->gridBits(), settings->groupSize, settings->symmetric};
    const AwqSearch search =
        searchAwqScales(weights, input.moments[static_cast<std::size_t>(site)].cpu(), grid, sharing);
    return at::tensor(at::ArrayRef<float>(search.scales), at::kFloat).to(at::kDouble);
}

/// Divides the outputs of a linear.
void divideRows(LinearWeights& linear, const at::Tensor& scales)
{
    linear.weight = (linear.weight.to(at::kDouble) / scales.unsqueeze(1)).to(at::kFloat);
    if (linear.bias.defined())
        linear.bias = (linear.bias.to(at::kDouble) / scales).to(at::kFloat);
}

/// Divides what a norm puts out.
void divideNorm(at::Tensor& gain, at::Tensor& bias, const at::Tensor& scales)
{
    gain = (gain.to(at::kDouble) / scales).to(at::kFloat);
    if (bias.defined())
        bias = (bias.to(at::kDouble) / scales).to(at::kFloat);
}

/// One of the query heads of each key/value head, which share their scales.
at::Tensor perKeyValueHead(const at::Tensor& scales, const ModelConfig& config)
{
    return scales.view({config.kvHeads, config.heads / config.kvHeads, config.headDim}).select(1, 0).reshape({-1});
}

void merge(Site site, const at::Tensor& scales, LayerInput& input, const ModelConfig& config)
{
    for (const LinearRole role : layerRoles(config.gatedMlp))
        if (siteOf(role) == site) {
            at::Tensor& weight = input.weights.linear(role).weight;
            weight = (weight.to(at::kDouble) * scales).to(at::kFloat);
        }
    at::Tensor& moment = input.moments[static_cast<std::size_t>(site)];
    moment = moment / (scales.unsqueeze(1) * scales).to(moment.device());
    switch (site) {
    case Site::AttnIn:
        divideNorm(input.weights.attentionNorm, input.weights.attentionNormBias, scales);
        break;
    case Site::AttnOut:
        divideRows(input.weights.linear(LinearRole::V), perKeyValueHead(scales, config));
        break;
    case Site::MlpIn:
        divideNorm(input.weights.mlpNorm, input.weights.mlpNormBias, scales);
        break;
    case Site::MlpOut:
        divideRows(input.weights.linear(LinearRole::Up), scales);
        break;
    }
}

/// Scales can be merged where something makes the activation for this site alone, and takes factors as they are.
void requireMergeable(int layer, const Plan& plan, const ModelConfig& config)
{
    const bool homogeneous = config.gatedMlp || config.activation == Activation::Relu;
    for (const LinearRole role : layerRoles(config.gatedMlp)) {
        const LinearPlan& linear = plan.linear({layer, role});
        const Site site = siteOf(role);
        const bool residual = config.normsAfterSum && (site == Site::AttnIn || site == Site::MlpIn);
        if (linear.method != Method::Awq || !(residual || (site == Site::MlpOut && !homogeneous)))
            continue;
        throw Error::unsupported(
            residual ? "AWQ has no norm to merge its scales into: this model's norms follow the sum"
                     : "AWQ cannot move its scales through this activation function")
            .field(linear.id.name())
            .found("\"" + config.architecture + "\"")
            .expected("another method for this linear, such as gptq or rosaq");
    }
}

} // namespace

void mergeAwqScales(LayerInput& input, const Plan& plan, const ModelConfig& config)
{
    requireMergeable(input.index, plan, config);
    std::array<at::Tensor, kAllSites.size()> scales;
    for (const Site site : kAllSites)
        scales[static_cast<std::size_t>(site)] = scalesOf(site, input, plan, config);
    for (const Site site : kAllSites)
        if (const at::Tensor& found = scales[static_cast<std::size_t>(site)]; found.defined())
            merge(site, found, input, config);
}

} // namespace eigenquant
