#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes the small files in io/ that the tests of core/io read, with the PyPI packages as the oracle.

    python3 -m venv /tmp/oracle && /tmp/oracle/bin/pip install numpy==2.4.6 safetensors==0.8.0 gguf==0.19.0
    /tmp/oracle/bin/python make_io_golden.py

Next to each file lies NAME.expected.safetensors: the same tensors in float32, as numpy or gguf convert them.
The output is the same on every run.
"""

import json
from pathlib import Path

import gguf
import numpy as np
import safetensors
from safetensors.numpy import save_file

FOLDER = Path(__file__).parent / "io"
RANDOM = np.random.default_rng(20240607)

# Zero of both signs, subnormals of float16, the largest float16, and numbers that no short type holds.
SPECIAL = np.array([0.0, -0.0, 6e-8, -3.1e-5, 6.1e-5, 65504.0, -65504.0, 1.0, -1.0, 1 / 3, np.pi, 1e-3], np.float32)


def to_bfloat16(values):
    """The upper halves of float32, cut off; as raw 16-bit words, numpy having no such type."""
    return (np.ascontiguousarray(values, np.float32).view(np.uint32) >> 16).astype(np.uint16)


def from_bfloat16(words):
    return (words.astype(np.uint32) << 16).view(np.float32)


def serialize(tensors, metadata):
    """A safetensors file of {name: (dtype, array)}, for the types that numpy does not have too."""
    # The package takes addresses: the arrays must live until it is done.
    arrays = {name: np.ascontiguousarray(array).reshape(array.shape) for name, (_, array) in tensors.items()}
    specs = {
        name: safetensors.TensorSpec(dtype=dtype, shape=list(arrays[name].shape),
                                     data_ptr=arrays[name].ctypes.data, data_len=arrays[name].nbytes)
        for name, (dtype, _) in tensors.items()
    }
    return safetensors.serialize(specs, metadata)


def write_safetensors():
    half = SPECIAL.astype(np.float16).reshape(3, 4)
    brain = to_bfloat16(SPECIAL).reshape(2, 6)
    normal = RANDOM.normal(size=(5, 7)).astype(np.float32)
    double = RANDOM.normal(size=(2, 3, 4))
    scalar = np.array(2.5, np.float32)
    raw = {
        "double": ("float64", double),
        "normal": ("float32", normal),
        "half": ("float16", half),
        "brain": ("bfloat16", brain),
        "scalar": ("float32", scalar),
        "empty": ("float32", np.zeros((0, 4), np.float32)),
        "empty.inside": ("float16", np.zeros((3, 0, 2), np.float16)),
        "ein_Maß": ("float32", np.ones(1, np.float32)),
        "i64": ("int64", np.array([-(2**63), 2**63 - 1])),
        "i32": ("int32", np.array([-(2**31), 7], np.int32)),
        "i16": ("int16", np.array([-(2**15), 7], np.int16)),
        "i8": ("int8", np.array([-128, 127, 0], np.int8)),
        "u8": ("uint8", np.array([0, 255, 1], np.uint8)),
        "bool": ("bool", np.array([True, False, True])),
    }
    metadata = {"note": "äöü \"quoted\""}  # one entry: the package writes several in no fixed order
    (FOLDER / "types.safetensors").write_bytes(serialize(raw, metadata))
    expected = {name: raw[name][1].astype(np.float32) for name in ("double", "normal", "half", "scalar", "empty",
                                                                   "empty.inside", "ein_Maß")}
    expected["brain"] = from_bfloat16(brain)
    save_file(expected, FOLDER / "types.safetensors.expected.safetensors")

    eight = {"layer.weight": ("float8_e4m3fn", np.zeros(4, np.uint8))}
    (FOLDER / "fp8.safetensors").write_bytes(serialize(eight, None))


def write_shards():
    folder = FOLDER / "sharded"
    folder.mkdir(exist_ok=True)
    parts = [{"a.weight": np.arange(6, dtype=np.float32).reshape(2, 3), "b.weight": np.ones(3, np.float16)},
             {"c.weight": np.full((2, 2), -1.5, np.float32)}]
    weight_map = {}
    for i, part in enumerate(parts, 1):
        name = f"model-{i:05}-of-{len(parts):05}.safetensors"
        save_file(part, folder / name, metadata={"format": "pt"})
        weight_map |= {tensor: name for tensor in part}
    size = sum(array.nbytes for part in parts for array in part.values())
    index = {"metadata": {"total_size": size}, "weight_map": weight_map}
    (folder / "model.safetensors.index.json").write_text(json.dumps(index, indent=2) + "\n")


def random_blocks(qtype, rows, blocks):
    """Blocks of random codes with scales from the subnormal to the large, of either sign."""
    size = gguf.GGML_QUANT_SIZES[qtype][1]
    data = RANDOM.integers(0, 256, size=(rows, blocks, size), dtype=np.uint8)
    scales = 2 if qtype == gguf.GGMLQuantizationType.Q4_1 else 1
    values = RANDOM.choice(SPECIAL[2:] / 256, size=(rows, blocks, scales)).astype(np.float16)
    data[..., : 2 * scales] = values.view(np.uint8)
    return data.reshape(rows, blocks * size)


def add_metadata(writer):
    writer.add_name("golden")
    writer.add_uint8("value.u8", 255)
    writer.add_int8("value.i8", -128)
    writer.add_uint16("value.u16", 65535)
    writer.add_int16("value.i16", -32768)
    writer.add_uint32("value.u32", 2**32 - 1)
    writer.add_int32("value.i32", -(2**31))
    writer.add_uint64("value.u64", 2**63 - 1)
    writer.add_int64("value.i64", -(2**63))
    writer.add_float32("value.f32", 0.5)
    writer.add_float64("value.f64", 0.1)
    writer.add_bool("value.bool", True)
    writer.add_string("value.string", "grüße")
    writer.add_array("array.string", ["", "Ġthe", "<|end|>"])
    writer.add_array("array.int", [1, -2, 3])
    writer.add_array("array.float", [0.5, -1.5])
    writer.add_array("array.bool", [True, False])


def write_gguf(name, alignment=None, endianess=gguf.GGUFEndian.LITTLE):
    writer = gguf.GGUFWriter(FOLDER / name, "llama", endianess=endianess)
    if alignment:
        writer.add_custom_alignment(alignment)
    add_metadata(writer)
    types = gguf.GGMLQuantizationType
    expected = {"f32": RANDOM.normal(size=(3, 5)).astype(np.float32), "f16": SPECIAL.astype(np.float16)}
    writer.add_tensor("f32", expected["f32"])
    writer.add_tensor("f16", expected["f16"])
    brain = to_bfloat16(SPECIAL).reshape(3, 4)
    writer.add_tensor("bf16", brain.view(np.uint8), raw_dtype=types.BF16)
    expected["bf16"] = from_bfloat16(brain)
    for qtype in (types.Q4_0, types.Q4_1, types.Q8_0):
        normal = RANDOM.normal(size=(2, 96)).astype(np.float32)
        for label, blocks in (("random", random_blocks(qtype, 3, 2)),
                              ("normal", gguf.quants.quantize(normal, qtype))):
            key = f"{qtype.name.lower()}.{label}"
            writer.add_tensor(key, blocks, raw_dtype=qtype)
            expected[key] = gguf.quants.dequantize(blocks, qtype)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return {key: np.ascontiguousarray(value, np.float32) for key, value in expected.items()}


# Where the float16 scales of a block lie, in bytes from its begin.
SCALES = {"Q5_0": (0,), "Q5_1": (0, 2), "Q2_K": (80, 82), "Q3_K": (108,), "Q4_K": (0, 2), "Q5_K": (0, 2), "Q6_K": (208,),
          "IQ4_NL": (0,), "IQ4_XS": (0,)}


def blocks_with_scales(qtype, rows, blocks, random):
    """Random bytes of a block type, with scales from the subnormal to the large, of either sign."""
    size = gguf.GGML_QUANT_SIZES[qtype][1]
    data = random.integers(0, 256, size=(rows, blocks, size), dtype=np.uint8)
    for place in SCALES[qtype.name]:
        values = random.choice(SPECIAL[2:] / 256, size=(rows, blocks, 1)).astype(np.float16)
        data[..., place : place + 2] = values.view(np.uint8)
    return data.reshape(rows, blocks * size)


def write_blocks():
    """The block types that write_gguf() does not have, in one file and in three."""
    random = np.random.default_rng(20251120)
    whole = gguf.GGUFWriter(FOLDER / "blocks.gguf", "llama")
    parts = gguf.GGUFWriter(FOLDER / "parts.gguf", "llama", split_max_tensors=4)
    expected = {}
    for name in SCALES:
        qtype = gguf.GGMLQuantizationType[name]
        data = blocks_with_scales(qtype, 2, 2, random)
        expected[name] = np.ascontiguousarray(gguf.quants.dequantize(data, qtype), np.float32)
        for writer in (whole, parts):
            writer.add_tensor(name, data, raw_dtype=qtype)
    for writer in (whole, parts):
        writer.add_name("blocks")
        writer.write_header_to_file()
        writer.write_kv_data_to_file()
        writer.write_tensors_to_file()
        writer.close()
    save_file(expected, FOLDER / "blocks.gguf.expected.safetensors")


def main():
    FOLDER.mkdir(exist_ok=True)
    write_safetensors()
    write_shards()
    save_file(write_gguf("types.gguf"), FOLDER / "types.gguf.expected.safetensors")
    save_file(write_gguf("aligned.gguf", alignment=128), FOLDER / "aligned.gguf.expected.safetensors")
    write_gguf("big_endian.gguf", endianess=gguf.GGUFEndian.BIG)
    write_blocks()


if __name__ == "__main__":
    main()
