// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/architecture.h"

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

/// The shape and options of a decoder-only transformer. What is not said is as Llama has it.
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
    bool tiedEmbeddings = false;
    std::optional<std::int64_t> bosTokenId, eosTokenId;

    NormKind norm = NormKind::Rms;
    double normEpsilon = 1e-5;
    bool normBias = false;       ///< norms add a bias
    bool storedNorms = true;     ///< false: a checkpoint leaves the gains (1) and biases (0) out
    bool normsAfterSum = false;  ///< norms follow the sum of the residual stream, and not the stream's copy
    bool finalNorm = true;
    bool outNorms = false;       ///< a norm on what attention and MLP put out, before it is added
    bool headNorms = false;      ///< a norm on each head of q and k

    Activation activation = Activation::Silu;
    bool gatedMlp = true;        ///< down(f(gate(x)) · up(x)); else down(f(up(x)))
    bool attentionBias = false;  ///< q, k, v and o have one
    bool attentionOutBias = true; ///< where these have one, o has too
    bool mlpBias = false;

    bool rotary = true;
    int partialRotaryDim = 0;    ///< dimensions of each head that turn, from the first on; 0: all
    double ropeTheta = 10000;
    RopeScaling ropeScaling;
    std::vector<double> ropeFactors; ///< GGUF's rope_freqs: divides each frequency; [rotary dims / 2] or empty
    double localRopeTheta = 0;   ///< above 0: layers with a window turn by these frequencies
    RopeScaling localRopeScaling;
    int positionOffset = 0;      ///< learned positions: the row of position 0; the table has this many rows more

    std::vector<int> windows;    ///< by layer: a token sees the last so many, itself included; 0: all. Empty: all 0
    double queryScalar = 0;      ///< scores are query·key/√queryScalar; 0: of headDim
    double attentionCap = 0;     ///< above 0: scores become cap·tanh(score/cap)
    double logitCap = 0;         ///< the same for the logits
    double embeddingScale = 1;
    int embeddingSize = 0;       ///< width of the embedding where it is projected to the hidden size; 0: that size

    int rotaryDim() const { return !rotary ? 0 : partialRotaryDim > 0 ? partialRotaryDim : headDim; }
    int window(int layer) const { return windows.empty() ? 0 : windows[static_cast<std::size_t>(layer)]; }
    /// Whether a layer turns by the frequencies of localRopeTheta.
    bool localRope(int layer) const { return localRopeTheta > 0 && window(layer) > 0; }
    int embeddingWidth() const { return embeddingSize > 0 ? embeddingSize : hiddenSize; }
};

/// Reads `config.json` of a Hugging Face folder. The architecture is looked at first: Error::unsupported
/// names it and lists those supported. Error::invalid names file, key, found and expected.
ModelConfig configFromJson(const nlohmann::json& json, const std::filesystem::path& source);
ModelConfig loadConfig(const std::filesystem::path& file);

/// What must hold between the sizes, whatever format they came from; Error::invalid.
void checkConfig(const ModelConfig& config, const std::string& source);

/// The same from the metadata of a GGUF file.
ModelConfig configFromGguf(const GgufStore& gguf);

/// A `config.json` that transformers reads. `torchDtype` is "float16", "bfloat16" or "float32".
nlohmann::json configToJson(const ModelConfig& config, const std::string& torchDtype);

} // namespace eigenquant
