#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes families/ beside this script: tiny random models of every family (families.py) and the logits that PyPI's
transformers 5 gives for them.

    families/cases.json          ids of the sequence, and of each case its config.json and the name of its weights
    families/NAME.safetensors    weights, float16
    families/logits.safetensors  the expected logits of each case, float32 [ids, vocabulary]
"""
import json
import tempfile
from pathlib import Path

import torch
from families import FAMILIES, VOCABULARY, logits_of, old_config, random_model
from safetensors.torch import load_file, save_file

FOLDER = Path(__file__).with_name("families")


def main():
    FOLDER.mkdir(exist_ok=True)
    ids = torch.randint(0, VOCABULARY, (24,), generator=torch.Generator().manual_seed(7)).tolist()
    listed, logits = {}, {}
    for name in [n for n in FAMILIES if not n.endswith("_gguf")]:
        model = random_model(name)
        logits[name] = logits_of(model, ids)
        with tempfile.TemporaryDirectory() as folder:
            model.save_pretrained(folder)
            config = json.loads((Path(folder) / "config.json").read_text())
            tensors = load_file(Path(folder) / "model.safetensors")
        save_file({key: value.half() for key, value in tensors.items()}, FOLDER / f"{name}.safetensors", {"format": "pt"})
        listed[name] = {"weights": name, "config": config}
        if name != "gemma3":  # its old pattern of windows starts with another kind of layer
            listed[f"{name}_old"] = {"weights": name, "config": old_config(config), "logits": name}
    save_file(logits, FOLDER / "logits.safetensors")
    (FOLDER / "cases.json").write_text(json.dumps({"ids": ids, "cases": listed}, indent=1) + "\n")


if __name__ == "__main__":
    main()
