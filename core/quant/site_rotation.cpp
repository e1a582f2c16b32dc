// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/quant/site_rotation.h"

#include "core/calib/pca.h"
#include "core/quant/channel_index.h"
#include "core/quant/hadamard.h"
#include "core/quant/random.h"
#include "core/quant/salient.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/bmm.h>
#include <ATen/ops/matmul.h>
#include <ATen/ops/stack.h>

#include <algorithm>
#include <set>

namespace eigenquant {
namespace {

constexpr std::uint64_t kMixStream = 2;
constexpr std::uint64_t kRandomStream = 3;

std::vector<double> toDoubles(const at::Tensor& values)
{
    const at::Tensor flat = values.cpu().contiguous();
    return {flat.const_data_ptr<double>(), flat.const_data_ptr<double>() + flat.numel()};
}

/// E[(xR)_j²] = (RᵀMR)_jj.
std::vector<double> rotatedEnergy(const at::Tensor& moment, const at::Tensor& rotation)
{
    return toDoubles((at::matmul(moment, rotation) * rotation).sum(0).clamp_min(0));
}

/// Turns the given columns of a basis into random mixtures of each other.
void mixColumns(at::Tensor& basis, const std::vector<int>& columns, Random& random)
{
    if (columns.empty())
        return;
    const at::Tensor index = channelIndex(columns).to(basis.device());
    const at::Tensor mixture = randomOrthogonal(static_cast<std::int64_t>(columns.size()), random, basis.device());
    const at::Tensor mixed = at::matmul(basis.index_select(1, index), mixture);
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

at::Tensor randomHeads(const ModelConfig& config, Random& random)
{
    std::vector<at::Tensor> blocks;
    for (int head = 0; head < config.kvHeads; ++head)
        blocks.push_back(randomOrthogonal(config.headDim, random));
    return at::stack(blocks);
}

SiteRotation headWiseRotation(const SitePlan& site, const at::Tensor& moment, int largestSalient,
                              const ModelConfig& config, std::uint64_t seed)
{
    Random random(seed, site.id, kMixStream);
    SiteRotation rotation;
    rotation.headBlocks = site.basis == Basis::HeadWise ? headWiseBases(moment, config.heads, config.kvHeads)
                                                        : randomHeads(config, random);
    const auto wholeMatrix = [&] { return blockDiagonal(rotation.headBlocks, config.heads).to(moment.device()); };
    rotation.matrix = wholeMatrix();
    rotation.energy = rotatedEnergy(moment, rotation.matrix);
    if (site.mixRest) {
        // Salience is decided before the mixing; mixed dimensions keep their place and share their energy.
        mixHeads(rotation.headBlocks, salientChannels(rotation.energy, site.select, largestSalient, seed, site.id),
                 config, random);
        rotation.matrix = wholeMatrix();
    }
    return rotation;
}

SiteRotation principalRotation(const SitePlan& site, const at::Tensor& moment, int largestSalient, std::uint64_t seed)
{
    PrincipalBasis principal = principalBasis(moment);
    SiteRotation rotation;
    rotation.energy = toDoubles(principal.values);
    if (site.mixRest) {
        Random random(seed, site.id, kMixStream);
        const auto salient = salientChannels(rotation.energy, site.select, largestSalient, seed, site.id);
        mixColumns(principal.vectors, remainingChannels(salient, static_cast<int>(moment.size(0))), random);
    }
    rotation.matrix = principal.vectors;
    rotation.parts["rotation"] = rotation.matrix.to(at::kHalf).cpu().contiguous();
    return rotation;
}

SiteRotation randomRotation(const SitePlan& site, const at::Tensor& moment, std::uint64_t seed)
{
    Random random(seed, site.id, kRandomStream);
    SiteRotation rotation;
    if (site.basis == Basis::Random) {
        rotation.matrix = randomOrthogonal(moment.size(0), random, moment.device());
        rotation.parts["rotation"] = rotation.matrix.to(at::kHalf).cpu().contiguous();
    } else {
        const HadamardTransform transform = HadamardTransform::make(moment.size(0), random);
        rotation.matrix = transform.matrix().to(moment.device());
        rotation.parts["signs"] = transform.signs();
        if (transform.block().defined())
            rotation.parts["block"] = transform.block();
    }
    rotation.energy = rotatedEnergy(moment, rotation.matrix);
    return rotation;
}

/// Rows (the outputs) of v, or its bias as [out, 1], turned by the transposed block of their key/value head; float64.
at::Tensor turnHeadRows(const at::Tensor& rows, const at::Tensor& headBlocks)
{
    const std::int64_t kvHeads = headBlocks.size(0), headDim = headBlocks.size(1);
    const at::Tensor blocks = headBlocks.transpose(1, 2).to(rows.device());
    return at::bmm(blocks, rows.to(at::kDouble).reshape({kvHeads, headDim, -1})).view(rows.sizes());
}

} // namespace

SiteRotation makeSiteRotation(const SitePlan& site, const at::Tensor& moment, int largestSalient,
                              const ModelConfig& config, std::uint64_t seed)
{
    switch (site.basis) {
    case Basis::Original:
    case Basis::Global:
        return {{}, {}, {}, toDoubles(moment.dim() == 1 ? moment : moment.diagonal())};
    case Basis::Pca:
        return principalRotation(site, moment, largestSalient, seed);
    case Basis::HeadWise:
    case Basis::HeadWiseRandom:
        return headWiseRotation(site, moment, largestSalient, config, seed);
    case Basis::Random:
    case Basis::Hadamard:
        break;
    }
    return randomRotation(site, moment, seed);
}

at::Tensor appliedRotation(const std::map<std::string, at::Tensor>& parts, std::int64_t channels)
{
    if (const auto dense = parts.find("rotation"); dense != parts.end())
        return dense->second.to(at::kFloat);
    const auto signs = parts.find("signs");
    if (signs == parts.end())
        return {};
    const auto block = parts.find("block");
    return HadamardTransform::fromStored(channels, signs->second, block == parts.end() ? at::Tensor() : block->second)
        .matrix()
        .to(at::kFloat);
}

void turnHeads(LinearWeights& v, const at::Tensor& headBlocks)
{
    v.weight = turnHeadRows(v.weight, headBlocks).to(at::kFloat);
    if (v.bias.defined())
        v.bias = turnHeadRows(v.bias.unsqueeze(1), headBlocks).squeeze(1).to(at::kFloat);
}

void mergeHeadRotation(LayerWeights& weights, const at::Tensor& headBlocks)
{
    turnHeads(weights.linear(LinearRole::V), headBlocks);
    LinearWeights& o = weights.linear(LinearRole::O);
    const std::int64_t heads = o.weight.size(1) / headBlocks.size(1);
    o.weight = at::matmul(o.weight.to(at::kDouble), blockDiagonal(headBlocks, heads)).to(at::kFloat);
}

} // namespace eigenquant
