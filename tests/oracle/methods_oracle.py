# SPDX-License-Identifier: GPL-3.0-or-later
"""A slice of every method against figures that were computed once: the first layers of the demo model quantized, the
others left alone, perplexity of the beginning of the check text.

Usage: methods_oracle.py PROGRAM WORKSPACE [--write]. --write computes the figures anew; look at what changed.
"""

import json
import pathlib
import shutil
import sys

from common import CALIBRATION, CHECK, ROOT, Checks, demo_model, run

FIGURES = ROOT / "tests/golden/method_slices.json"
TOLERANCE = 0.01
CONTEXT = "512"
FLOAT = r"([3-9]|[12]\d)\..*: method=float"
GROUPS = ("--group-size", "64")
VARIANTS = {
    "rtn 3": ("--method", "rtn", "--bits", "3", *GROUPS),
    "gptq 3": ("--method", "gptq", "--bits", "3", *GROUPS),
    "awq 3": ("--method", "awq", "--bits", "3", *GROUPS),
    "randrot 3 gptq": ("--method", "randrot", "--bits", "3", "--rounding", "gptq", *GROUPS),
    "rosaq 3 global": ("--method", "rosaq", "--bits", "3", "--rotation", "global", *GROUPS),
    "cmpq 2.5": ("--method", "cmpq", "--bits", "2.5"),
    "etq 2.5": ("--method", "etq", "--bits", "2.5"),
}


def measure(program, workspace):
    shutil.rmtree(workspace, ignore_errors=True)
    workspace.mkdir(parents=True)
    model, stats = demo_model(), workspace / "demo.stats"
    run(program, "analyze", model, "--text", CALIBRATION, "--context", "1024", "--windows", "2", "--out", stats)
    text = ("--text", CHECK, "--context", CONTEXT, "--windows", "2")
    figures = {"float": run(program, "perplexity", model, *text)["perplexity"]}
    for name, words in VARIANTS.items():
        out = workspace / name.replace(" ", "-")
        run(program, "quantize", model, "--stats", stats, *words, "--set", FLOAT, "--out", out)
        figures[name] = run(program, "perplexity", out, *text)["perplexity"]
        shutil.rmtree(out)
    return figures


def main():
    found = measure(sys.argv[1], pathlib.Path(sys.argv[2]))
    if "--write" in sys.argv:
        FIGURES.write_text(json.dumps(found, indent=1) + "\n")
        return 0
    checks = Checks()
    for name, expected in json.loads(FIGURES.read_text()).items():
        checks(name, abs(found[name] / expected - 1) <= TOLERANCE, f"{found[name]:.4f} (expected {expected:.4f})")
    checks("etq 2.5 is ahead of rtn 3", found["etq 2.5"] < found["rtn 3"], found["etq 2.5"])
    checks("gptq 3 is ahead of rtn 3", found["gptq 3"] < found["rtn 3"], found["gptq 3"])
    return checks.exit_code()


sys.exit(main())
