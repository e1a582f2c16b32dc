# SPDX-License-Identifier: GPL-3.0-or-later
"""Models as transformers runs them."""

import math

import torch
from transformers import AutoConfig, AutoModelForCausalLM
from transformers.modeling_gguf_pytorch_utils import load_gguf_checkpoint


def load_gguf(file):
    """A GGUF file in float32: from_pretrained(gguf_file=…) without accelerate, which it asks for and does not need."""
    config = AutoConfig.from_pretrained(file.parent, gguf_file=file.name)
    model = AutoModelForCausalLM.from_config(config, dtype=torch.float32)
    tensors = load_gguf_checkpoint(str(file), return_tensors=True, model_to_load=model, torch_dtype=torch.float32)["tensors"]
    loaded = model.load_state_dict(tensors, strict=False)
    tied = {"lm_head.weight"} if config.tie_word_embeddings else set()
    if loaded.unexpected_keys or set(loaded.missing_keys) - tied:
        raise RuntimeError(f"transformers does not know its own model: {loaded}")
    model.tie_weights()
    return model.eval()


def load_folder(folder):
    return AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()


def windows_of(ids, context, windows):
    return torch.tensor(ids[: context * windows]).view(windows, context)


@torch.no_grad()
def perplexity(model, windows):
    """Each window alone, scored on all its tokens but the first."""
    losses = []
    for window in windows:
        logits = model(window[None]).logits[0, :-1]
        losses.append(torch.nn.functional.cross_entropy(logits.double(), window[1:]).item())
    return math.exp(sum(losses) / len(losses))
