// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/session/layer_statistics.h"

#include "core/quant/column_errors.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/matmul.h>

namespace eigenquant {

std::vector<double> toVector(const at::Tensor& values)
{
    const at::Tensor flat = values.to(at::kCPU, at::kDouble).contiguous();
    return {flat.const_data_ptr<double>(), flat.const_data_ptr<double>() + flat.numel()};
}

SiteStatistics siteStatistics(const SecondMoment& moment, const at::Tensor& mean, const PrincipalBasis& principal,
                              const ModelConfig& config, LayerBases& bases)
{
    bases.principal[static_cast<std::size_t>(moment.id().site)] = principal.vectors;
    SiteStatistics site{moment.id(), static_cast<int>(moment.channels()), moment.tokens()};
    site.eigenvalues = toVector(principal.values);
    site.channelEnergy = toVector(mean.diagonal());
    site.channelMax = toVector(moment.channelMax());
    if (moment.id().site == Site::AttnOut) {
        const at::Tensor heads = headWiseBases(mean, config.heads, config.kvHeads);
        bases.headWise = blockDiagonal(heads, config.heads).to(mean.device());
        site.headWiseEnergy = toVector((at::matmul(mean, bases.headWise) * bases.headWise).sum(0).clamp_min(0));
    }
    return site;
}

LinearStatistics blankLinear(LinearId id, const at::Tensor& weight)
{
    return {id, static_cast<int>(weight.size(0)), static_cast<int>(weight.size(1)), {}};
}

LinearStatistics linearStatistics(LinearId id, const at::Tensor& weight, const LayerBases& bases)
{
    LinearStatistics linear = blankLinear(id, weight);
    linear.columns[Basis::Original] = measureColumnErrors(weight);
    linear.columns[Basis::Pca] = errorsIn(bases.principal[static_cast<std::size_t>(siteOf(id.role))], weight);
    if (id.role == LinearRole::O)
        linear.columns[Basis::HeadWise] = errorsIn(bases.headWise, weight);
    return linear;
}

ColumnErrors errorsIn(const at::Tensor& basis, const at::Tensor& weight)
{
    return measureColumnErrors(at::matmul(weight, basis.to(at::kFloat)));
}

} // namespace eigenquant
