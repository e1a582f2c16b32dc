// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/decoder.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/embedding.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/matmul.h>
#include <ATen/ops/rsqrt.h>
#include <ATen/ops/scaled_dot_product_attention.h>
#include <ATen/ops/silu.h>
#include <ATen/ops/tensor.h>

namespace eigenquant {
namespace {

at::Tensor apply(const LinearWeights& linear, const at::Tensor& x)
{
    return at::linear(x, linear.weight, linear.bias);
}

at::Tensor rotated(const at::Tensor& x, const at::Tensor& rotation)
{
    return rotation.defined() ? at::matmul(x, rotation) : x;
}

void place(at::Tensor& tensor, const ComputeTarget& target)
{
    if (tensor.defined())
        tensor = tensor.to(target.device, target.dtype);
}

void place(LayerWeights& weights, const ComputeTarget& target)
{
    place(weights.attentionNorm, target);
    place(weights.mlpNorm, target);
    for (auto& linear : weights.linears) {
        place(linear.weight, target);
        place(linear.bias, target);
    }
    for (auto& rotation : weights.rotations)
        place(rotation, target);
}

} // namespace

Decoder::Decoder(const WeightSource& source, ComputeTarget target, const RunContext& context)
    : m_config(source.config()), m_target(target)
{
    m_outer = source.outer();
    const bool tied = m_outer.head.is_same(m_outer.embedding);
    place(m_outer.embedding, target);
    place(m_outer.finalNorm, target);
    if (tied)
        m_outer.head = m_outer.embedding;
    else
        place(m_outer.head, target);
    for (int index = 0; index < m_config.layers; ++index) {
        context.report("loading weights", "layers", index, m_config.layers);
        m_layers.push_back(source.layer(index));
        place(m_layers.back(), target);
    }
}

at::Tensor Decoder::hidden(std::span<const std::int32_t> ids, const RunContext& context,
                           const SiteObserver& observe) const
{
    for (const std::int32_t id : ids)
        if (id < 0 || id >= m_config.vocabSize)
            throw Error::usage("a token id outside the vocabulary")
                .found(std::to_string(id))
                .expected("0 to " + std::to_string(m_config.vocabSize - 1));
    const at::Tensor index = at::tensor(at::ArrayRef<std::int32_t>(ids.data(), ids.size()), at::kInt);
    at::Tensor x = at::embedding(m_outer.embedding, index.to(m_target.device));
    const RopeTable& table = rope(static_cast<int>(ids.size()));
    for (int i = 0; i < m_config.layers; ++i) {
        context.checkpoint();
        x = layer(i, x, table, observe);
    }
    return norm(x, m_outer.finalNorm);
}

at::Tensor Decoder::layer(int index, const at::Tensor& hidden, const RopeTable& rope,
                          const SiteObserver& observe) const
{
    const LayerWeights& weights = m_layers[static_cast<std::size_t>(index)];
    const at::Tensor afterAttention =
        hidden + attention(weights, norm(hidden, weights.attentionNorm), index, rope, observe);
    return afterAttention + mlp(weights, norm(afterAttention, weights.mlpNorm), index, observe);
}

at::Tensor Decoder::attention(const LayerWeights& weights, const at::Tensor& site, int index, const RopeTable& rope,
                              const SiteObserver& observe) const
{
    if (observe)
        observe({index, Site::AttnIn}, site);
    const at::Tensor x = rotated(site, weights.rotation(Site::AttnIn));
    const std::int64_t tokens = x.size(0);
    auto heads = [&](LinearRole role, std::int64_t count) {
        return apply(weights.linear(role), x).view({tokens, count, m_config.headDim}).transpose(0, 1);
    };
    const at::Tensor q = applyRope(heads(LinearRole::Q, m_config.heads), rope);
    at::Tensor k = applyRope(heads(LinearRole::K, m_config.kvHeads), rope);
    at::Tensor v = heads(LinearRole::V, m_config.kvHeads);
    if (m_config.kvHeads != m_config.heads) {
        k = k.repeat_interleave(m_config.heads / m_config.kvHeads, 0);
        v = v.repeat_interleave(m_config.heads / m_config.kvHeads, 0);
    }
    const at::Tensor mixed = at::scaled_dot_product_attention(q.unsqueeze(0), k.unsqueeze(0), v.unsqueeze(0), {}, 0.0,
                                                              /*is_causal=*/true);
    const at::Tensor out = mixed.squeeze(0).transpose(0, 1).reshape({tokens, -1});
    if (observe)
        observe({index, Site::AttnOut}, out);
    return apply(weights.linear(LinearRole::O), rotated(out, weights.rotation(Site::AttnOut)));
}

at::Tensor Decoder::mlp(const LayerWeights& weights, const at::Tensor& site, int index,
                        const SiteObserver& observe) const
{
    if (observe)
        observe({index, Site::MlpIn}, site);
    const at::Tensor x = rotated(site, weights.rotation(Site::MlpIn));
    at::Tensor gated = apply(weights.linear(LinearRole::Gate), x);
    at::silu_(gated);
    gated.mul_(apply(weights.linear(LinearRole::Up), x));
    if (observe)
        observe({index, Site::MlpOut}, gated);
    return apply(weights.linear(LinearRole::Down), rotated(gated, weights.rotation(Site::MlpOut)));
}

at::Tensor Decoder::norm(const at::Tensor& x, const at::Tensor& gain) const
{
    // In float32 whatever the compute type, as the reference models do.
    const at::Tensor wide = x.to(at::kFloat);
    const at::Tensor scale = at::rsqrt(wide.square().mean(-1, /*keepdim=*/true) + m_config.normEpsilon);
    return gain * (wide * scale).to(x.scalar_type());
}

at::Tensor Decoder::logits(const at::Tensor& hidden) const
{
    return at::linear(hidden, m_outer.head);
}

const RopeTable& Decoder::rope(int length) const
{
    if (m_ropeLength != length) {
        m_rope = ropeTable(m_config, length, m_target.device, m_target.dtype);
        m_ropeLength = length;
    }
    return m_rope;
}

} // namespace eigenquant
