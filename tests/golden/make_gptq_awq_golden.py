#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes gptq_awq.safetensors: small weights and activations, and what plain numpy makes of them with GPTQ as the
paper writes it (an inverse, then its Cholesky factor, one column at a time) and with AWQ's search.

    python3 -m venv /tmp/oracle && /tmp/oracle/bin/pip install numpy==2.4.6 safetensors==0.8.0
    /tmp/oracle/bin/python make_gptq_awq_golden.py

The output is the same on every run. Codes are stored as float32, which every reader of tensors has.
"""

from pathlib import Path

import numpy as np
from safetensors.numpy import save_file

RANDOM = np.random.default_rng(20240719)
ROWS, COLUMNS, TOKENS = 40, 150, 400
DAMPING = 0.01


def fit(values, bits, symmetric):
    """Scale and zero point of a group of one row, as the house's grid has them."""
    values = values.astype(np.float32)
    low, high = values.min(), values.max()
    if symmetric:
        middle = np.float32(2 ** (bits - 1))
        largest = high if high > -low else low
        return np.float32(np.float16(-largest / middle)), middle
    low, high = min(low, np.float32(0)), max(high, np.float32(0))
    top = np.float32(2**bits - 1)
    scale = np.float32(np.float16((high - low) / top))
    return scale, np.clip(np.rint(-low / scale), 0, top)


def to_codes(values, grid, bits):
    scale, zero = grid
    return np.clip(np.rint(values.astype(np.float32) / scale) + zero, 0, 2**bits - 1)


def to_values(codes, grid):
    scale, zero = grid
    return ((codes - zero) * scale).astype(np.float64)


def nearest(weight, bits, group, symmetric):
    result = np.zeros(weight.shape)
    for row in range(len(weight)):
        for begin in range(0, weight.shape[1], group):
            part = weight[row, begin : begin + group]
            grid = fit(part, bits, symmetric)
            result[row, begin : begin + group] = to_values(to_codes(part, grid, bits), grid)
    return result


def gptq(weight, moment, bits, group, symmetric, order):
    """Codes [rows, columns] in the columns' own order, and the rounded weights."""
    original, weight = weight, weight.astype(np.float64)[:, order].copy()
    moment = moment[np.ix_(order, order)] + DAMPING * np.mean(np.diag(moment)) * np.eye(len(moment))
    feedback = np.linalg.cholesky(np.linalg.inv(moment)).T
    static = (order != np.arange(len(order))).any()
    codes, rounded, grids = np.zeros(weight.shape), np.zeros(weight.shape), {}
    for place, column in enumerate(order):
        for row in range(len(weight)):
            key = (row, column // group)
            if key not in grids:
                begin = column // group * group
                source = original if static else weight
                grids[key] = fit(source[row, begin : begin + group], bits, symmetric)
            codes[row, column] = to_codes(weight[row, place : place + 1], grids[key], bits)[0]
            rounded[row, column] = to_values(codes[row, column], grids[key])
        error = (weight[:, place] - rounded[:, column]) / feedback[place, place]
        weight[:, place:] -= np.outer(error, feedback[place, place:])
    return codes, rounded


def output_error(difference, moment):
    return np.trace(difference @ moment @ difference.T)


def awq(weights, moment, bits, group):
    """The output error for each exponent, of all weights together."""
    rms = np.sqrt(np.diag(moment))
    errors = []
    for step in range(20):
        scales = np.maximum(rms ** (step / 20), 1e-4)
        scales = (scales / np.sqrt(scales.max() * scales.min())).astype(np.float32)
        errors.append(sum(
            output_error(w - nearest(w * scales, bits, group, False) / scales, moment) for w in weights
        ))
    return errors


def main():
    # Correlated channels of unlike energy; well conditioned.
    mixing = np.eye(COLUMNS) + 0.15 * RANDOM.normal(size=(COLUMNS, COLUMNS)) / np.sqrt(COLUMNS) * 4
    energy = np.exp(0.7 * RANDOM.normal(size=COLUMNS))
    x = ((RANDOM.normal(size=(TOKENS, COLUMNS)) @ mixing) * energy).astype(np.float32)
    weight = (0.05 * RANDOM.normal(size=(ROWS, COLUMNS))).astype(np.float32)
    moment = x.astype(np.float64).T @ x.astype(np.float64) / TOKENS
    natural, falling = np.arange(COLUMNS), np.argsort(-np.diag(moment), kind="stable")
    tensors = {"x": x, "weight": weight}
    for name, bits, group, symmetric, order in [
        ("four", 4, 32, False, natural),
        ("three", 3, 64, False, natural),
        ("rows", 4, COLUMNS, False, natural),
        ("symmetric", 4, 32, True, natural),
        ("ordered", 3, 32, False, falling),
    ]:
        codes, rounded = gptq(weight, moment, bits, group, symmetric, order)
        tensors[f"gptq.{name}.codes"] = codes.astype(np.float32)
        tensors[f"gptq.{name}.error"] = np.array([output_error(weight - rounded, moment)])
    tensors["awq.errors"] = np.array(awq([weight, weight[:20] * 3], moment, 3, 64))
    save_file(tensors, Path(__file__).parent / "gptq_awq.safetensors")


if __name__ == "__main__":
    main()
