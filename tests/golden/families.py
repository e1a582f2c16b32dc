# SPDX-License-Identifier: GPL-3.0-or-later
"""Tiny random models of every family that the program runs, as PyPI's transformers builds them, and their config.json
as transformers 4 wrote it. The golden files and the oracle tests share them."""

import json
from pathlib import Path

import torch
import transformers as t

VOCABULARY = 267  # that of tests/support/tiny_model.cpp
COMMON = {"vocab_size": VOCABULARY, "hidden_size": 32, "num_hidden_layers": 3, "num_attention_heads": 4,
          "max_position_embeddings": 128, "bos_token_id": 0, "eos_token_id": 1, "pad_token_id": None}
GATED = {**COMMON, "intermediate_size": 40, "num_key_value_heads": 2, "tie_word_embeddings": False}
OPT = {**COMMON, "ffn_dim": 40, "word_embed_proj_dim": 32, "dropout": 0.0}
LONG, SHORT = [1.0 + 0.7 * i for i in range(3)], [1.0 + 0.1 * i for i in range(3)]
LONGROPE = {"rope_type": "longrope", "rope_theta": 10000.0, "short_factor": SHORT, "long_factor": LONG}
GEMMA = {**GATED, "head_dim": 12, "query_pre_attn_scalar": 20, "sliding_window": 7, "tie_word_embeddings": True}

# name: (class, its config's class, options); the first of each family also goes through quantization.
FAMILIES = {
    "llama": (t.LlamaForCausalLM, t.LlamaConfig, GATED),
    "mistral": (t.MistralForCausalLM, t.MistralConfig, {**GATED, "sliding_window": 9}),
    "mistral_full": (t.MistralForCausalLM, t.MistralConfig, {**GATED, "sliding_window": None, "head_dim": 10}),
    "qwen2": (t.Qwen2ForCausalLM, t.Qwen2Config, {**GATED, "use_sliding_window": True, "sliding_window": 8,
                                                  "max_window_layers": 1}),
    "qwen2_tied": (t.Qwen2ForCausalLM, t.Qwen2Config, {**GATED, "tie_word_embeddings": True}),
    "qwen3": (t.Qwen3ForCausalLM, t.Qwen3Config, {**GATED, "head_dim": 12, "attention_bias": True}),
    "opt": (t.OPTForCausalLM, t.OPTConfig, OPT),
    "opt_350m": (t.OPTForCausalLM, t.OPTConfig, {**OPT, "word_embed_proj_dim": 16, "do_layer_norm_before": False}),
    "opt_projected": (t.OPTForCausalLM, t.OPTConfig, {**OPT, "word_embed_proj_dim": 16}),
    "opt_bare": (t.OPTForCausalLM, t.OPTConfig, {**OPT, "enable_bias": False, "layer_norm_elementwise_affine": False,
                                                 "tie_word_embeddings": False}),
    "phi3": (t.Phi3ForCausalLM, t.Phi3Config, {**GATED, "sliding_window": 11, "original_max_position_embeddings": 16,
                                               "rope_parameters": {**LONGROPE, "partial_rotary_factor": 0.75}}),
    "gemma2": (t.Gemma2ForCausalLM, t.Gemma2Config, {**GEMMA, "attn_logit_softcapping": 2.0,
                                                     "final_logit_softcapping": 3.0}),
    "gemma3": (t.Gemma3ForCausalLM, t.Gemma3TextConfig, {**GEMMA, "rope_parameters": {
        "full_attention": {"rope_type": "linear", "factor": 8.0, "rope_theta": 1e6},
        "sliding_attention": {"rope_type": "default", "rope_theta": 1e4}},
        "layer_types": ["sliding_attention", "full_attention", "sliding_attention"]}),
    # As llama.cpp knows Gemma: queries scaled by the size of a head, every sixth layer global.
    "gemma2_gguf": (t.Gemma2ForCausalLM, t.Gemma2Config, {**GEMMA, "query_pre_attn_scalar": 12}),
    "gemma3_gguf": (t.Gemma3ForCausalLM, t.Gemma3TextConfig, {**GEMMA, "query_pre_attn_scalar": 12, "num_hidden_layers": 7}),
}
PRINCIPAL = ("llama", "mistral", "qwen2", "qwen3", "opt", "opt_350m", "phi3", "gemma2", "gemma3")


def random_model(name, seed=1):
    """In float32, with weights that FP16 holds exactly. Attention is computed plainly: only that knows soft caps."""
    kind, config, options = FAMILIES[name]
    torch.manual_seed(seed)
    model = kind(config(**options, attn_implementation="eager")).eval()
    for key, value in model.named_parameters():
        one = "norm" in key and key.endswith("weight") and not name.startswith("gemma")
        value.data.normal_(1.0 if one else 0.0, 0.25 if value.dim() > 1 or "norm" in key else 0.1)
        value.data.copy_(value.data.half().float())
    model.tie_weights()
    return model


@torch.no_grad()
def logits_of(model, ids):
    return model(torch.tensor([ids])).logits[0].float().contiguous()


def old_config(config):
    """The same config.json in the words of transformers 4."""
    old = {key: value for key, value in config.items() if key not in ("rope_parameters", "layer_types", "dtype")}
    rope = dict(config.get("rope_parameters") or {})
    if "full_attention" in rope:
        whole = dict(rope["full_attention"])
        old["rope_local_base_freq"] = rope["sliding_attention"]["rope_theta"]
        old["sliding_window_pattern"] = config["layer_types"].index("full_attention") + 1
        rope = whole
    if rope:
        old["rope_theta"] = rope.pop("rope_theta")
        if "partial_rotary_factor" in rope:
            old["partial_rotary_factor"] = rope.pop("partial_rotary_factor")
        kind = rope.pop("rope_type")
        rope.pop("original_max_position_embeddings", None)
        old["rope_scaling"] = {"type": kind, **rope} if kind != "default" else None
    old["torch_dtype"] = config.get("dtype", "float32")
    return old


def write_old_config(folder):
    file = Path(folder) / "config.json"
    file.write_text(json.dumps(old_config(json.loads(file.read_text()))))
