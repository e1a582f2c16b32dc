// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/decoder.h"

#include "core/device/in_pieces.h"
#include "core/model/attention.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/embedding.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/gelu.h>
#include <ATen/ops/layer_norm.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/matmul.h>
#include <ATen/ops/relu.h>
#include <ATen/ops/rsqrt.h>
#include <ATen/ops/scalar_tensor.h>
#include <ATen/ops/silu.h>
#include <ATen/ops/tanh.h>
#include <ATen/ops/tensor.h>

#include <algorithm>
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
        if (!weights.linear(role).weight.defined()) // an MLP without a gate
            continue;
        rows.push_back(weights.linear(role).weight);
        if (weights.linear(role).bias.defined())
            biases.push_back(weights.linear(role).bias);
    }
    return {placed(at::cat(rows), target), biases.empty() ? at::Tensor() : placed(at::cat(biases), target)};
}

/// Causal attention among the tokens of one pass.
at::Tensor attendWithin(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v, const AttentionRule& rule)
{
    return attendCausally(q.unsqueeze(0), k.unsqueeze(0), v.unsqueeze(0), 0, rule).squeeze(0);
}

at::Tensor activatedPiece(const at::Tensor& x, Activation activation)
{
    switch (activation) {
    case Activation::Gelu:
        return at::gelu(x);
    case Activation::GeluTanh:
        return at::gelu(x, "tanh");
    case Activation::Relu:
        return at::relu(x);
    case Activation::Silu:
        break;
    }
    return at::silu(x);
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
    Block block{{},
                stacked(weights, {LinearRole::Q, LinearRole::K, LinearRole::V}, target),
                stacked(weights, {LinearRole::O}, target),
                stacked(weights, {LinearRole::Gate, LinearRole::Up}, target),
                stacked(weights, {LinearRole::Down}, target),
                {}};
    for (std::size_t role = 0; role < kVectorRoles; ++role)
        block.vectors.vector(VectorRole(role)) = placed(weights.vector(VectorRole(role)), target);
    for (std::size_t site = 0; site < kAllSites.size(); ++site)
        block.rotations[site] = placed(weights.rotations[site], target);
    return block;
}

Decoder::Decoder(const WeightSource& source, ComputeTarget target, EndsPlace ends)
    : m_config(source.config()), m_target(target), m_ends(ends == EndsPlace::Read ? &source : nullptr)
{
    const OuterWeights outer = source.smallOuter();
    for (std::size_t role = 0; role < kOuterRoles; ++role)
        if (!hasWords(OuterRole(role)))
            m_outer.tensor(OuterRole(role)) = placed(outer.tensor(OuterRole(role)), target);
    if (ends == EndsPlace::Held) {
        m_outer.embedding = held(source, OuterRole::Embedding);
        m_outer.head = m_config.tiedEmbeddings ? m_outer.embedding : held(source, OuterRole::Head);
    }
    m_blocks.resize(static_cast<std::size_t>(m_config.layers));
}

/// Embedding or head as it is computed with. In runs of rows: as it is read it would take as much once more.
at::Tensor Decoder::held(const WeightSource& source, OuterRole matrix) const
{
    at::Tensor all;
    for (const Words words : wordsInRuns(m_config.vocabSize)) {
        const at::Tensor rows = source.rows(matrix, words);
        if (!all.defined())
            all = at::empty({m_config.vocabSize, rows.size(1)},
                            at::TensorOptions(m_target.dtype).device(m_target.device));
        all.narrow(0, words.begin, words.count).copy_(rows);
    }
    return all;
}

Decoder Decoder::withoutLayers(const WeightSource& source, ComputeTarget target, EndsPlace ends)
{
    return Decoder(source, target, ends);
}

Decoder::Decoder(const WeightSource& source, ComputeTarget target, const RunContext& context)
    : Decoder(source, target, EndsPlace::Held)
{
    keepFreedMemory();
    for (int index = 0; index < m_config.layers; ++index) {
        context.report("loading weights", "layers", index, m_config.layers);
        replaceLayer(index, source.layer(index));
    }
}

void Decoder::dropLayer(int index)
{
    m_blocks.at(static_cast<std::size_t>(index)) = Block();
}

std::uint64_t Decoder::weightBytes() const
{
    std::uint64_t total = 0;
    const auto add = [&](const at::Tensor& tensor) { total += tensor.defined() ? tensor.nbytes() : 0; };
    for (const Block& block : m_blocks) {
        for (std::size_t role = 0; role < kVectorRoles; ++role)
            add(block.vectors.vector(VectorRole(role)));
        for (const LinearWeights* linear : {&block.qkv, &block.o, &block.gateUp, &block.down}) {
            add(linear->weight);
            add(linear->bias);
        }
        for (const at::Tensor& rotation : block.rotations)
            add(rotation);
    }
    for (std::size_t role = 0; role < kOuterRoles; ++role)
        if (OuterRole(role) != OuterRole::Head || !m_outer.head.is_same(m_outer.embedding))
            add(m_outer.tensor(OuterRole(role)));
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

/// The rows of the embedding that these ids have.
at::Tensor Decoder::embeddings(std::span<const std::int32_t> ids) const
{
    const auto places = [this](std::span<const std::int32_t> values) {
        return at::tensor(at::ArrayRef<std::int32_t>(values.data(), values.size()), at::kInt).to(m_target.device);
    };
    if (!m_ends)
        return at::embedding(m_outer.embedding, places(ids));
    std::vector<std::int32_t> words(ids.begin(), ids.end());
    std::ranges::sort(words);
    words.erase(std::unique(words.begin(), words.end()), words.end());
    at::Tensor rows;
    std::vector<std::int32_t> index(ids.size());
    for (std::size_t i = 0; i < words.size(); ++i) {
        const at::Tensor row = m_ends->rows(OuterRole::Embedding, {words[i], 1});
        if (!rows.defined())
            rows = at::empty({static_cast<std::int64_t>(words.size()), row.size(1)}, at::kFloat);
        rows[static_cast<std::int64_t>(i)].copy_(row[0]);
    }
    for (std::size_t i = 0; i < ids.size(); ++i)
        index[i] = static_cast<std::int32_t>(std::ranges::lower_bound(words, ids[i]) - words.begin());
    return at::embedding(placed(rows, m_target), places(index));
}

at::Tensor Decoder::embed(std::span<const std::int32_t> ids, int start, int sequences) const
{
    for (const std::int32_t id : ids)
        if (id < 0 || id >= m_config.vocabSize)
            throw Error::usage("a token id outside the vocabulary")
                .found(std::to_string(id))
                .expected("0 to " + std::to_string(m_config.vocabSize - 1));
    at::Tensor x = embeddings(ids);
    if (m_config.embeddingScale != 1) // rounded as the reference rounds it, to the compute type
        x = x * at::scalar_tensor(m_config.embeddingScale, x.options());
    if (m_outer.projectIn.defined())
        x = at::linear(x, m_outer.projectIn);
    if (!m_outer.positions.defined())
        return x;
    const std::int64_t tokens = static_cast<std::int64_t>(ids.size()) / sequences;
    if (start + tokens > m_config.contextLength)
        throw Error::usage("the model has learned no more positions")
            .found(std::to_string(start + tokens) + " tokens")
            .expected("at most " + std::to_string(m_config.contextLength))
            .hint("take a shorter context");
    return x + m_outer.positions.narrow(0, m_config.positionOffset + start, tokens).repeat({sequences, 1});
}

at::Tensor Decoder::lastNorm(const at::Tensor& hidden) const
{
    return m_config.finalNorm ? norm(hidden, m_outer.finalNorm, m_outer.finalNormBias) : hidden;
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
    const LayerVectors& vectors = block.vectors;
    // A half of the layer: norm, what it does, norm of that, sum; or, where norms come after the sum, these two last.
    const auto half = [&](const at::Tensor& x, const at::Tensor& gain, const at::Tensor& bias,
                          const at::Tensor& outGain, const auto& compute) {
        at::Tensor y = compute(m_config.normsAfterSum ? x : norm(x, gain, bias));
        if (outGain.defined())
            y = rmsNorm(y, outGain);
        y.add_(x);
        return m_config.normsAfterSum ? norm(y, gain, bias) : y;
    };
    const at::Tensor x = half(hidden, vectors.attentionNorm, vectors.attentionNormBias, vectors.attentionOutNorm,
                              [&](const at::Tensor& site) {
                                  return attention(block, site, index, rope, observe, hook, attend);
                              });
    return half(x, vectors.mlpNorm, vectors.mlpNormBias, vectors.mlpOutNorm,
                [&](const at::Tensor& site) { return mlp(block, site, index, observe, hook); });
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
    at::Tensor q = headNorm(qkv.narrow(0, 0, headCount), block.vectors.queryNorm);
    at::Tensor k = headNorm(qkv.narrow(0, headCount, kvCount), block.vectors.keyNorm);
    if (m_config.rotary) {
        const RopeTable mine = rope.of(m_config, index);
        q = applyRope(q, mine);
        k = applyRope(k, mine);
    }
    const at::Tensor v = qkv.narrow(0, headCount + kvCount, kvCount);
    const at::Tensor mixed = attend ? attend(q, k, v) : attendWithin(q, k, v, attentionRule(m_config, index));
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
    const at::Tensor inner = activated(both);
    if (observe)
        observe({index, Site::MlpOut}, inner);
    return hooked(hook, {index, Site::MlpOut}, apply(block.down, rotated(inner, block.rotation(Site::MlpOut))));
}

/// f(gate) · up of the two side by side; f(up) where there is no gate.
at::Tensor Decoder::activated(const at::Tensor& both) const
{
    const std::int64_t width = m_config.intermediateSize;
    const at::Tensor inner = inPieces(both.narrow(1, 0, width), [this](const at::Tensor& part) {
        return activatedPiece(part, m_config.activation);
    });
    if (m_config.gatedMlp)
        inner.mul_(both.narrow(1, width, width));
    return inner;
}

at::Tensor Decoder::headNorm(const at::Tensor& heads, const at::Tensor& gain) const
{
    return gain.defined() ? rmsNorm(heads, gain) : heads;
}

at::Tensor Decoder::norm(const at::Tensor& x, const at::Tensor& gain, const at::Tensor& bias) const
{
    if (m_config.norm == NormKind::Rms)
        return bias.defined() ? rmsNorm(x, gain) + bias : rmsNorm(x, gain);
    const auto wide = [](const at::Tensor& t) { return t.defined() ? t.to(at::kFloat) : t; };
    return at::layer_norm(wide(x), {x.size(-1)}, wide(gain), wide(bias), m_config.normEpsilon).to(x.scalar_type());
}

at::Tensor Decoder::rmsNorm(const at::Tensor& x, const at::Tensor& gain) const
{
    // In float32 whatever the compute type, as the reference models do.
    const at::Tensor wide = x.to(at::kFloat);
    const at::Tensor scale = at::rsqrt(wide.square().mean(-1, /*keepdim=*/true) + m_config.normEpsilon);
    return gain * (wide * scale).to(x.scalar_type());
}

at::Tensor Decoder::headRows(Words words) const
{
    return m_ends ? placed(m_ends->rows(OuterRole::Head, words), m_target)
                  : m_outer.head.narrow(0, words.begin, words.count);
}

at::Tensor Decoder::logits(const at::Tensor& hidden) const
{
    if (!m_ends)
        return logits(hidden, m_outer.head);
    at::Tensor all = at::empty({hidden.size(0), m_config.vocabSize}, hidden.options());
    for (const Words words : wordsInRuns(m_config.vocabSize))
        all.narrow(1, words.begin, words.count).copy_(logits(hidden, headRows(words)));
    return all;
}

at::Tensor Decoder::logits(const at::Tensor& hidden, const at::Tensor& headRows) const
{
    const at::Tensor narrow = m_outer.projectOut.defined() ? at::linear(hidden, m_outer.projectOut) : hidden;
    const at::Tensor plain = at::linear(narrow, headRows);
    if (m_config.logitCap <= 0)
        return plain;
    return inPieces(plain / m_config.logitCap, [](const at::Tensor& part) { return at::tanh(part); }) *
           m_config.logitCap;
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
