#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes llama/ beside this script: tiny random Llama models and the logits that PyPI's transformers 5 gives for them.

    llama/cases.json          ids of the sequence, and of each case its config.json and the name of its weights
    llama/NAME.safetensors    weights that one or more cases share, float32
    llama/logits.safetensors  the expected logits of each case, float32 [ids, vocabulary]
"""
import json
import tempfile
from pathlib import Path

import torch
from safetensors.torch import save_file
from transformers import AutoModelForCausalLM, LlamaConfig, LlamaForCausalLM

FOLDER = Path(__file__).with_name("llama")
SHAPE = {"hidden_size": 32, "intermediate_size": 20, "num_hidden_layers": 2, "num_attention_heads": 4,
         "num_key_value_heads": 2, "vocab_size": 48, "max_position_embeddings": 128, "rms_norm_eps": 1e-5,
         "tie_word_embeddings": False, "attention_bias": False, "mlp_bias": False}
WEIGHTS = {  # what differs from SHAPE
    "grouped": {},
    "multi_head": {"num_key_value_heads": 4},
    "tied": {"tie_word_embeddings": True},
    "wide_heads": {"num_attention_heads": 2, "num_key_value_heads": 1, "head_dim": 20},
    "biases": {"attention_bias": True, "mlp_bias": True},
}
LONG = [1.0 + 0.7 * i for i in range(4)]
SHORT = [1.0 + 0.1 * i for i in range(4)]
ROPE = {  # on the weights "grouped": (keys beside rope_scaling, rope_scaling)
    "theta": ({"rope_theta": 500000.0}, None),
    "linear": ({}, {"rope_type": "linear", "factor": 4.0}),
    "dynamic": ({"max_position_embeddings": 16}, {"rope_type": "dynamic", "factor": 2.0}),
    "dynamic_short": ({}, {"rope_type": "dynamic", "factor": 2.0}),
    "llama3": ({"rope_theta": 500000.0}, {"rope_type": "llama3", "factor": 8.0, "low_freq_factor": 1.0,
                                          "high_freq_factor": 4.0, "original_max_position_embeddings": 64}),
    "yarn": ({}, {"rope_type": "yarn", "factor": 4.0, "original_max_position_embeddings": 32}),
    "yarn_options": ({}, {"rope_type": "yarn", "factor": 8.0, "original_max_position_embeddings": 16, "beta_fast": 2.0,
                          "beta_slow": 0.5, "mscale": 0.8, "mscale_all_dim": 0.4, "truncate": False}),
    "yarn_attention": ({}, {"rope_type": "yarn", "factor": 4.0, "attention_factor": 0.7}),
    "longrope_long": ({}, {"rope_type": "longrope", "short_factor": SHORT, "long_factor": LONG,
                           "original_max_position_embeddings": 16}),
    "longrope_short": ({}, {"rope_type": "longrope", "short_factor": SHORT, "long_factor": LONG, "factor": 2.0,
                            "original_max_position_embeddings": 64}),
}
OUTSIDE = {"original_max_position_embeddings": 16}  # as Phi-3's configs say it
UNSCALED = ("dynamic_short",)  # a sequence within the context: no change is right


def random_model(name, options, seed):
    torch.manual_seed(seed)
    model = LlamaForCausalLM(LlamaConfig(**{**SHAPE, **options}))
    for key, value in model.named_parameters():
        value.data.normal_(1.0 if "norm" in key else 0.0, 0.2)
    # safetensors stores no tensor twice: tied models have no lm_head.
    tensors = {k: v.contiguous() for k, v in model.state_dict().items()
               if not (k == "lm_head.weight" and model.config.tie_word_embeddings)}
    save_file(tensors, FOLDER / f"{name}.safetensors", {"format": "pt"})


def cases():
    """name: (weights, config.json)"""
    plain = {"architectures": ["LlamaForCausalLM"], "model_type": "llama", "hidden_act": "silu", "dtype": "float32", **SHAPE}
    for name, options in WEIGHTS.items():
        # Old configs spell absent options as null.
        yield name, name, {"head_dim": None, "rope_scaling": None, **plain, **options, "rope_theta": 10000.0}
    for name, (keys, scaling) in ROPE.items():
        theta = keys.get("rope_theta", 10000.0)
        others = {k: v for k, v in keys.items() if k != "rope_theta"}
        yield f"{name}_new", "grouped", {**plain, **others, "rope_parameters": {
            "rope_theta": theta, **(scaling or {"rope_type": "default"})}}
        old = dict(scaling or {})
        if scaling:
            old["type"] = old.pop("rope_type")
        yield f"{name}_old", "grouped", {**plain, **others, "rope_theta": theta, "rope_scaling": old or None}
    longrope = {k: v for k, v in ROPE["longrope_long"][1].items() if k not in OUTSIDE}
    yield "longrope_outside", "grouped", {**plain, **OUTSIDE, "rope_theta": 10000.0, "rope_scaling": longrope}


def logits_of(weights, config, ids):
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "config.json").write_text(json.dumps(config))
        (Path(folder) / "model.safetensors").symlink_to((FOLDER / f"{weights}.safetensors").resolve())
        model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()
        with torch.no_grad():
            return model(torch.tensor([ids])).logits[0].contiguous()


def main():
    FOLDER.mkdir(exist_ok=True)
    for seed, (name, options) in enumerate(WEIGHTS.items()):
        random_model(name, options, seed + 1)
    ids = torch.randint(0, SHAPE["vocab_size"], (40,), generator=torch.Generator().manual_seed(7)).tolist()
    listed, logits = {}, {}
    for name, weights, config in cases():
        listed[name] = {"weights": weights, "config": config}
        logits[name] = logits_of(weights, config, ids)
        if weights == "grouped" and name != "grouped":
            distance = ((logits[name] - logits["grouped"]).abs().max() / logits["grouped"].std()).item()
            print(f"{name}: {distance:.3f} standard deviations from plain positions")
            assert (distance > 0.1) != name.startswith(UNSCALED), name
    # The two spellings of a config mean one model; one tensor of each pair is enough.
    for name in [n for n in logits if n.endswith("_old")]:
        assert torch.equal(logits[name], logits[name[:-4] + "_new"]), name
        listed[name]["logits"] = name[:-4] + "_new"
        del logits[name]
    save_file(logits, FOLDER / "logits.safetensors")
    (FOLDER / "cases.json").write_text(json.dumps({"ids": ids, "cases": listed}, indent=1) + "\n")


if __name__ == "__main__":
    main()
