# SPDX-License-Identifier: GPL-3.0-or-later
"""What the oracles share; the standard library alone."""

import json
import os
import pathlib
import subprocess

SKIPPED = 77
ROOT = pathlib.Path(__file__).resolve().parents[2]
CALIBRATION = ROOT / "resources/texts/calibration.txt"
CHECK = ROOT / "resources/texts/check.txt"
CONTEXT, WINDOWS = 512, 2
GROUP, BITS, FRACTION = 64, 4, "1/32"

# The files of the workspace that prepare_oracle.py fills.
FIRST_LAYERS, STATS, RTN, ROSAQ = "first-layers.gguf", "first-layers.stats", "rtn", "rosaq"
OUTCOME = "{}.quantize.json"
EXPORTS = {"bf16": "export-bf16", "f32": "export-f32"}

# Hugging Face's names of the linears, by the program's.
MODULES = {"q": "self_attn.q_proj", "k": "self_attn.k_proj", "v": "self_attn.v_proj", "o": "self_attn.o_proj",
           "gate": "mlp.gate_proj", "up": "mlp.up_proj", "down": "mlp.down_proj"}
SITES = {"attn_in": "q", "attn_out": "o", "mlp_in": "gate", "mlp_out": "down"}
SITE_OF = {"q": "attn_in", "k": "attn_in", "v": "attn_in", "o": "attn_out", "gate": "mlp_in", "up": "mlp_in",
           "down": "mlp_out"}


def demo_model() -> pathlib.Path:
    """Where ./studio puts it."""
    data = os.environ.get("XDG_DATA_HOME") or os.path.expanduser("~/.local/share")
    home = os.environ.get("EIGENQUANT_HOME") or os.path.join(data, "eigenquant-studio")
    return pathlib.Path(home) / "models/SmolLM2-135M-Instruct.Q4_1.gguf"


def run(program, *arguments):
    """The JSON object that the program answers with, computed on the CPU in float32."""
    command = [str(a) for a in (program, *arguments, "--json", "--quiet", "--device", "cpu", "--dtype", "f32")]
    answer = subprocess.run(command, stdout=subprocess.PIPE, check=True)
    return json.loads(answer.stdout)


def run_export(program, folder, dtype, out):
    """The one verb that has its own meaning of --dtype."""
    subprocess.run([str(program), "export", str(folder), "--format", "hf", "--dtype", dtype, "--out", str(out), "--json",
                    "--quiet"], stdout=subprocess.PIPE, check=True)


class Checks:
    """Prints each comparison, and remembers whether one failed."""

    def __init__(self):
        self.failed = 0

    def __call__(self, what, passed, found):
        print(f"{'ok    ' if passed else 'FAILED'} {what}: {found}", flush=True)
        self.failed += not passed

    def below(self, what, value, limit):
        self(what, value <= limit, f"{value:.3g} (at most {limit:g})")

    def exit_code(self):
        return int(self.failed > 0)
