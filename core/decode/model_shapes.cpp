// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/decode/model_shapes.h"

#include "core/base/error.h"

namespace eigenquant {
namespace {

struct Shape {
    const char* name;
    const char* architecture;
    int layers, hidden, intermediate, heads, kvHeads, vocabulary, context;
    double ropeTheta;
    bool tied, attentionBias;
};

constexpr Shape kShapes[] = {
    {"llama-2-7b", "LlamaForCausalLM", 32, 4096, 11008, 32, 32, 32000, 4096, 1e4, false, false},
    {"llama-2-13b", "LlamaForCausalLM", 40, 5120, 13824, 40, 40, 32000, 4096, 1e4, false, false},
    {"llama-3-8b", "LlamaForCausalLM", 32, 4096, 14336, 32, 8, 128256, 8192, 5e5, false, false},
    {"mistral-7b", "MistralForCausalLM", 32, 4096, 14336, 32, 8, 32000, 32768, 1e4, false, false},
    {"qwen2-7b", "Qwen2ForCausalLM", 28, 3584, 18944, 28, 4, 152064, 32768, 1e6, false, true},
    {"smollm2-135m", "LlamaForCausalLM", 30, 576, 1536, 9, 3, 49152, 8192, 1e5, true, false},
    {"tiny", "LlamaForCausalLM", 2, 256, 512, 4, 2, 512, 2048, 1e4, false, false},
};

ModelConfig configOf(const Shape& shape)
{
    ModelConfig config;
    config.architecture = shape.architecture;
    config.modelType = config.architecture.substr(0, config.architecture.find("For"));
    config.name = shape.name;
    config.layers = shape.layers;
    config.hiddenSize = shape.hidden;
    config.intermediateSize = shape.intermediate;
    config.heads = shape.heads;
    config.kvHeads = shape.kvHeads;
    config.headDim = shape.hidden / shape.heads;
    config.vocabSize = shape.vocabulary;
    config.contextLength = shape.context;
    config.ropeTheta = shape.ropeTheta;
    config.tiedEmbeddings = shape.tied;
    config.attentionBias = shape.attentionBias;
    config.attentionOutBias = false;
    return config;
}

} // namespace

const std::vector<ModelConfig>& shapeConfigs()
{
    static const std::vector<ModelConfig> configs = [] {
        std::vector<ModelConfig> all;
        for (const Shape& shape : kShapes)
            all.push_back(configOf(shape));
        return all;
    }();
    return configs;
}

const ModelConfig& shapeConfig(const std::string& name)
{
    std::string known;
    for (const ModelConfig& config : shapeConfigs()) {
        if (config.name == name)
            return config;
        known += (known.empty() ? "" : ", ") + config.name;
    }
    throw Error::usage("unknown shape").field("shape").found("\"" + name + "\"").expected("one of " + known);
}

} // namespace eigenquant
