# SPDX-License-Identifier: GPL-3.0-or-later
"""The demo model's logits, against transformers on the same GGUF file.

Usage: logits_oracle.py PROGRAM
"""

import pathlib
import sys
import tempfile

import torch
from common import CHECK, Checks, demo_model, run
from reference import load_gguf
from safetensors.torch import load_file

TOKENS = 200
TOLERANCE = 2e-3  # of the logits' standard deviation


def main():
    program, model = sys.argv[1], demo_model()
    ids = run(program, "tokenize", model, "--text", CHECK)["ids"][:TOKENS]
    with tempfile.TemporaryDirectory() as folder:
        out = pathlib.Path(folder) / "logits.safetensors"
        run(program, "logits", model, "--ids", ",".join(map(str, ids)), "--out", out)
        ours = load_file(out)["logits"]
    with torch.no_grad():
        theirs = load_gguf(model)(torch.tensor([ids])).logits[0]
    check = Checks()
    check("shape", ours.shape == theirs.shape, tuple(ours.shape))
    check.below("largest difference / standard deviation", ((ours - theirs).abs().max() / theirs.std()).item(), TOLERANCE)
    check("same first choice", torch.equal(ours.argmax(1), theirs.argmax(1)), f"{len(ids)} positions")
    return check.exit_code()


if __name__ == "__main__":
    sys.exit(main())
