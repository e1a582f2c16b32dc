// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/architecture.h"

#include "core/base/error.h"
#include "core/model/config.h"

#include <array>

namespace eigenquant {
namespace {

constexpr ConfigKeys kOptKeys{"ffn_dim", "activation_function", nullptr};
constexpr ConfigKeys kGemmaKeys{.activation = "hidden_activation"};

constexpr std::array kArchitectures{
    Architecture{.name = "LlamaForCausalLM",
                 .modelType = "llama",
                 .people = "Llama 1, 2 and 3.x, SmolLM2, TinyLlama, Yi",
                 .gguf = "llama",
                 .huggingFace = &TensorNames::kLlama,
                 .ggufNames = &TensorNames::kGgufLlama},
    Architecture{.name = "MistralForCausalLM",
                 .modelType = "mistral",
                 .people = "Mistral 7B, Nemo, Small (GGUF files of them say llama)",
                 .gguf = "",
                 .huggingFace = &TensorNames::kLlama,
                 .ggufNames = nullptr,
                 .defaults = {.contextLength = 131072, .window = 4096, .kvHeads = 8},
                 .windows = WindowRule::EveryLayer},
    Architecture{.name = "Qwen2ForCausalLM",
                 .modelType = "qwen2",
                 .people = "Qwen2, Qwen2.5",
                 .gguf = "qwen2",
                 .huggingFace = &TensorNames::kLlama,
                 .ggufNames = &TensorNames::kGguf,
                 .defaults = {.contextLength = 32768, .window = 4096, .windowLayers = 28},
                 .windows = WindowRule::UpperLayers,
                 .alwaysQkvBias = true},
    Architecture{.name = "Qwen3ForCausalLM",
                 .modelType = "qwen3",
                 .people = "Qwen3 without experts",
                 .gguf = "qwen3",
                 .huggingFace = &TensorNames::kLlama,
                 .ggufNames = &TensorNames::kGguf,
                 .defaults = {.contextLength = 32768, .window = 4096, .windowLayers = 28, .headDim = 128},
                 .windows = WindowRule::UpperLayers,
                 .headNorms = true},
    Architecture{.name = "OPTForCausalLM",
                 .modelType = "opt",
                 .people = "OPT 125M to 66B, Galactica",
                 .gguf = "",
                 .huggingFace = &TensorNames::kOpt,
                 .ggufNames = nullptr,
                 .keys = kOptKeys,
                 .defaults = {.activation = Activation::Relu, .normEpsilon = 1e-5, .tiedEmbeddings = true},
                 .norm = NormKind::Layer,
                 .gatedMlp = false,
                 .learnedPositions = true},
    Architecture{.name = "Phi3ForCausalLM",
                 .modelType = "phi3",
                 .people = "Phi-3 mini and medium, Phi-3.5 mini, Phi-4",
                 .gguf = "phi3",
                 .huggingFace = &TensorNames::kFused,
                 .ggufNames = &TensorNames::kGgufFused,
                 .defaults = {.normEpsilon = 1e-5, .contextLength = 4096},
                 .windows = WindowRule::EveryLayer,
                 .partialRotary = true},
    Architecture{.name = "Gemma2ForCausalLM",
                 .modelType = "gemma2",
                 .people = "Gemma 2",
                 .gguf = "gemma2",
                 .huggingFace = &TensorNames::kSandwich,
                 .ggufNames = &TensorNames::kGguf,
                 .keys = kGemmaKeys,
                 .defaults = {.activation = Activation::GeluTanh,
                              .attentionCap = 50,
                              .logitCap = 30,
                              .tiedEmbeddings = true,
                              .contextLength = 8192,
                              .window = 4096,
                              .windowPattern = 2,
                              .heads = 8,
                              .kvHeads = 4,
                              .headDim = 256,
                              .vocabSize = 256000},
                 .windows = WindowRule::Pattern,
                 .gainOffset = true,
                 .outNorms = true,
                 .softCaps = true,
                 .scaledEmbedding = true},
    Architecture{.name = "Gemma3ForCausalLM",
                 .modelType = "gemma3_text",
                 .people = "Gemma 3, and the text part of its models with vision",
                 .wrapper = "Gemma3ForConditionalGeneration",
                 .gguf = "gemma3",
                 .huggingFace = &TensorNames::kSandwich,
                 .ggufNames = &TensorNames::kGguf,
                 .keys = kGemmaKeys,
                 .defaults = {.activation = Activation::GeluTanh,
                              .ropeTheta = 1e6,
                              .localRopeTheta = 1e4,
                              .tiedEmbeddings = true,
                              .contextLength = 131072,
                              .window = 4096,
                              .windowPattern = 6,
                              .heads = 8,
                              .kvHeads = 4,
                              .headDim = 256,
                              .vocabSize = 262208},
                 .windows = WindowRule::Pattern,
                 .gainOffset = true,
                 .outNorms = true,
                 .headNorms = true,
                 .softCaps = true,
                 .scaledEmbedding = true},
};

template <typename Word>
std::string listed(const Word& word)
{
    std::string list;
    for (const Architecture& architecture : kArchitectures)
        if (const std::string_view name = word(architecture); !name.empty())
            list += (list.empty() ? "" : ", ") + std::string(name);
    return list;
}

/// What the GPU's decoding kernels need; missingOnGpu() in core/decode tells of a single model.
bool computesAsLlama(const Architecture& architecture)
{
    return architecture.norm == NormKind::Rms && !architecture.outNorms && !architecture.headNorms &&
           architecture.gatedMlp && !architecture.learnedPositions && !architecture.softCaps;
}

} // namespace

std::span<const Architecture> architectures()
{
    return kArchitectures;
}

const Architecture* findArchitecture(std::string_view name)
{
    for (const Architecture& architecture : kArchitectures)
        if (architecture.name == name)
            return &architecture;
    return nullptr;
}

const Architecture* findWrappedArchitecture(std::string_view name)
{
    for (const Architecture& architecture : kArchitectures)
        if (!name.empty() && architecture.wrapper == name)
            return &architecture;
    return nullptr;
}

const Architecture* findGgufArchitecture(std::string_view name)
{
    for (const Architecture& architecture : kArchitectures)
        if (!name.empty() && architecture.gguf == name)
            return &architecture;
    return nullptr;
}

const Architecture& architectureOf(const ModelConfig& config)
{
    if (const Architecture* found = findArchitecture(config.architecture))
        return *found;
    throw Error::internal("a config of no known architecture").found("\"" + config.architecture + "\"");
}

std::string supportedArchitectures()
{
    return listed([](const Architecture& architecture) { return architecture.name; }) + ", " +
           listed([](const Architecture& architecture) { return architecture.wrapper; });
}

std::string supportedGgufArchitectures()
{
    return listed([](const Architecture& architecture) { return architecture.gguf; });
}

std::string supportedArchitecturesTable()
{
    std::string table =
        "| `architectures` of config.json | models | GGUF | `--rotation global` | decoding on GPU kernels |\n"
        "| --- | --- | --- | --- | --- |\n";
    for (const Architecture& architecture : kArchitectures)
        table += "| `" + std::string(architecture.name) + "`" +
                 (architecture.wrapper.empty() ? "" : ", `" + std::string(architecture.wrapper) + "`") + " | " +
                 std::string(architecture.people) + " | " +
                 (architecture.gguf.empty() ? "" : "`" + std::string(architecture.gguf) + "`") + " | " +
                 (architecture.outNorms ? "no" : "yes") + " | " + (computesAsLlama(architecture) ? "yes" : "no") +
                 " |\n";
    return table;
}

} // namespace eigenquant
