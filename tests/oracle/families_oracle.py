# SPDX-License-Identifier: GPL-3.0-or-later
"""Random models of every family, saved by transformers in both layouts of config.json, and GGUF files of some written
with PyPI's gguf: the program's logits against transformers' own, and those of an exported plan of each family.

Usage: families_oracle.py PROGRAM
"""

import json
import pathlib
import sys
import tempfile

import torch
from common import ROOT, Checks, run, run_export
from safetensors.torch import load_file
from transformers import AutoModelForCausalLM

sys.path.insert(0, str(ROOT / "tests/golden"))
from families import FAMILIES, PRINCIPAL, VOCABULARY, logits_of, random_model, write_old_config  # noqa: E402
from family_gguf import GGUF_FAMILIES, write_gguf  # noqa: E402

SEED = 29  # other weights than the golden files have
TOKENS = 60
TOLERANCE = 1e-4  # of the logits' standard deviation


def spread(ours, theirs):
    return ((ours - theirs).abs().max() / theirs.std()).item()


def our_logits(program, model, ids, folder):
    out = folder / "logits.safetensors"
    run(program, "logits", model, "--ids", ",".join(map(str, ids)), "--out", out, "--force")
    return load_file(out)["logits"]


def write_tokenizer(folder):
    """One token a byte, and some that no text has."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers

    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    words = alphabet + [f"<{i}>" for i in range(VOCABULARY - len(alphabet))]
    tokenizer = Tokenizer(models.BPE(vocab={word: i for i, word in enumerate(words)}, merges=[]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.save(str(folder / "tokenizer.json"))


def check_chain(check, program, name, folder, ids):
    """Analyze, quantize and export; the export in transformers gives the logits of the packed checkpoint."""
    text = folder / "text.txt"
    text.write_text("the way that a calibration text repeats itself, and does not\n" * 20)
    write_tokenizer(folder / "model")
    run(program, "analyze", folder / "model", "--text", text, "--context", 48, "--windows", 6, "--out", folder / "stats")
    run(program, "quantize", folder / "model", "--stats", folder / "stats", "--method", "rosaq", "--bits", 4,
        "--group-size", 16, "--out", folder / "packed")
    run_export(program, folder / "packed", "f32", folder / "export")
    theirs = logits_of(AutoModelForCausalLM.from_pretrained(folder / "export", dtype=torch.float32,
                                                            attn_implementation="eager").eval(), ids)
    check.below(f"{name}: export of a quantized model", spread(our_logits(program, folder / "packed", ids, folder), theirs),
                TOLERANCE)


def main():
    program, check = sys.argv[1], Checks()
    torch.set_num_threads(1)
    ids = torch.randint(0, VOCABULARY, (TOKENS,), generator=torch.Generator().manual_seed(SEED)).tolist()
    for name in FAMILIES:
        with tempfile.TemporaryDirectory() as place:
            folder = pathlib.Path(place)
            model = random_model(name, SEED)
            model.save_pretrained(folder / "model")
            theirs = logits_of(model, ids)
            check.below(f"{name}: logits", spread(our_logits(program, folder / "model", ids, folder), theirs), TOLERANCE)
            if name in GGUF_FAMILIES:
                write_gguf(folder / "model.gguf", name, model)
                found = our_logits(program, folder / "model.gguf", ids, folder)
                check.below(f"{name}: logits of its GGUF file", spread(found, theirs), TOLERANCE)
            if name in PRINCIPAL:
                check_chain(check, program, name, folder, ids)
    check_wrapped(check, program, ids)
    return check.exit_code()


def check_wrapped(check, program, ids):
    """The text part of a model with vision, in the layout of transformers 4."""
    with tempfile.TemporaryDirectory() as place:
        folder = pathlib.Path(place)
        model = random_model("gemma3", SEED)
        model.save_pretrained(folder)
        config = json.loads((folder / "config.json").read_text())
        config = {"architectures": ["Gemma3ForConditionalGeneration"], "model_type": "gemma3", "text_config": config,
                  "vision_config": {"model_type": "siglip_vision_model"}}
        (folder / "config.json").write_text(json.dumps(config))
        from safetensors.torch import save_file
        tensors = {f"language_model.{key}": value for key, value in load_file(folder / "model.safetensors").items()}
        tensors["vision_tower.vision_model.post_layernorm.weight"] = torch.ones(4)
        save_file(tensors, folder / "model.safetensors", {"format": "pt"})
        check.below("gemma3 inside a model with vision: logits",
                    spread(our_logits(program, folder, ids, folder), logits_of(model, ids)), TOLERANCE)


if __name__ == "__main__":
    sys.exit(main())
