// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/export/hf_export.h"

#include "core/base/error.h"
#include "core/io/atomic_output.h"
#include "core/io/mapped_file.h"
#include "core/io/safetensors.h"
#include "core/model/dense_source.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/cat.h>
#include <nlohmann/json.hpp>

#include <cstring>
#include <functional>
#include <map>
#include <vector>

namespace eigenquant {
namespace {

at::ScalarType exportScalarType(StoredType type)
{
    return type == StoredType::F16 ? at::kHalf : type == StoredType::BF16 ? at::kBFloat16 : at::kFloat;
}

const char* torchName(StoredType type)
{
    return type == StoredType::F16 ? "float16" : type == StoredType::BF16 ? "bfloat16" : "float32";
}

using Visitor = std::function<void(const std::string& name, const at::Tensor& tensor)>;

/// Gains as Hugging Face stores them.
at::Tensor storedGain(const at::Tensor& gain, const Architecture& architecture)
{
    return architecture.gainOffset ? gain - 1 : gain;
}

/// The tensors of a layer's linears, those that the architecture stores in one matrix one below the other.
void visitLinears(const LayerWeights& weights, const ModelConfig& config, int layer, const Visitor& visit)
{
    const TensorNames& names = *architectureOf(config).huggingFace;
    const auto roles = layerRoles(config.gatedMlp);
    for (auto role = roles.begin(); role != roles.end();) {
        std::vector<at::Tensor> rows, biases;
        const LinearId id{layer, *role};
        for (; role != roles.end() && names.share(*role, id.role); ++role) {
            rows.push_back(weights.linear(*role).weight);
            if (hasBias(config, *role))
                biases.push_back(weights.linear(*role).bias);
        }
        visit(names.of(id, ".weight"), rows.size() > 1 ? at::cat(rows) : rows.front());
        if (!biases.empty())
            visit(names.of(id, ".bias"), biases.size() > 1 ? at::cat(biases) : biases.front());
    }
}

/// Every tensor of the dense model with its Hugging Face name, in the order of the file; matrices with a row for
/// each word of the vocabulary in pieces.
void visitTensors(const PackedSource& source, const RunContext& context, const char* stage, const Visitor& visit)
{
    const ModelConfig& config = source.config();
    const Architecture& architecture = architectureOf(config);
    const TensorNames& names = *architecture.huggingFace;
    for (const OuterWeights outer = source.smallOuter(); const OuterSpec& spec : outerSpecs(config)) {
        const at::Tensor& tensor = outer.tensor(spec.role);
        if (hasWords(spec.role))
            for (const Words words : wordsInRuns(config.vocabSize))
                visit(names.of(spec.role), source.rows(spec.role, words));
        else
            visit(names.of(spec.role), isGain(spec.role) ? storedGain(tensor, architecture) : tensor);
    }
    for (int layer = 0; layer < config.layers; ++layer) {
        context.report(stage, "layers", layer, config.layers);
        const LayerWeights weights = source.layerInOriginalBasis(layer);
        for (const VectorSpec& spec : vectorSpecs(config)) {
            const at::Tensor& vector = weights.vector(spec.role);
            visit(names.of(layer, spec.role), isGain(spec.role) ? storedGain(vector, architecture) : vector);
        }
        visitLinears(weights, config, layer, visit);
    }
    context.report(stage, "layers", config.layers, config.layers);
}

std::vector<TensorSpec> tensorSpecs(const ModelConfig& config, StoredType type)
{
    const TensorNames& names = *architectureOf(config).huggingFace;
    std::vector<TensorSpec> specs;
    for (const OuterSpec& spec : outerSpecs(config))
        specs.push_back({names.of(spec.role), type, spec.shape});
    const auto roles = layerRoles(config.gatedMlp);
    for (int layer = 0; layer < config.layers; ++layer) {
        for (const VectorSpec& spec : vectorSpecs(config))
            specs.push_back({names.of(layer, spec.role), type, {spec.size}});
        for (auto role = roles.begin(); role != roles.end();) {
            const LinearId id{layer, *role};
            std::int64_t rows = 0;
            for (; role != roles.end() && names.share(*role, id.role); ++role)
                rows += linearShape(config, *role)[0];
            specs.push_back({names.of(id, ".weight"), type, {rows, linearShape(config, id.role)[1]}});
            if (hasBias(config, id.role))
                specs.push_back({names.of(id, ".bias"), type, {rows}});
        }
    }
    return specs;
}

at::Tensor converted(const at::Tensor& tensor, StoredType type, const std::string& name)
{
    const at::Tensor result = tensor.to(exportScalarType(type)).contiguous();
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
    std::map<std::string, std::size_t> compared; // bytes: large matrices come in pieces
    visitTensors(source, context, "checking the export", [&](const std::string& name, const at::Tensor& tensor) {
        const at::Tensor expected = converted(tensor, type, name);
        const auto rest = store->at(name).bytes.subspan(compared[name]);
        if (rest.size() < expected.nbytes() ||
            std::memcmp(rest.data(), expected.const_data_ptr(), expected.nbytes()) != 0)
            throw Error::io("the export does not read back as it was written").file(folder.string()).field(name);
        compared[name] += expected.nbytes();
        dropPages(rest.first(expected.nbytes()));
    });
    for (const StoredTensor& tensor : store->tensors())
        if (compared[tensor.name] != tensor.bytes.size())
            throw Error::io("the export does not read back as it was written")
                .file(folder.string())
                .field(tensor.name);
}

const std::map<std::string, std::string> kExportMetadata{{"format", "pt"}};

} // namespace

std::uint64_t huggingFaceBytes(const ModelConfig& config, StoredType type)
{
    return safetensorsFileSize(tensorSpecs(config, type), kExportMetadata);
}

void writeHuggingFace(const PackedSource& source, const std::filesystem::path& folder, StoredType type,
                      const std::map<std::string, std::string>& extraFiles, const RunContext& context)
{
    const ModelConfig& config = source.config();
    if (!config.ropeFactors.empty())
        throw Error::unsupported(
            "the model's GGUF file fixes its RoPE frequencies one by one, which config.json cannot say")
            .field("rope_freqs.weight")
            .hint("quantize the Hugging Face original of the model");
    if (config.norm != architectureOf(config).norm)
        throw Error::unsupported("the plan turned the residual stream, and transformers' class takes the mean off it")
            .field("architectures")
            .found("\"" + config.architecture + "\" with --rotation global")
            .expected("a plan with --rotation per-site, or an architecture whose norms are RMSNorms")
            .hint("the packed checkpoint itself runs in this program");
    SafetensorsWriter writer(folder / "model.safetensors", tensorSpecs(config, type), kExportMetadata);
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
