// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <nlohmann/json_fwd.hpp>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace eigenquant {

class GgufStore;

/// How rotary positions are stretched beyond the trained context, with the names that Hugging Face's
/// `rope_scaling` (or `rope_parameters`) uses.
struct RopeScaling {
    enum class Type { None, Linear, Dynamic, Llama3, Yarn, LongRope };
    Type type = Type::None;
    double factor = 1;
    int originalContext = 0;                ///< original_max_position_embeddings; 0: not given
    double lowFrequencyFactor = 1;          ///< llama3
    double highFrequencyFactor = 4;         ///< llama3
    double betaFast = 32;                   ///< yarn
    double betaSlow = 1;                    ///< yarn
    std::optional<double> attentionFactor;  ///< yarn, longrope
    std::optional<double> mscale, mscaleAllDim; ///< yarn
    bool truncate = true;                   ///< yarn
    std::vector<double> shortFactors, longFactors; ///< longrope; [rotary dims / 2]
};

/// The shape and options of a decoder-only transformer of the Llama type.
struct ModelConfig {
    std::string architecture;   ///< Hugging Face's class name, e.g. "LlamaForCausalLM"
    std::string modelType;      ///< e.g. "llama"
    std::string name;           ///< for people; may be empty
    int layers = 0;
    int hiddenSize = 0;
    int intermediateSize = 0;
    int heads = 0;
    int kvHeads = 0;
    int headDim = 0;
    int vocabSize = 0;
    int contextLength = 0;
    double normEpsilon = 1e-5;
    double ropeTheta = 10000;
    RopeScaling ropeScaling;
    std::vector<double> ropeFactors; ///< GGUF's rope_freqs: divides each frequency; [headDim / 2] or empty
    bool tiedEmbeddings = false;
    bool attentionBias = false;
    bool mlpBias = false;
    std::optional<std::int64_t> bosTokenId, eosTokenId;
};

/// The architectures that can be run, for messages.
std::string supportedArchitectures();

/// Reads `config.json` of a Hugging Face folder. The architecture is looked at first: Error::unsupported
/// names it and lists those supported. Error::invalid names file, key, found and expected.
ModelConfig configFromJson(const nlohmann::json& json, const std::filesystem::path& source);
ModelConfig loadConfig(const std::filesystem::path& file);

/// The same from the metadata of a GGUF file.
ModelConfig configFromGguf(const GgufStore& gguf);

/// A `config.json` that transformers reads. `torchDtype` is "float16", "bfloat16" or "float32".
nlohmann::json configToJson(const ModelConfig& config, const std::string& torchDtype);

} // namespace eigenquant
