# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs the program once on the first layers of the demo model, for the other oracles to judge what it wrote.

Usage: prepare_oracle.py PROGRAM WORKSPACE. A few layers are a whole model to the program, in a seventh of the time.
"""

import json
import pathlib
import shutil
import sys

import gguf
from common import (BITS, CALIBRATION, CONTEXT, EXPORTS, FIRST_LAYERS, FRACTION, GROUP, OUTCOME, ROSAQ, RTN, STATS,
                    WINDOWS, demo_model, run, run_export)

LAYERS = 4


def write_first_layers(source, target):
    """Copies a GGUF file without the later layers; blocks stay as they are."""
    reader = gguf.GGUFReader(source)
    writer = gguf.GGUFWriter(target, reader.fields["general.architecture"].contents())
    for name, field in reader.fields.items():
        if name.startswith("GGUF.") or name == "general.architecture":
            continue
        value = LAYERS if name.endswith(".block_count") else field.contents()
        inner = field.types[-1] if field.types[0] == gguf.GGUFValueType.ARRAY else None
        writer.add_key_value(name, value, field.types[0], sub_type=inner)
    for tensor in reader.tensors:
        if not tensor.name.startswith("blk.") or int(tensor.name.split(".")[1]) < LAYERS:
            writer.add_tensor(tensor.name, tensor.data, raw_dtype=tensor.tensor_type)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def main():
    program, workspace = sys.argv[1], pathlib.Path(sys.argv[2])
    shutil.rmtree(workspace, ignore_errors=True)
    workspace.mkdir(parents=True)
    model, stats = workspace / FIRST_LAYERS, workspace / STATS
    write_first_layers(demo_model(), model)
    run(program, "analyze", model, "--text", CALIBRATION, "--context", CONTEXT, "--windows", WINDOWS, "--out", stats)
    for name, method in ((RTN, ["rtn"]), (ROSAQ, ["rosaq", "--salient", FRACTION])):
        outcome = run(program, "quantize", model, "--stats", stats, "--bits", BITS, "--group-size", GROUP,
                      "--out", workspace / name, "--method", *method)
        (workspace / OUTCOME.format(name)).write_text(json.dumps(outcome))
    for dtype, folder in EXPORTS.items():
        run_export(program, workspace / ROSAQ, dtype, workspace / folder)


if __name__ == "__main__":
    main()
