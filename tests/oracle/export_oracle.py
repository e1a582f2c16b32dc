# SPDX-License-Identifier: GPL-3.0-or-later
"""The exports of a packed checkpoint in transformers, and the checkpoint itself, decoded from its documentation alone:
core/quant/packed_checkpoint.h, core/quant/grid.h and kernels/layout/bit_packing.h.

Usage: export_oracle.py PROGRAM WORKSPACE
"""

import json
import pathlib
import sys

import numpy as np
from common import BITS, CHECK, CONTEXT, EXPORTS, GROUP, MODULES, OUTCOME, ROSAQ, SITE_OF, WINDOWS, Checks, run
from reference import load_folder, perplexity, windows_of
from safetensors import safe_open
from transformers import AutoTokenizer

DECODED = ("0.q", "2.k", "3.o", "3.gate", "1.down")
# float32 must agree. BF16 keeps 8 bits of a weight, and a model cut off after its first layers, whose perplexity is
# in the millions, magnifies that; what its tensors hold is checked bit by bit.
TOLERANCE = {"f32": 1e-4, "bf16": 0.03}
PARTS = ("codes", "scales", "zeros", "salient", "salient_index")


def unpack(rows, count, width):
    """Codes of `width` bits from rows of bytes, the lowest bit first."""
    bits = np.unpackbits(rows, axis=1, bitorder="little")[:, : count * width].reshape(rows.shape[0], count, width)
    return (bits.astype(np.int64) << np.arange(width)).sum(axis=2)


def decode(packed, names, linear, channels):
    """The float64 weight [out, channels] of a linear, in the original basis of its inputs."""
    layer, role = linear.split(".")

    def part(name):
        return packed.get_tensor(f"layers.{layer}.{role}.{name}")

    scales, salient = part("scales").astype(np.float64), part("salient").astype(np.float64)
    site = f"layers.{layer}.{SITE_OF[role]}.rotation"
    index = f"layers.{layer}.{role}.salient_index"
    salient_index = packed.get_tensor(index) if index in names else np.arange(salient.shape[1])
    rest = np.setdiff1d(np.arange(channels), salient_index)
    codes = unpack(part("codes"), len(rest), BITS)
    zeros = unpack(part("zeros"), scales.shape[1], BITS)
    group = np.arange(len(rest)) // GROUP
    weight = np.empty((salient.shape[0], channels))
    weight[:, rest] = (codes - zeros[:, group]) * scales[:, group]
    weight[:, salient_index] = salient
    return weight @ packed.get_tensor(site).astype(np.float64).T if site in names else weight


def check_weights(check, workspace):
    config = json.loads((workspace / ROSAQ / "config.json").read_text())
    outcome = json.loads((workspace / OUTCOME.format(ROSAQ)).read_text())
    with (safe_open(workspace / ROSAQ / "model.safetensors", "np") as packed,
          safe_open(workspace / EXPORTS["f32"] / "model.safetensors", "np") as exported):
        names = set(packed.keys())
        for linear in DECODED:
            layer, role = linear.split(".")
            expected = exported.get_tensor(f"model.layers.{layer}.{MODULES[role]}.weight")
            found = decode(packed, names, linear, expected.shape[1])
            check.below(f"{linear} decoded, largest difference / largest weight",
                        np.abs(found - expected).max() / np.abs(expected).max(), 1e-6)
        counted = sum(packed.get_tensor(n).nbytes for n in names if n.split(".")[-1] in (*PARTS, "rotation"))
        weights = sum(exported.get_tensor(f"model.layers.{layer}.{module}.weight").size
                      for layer in range(config["num_hidden_layers"]) for module in MODULES.values())
    check("bytes of codes, scales, zeros, salient channels and rotations", counted == outcome["bytes"],
          f"{counted} in the file, {outcome['bytes']} reported")
    check.below("effective bits, difference", abs(outcome["effective_bits"] - 8 * counted / weights), 1e-9)
    check("bytes of the linears alone", sum(x["bytes"] for x in outcome["linears"]) == outcome["bytes"],
          outcome["bytes"])


def check_rounding(check, workspace):
    """BF16 tensors are the float32 ones, rounded to the nearest."""
    with (safe_open(workspace / EXPORTS["f32"] / "model.safetensors", "pt") as wide,
          safe_open(workspace / EXPORTS["bf16"] / "model.safetensors", "pt") as narrow):
        check("names of both exports", set(wide.keys()) == set(narrow.keys()), f"{len(wide.keys())} tensors")
        wrong = [n for n in wide.keys() if not narrow.get_tensor(n).equal(wide.get_tensor(n).bfloat16())]
        check("BF16 is float32 rounded", not wrong, f"{len(wrong)} tensors differ")


def main():
    program, workspace = sys.argv[1], pathlib.Path(sys.argv[2])
    check = Checks()
    check_weights(check, workspace)
    check_rounding(check, workspace)
    packed = workspace / ROSAQ
    text = CHECK.read_text(encoding="utf-8")
    ids = run(program, "tokenize", packed, "--text", CHECK)["ids"]
    ours = run(program, "perplexity", packed, "--text", CHECK, "--context", CONTEXT, "--windows", WINDOWS)["perplexity"]
    for dtype, folder in EXPORTS.items():
        theirs = AutoTokenizer.from_pretrained(workspace / folder)(text)["input_ids"]
        check(f"{folder}: AutoTokenizer's ids", theirs == ids, f"{len(ids)} tokens")
        found = perplexity(load_folder(workspace / folder), windows_of(ids, CONTEXT, WINDOWS))
        print(f"       perplexity of the packed checkpoint {ours:.6g}, of the export in transformers {found:.6g}")
        check.below(f"{folder}: relative difference of the perplexity", abs(found / ours - 1), TOLERANCE[dtype])
    return check.exit_code()


if __name__ == "__main__":
    sys.exit(main())
