// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/export/hf_export.h"

#include "core/base/error.h"
#include "core/io/atomic_output.h"
#include "core/io/safetensors.h"
#include "core/model/dense_source.h"

#include <ATen/core/Tensor.h>
#include <nlohmann/json.hpp>

#include <cstring>
#include <functional>
#include <vector>

namespace eigenquant {
namespace {

at::ScalarType scalarType(StoredType type)
{
    return type == StoredType::F16 ? at::kHalf : type == StoredType::BF16 ? at::kBFloat16 : at::kFloat;
}

const char* torchName(StoredType type)
{
    return type == StoredType::F16 ? "float16" : type == StoredType::BF16 ? "bfloat16" : "float32";
}

using Visitor = std::function<void(const std::string& name, const at::Tensor& tensor)>;

/// Every tensor of the dense model with its Hugging Face name, in the order of the file.
void visitTensors(const PackedSource& source, const RunContext& context, const char* stage, const Visitor& visit)
{
    const TensorNames& names = TensorNames::huggingFace();
    const ModelConfig& config = source.config();
    const OuterWeights outer = source.outer();
    visit(names.embedding, outer.embedding);
    visit(names.finalNorm, outer.finalNorm);
    if (!config.tiedEmbeddings)
        visit(names.head, outer.head);
    for (int layer = 0; layer < config.layers; ++layer) {
        context.report(stage, "layers", layer, config.layers);
        const LayerWeights weights = source.layerInOriginalBasis(layer);
        visit(names.layer(layer, names.attentionNorm), weights.attentionNorm);
        visit(names.layer(layer, names.mlpNorm), weights.mlpNorm);
        for (const LinearRole role : kAllRoles) {
            visit(names.linear({layer, role}, ".weight"), weights.linear(role).weight);
            if (hasBias(config, role))
                visit(names.linear({layer, role}, ".bias"), weights.linear(role).bias);
        }
    }
    context.report(stage, "layers", config.layers, config.layers);
}

std::vector<TensorSpec> tensorSpecs(const ModelConfig& config, StoredType type)
{
    const TensorNames& names = TensorNames::huggingFace();
    const std::int64_t hidden = config.hiddenSize, vocab = config.vocabSize;
    std::vector<TensorSpec> specs{{names.embedding, type, {vocab, hidden}}, {names.finalNorm, type, {hidden}}};
    if (!config.tiedEmbeddings)
        specs.push_back({names.head, type, {vocab, hidden}});
    for (int layer = 0; layer < config.layers; ++layer) {
        specs.push_back({names.layer(layer, names.attentionNorm), type, {hidden}});
        specs.push_back({names.layer(layer, names.mlpNorm), type, {hidden}});
        for (const LinearRole role : kAllRoles) {
            const auto [out, in] = linearShape(config, role);
            specs.push_back({names.linear({layer, role}, ".weight"), type, {out, in}});
            if (hasBias(config, role))
                specs.push_back({names.linear({layer, role}, ".bias"), type, {out}});
        }
    }
    return specs;
}

at::Tensor converted(const at::Tensor& tensor, StoredType type, const std::string& name)
{
    const at::Tensor result = tensor.to(scalarType(type)).contiguous();
    if (!result.isfinite().all().item<bool>())
        throw Error::unsupported("a value does not fit the type of the export")
            .field(name)
            .found(torchName(type))
            .hint("export with --dtype bf16 or f32");
    return result;
}

std::span<const std::byte> bytesOf(const at::Tensor& tensor)
{
    return {static_cast<const std::byte*>(tensor.const_data_ptr()), tensor.nbytes()};
}

/// Reads the file back as any loader would, and compares it with what should be in it.
void verify(const PackedSource& source, const std::filesystem::path& folder, StoredType type,
            const RunContext& context)
{
    const auto store = SafetensorsStore::openFolder(folder);
    DenseSource::fromHuggingFace(store, loadConfig(folder / "config.json")); // names and shapes
    visitTensors(source, context, "checking the export", [&](const std::string& name, const at::Tensor& tensor) {
        const at::Tensor expected = converted(tensor, type, name);
        const auto stored = store->at(name).bytes;
        if (stored.size() != expected.nbytes() || std::memcmp(stored.data(), expected.const_data_ptr(), stored.size()) != 0)
            throw Error::io("the export does not read back as it was written").file(folder.string()).field(name);
    });
}

const std::map<std::string, std::string> kMetadata{{"format", "pt"}};

} // namespace

std::uint64_t huggingFaceBytes(const ModelConfig& config, StoredType type)
{
    return safetensorsFileSize(tensorSpecs(config, type), kMetadata);
}

void writeHuggingFace(const PackedSource& source, const std::filesystem::path& folder, StoredType type,
                      const std::map<std::string, std::string>& extraFiles, const RunContext& context)
{
    const ModelConfig& config = source.config();
    if (!config.ropeFactors.empty())
        throw Error::unsupported("the model's GGUF file fixes its RoPE frequencies one by one, which config.json cannot say")
            .field("rope_freqs.weight")
            .hint("quantize the Hugging Face original of the model");
    SafetensorsWriter writer(folder / "model.safetensors", tensorSpecs(config, type), kMetadata);
    visitTensors(source, context, "exporting", [&](const std::string& name, const at::Tensor& tensor) {
        context.checkpoint();
        writer.write(name, bytesOf(converted(tensor, type, name)));
    });
    writer.finish();
    writeFile(folder / "config.json", configToJson(config, torchName(type)).dump(2) + '\n');
    for (const auto& [name, content] : extraFiles)
        writeFile(folder / name, content);
    verify(source, folder, type, context);
}

} // namespace eigenquant
