// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/dense_source.h"

#include "core/base/error.h"
#include "core/io/stored_type.h"

#include <ATen/ops/empty.h>

#include <set>

namespace eigenquant {
namespace {

/// Rotary buffers that old checkpoints carry; they are derived from the config.
bool isDerived(const std::string& name)
{
    return name.ends_with(".rotary_emb.inv_freq") || name == "rope_freqs.weight";
}

/// Brings the rows of q or k from GGUF's order (even and odd neighbours make a pair) to Hugging Face's
/// (the first and second half of a head make pairs).
at::Tensor deinterleaveRows(const at::Tensor& tensor, std::int64_t heads)
{
    const std::int64_t headDim = tensor.size(0) / heads;
    return tensor.view({heads, headDim / 2, 2, -1}).transpose(1, 2).reshape(tensor.sizes());
}

} // namespace

const TensorNames& TensorNames::huggingFace()
{
    static const TensorNames names{
        "model.embed_tokens.weight",
        "model.norm.weight",
        "lm_head.weight",
        "model.layers.{}.",
        "input_layernorm.weight",
        "post_attention_layernorm.weight",
        {"self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj", "self_attn.o_proj", "mlp.gate_proj",
         "mlp.up_proj", "mlp.down_proj"}};
    return names;
}

const TensorNames& TensorNames::gguf()
{
    static const TensorNames names{
        "token_embd.weight",
        "output_norm.weight",
        "output.weight",
        "blk.{}.",
        "attn_norm.weight",
        "ffn_norm.weight",
        {"attn_q", "attn_k", "attn_v", "attn_output", "ffn_gate", "ffn_up", "ffn_down"}};
    return names;
}

std::string TensorNames::layer(int index, const std::string& tail) const
{
    std::string name = layerPrefix;
    name.replace(name.find("{}"), 2, std::to_string(index));
    return name + tail;
}

std::string TensorNames::linear(LinearId id, const std::string& tail) const
{
    return layer(id.layer, linears[static_cast<std::size_t>(id.role)]) + tail;
}

std::array<std::int64_t, 2> linearShape(const ModelConfig& config, LinearRole role)
{
    const std::int64_t hidden = config.hiddenSize;
    const std::int64_t inner = config.intermediateSize;
    const std::int64_t attention = static_cast<std::int64_t>(config.heads) * config.headDim;
    const std::int64_t keyValue = static_cast<std::int64_t>(config.kvHeads) * config.headDim;
    switch (role) {
    case LinearRole::Q:
        return {attention, hidden};
    case LinearRole::K:
    case LinearRole::V:
        return {keyValue, hidden};
    case LinearRole::O:
        return {hidden, attention};
    case LinearRole::Gate:
    case LinearRole::Up:
        return {inner, hidden};
    case LinearRole::Down:
        break;
    }
    return {hidden, inner};
}

std::int64_t siteChannels(const ModelConfig& config, Site site)
{
    switch (site) {
    case Site::AttnIn:
    case Site::MlpIn:
        return config.hiddenSize;
    case Site::AttnOut:
        return static_cast<std::int64_t>(config.heads) * config.headDim;
    case Site::MlpOut:
        break;
    }
    return config.intermediateSize;
}

bool hasBias(const ModelConfig& config, LinearRole role)
{
    const Site site = siteOf(role);
    return site == Site::AttnIn || site == Site::AttnOut ? config.attentionBias : config.mlpBias;
}

DenseSource::DenseSource(std::shared_ptr<const TensorStore> store, ModelConfig config, const TensorNames& names,
                         bool interleavedRope)
    : m_store(std::move(store)), m_config(std::move(config)), m_names(names), m_interleavedRope(interleavedRope)
{
    checkTensors();
}

std::shared_ptr<const DenseSource> DenseSource::fromHuggingFace(std::shared_ptr<const TensorStore> store,
                                                                ModelConfig config)
{
    return std::shared_ptr<const DenseSource>(
        new DenseSource(std::move(store), std::move(config), TensorNames::huggingFace(), false));
}

std::shared_ptr<const DenseSource> DenseSource::fromGguf(std::shared_ptr<const GgufStore> store)
{
    ModelConfig config = configFromGguf(*store);
    return std::shared_ptr<const DenseSource>(
        new DenseSource(std::move(store), std::move(config), TensorNames::gguf(), true));
}

void DenseSource::checkTensors() const
{
    std::set<std::string> known;
    auto expect = [&](const std::string& name, const std::vector<std::int64_t>& shape) {
        const StoredTensor& tensor = m_store->at(name);
        if (tensor.shape != shape)
            throw Error::invalid("the tensor's shape does not follow from the config")
                .file(m_store->files()[tensor.fileIndex].string())
                .field(name)
                .found(shapeText(tensor.shape))
                .expected(shapeText(shape));
        known.insert(name);
    };
    const std::int64_t hidden = m_config.hiddenSize;
    expect(m_names.embedding, {m_config.vocabSize, hidden});
    expect(m_names.finalNorm, {hidden});
    // Some tied checkpoints carry a copy of the embedding as the head.
    if (!m_config.tiedEmbeddings || m_store->find(m_names.head))
        expect(m_names.head, {m_config.vocabSize, hidden});
    for (int layer = 0; layer < m_config.layers; ++layer) {
        expect(m_names.layer(layer, m_names.attentionNorm), {hidden});
        expect(m_names.layer(layer, m_names.mlpNorm), {hidden});
        for (const LinearRole role : kAllRoles) {
            const auto [out, in] = linearShape(m_config, role);
            expect(m_names.linear({layer, role}, ".weight"), {out, in});
            if (hasBias(m_config, role))
                expect(m_names.linear({layer, role}, ".bias"), {out});
        }
    }
    for (const StoredTensor& tensor : m_store->tensors())
        if (!known.contains(tensor.name) && !isDerived(tensor.name))
            throw Error::unsupported("the model has a tensor that its architecture does not")
                .file(m_store->files()[tensor.fileIndex].string())
                .field(tensor.name)
                .hint("a model with extra parts would run wrong without them");
}

at::Tensor DenseSource::read(const std::string& name) const
{
    const StoredTensor& stored = m_store->at(name);
    at::Tensor tensor = at::empty(stored.shape, at::kFloat);
    m_store->readFloat(stored, {tensor.data_ptr<float>(), static_cast<std::size_t>(tensor.numel())});
    return tensor;
}

OuterWeights DenseSource::outer() const
{
    OuterWeights weights;
    weights.embedding = read(m_names.embedding);
    weights.finalNorm = read(m_names.finalNorm);
    weights.head = m_config.tiedEmbeddings ? weights.embedding : read(m_names.head);
    return weights;
}

LayerWeights DenseSource::layer(int index) const
{
    LayerWeights weights;
    weights.attentionNorm = read(m_names.layer(index, m_names.attentionNorm));
    weights.mlpNorm = read(m_names.layer(index, m_names.mlpNorm));
    for (const LinearRole role : kAllRoles) {
        LinearWeights& linear = weights.linear(role);
        linear.weight = read(m_names.linear({index, role}, ".weight"));
        if (hasBias(m_config, role))
            linear.bias = read(m_names.linear({index, role}, ".bias"));
        if (!m_interleavedRope || (role != LinearRole::Q && role != LinearRole::K))
            continue;
        const int heads = role == LinearRole::Q ? m_config.heads : m_config.kvHeads;
        linear.weight = deinterleaveRows(linear.weight, heads);
        if (linear.bias.defined())
            linear.bias = deinterleaveRows(linear.bias, heads);
    }
    return weights;
}

} // namespace eigenquant
