// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/weights.h"
#include "core/results/model_info.h"
#include "core/tokenizer/tokenizer.h"

#include <filesystem>
#include <map>
#include <memory>
#include <string>

namespace eigenquant {

class DenseSource;
class PackedSource;
class TensorStore;

/// A model on disk, whatever its format: what can be known without reading its weights.
struct ModelAssets {
    std::filesystem::path path;
    ModelInfo info;
    std::shared_ptr<const WeightSource> source;
    std::shared_ptr<const TensorStore> store;
    std::shared_ptr<const PackedSource> packed; ///< the source again, if it is a packed checkpoint

    /// The model's tokenizer, of tokenizer.json where there is one, else of tokenizer.model; Error::invalid when it has
    /// none, Error::unsupported for unknown parts.
    std::shared_ptr<const Tokenizer> loadTokenizer() const;
    /// The files that carry the tokenizer to another folder, by name: `tokenizer.json`, `tokenizer.model`, and the
    /// small ones that transformers reads beside them. Empty if the model has no tokenizer.
    std::map<std::string, std::string> tokenizerFiles() const;
};

/// What a config alone tells.
ModelInfo infoFromConfig(const ModelConfig& config);

/// Opens a Hugging Face folder, a .gguf file, a packed checkpoint, or "demo".
ModelAssets openModelAssets(const std::string& model);

} // namespace eigenquant
