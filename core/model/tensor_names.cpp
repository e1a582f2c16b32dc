// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/tensor_names.h"

namespace eigenquant {
namespace {

TensorNames llamaNames()
{
    return {"model.layers.{}.",
            {"model.embed_tokens.weight", "model.norm.weight", "", "lm_head.weight", "", "", ""},
            {"input_layernorm.weight", "", "post_attention_layernorm.weight", "", "", "", "self_attn.q_norm.weight",
             "self_attn.k_norm.weight"},
            {"self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj", "self_attn.o_proj", "mlp.gate_proj",
             "mlp.up_proj", "mlp.down_proj"}};
}

TensorNames fusedNames()
{
    TensorNames names = llamaNames();
    names.linears = {"self_attn.qkv_proj", "self_attn.qkv_proj", "self_attn.qkv_proj", "self_attn.o_proj",
                     "mlp.gate_up_proj",   "mlp.gate_up_proj",   "mlp.down_proj"};
    return names;
}

TensorNames sandwichNames()
{
    TensorNames names = llamaNames();
    names.vectors[static_cast<std::size_t>(VectorRole::MlpNorm)] = "pre_feedforward_layernorm.weight";
    names.vectors[static_cast<std::size_t>(VectorRole::AttentionOutNorm)] = "post_attention_layernorm.weight";
    names.vectors[static_cast<std::size_t>(VectorRole::MlpOutNorm)] = "post_feedforward_layernorm.weight";
    return names;
}

TensorNames optNames()
{
    return {"model.decoder.layers.{}.",
            {"model.decoder.embed_tokens.weight", "model.decoder.final_layer_norm.weight",
             "model.decoder.final_layer_norm.bias", "lm_head.weight", "model.decoder.embed_positions.weight",
             "model.decoder.project_in.weight", "model.decoder.project_out.weight"},
            {"self_attn_layer_norm.weight", "self_attn_layer_norm.bias", "final_layer_norm.weight",
             "final_layer_norm.bias", "", "", "", ""},
            {"self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj", "self_attn.out_proj", "", "fc1", "fc2"}};
}

TensorNames ggufNames()
{
    return {"blk.{}.",
            {"token_embd.weight", "output_norm.weight", "", "output.weight", "", "", ""},
            {"attn_norm.weight", "", "ffn_norm.weight", "", "post_attention_norm.weight", "post_ffw_norm.weight",
             "attn_q_norm.weight", "attn_k_norm.weight"},
            {"attn_q", "attn_k", "attn_v", "attn_output", "ffn_gate", "ffn_up", "ffn_down"}};
}

TensorNames interleaved(TensorNames names)
{
    names.interleavedRope = true;
    return names;
}

TensorNames ggufFusedNames()
{
    TensorNames names = ggufNames();
    names.linears = {"attn_qkv", "attn_qkv", "attn_qkv", "attn_output", "ffn_up", "ffn_up", "ffn_down"};
    return names;
}

} // namespace

const TensorNames TensorNames::kLlama = llamaNames();
const TensorNames TensorNames::kFused = fusedNames();
const TensorNames TensorNames::kSandwich = sandwichNames();
const TensorNames TensorNames::kOpt = optNames();
const TensorNames TensorNames::kGguf = ggufNames();
const TensorNames TensorNames::kGgufLlama = interleaved(ggufNames());
const TensorNames TensorNames::kGgufFused = ggufFusedNames();

std::string TensorNames::of(int layer, VectorRole role) const
{
    std::string name = layerPrefix;
    name.replace(name.find("{}"), 2, std::to_string(layer));
    return name + vectors[static_cast<std::size_t>(role)];
}

std::string TensorNames::of(LinearId id, const std::string& tail) const
{
    std::string name = layerPrefix;
    name.replace(name.find("{}"), 2, std::to_string(id.layer));
    return name + linears[static_cast<std::size_t>(id.role)] + tail;
}

bool TensorNames::share(LinearRole a, LinearRole b) const
{
    return linears[static_cast<std::size_t>(a)] == linears[static_cast<std::size_t>(b)];
}

} // namespace eigenquant
