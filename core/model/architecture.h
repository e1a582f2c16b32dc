// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/tensor_names.h"

#include <span>
#include <string>
#include <string_view>

namespace eigenquant {

struct ModelConfig;

enum class NormKind { Rms, Layer };
enum class Activation { Silu, Gelu, GeluTanh, Relu };

/// Which layers see only the last `sliding_window` tokens, where config.json has no `layer_types` that says so.
enum class WindowRule {
    None,
    EveryLayer,  ///< as soon as there is a window
    UpperLayers, ///< with `use_sliding_window`, from `max_window_layers` on
    Pattern,     ///< all but each `sliding_window_pattern`-th
};

/// The words that config.json has for what most models call alike.
struct ConfigKeys {
    const char* intermediateSize = "intermediate_size";
    const char* activation = "hidden_act";
    const char* normEpsilon = "rms_norm_eps"; ///< null where it cannot be chosen
};

/// What goes without saying in a config.json: the defaults of the architecture's config class in transformers.
/// Zero where the key has to be there.
struct ConfigDefaults {
    Activation activation = Activation::Silu;
    double normEpsilon = 1e-6;
    double ropeTheta = 10000;
    double localRopeTheta = 0; ///< above 0: layers with a window turn by frequencies of their own
    double attentionCap = 0, logitCap = 0;
    bool tiedEmbeddings = false;
    int contextLength = 2048;
    int window = 0, windowPattern = 0, windowLayers = 0;
    int heads = 0, kvHeads = 0, headDim = 0, vocabSize = 0;
};

/// A kind of model: what its tensors are called, and what its forward pass does differently from Llama's. An entry of
/// the table in architecture.cpp; nothing else knows architectures by name.
struct Architecture {
    std::string_view name;      ///< the class in transformers, which `architectures` of config.json names
    std::string_view modelType; ///< `model_type` of config.json
    std::string_view people;    ///< who goes by it, for the table of supported models
    std::string_view wrapper{}; ///< a class of models with vision whose `text_config` is one of this; often none
    std::string_view gguf;      ///< `general.architecture` of a GGUF file; empty where llama.cpp has none
    const TensorNames* huggingFace;
    const TensorNames* ggufNames; ///< null where llama.cpp has none
    ConfigKeys keys{};
    ConfigDefaults defaults{};
    NormKind norm = NormKind::Rms;
    WindowRule windows = WindowRule::None;
    bool gainOffset = false;       ///< a norm multiplies with 1 + w of what Hugging Face stores
    bool outNorms = false;         ///< attention and MLP have a norm on their outputs too
    bool headNorms = false;        ///< a norm on each head of q and k
    bool gatedMlp = true;
    bool alwaysQkvBias = false;    ///< q, k and v have a bias, o has none; else `attention_bias` tells for all four
    bool learnedPositions = false; ///< a table of positions in place of rotations, with the options that OPT has
    bool partialRotary = false;    ///< `partial_rotary_factor` may be below 1
    bool softCaps = false;         ///< `attn_logit_softcapping`, `final_logit_softcapping`, `query_pre_attn_scalar`
    bool scaledEmbedding = false;  ///< the embedding is multiplied by √hidden
};

/// Every architecture that can be run.
std::span<const Architecture> architectures();
/// By its class in transformers, or by what GGUF calls it; null for one that cannot be run.
const Architecture* findArchitecture(std::string_view name);
/// The one whose models with vision have this class.
const Architecture* findWrappedArchitecture(std::string_view name);
const Architecture* findGgufArchitecture(std::string_view name);
/// The architecture of a config that was read; Error::internal for one that is not in the table.
const Architecture& architectureOf(const ModelConfig& config);
/// The architectures that can be run, for messages.
std::string supportedArchitectures();
std::string supportedGgufArchitectures();
/// The same as a table in Markdown, for the documentation.
std::string supportedArchitecturesTable();

} // namespace eigenquant
