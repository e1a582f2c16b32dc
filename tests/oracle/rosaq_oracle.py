# SPDX-License-Identifier: GPL-3.0-or-later
"""Spectra and output errors, against a few lines of PyTorch that share no code with the program.

Usage: rosaq_oracle.py PROGRAM WORKSPACE
"""

import json
import pathlib
import sys

import torch
from common import (BITS, CALIBRATION, CONTEXT, FIRST_LAYERS, GROUP, MODULES, OUTCOME, ROSAQ, RTN, SITE_OF, SITES, STATS,
                    WINDOWS, Checks, run)
from reference import load_gguf, windows_of

LAYERS = (0, 2, 3)
LEADING = 32
LINEARS = ("0.q", "3.k", "2.v", "0.o", "3.gate", "2.up", "3.down")


@torch.no_grad()
def second_moments(model, windows):
    """{(layer, site): mean of x·xᵀ over all tokens}, float64"""
    sums, handles = {}, []
    for layer in LAYERS:
        for site, role in SITES.items():
            def add(_, inputs, key=(layer, site)):
                x = inputs[0].flatten(0, -2).double()
                sums[key] = sums.get(key, 0) + x.T @ x
            handles.append(model.model.layers[layer].get_submodule(MODULES[role]).register_forward_pre_hook(add))
    for window in windows:
        model.model(window[None])
    for handle in handles:
        handle.remove()
    return {key: value / windows.numel() for key, value in sums.items()}


def falling_basis(moment):
    """Each eigenvector with its largest entry positive: rounding is not the same on both sides of 0."""
    vectors = torch.linalg.eigh(moment)[1].flip(1)
    return vectors * vectors.gather(0, vectors.abs().argmax(0, keepdim=True)).sign()


def head_wise_basis(moment, config):
    """One basis for all query heads that read the same value head, from the sum of their moments."""
    size, share = config.head_dim, config.num_attention_heads // config.num_key_value_heads
    blocks = [moment[i : i + size, i : i + size] for i in range(0, len(moment), size)]
    bases = []
    for first in range(0, len(blocks), share):
        bases += [falling_basis(sum(blocks[first : first + share]))] * share
    return torch.block_diag(*bases)


def round_to_grid(weight):
    """Groups along a row between their least and greatest weight, 0 included; scales in FP16, whole zero points."""
    out = torch.empty_like(weight)
    for begin in range(0, weight.shape[1], GROUP):
        part = weight[:, begin : begin + GROUP]
        low, high = part.amin(1, keepdim=True).clamp(max=0), part.amax(1, keepdim=True).clamp(min=0)
        scale = ((high - low) / (2**BITS - 1)).half().to(weight.dtype)
        zero = (-low / scale).round()
        out[:, begin : begin + GROUP] = (((part / scale).round() + zero).clamp(0, 2**BITS - 1) - zero) * scale
    return out


def rosaq(weight, moment, basis, stored_basis):
    rotated = weight @ basis
    energy = ((moment @ basis) * basis).sum(0)
    kept = 8 * round(len(energy) / 32 / 8)  # 1/32 of the channels, to the nearest multiple of 8
    order = energy.argsort(descending=True, stable=True)
    salient, rest = order[:kept], order[kept:].sort()[0]
    result = torch.empty_like(rotated)
    result[:, salient] = rotated[:, salient].half().double()
    result[:, rest] = round_to_grid(rotated[:, rest])
    return result @ stored_basis.T


def output_error(weight, found, moment):
    energy = lambda w: ((w @ moment) * w).sum()
    return (energy(weight - found) / energy(weight)).item()


def check_spectra(check, program, workspace, moments):
    for (layer, site), moment in moments.items():
        expected = torch.linalg.eigvalsh(moment).flip(0)
        answer = run(program, "spectrum", workspace / STATS, "--layer", layer, "--site", site)
        found = torch.tensor(answer["eigenvalues"], dtype=torch.float64)
        check.below(f"{layer}.{site}: eigenvalues, difference / largest",
                    ((found - expected).abs().max() / expected[0]).item(), 1e-3)
        leading = (found / expected - 1)[:LEADING].abs().max().item()
        check.below(f"{layer}.{site}: the first {LEADING}, relative difference", leading, 0.02)
        energy = torch.tensor(answer["channel_energy"], dtype=torch.float64)
        check.below(f"{layer}.{site}: energy of each channel, relative difference",
                    (energy / moment.diagonal() - 1).abs().max().item(), 0.02)


def check_errors(check, workspace, model, moments):
    outcomes = {name: {x["name"]: x["output_error"] for x in json.loads((workspace / OUTCOME.format(name)).read_text())["linears"]}
                for name in (RTN, ROSAQ)}
    for linear in LINEARS:
        layer, role = linear.split(".")
        weight = model.model.layers[int(layer)].get_submodule(MODULES[role]).weight.detach().double()
        moment = moments[int(layer), SITE_OF[role]]
        basis = head_wise_basis(moment, model.config) if role == "o" else falling_basis(moment)
        # Rotations that run beside the weights are stored in FP16; the head-wise one is inside the weights.
        stored = basis if role == "o" else basis.half().double()
        errors = {RTN: output_error(weight, round_to_grid(weight), moment)}
        if role == "v":  # its outputs are turned with the inputs of o, which rounds other numbers
            weight = head_outputs(weight, moments[int(layer), "attn_out"], model.config)
        errors[ROSAQ] = output_error(weight, rosaq(weight, moment, basis, stored), moment)
        for method, expected in errors.items():
            found = outcomes[method][linear]
            check(f"{linear} {method}: output error", abs(found / expected - 1) <= 0.02, f"{found:.5g}, expected {expected:.5g}")


def head_outputs(weight, moment, config):
    size, share = config.head_dim, config.num_attention_heads // config.num_key_value_heads
    basis = head_wise_basis(moment, config)
    starts = [head * share * size for head in range(config.num_key_value_heads)]
    return torch.block_diag(*[basis[i : i + size, i : i + size] for i in starts]).T @ weight


def main():
    program, workspace = sys.argv[1], pathlib.Path(sys.argv[2])
    model = load_gguf(workspace / FIRST_LAYERS)
    ids = run(program, "tokenize", workspace / FIRST_LAYERS, "--text", CALIBRATION)["ids"]
    moments = second_moments(model, windows_of(ids, CONTEXT, WINDOWS))
    check = Checks()
    check_spectra(check, program, workspace, moments)
    check_errors(check, workspace, model, moments)
    return check.exit_code()


if __name__ == "__main__":
    sys.exit(main())
