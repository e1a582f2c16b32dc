#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes cmpq.safetensors beside this script: a small weight and what CMPQ makes of it, as plain numpy computes it.

    python3 -m venv /tmp/oracle && /tmp/oracle/bin/pip install numpy==2.4.6 safetensors==0.8.0
    /tmp/oracle/bin/python make_cmpq_golden.py

    weight, energy          float32 [out, in], float64 [in]
    NAME.settings           float64: mean bits, the two shares of outliers, 1 for 4 and 2 bits
    NAME.widths, .expected  uint8 [in], float32 [out, in]

K-means is the whole table of least errors here, without any of the program's shortcuts.
"""
from pathlib import Path

import numpy as np
from safetensors.numpy import save_file

RANDOM = np.random.default_rng(20241013)
OUT, IN = 37, 30
CASES = {"2_2": (2.2, 0.002, 0.01, 0), "2_5_four_and_two": (2.5, 0.01, 0.04, 1), "3": (3, 0.0005, 0.0045, 0),
         "3_no_outliers": (3, 0, 0, 0), "3_7": (3.7, 0.03, 0, 0), "2": (2, 0.01, 0.03, 0), "8": (8, 0, 0.01, 0)}


def kmeans(values, k):
    """The k means with least squared error, by trying every split; fewer if there are fewer distinct values."""
    values = np.sort(values.astype(np.float64))
    if len(np.unique(values)) <= k:
        return np.unique(values)
    n = len(values)
    error = np.full((n + 1, n + 1), np.inf)  # of the run [i, j)
    for i in range(n):
        for j in range(i + 1, n + 1):
            error[i, j] = ((values[i:j] - values[i:j].mean()) ** 2).sum()
    least, begins = np.full(n + 1, np.inf), []
    least[0] = 0
    for _ in range(k):
        table = least[:, None] + error
        begins.append(table.argmin(axis=0))
        least = table.min(axis=0)
    means, end = [], n
    for begin in reversed(begins):
        means.append(values[begin[end]:end].mean())
        end = begin[end]
    return np.array(means[::-1])


def widths_of(energy, bits, four_and_two):
    order = sorted(range(IN), key=lambda j: (-energy[j], j))
    low = int(bits)
    if bits == low:
        tenth = 0 if bits == 8 else round(IN * 0.1)
        ranked = [low + 1] * tenth + [low] * (IN - 2 * tenth) + [low - 1] * tenth
    else:
        high = 4 if four_and_two and low == 2 else low + 1
        wide = round(IN * (bits - low) / (high - low))
        ranked = [high] * wide + [low] * (IN - wide)
    widths = np.zeros(IN, np.uint8)
    widths[order] = ranked
    return widths


def largest(scores, count):
    """A mask of the largest; ties by column, then row."""
    order = sorted(((-scores[i, j], j, i) for i in range(OUT) for j in range(IN)))[:count]
    mask = np.zeros((OUT, IN), bool)
    for _, j, i in order:
        mask[i, j] = True
    return mask


def rounded_to_codebooks(weight, kept, widths):
    result = np.empty_like(weight)
    for j in range(IN):
        book = kmeans(weight[kept[:, j], j], 1 << int(widths[j])).astype(np.float32).astype(np.float16)
        distance = np.abs(weight[:, j, None].astype(np.float64) - book[None].astype(np.float64))
        result[:, j] = book[distance.argmin(axis=1)]
    return result


def cmpq(weight, energy, bits, activation, quantization, four_and_two):
    widths = widths_of(energy, bits, four_and_two)
    wide = weight.astype(np.float64)
    outliers = largest(wide ** 2 * energy, round(activation * OUT * IN))
    first = rounded_to_codebooks(weight, ~outliers, widths)
    errors = np.where(outliers, -1, (wide - first) ** 2 * energy)
    outliers |= largest(errors, round(quantization * OUT * IN))
    result = rounded_to_codebooks(weight, ~outliers, widths)
    return widths, np.where(outliers, weight.astype(np.float16).astype(np.float32), result)


def main():
    weight = (RANDOM.standard_t(4, (OUT, IN)) * 0.05).astype(np.float32)
    weight[:, 3] = np.round(weight[:, 3] * 10) / 10  # few distinct values
    weight[:, 4] = 0
    energy = np.exp(RANDOM.normal(0, 2, IN))
    energy[7] = energy[8]
    energy[9] = 0
    tensors = {"weight": weight, "energy": energy}
    for name, settings in CASES.items():
        widths, expected = cmpq(weight, energy, *settings)
        tensors[f"{name}.settings"] = np.array(settings, np.float64)
        tensors[f"{name}.widths"], tensors[f"{name}.expected"] = widths, expected
        print(f"{name}: mean width {widths.mean():.3f}, squared error {((weight - expected) ** 2).sum():.6f}")
    save_file(tensors, Path(__file__).with_name("cmpq.safetensors"))


if __name__ == "__main__":
    main()
