// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/quant/rosaq.h"

#include "core/calib/pca.h"
#include "core/quant/channel_index.h"
#include "core/quant/random.h"
#include "core/quant/salient.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/bmm.h>
#include <ATen/ops/matmul.h>

#include <algorithm>
#include <set>

namespace eigenquant {
namespace {

constexpr std::uint64_t kMixStream = 2;

/// E[(xR)_j²] = (RᵀMR)_jj.
std::vector<double> rotatedEnergy(const at::Tensor& moment, const at::Tensor& rotation)
{
    const at::Tensor diagonal = (at::matmul(moment, rotation) * rotation).sum(0).clamp_min(0).contiguous();
    return {diagonal.const_data_ptr<double>(), diagonal.const_data_ptr<double>() + diagonal.numel()};
}

/// Turns the given columns of a basis into random mixtures of each other.
void mixColumns(at::Tensor& basis, const std::vector<int>& columns, Random& random)
{
    if (columns.empty())
        return;
    const at::Tensor index = channelIndex(columns);
    const at::Tensor mixed =
        at::matmul(basis.index_select(1, index), randomOrthogonal(static_cast<std::int64_t>(columns.size()), random));
    basis.index_copy_(1, index, mixed);
}

/// In the head-wise basis a dimension can be mixed only where no query head of its group keeps it.
void mixHeads(at::Tensor& headBlocks, const std::vector<int>& salient, const ModelConfig& config, Random& random)
{
    const int share = config.heads / config.kvHeads;
    for (int group = 0; group < config.kvHeads; ++group) {
        std::set<int> kept;
        for (const int channel : salient)
            if (channel / config.headDim / share == group)
                kept.insert(channel % config.headDim);
        at::Tensor block = headBlocks[group];
        mixColumns(block, remainingChannels({kept.begin(), kept.end()}, config.headDim), random);
    }
}

SiteRotation headWiseRotation(const SitePlan& site, const at::Tensor& moment, int largestSalient,
                              const ModelConfig& config, Random& random, std::uint64_t seed)
{
    SiteRotation rotation;
    rotation.headBlocks = headWiseBases(moment, config.heads, config.kvHeads);
    rotation.matrix = blockDiagonal(rotation.headBlocks, config.heads);
    rotation.energy = rotatedEnergy(moment, rotation.matrix);
    if (site.mixRest) {
        // Salience is decided before the mixing; mixed dimensions keep their place and share their energy.
        mixHeads(rotation.headBlocks, salientChannels(rotation.energy, site.select, largestSalient, seed, site.id),
                 config, random);
        rotation.matrix = blockDiagonal(rotation.headBlocks, config.heads);
    }
    return rotation;
}

} // namespace

SiteRotation makeSiteRotation(const SitePlan& site, const at::Tensor& moment, int largestSalient,
                              const ModelConfig& config, std::uint64_t seed)
{
    if (site.basis == Basis::Original) {
        const at::Tensor diagonal = moment.diagonal().contiguous();
        return {{}, {}, {}, {diagonal.const_data_ptr<double>(), diagonal.const_data_ptr<double>() + diagonal.numel()}};
    }
    Random random(seed, site.id, kMixStream);
    if (site.basis == Basis::HeadWise)
        return headWiseRotation(site, moment, largestSalient, config, random, seed);

    PrincipalBasis principal = principalBasis(moment);
    SiteRotation rotation;
    rotation.energy.assign(principal.values.const_data_ptr<double>(),
                           principal.values.const_data_ptr<double>() + principal.values.numel());
    if (site.mixRest) {
        const auto salient = salientChannels(rotation.energy, site.select, largestSalient, seed, site.id);
        mixColumns(principal.vectors, remainingChannels(salient, static_cast<int>(moment.size(0))), random);
    }
    rotation.matrix = principal.vectors;
    rotation.stored = principal.vectors.to(at::kHalf).contiguous();
    return rotation;
}

at::Tensor turnHeadRows(const at::Tensor& rows, const at::Tensor& headBlocks)
{
    const std::int64_t kvHeads = headBlocks.size(0), headDim = headBlocks.size(1);
    return at::bmm(headBlocks.transpose(1, 2), rows.to(at::kDouble).reshape({kvHeads, headDim, -1})).view(rows.sizes());
}

void mergeHeadRotation(LayerWeights& weights, const at::Tensor& headBlocks)
{
    LinearWeights& v = weights.linear(LinearRole::V);
    v.weight = turnHeadRows(v.weight, headBlocks).to(at::kFloat);
    if (v.bias.defined())
        v.bias = turnHeadRows(v.bias.unsqueeze(1), headBlocks).squeeze(1).to(at::kFloat);
    LinearWeights& o = weights.linear(LinearRole::O);
    const std::int64_t heads = o.weight.size(1) / headBlocks.size(1);
    o.weight = at::matmul(o.weight.to(at::kDouble), blockDiagonal(headBlocks, heads)).to(at::kFloat);
}

} // namespace eigenquant
