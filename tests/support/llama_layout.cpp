// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/llama_layout.h"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <utility>

namespace eigenquant::test {

std::vector<TensorSpec> llamaTensors(const ModelShape& shape, StoredType type)
{
    const std::int64_t hidden = shape.hidden, wide = shape.intermediate, words = shape.vocabulary;
    const std::int64_t keys = hidden / shape.heads * shape.kvHeads;
    std::vector<TensorSpec> specs{{"model.embed_tokens.weight", type, {words, hidden}}};
    for (int layer = 0; layer < shape.layers; ++layer) {
        const auto add = [&](const char* name, std::vector<std::int64_t> sizes) {
            specs.push_back(
                {"model.layers." + std::to_string(layer) + "." + name + ".weight", type, std::move(sizes)});
        };
        add("input_layernorm", {hidden});
        add("self_attn.q_proj", {hidden, hidden});
        add("self_attn.k_proj", {keys, hidden});
        add("self_attn.v_proj", {keys, hidden});
        add("self_attn.o_proj", {hidden, hidden});
        add("post_attention_layernorm", {hidden});
        add("mlp.gate_proj", {wide, hidden});
        add("mlp.up_proj", {wide, hidden});
        add("mlp.down_proj", {hidden, wide});
    }
    specs.push_back({"model.norm.weight", type, {hidden}});
    if (!shape.tied)
        specs.push_back({"lm_head.weight", type, {words, hidden}});
    return specs;
}

nlohmann::ordered_json llamaConfig(const ModelShape& shape, StoredType type)
{
    return nlohmann::ordered_json{{"architectures", {"LlamaForCausalLM"}},
                                  {"model_type", "llama"},
                                  {"hidden_size", shape.hidden},
                                  {"intermediate_size", shape.intermediate},
                                  {"num_hidden_layers", shape.layers},
                                  {"num_attention_heads", shape.heads},
                                  {"num_key_value_heads", shape.kvHeads},
                                  {"vocab_size", shape.vocabulary},
                                  {"max_position_embeddings", shape.context},
                                  {"hidden_act", "silu"},
                                  {"rms_norm_eps", 1e-5},
                                  {"rope_theta", 10000.0},
                                  {"tie_word_embeddings", shape.tied},
                                  {"torch_dtype", type == StoredType::F16 ? "float16" : "float32"}};
}

} // namespace eigenquant::test
