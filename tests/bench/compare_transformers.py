#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tokens a second of `eigenquant perplexity` over those of transformers, side by side in one run on the CPU.

    compare_transformers.py EIGENQUANT MODEL.gguf TEXT [--windows 2] [--context 2048] [--rounds 3]

Both score the same windows; each figure is of the scoring alone, loading left out. Needs torch, transformers and gguf.
"""
import argparse
import json
import pathlib
import statistics
import subprocess
import sys
import time

import torch

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "oracle"))
from reference import load_gguf  # noqa: E402

TYPES = {"f32": torch.float32, "bf16": torch.bfloat16}


def ours(options, dtype):
    command = [options.eigenquant, "perplexity", options.model, "--text", options.text, "--device", "cpu", "--dtype",
               dtype, "--context", str(options.context), "--windows", str(options.windows), "--json", "--quiet"]
    result = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    return result["tokens_per_second"], result["perplexity"]


@torch.no_grad()
def theirs(model, windows):
    begin = time.perf_counter()
    losses = []
    for window in windows:
        logits = model(window.unsqueeze(0)).logits[0, :-1].float()
        losses.append(torch.nn.functional.cross_entropy(logits, window[1:]).item())
    seconds = time.perf_counter() - begin
    return windows.numel() / seconds, torch.tensor(losses, dtype=torch.float64).mean().exp().item()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("eigenquant", "model", "text"):
        parser.add_argument(name)
    parser.add_argument("--windows", type=int, default=2)
    parser.add_argument("--context", type=int, default=2048)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()

    tokenized = subprocess.run([options.eigenquant, "tokenize", options.model, "--text", options.text, "--json"],
                               check=True, capture_output=True, text=True)
    ids = torch.tensor(json.loads(tokenized.stdout)["ids"][: options.windows * options.context])
    windows = ids.view(options.windows, options.context)
    for dtype, torch_type in TYPES.items():
        model = load_gguf(pathlib.Path(options.model)).to(torch_type)
        theirs(model, windows[:1])  # warm up
        ratios = []
        for _ in range(options.rounds):
            our_speed, our_perplexity = ours(options, dtype)
            their_speed, their_perplexity = theirs(model, windows)
            ratios.append(our_speed / their_speed)
            print(f"{dtype}: eigenquant {our_speed:.0f} tokens/s (perplexity {our_perplexity:.4f}), "
                  f"transformers {their_speed:.0f} tokens/s ({their_perplexity:.4f}), ratio {ratios[-1]:.3f}", flush=True)
        print(f"{dtype}: median ratio {statistics.median(ratios):.3f}", flush=True)


if __name__ == "__main__":
    main()
