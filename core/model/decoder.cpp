// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/decoder.h"

#include "core/device/in_pieces.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/embedding.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/matmul.h>
#include <ATen/ops/rsqrt.h>
#include <ATen/ops/scaled_dot_product_attention.h>
#include <ATen/ops/silu.h>
#include <ATen/ops/tensor.h>

#include <initializer_list>
#include <malloc.h>
#include <vector>

namespace eigenquant {
namespace {

at::Tensor apply(const LinearWeights& linear, const at::Tensor& x)
{
    return at::linear(x, linear.weight, linear.bias);
}

at::Tensor hooked(const OutputHook& hook, SiteId id, at::Tensor output)
{
    return hook ? hook(id, output) : output;
}

at::Tensor rotated(const at::Tensor& x, const at::Tensor& rotation)
{
    return rotation.defined() ? at::matmul(x, rotation) : x;
}

at::Tensor placed(const at::Tensor& tensor, const ComputeTarget& target)
{
    return tensor.defined() ? tensor.to(target.device, target.dtype) : tensor;
}

/// Linears that read the same activation, one above the other.
LinearWeights stacked(const LayerWeights& weights, std::initializer_list<LinearRole> roles, const ComputeTarget& target)
{
    std::vector<at::Tensor> rows, biases;
    for (const LinearRole role : roles) {
        rows.push_back(weights.linear(role).weight);
        if (weights.linear(role).bias.defined())
            biases.push_back(weights.linear(role).bias);
    }
    return {placed(at::cat(rows), target), biases.empty() ? at::Tensor() : placed(at::cat(biases), target)};
}

/// Causal attention among the tokens of one pass.
at::Tensor attendWithin(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v)
{
    const std::int64_t group = q.size(0) / k.size(0);
    const auto perHead = [&](const at::Tensor& t) { return group == 1 ? t : t.repeat_interleave(group, 0); };
    return at::scaled_dot_product_attention(q.unsqueeze(0), perHead(k).unsqueeze(0), perHead(v).unsqueeze(0), {}, 0.0,
                                            /*is_causal=*/true)
        .squeeze(0);
}

/// The C library gives large blocks back to the system as soon as they are free, and the next layer's activations
/// then fault in page by page. Keeping them makes a CPU pass faster by some percent.
void keepFreedMemory()
{
#ifdef __GLIBC__
    static const bool done = mallopt(M_MMAP_THRESHOLD, 256 << 20) && mallopt(M_TRIM_THRESHOLD, 512 << 20);
    (void)done;
#endif
}

} // namespace

Decoder::Block Decoder::makeBlock(const LayerWeights& weights, const ComputeTarget& target)
{
    Block block{placed(weights.attentionNorm, target),
                placed(weights.mlpNorm, target),
                stacked(weights, {LinearRole::Q, LinearRole::K, LinearRole::V}, target),
                stacked(weights, {LinearRole::O}, target),
                stacked(weights, {LinearRole::Gate, LinearRole::Up}, target),
                stacked(weights, {LinearRole::Down}, target),
                {}};
    for (std::size_t site = 0; site < kAllSites.size(); ++site)
        block.rotations[site] = placed(weights.rotations[site], target);
    return block;
}

Decoder::Decoder(const WeightSource& source, ComputeTarget target, const RunContext& context)
    : m_config(source.config()), m_target(target)
{
    keepFreedMemory();
    const OuterWeights outer = source.outer();
    m_outer.embedding = placed(outer.embedding, target);
    m_outer.finalNorm = placed(outer.finalNorm, target);
    m_outer.head = outer.head.is_same(outer.embedding) ? m_outer.embedding : placed(outer.head, target);
    for (int index = 0; index < m_config.layers; ++index) {
        context.report("loading weights", "layers", index, m_config.layers);
        m_blocks.push_back(makeBlock(source.layer(index), target));
    }
}

std::uint64_t Decoder::weightBytes() const
{
    std::uint64_t total = 0;
    const auto add = [&](const at::Tensor& tensor) { total += tensor.defined() ? tensor.nbytes() : 0; };
    for (const Block& block : m_blocks) {
        add(block.attentionNorm);
        add(block.mlpNorm);
        for (const LinearWeights* linear : {&block.qkv, &block.o, &block.gateUp, &block.down}) {
            add(linear->weight);
            add(linear->bias);
        }
        for (const at::Tensor& rotation : block.rotations)
            add(rotation);
    }
    add(m_outer.embedding);
    add(m_outer.finalNorm);
    if (!m_outer.head.is_same(m_outer.embedding))
        add(m_outer.head);
    return total;
}

void Decoder::replaceLayer(int index, const LayerWeights& weights)
{
    m_blocks.at(static_cast<std::size_t>(index)) = makeBlock(weights, m_target);
}

void Decoder::replaceLayer(int index, const Decoder& other)
{
    m_blocks.at(static_cast<std::size_t>(index)) = other.m_blocks.at(static_cast<std::size_t>(index));
}

at::Tensor Decoder::embed(std::span<const std::int32_t> ids) const
{
    for (const std::int32_t id : ids)
        if (id < 0 || id >= m_config.vocabSize)
            throw Error::usage("a token id outside the vocabulary")
                .found(std::to_string(id))
                .expected("0 to " + std::to_string(m_config.vocabSize - 1));
    const at::Tensor index = at::tensor(at::ArrayRef<std::int32_t>(ids.data(), ids.size()), at::kInt);
    return at::embedding(m_outer.embedding, index.to(m_target.device));
}

at::Tensor Decoder::lastNorm(const at::Tensor& hidden) const
{
    return norm(hidden, m_outer.finalNorm);
}

at::Tensor Decoder::hidden(std::span<const std::int32_t> ids, const RunContext& context,
                           const SiteObserver& observe) const
{
    at::Tensor x = embed(ids);
    const RopeTable& table = rope(static_cast<int>(ids.size()));
    for (int i = 0; i < m_config.layers; ++i) {
        context.checkpoint();
        x = layer(i, x, table, observe);
    }
    return lastNorm(x);
}

at::Tensor Decoder::layer(int index, const at::Tensor& hidden, const RopeTable& rope,
                          const SiteObserver& observe, const OutputHook& hook, const Attend& attend) const
{
    const Block& block = m_blocks[static_cast<std::size_t>(index)];
    at::Tensor x = attention(block, norm(hidden, block.attentionNorm), index, rope, observe, hook, attend).add_(hidden);
    return mlp(block, norm(x, block.mlpNorm), index, observe, hook).add_(x);
}

at::Tensor Decoder::attention(const Block& block, const at::Tensor& site, int index, const RopeTable& rope,
                              const SiteObserver& observe, const OutputHook& hook, const Attend& attend) const
{
    if (observe)
        observe({index, Site::AttnIn}, site);
    const std::int64_t tokens = site.size(0), headCount = m_config.heads, kvCount = m_config.kvHeads;
    // [heads of q, k and v one after the other, tokens, headDim]
    const at::Tensor stacked = apply(block.qkv, rotated(site, block.rotation(Site::AttnIn)));
    const at::Tensor qkv = hooked(hook, {index, Site::AttnIn}, stacked)
                               .view({tokens, headCount + 2 * kvCount, m_config.headDim})
                               .transpose(0, 1);
    const at::Tensor q = applyRope(qkv.narrow(0, 0, headCount), rope);
    const at::Tensor k = applyRope(qkv.narrow(0, headCount, kvCount), rope);
    const at::Tensor v = qkv.narrow(0, headCount + kvCount, kvCount);
    const at::Tensor mixed = attend ? attend(q, k, v) : attendWithin(q, k, v);
    const at::Tensor out = mixed.transpose(0, 1).reshape({tokens, -1});
    if (observe)
        observe({index, Site::AttnOut}, out);
    return hooked(hook, {index, Site::AttnOut}, apply(block.o, rotated(out, block.rotation(Site::AttnOut))));
}

at::Tensor Decoder::mlp(const Block& block, const at::Tensor& site, int index, const SiteObserver& observe,
                        const OutputHook& hook) const
{
    if (observe)
        observe({index, Site::MlpIn}, site);
    const at::Tensor both =
        hooked(hook, {index, Site::MlpIn}, apply(block.gateUp, rotated(site, block.rotation(Site::MlpIn))));
    const at::Tensor gated = inPieces(both.narrow(1, 0, m_config.intermediateSize),
                                      [](const at::Tensor& part) { return at::silu(part); });
    gated.mul_(both.narrow(1, m_config.intermediateSize, m_config.intermediateSize));
    if (observe)
        observe({index, Site::MlpOut}, gated);
    return hooked(hook, {index, Site::MlpOut}, apply(block.down, rotated(gated, block.rotation(Site::MlpOut))));
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
