// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/session/model_assets.h"

#include "core/base/error.h"
#include "core/io/file_kind.h"
#include "core/io/gguf.h"
#include "core/io/gguf_split.h"
#include "core/io/hub_cache.h"
#include "core/io/mapped_file.h"
#include "core/io/quantized_checkpoint.h"
#include "core/io/safetensors.h"
#include "core/io/shard_name.h"
#include "core/io/text_file.h"
#include "core/model/dense_source.h"
#include "core/quant/packed_checkpoint.h"
#include "core/session/session.h"
#include "core/tokenizer/gguf_tokenizer_json.h"

#include <algorithm>
#include <cstring>
#include <functional>
#include <numeric>

namespace eigenquant {
namespace {

namespace fs = std::filesystem;

void complete(ModelAssets& assets, const fs::path& path, const std::string& format)
{
    assets.path = path;
    const std::string modelName = assets.info.name;
    assets.info = infoFromConfig(assets.source->config());
    assets.info.name = modelName.empty() ? assets.info.name : modelName;
    if (assets.info.name.empty())
        assets.info.name = hubName(path);
    if (assets.info.name.empty())
        assets.info.name = fs::absolute(path).lexically_normal().filename().string();
    if (assets.info.name.empty()) // a folder written with a slash at its end
        assets.info.name = fs::absolute(path).lexically_normal().parent_path().filename().string();
    assets.info.path = path.string();
    assets.info.sourceFormat = format;
    assets.info.fingerprint = assets.store->fingerprint();
    assets.info.tensors = assets.store->tensorInfo();
}

ModelAssets openFolder(const fs::path& folder)
{
    ModelAssets assets;
    if (isPackedCheckpoint(folder)) {
        assets.packed = PackedSource::open(folder);
        assets.source = assets.packed;
        assets.store = std::shared_ptr<const TensorStore>(assets.packed, &assets.packed->store());
        assets.info.name = assets.packed->modelName();
        complete(assets, folder, "eigenquant");
    } else {
        const fs::path file = folder / "config.json";
        if (!fileExists(file))
            throw Error::invalid("not a model folder: it has no config.json")
                .file(folder.string())
                .hint("give a Hugging Face folder, a .gguf file or a folder that `eigenquant quantize` wrote");
        refuseQuantizedFolder(folder);
        // The config names the architecture: an unsupported one is said before a single weight is looked at.
        ModelConfig config = loadConfig(file);
        assets.store = SafetensorsStore::openFolder(folder);
        refuseQuantizedTensors(*assets.store);
        assets.source = DenseSource::fromHuggingFace(assets.store, std::move(config));
        complete(assets, folder, "safetensors");
    }
    assets.info.hasTokenizer = fileExists(folder / "tokenizer.json") || fileExists(folder / "tokenizer.model");
    return assets;
}

ModelAssets openFile(const fs::path& file)
{
    const auto mapped = MappedFile::open(file);
    const auto content = mapped->bytes();
    if (content.size() < 4 || std::memcmp(content.data(), "GGUF", 4) != 0) {
        if (file.extension() == ".safetensors")
            throw Error::usage("a single safetensors file has no config").file(file.string()).hint("give its folder");
        refuseForeignFile(content, file, "GGUF");
    }
    ModelAssets assets;
    const auto gguf = GgufStore::open(file);
    assets.store = gguf;
    assets.source = DenseSource::fromGguf(gguf);
    complete(assets, file, "gguf");
    assets.info.hasTokenizer = gguf->textIf("tokenizer.ggml.model").has_value();
    return assets;
}

} // namespace

ModelInfo infoFromConfig(const ModelConfig& config)
{
    ModelInfo info;
    info.name = config.name;
    info.architecture = config.architecture;
    info.layers = config.layers;
    info.hiddenSize = config.hiddenSize;
    info.intermediateSize = config.intermediateSize;
    info.heads = config.heads;
    info.kvHeads = config.kvHeads;
    info.headDim = config.headDim;
    info.vocabSize = config.vocabSize;
    info.contextLength = config.contextLength;
    info.tiedEmbeddings = config.tiedEmbeddings;
    info.gatedMlp = config.gatedMlp;
    for (const OuterSpec& spec : outerSpecs(config))
        info.parameters += std::accumulate(spec.shape.begin(), spec.shape.end(), std::int64_t{1}, std::multiplies());
    for (const VectorSpec& spec : vectorSpecs(config))
        info.parameters += config.layers * spec.size;
    for (const LinearRole role : layerRoles(config.gatedMlp)) {
        const auto [out, in] = linearShape(config, role);
        info.parameters += config.layers * (out * in + (hasBias(config, role) ? out : 0));
    }
    return info;
}

ModelAssets openModelAssets(const std::string& model)
{
    const fs::path path = model == "demo" ? demoAssets().model : fs::path(model);
    std::error_code error;
    const auto status = fs::status(path, error);
    if (!fs::exists(status))
        throw Error::io("there is no such file or folder").file(path.string());
    if (!fs::is_directory(status))
        return openFile(path);
    const fs::path folder = isHubCache(path) ? hubSnapshot(path) : path;
    if (fileExists(folder / "config.json") || isPackedCheckpoint(folder))
        return openFolder(folder);
    const auto gguf = ggufInFolder(folder);
    return gguf ? openFile(*gguf) : openFolder(folder);
}

std::shared_ptr<const Tokenizer> ModelAssets::loadTokenizer() const
{
    constexpr const char* kWayOut = "give ready-made ids with --tokens FILE";
    try {
        if (const auto* gguf = dynamic_cast<const GgufStore*>(store.get()))
            return loadTokenizerGguf(*gguf);
        if (!info.hasTokenizer)
            throw Error::invalid("the model has no tokenizer").file((path / "tokenizer.json").string()).hint(
                std::string("put the model's tokenizer.json or tokenizer.model into its folder, or ") + kWayOut);
        // Both say the same where a folder has both; tokenizer.json says more about tokens that were added later.
        return fileExists(path / "tokenizer.json") ? loadTokenizerJson(path / "tokenizer.json")
                                                   : loadTokenizerModel(path / "tokenizer.model");
    } catch (Error& error) {
        if (error.code() == ErrorCode::Unsupported)
            error.hint(error.hint().empty() ? kWayOut : error.hint() + ", or " + kWayOut);
        throw;
    }
}

std::map<std::string, std::string> ModelAssets::tokenizerFiles() const
{
    if (!info.hasTokenizer)
        return {};
    if (const auto* gguf = dynamic_cast<const GgufStore*>(store.get()))
        return {{"tokenizer.json", ggufTokenizerJson(*gguf)}, {"tokenizer_config.json", ggufTokenizerConfig(*gguf)}};
    std::map<std::string, std::string> files;
    for (const char* name : {"tokenizer.json", "tokenizer.model", "tokenizer_config.json", "special_tokens_map.json",
                             "added_tokens.json", "generation_config.json"})
        if (fs::exists(path / name))
            files[name] = readFile(path / name);
    return files;
}

} // namespace eigenquant
