// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/dense_source.h"

#include "core/base/error.h"
#include "core/io/mapped_file.h"
#include "core/io/stored_type.h"
#include "core/model/stored_rows.h"

#include <ATen/Parallel.h>
#include <ATen/TensorOperators.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/zeros.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <map>
#include <span>
#include <utility>
#include <vector>

namespace eigenquant {
namespace {

constexpr std::string_view kRoot = "model.";
/// What models with vision, and checkpoints of a model without its head, have in place of it.
constexpr std::array<std::string_view, 4> kRoots{kRoot, "model.language_model.", "language_model.model.", ""};
/// Parts of models with vision that take no part in reading text.
constexpr std::array<std::string_view, 5> kVisionParts{"vision_tower.", "multi_modal_projector.", "model.vision_tower.",
                                                       "model.multi_modal_projector.", "model.embed_vision."};

/// Rotary buffers that old checkpoints carry; they are derived from the config.
bool isDerived(const std::string& name)
{
    return name.ends_with(".rotary_emb.inv_freq") || name == "rope_freqs.weight" ||
           name == "rope_factors_long.weight" || name == "rope_factors_short.weight";
}

bool isVision(const std::string& name)
{
    for (const std::string_view part : kVisionParts)
        if (name.starts_with(part))
            return true;
    return false;
}

std::string rooted(const std::string& name, const std::string& root)
{
    if (name.starts_with(kRoot))
        return root + name.substr(kRoot.size());
    // The head stands beside the model, and so inside what holds the model.
    return root == "language_model.model." ? "language_model." + name : name;
}

std::string rootIn(const TensorStore& store, const TensorNames& names)
{
    for (const std::string_view root : kRoots)
        if (store.find(rooted(names.of(OuterRole::Embedding), std::string(root))))
            return std::string(root);
    return std::string(kRoot);
}

/// Brings the rows of q or k from GGUF's order (even and odd neighbours make a pair) to Hugging Face's
/// (the first and second half of a head make pairs).
at::Tensor deinterleaveRows(const at::Tensor& tensor, std::int64_t heads)
{
    const std::int64_t headDim = tensor.size(0) / heads;
    return tensor.view({heads, headDim / 2, 2, -1}).transpose(1, 2).reshape(tensor.sizes());
}

/// 16-bit values of a mapped file on a GPU. By way of memory that the GPU reads by itself, which all threads fill:
/// straight from the mapped file the driver copies page by page on one thread, while the GPU waits.
at::Tensor sentTo(c10::Device device, std::span<const std::byte> bytes, const std::vector<std::int64_t>& shape,
                  at::ScalarType type)
{
    constexpr std::int64_t kPiece = 16 << 20, kShare = 1 << 20, kWidth = 2; // values, values, bytes
    const at::Tensor target = at::empty(shape, at::TensorOptions(type).device(device));
    const at::Tensor values = target.view({-1});
    const at::Tensor staged =
        at::empty({std::min(kPiece, values.numel())}, at::TensorOptions(type).pinned_memory(true));
    auto* place = static_cast<std::byte*>(staged.mutable_data_ptr());
    for (std::int64_t begin = 0; begin < values.numel(); begin += kPiece) {
        const std::int64_t count = std::min(kPiece, values.numel() - begin);
        const std::byte* from = bytes.data() + kWidth * begin;
        at::parallel_for(0, count, kShare, [&](std::int64_t first, std::int64_t last) {
            std::memcpy(place + kWidth * first, from + kWidth * first,
                        static_cast<std::size_t>(kWidth * (last - first)));
        });
        values.narrow(0, begin, count).copy_(staged.narrow(0, 0, count));
    }
    return target;
}

std::vector<std::int64_t> storedShape(const ModelConfig& config, const TensorNames& names, LinearRole role)
{
    std::int64_t rows = 0;
    for (const LinearRole other : layerRoles(config.gatedMlp))
        if (names.share(role, other))
            rows += linearShape(config, other)[0];
    return {rows, linearShape(config, role)[1]};
}

} // namespace

DenseSource::DenseSource(std::shared_ptr<const TensorStore> store, ModelConfig config, const TensorNames& names,
                         bool gainOffset)
    : m_store(std::move(store)), m_config(std::move(config)), m_names(names), m_gainOffset(gainOffset),
      m_storedNorms(m_config.storedNorms), m_root(rootIn(*m_store, names))
{
    checkTensors();
    // From here on the norms are as all others: what changes them has a place to put the change.
    m_config.storedNorms = true;
}

std::shared_ptr<const DenseSource> DenseSource::fromHuggingFace(std::shared_ptr<const TensorStore> store,
                                                                ModelConfig config)
{
    const Architecture& architecture = architectureOf(config);
    return std::shared_ptr<const DenseSource>(
        new DenseSource(std::move(store), std::move(config), *architecture.huggingFace, architecture.gainOffset));
}

std::shared_ptr<const DenseSource> DenseSource::fromGguf(std::shared_ptr<const GgufStore> store)
{
    ModelConfig config = configFromGguf(*store);
    const TensorNames& names = *architectureOf(config).ggufNames;
    return std::shared_ptr<const DenseSource>(new DenseSource(std::move(store), std::move(config), names, false));
}

const StoredTensor* DenseSource::find(const std::string& name) const
{
    return m_store->find(rooted(name, m_root));
}

void DenseSource::expect(const std::string& name, const std::vector<std::int64_t>& shape,
                         std::set<std::string>& known) const
{
    const StoredTensor& tensor = m_store->at(rooted(name, m_root));
    if (tensor.shape != shape)
        throw Error::invalid("the tensor's shape does not follow from the config")
            .file(m_store->files()[tensor.fileIndex].string())
            .field(tensor.name)
            .found(shapeText(tensor.shape))
            .expected(shapeText(shape));
    known.insert(tensor.name);
}

void DenseSource::checkTensors() const
{
    std::set<std::string> known;
    const std::vector<OuterSpec> outer = outerSpecs(m_config);
    for (const OuterSpec& spec : outer)
        if (m_storedNorms || (spec.role != OuterRole::FinalNorm && spec.role != OuterRole::FinalNormBias))
            expect(m_names.of(spec.role), spec.shape, known);
    // Some tied checkpoints carry a copy of the embedding as the head.
    if (m_config.tiedEmbeddings && find(m_names.of(OuterRole::Head)))
        expect(m_names.of(OuterRole::Head), outer.front().shape, known);
    const std::vector<VectorSpec> vectors = vectorSpecs(m_config);
    for (int layer = 0; layer < m_config.layers; ++layer) {
        for (const VectorSpec& spec : vectors)
            if (m_storedNorms || !isStreamNorm(spec.role))
                expect(m_names.of(layer, spec.role), {spec.size}, known);
        for (const LinearRole role : layerRoles(m_config.gatedMlp)) {
            const std::vector<std::int64_t> shape = storedShape(m_config, m_names, role);
            expect(m_names.of({layer, role}, ".weight"), shape, known);
            if (hasBias(m_config, role))
                expect(m_names.of({layer, role}, ".bias"), {shape[0]}, known);
        }
    }
    refuseUnknown(known);
}

void DenseSource::refuseUnknown(const std::set<std::string>& known) const
{
    for (const StoredTensor& tensor : m_store->tensors())
        if (!known.contains(tensor.name) && !isDerived(tensor.name) && !isVision(tensor.name))
            throw Error::unsupported("the model has a tensor that its architecture does not")
                .file(m_store->files()[tensor.fileIndex].string())
                .field(tensor.name)
                .hint("a model with extra parts would run wrong without them");
}

at::Tensor DenseSource::read(const std::string& name) const
{
    const StoredTensor& stored = m_store->at(rooted(name, m_root));
    at::Tensor tensor = at::empty(stored.shape, at::kFloat);
    m_store->readFloat(stored, {tensor.data_ptr<float>(), static_cast<std::size_t>(tensor.numel())});
    return tensor;
}

at::Tensor DenseSource::readTo(c10::Device device, const std::string& name) const
{
    const StoredTensor& stored = m_store->at(rooted(name, m_root));
    const bool isHalf = stored.type == StoredType::F16 || stored.type == StoredType::BF16;
    if (device.is_cpu() || !isHalf)
        return read(name).to(device);
    const auto type = stored.type == StoredType::F16 ? at::kHalf : at::kBFloat16;
    const at::Tensor tensor = sentTo(device, stored.bytes, stored.shape, type).to(at::kFloat);
    dropPages(stored.bytes);
    if (!tensor.isfinite().all().item<bool>())
        read(name); // says which value is not
    return tensor;
}

at::Tensor DenseSource::readGain(const std::string& name) const
{
    return m_gainOffset ? read(name) + 1 : read(name);
}

at::Tensor DenseSource::readOuter(const OuterSpec& spec) const
{
    if (!m_storedNorms && spec.role == OuterRole::FinalNorm)
        return at::ones(spec.shape);
    if (!m_storedNorms && spec.role == OuterRole::FinalNormBias)
        return at::zeros(spec.shape);
    const std::string& name = m_names.of(spec.role);
    return isGain(spec.role) ? readGain(name) : read(name);
}

OuterWeights DenseSource::smallOuter() const
{
    OuterWeights weights;
    for (const OuterSpec& spec : outerSpecs(m_config))
        if (!hasWords(spec.role))
            weights.tensor(spec.role) = readOuter(spec);
    return weights;
}

at::Tensor DenseSource::rows(OuterRole matrix, Words words) const
{
    return storedRows(*m_store, rooted(m_names.of(storedRole(matrix)), m_root), words);
}

at::Tensor DenseSource::rowsOf(const at::Tensor& stored, LinearRole role) const
{
    std::int64_t first = 0;
    for (const LinearRole other : layerRoles(m_config.gatedMlp)) {
        if (other == role)
            break;
        if (m_names.share(role, other))
            first += linearShape(m_config, other)[0];
    }
    const std::int64_t rows = linearShape(m_config, role)[0];
    at::Tensor part = rows == stored.size(0) ? stored : stored.narrow(0, first, rows).clone();
    if (!m_names.interleavedRope || (role != LinearRole::Q && role != LinearRole::K))
        return part;
    return deinterleaveRows(part, role == LinearRole::Q ? m_config.heads : m_config.kvHeads);
}

LayerWeights DenseSource::layer(int index, c10::Device device) const
{
    LayerWeights weights;
    for (const VectorSpec& spec : vectorSpecs(m_config)) {
        at::Tensor& vector = weights.vector(spec.role);
        const std::string name = m_names.of(index, spec.role);
        if (!m_storedNorms && isStreamNorm(spec.role))
            vector = isGain(spec.role) ? at::ones({spec.size}) : at::zeros({spec.size});
        else
            vector = isGain(spec.role) ? readGain(name) : read(name);
    }
    // The matrices that are stored, each with the roles that it holds the rows of: a thread reads one at a time.
    std::map<std::string, std::vector<LinearRole>> stored;
    for (const LinearRole role : layerRoles(m_config.gatedMlp))
        stored[m_names.of({index, role}, ".weight")].push_back(role);
    std::vector<std::pair<std::string, std::vector<LinearRole>>> matrices(stored.begin(), stored.end());
    const auto readSome = [&](std::int64_t begin, std::int64_t end) {
        for (const auto& [name, roles] : std::span(matrices).subspan(begin, end - begin)) {
            const at::Tensor matrix = readTo(device, name);
            for (const LinearRole role : roles)
                weights.linear(role).weight = rowsOf(matrix, role);
        }
    };
    if (device.is_cpu())
        at::parallel_for(0, static_cast<std::int64_t>(matrices.size()), 1, readSome);
    else
        readSome(0, static_cast<std::int64_t>(matrices.size()));
    for (const LinearRole role : layerRoles(m_config.gatedMlp))
        if (hasBias(m_config, role))
            weights.linear(role).bias = rowsOf(read(m_names.of({index, role}, ".bias")), role);
    return weights;
}

} // namespace eigenquant
