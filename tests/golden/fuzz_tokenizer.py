#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Compares the tokenizer with the PyPI packages tokenizers and sentencepiece on random Unicode text.

    fuzz_tokenizer.py build/tests/tokenize_lines [--count 20000] [--seed 1] [--variant NAME…] [--tokenizer FILE…]

Without --tokenizer it takes the variants of the golden file and the families of make_tokenizer_kinds.py. Leaves with 1 and shows the first texts that differ.
"""
import argparse
import json
import random
import subprocess
import sys
import tempfile
from pathlib import Path

import sentencepiece

from make_sentencepiece_golden import subjects as subjects_of_sentencepiece
from make_tokenizer_golden import GOLDEN, TEXTS, assemble
from make_tokenizer_kinds import families
from tokenizers import Tokenizer

BLOCKS = [(0x20, 0x7E), (0x20, 0x7E), (0xA0, 0x24F), (0x250, 0x36F), (0x300, 0x36F), (0x370, 0x52F), (0x590, 0x6FF),
          (0x900, 0xDFF), (0xE00, 0xEFF), (0x1100, 0x11FF), (0x1E00, 0x20CF), (0x2100, 0x2BFF), (0x3000, 0x30FF),
          (0x4E00, 0x9FFF), (0xAC00, 0xD7A3), (0xE000, 0xF8FF), (0xF900, 0xFDFF), (0xFE00, 0xFFFF), (0x10000, 0x10FFF),
          (0x11000, 0x11FFF), (0x1D400, 0x1D7FF), (0x1F000, 0x1FAFF), (0x20000, 0x323AF), (0xE0000, 0xE01EF), (0, 0x1F),
          (0, 0x10FFFF)]
SPACES = [" ", "  ", "   ", "\t", "\n", "\r\n", "\r", "\v", "\f", "\x85", "\xa0", "\u1680", "\u180e", "\u2003", "\u200b",
          "\u2028", "\u202f", "\u3000", "\ufeff"]
BITS = ["'s", "'S", "'\u017f", "'re", "'LL", "'d", "0", "1", "2", "42", "\u0663", "\u0967", "\u00bd", "\u2163", "\U0001d7d8",
        "\u200d", "\ufe0f", "\U0001f469", "\U0001f3fd", "\u0301", "\u0323", "\u0345", "\u0334", "\u1161", "\u11a8", "\x00", "<|im_start|>",
        "<|im_end|>", "<|endoftext|>", "<mask>", "Word", "caf\u00e9", "cafe\u0301", "<|im_start|>x", "<|im_", "the", " quant",
        "_", ".", "...", "://", "\\", '"', "<s>", "</s>", "<unk>", "\u2581", "\u2581\u2581", "<|user|>", "<|end|>", "<0x0A>",
        "\u0130", "\u03a3", "\uff21\u0301", "\ufb01", "\u00ad", "channels", " the", "Gr\u00f6\u00dfe", "\u91cf\u5316"]


def character(chance):
    while True:
        code = chance.randint(*chance.choice(BLOCKS))
        if not 0xD800 <= code <= 0xDFFF:
            return chr(code)


def sample(chance):
    parts = []
    for _ in range(chance.randint(0, 14)):
        kind = chance.random()
        if kind < 0.4:
            block = chance.choice(BLOCKS)
            codes = [chance.randint(*block) for _ in range(chance.randint(1, 8))]
            parts.append("".join(chr(c) for c in codes if not 0xD800 <= c <= 0xDFFF))
        elif kind < 0.5:
            parts.append(character(chance))
        elif kind < 0.75:
            parts.append(chance.choice(SPACES) * chance.choice((1, 1, 1, 2, 3, 70)))
        elif kind < 0.97:
            parts.append(chance.choice(BITS))
        else:
            parts.append(character(chance) * chance.randint(2, 120))
    return "".join(parts)


def compare(tool, name, whole, texts):
    tokenizer = Tokenizer.from_str(whole)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "tokenizer.json"
        file.write_text(whole)
        lines = "".join(json.dumps(t) + "\n" for t in texts)
        out = subprocess.run([tool, file], input=lines, capture_output=True, text=True, check=True).stdout.split("\n")[:-1]
    assert len(out) == len(texts)
    differing = []
    for text, line in zip(texts, out):
        ours, ids = json.loads(line), tokenizer.encode(text).ids
        if ours["ids"] != ids or ours["text"] != tokenizer.decode(ids, skip_special_tokens=False):
            differing.append((text, ids, ours["ids"]))
    print(f"{name}: {len(texts)} texts, {len(differing)} differ", flush=True)
    for text, ids, found in differing[:3]:
        print(f"  {ascii(text)}\n    expected {ids}\n    found    {found}")
    return not differing


def compare_model(tool, name, binary, texts):
    """A tokenizer.model with the PyPI package sentencepiece."""
    processor = sentencepiece.SentencePieceProcessor(model_proto=binary)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "tokenizer.model"
        file.write_bytes(binary)
        lines = "".join(json.dumps(t) + "\n" for t in texts)
        out = subprocess.run([tool, file], input=lines, capture_output=True, text=True, check=True).stdout.split("\n")[:-1]
    assert len(out) == len(texts)
    differing = []
    for text, line in zip(texts, out):
        ours, ids = json.loads(line), processor.encode(text)
        if ours["ids"] != ids or ours["text"] != processor.decode(ids):
            differing.append((text, ids, ours["ids"]))
    print(f"sentencepiece {name}: {len(texts)} texts, {len(differing)} differ", flush=True)
    for text, ids, found in differing[:3]:
        print(f"  {ascii(text)}\n    expected {ids}\n    found    {found}")
    return not differing


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tool")
    parser.add_argument("--count", type=int, default=20000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--variant", action="append")
    parser.add_argument("--tokenizer", action="append", default=[])
    arguments = parser.parse_args()
    chance = random.Random(arguments.seed)
    texts = TEXTS + [sample(chance) for _ in range(arguments.count)]
    golden = json.loads(GOLDEN.read_text())
    subjects = [(file, Path(file).read_text()) for file in arguments.tokenizer]
    if not subjects:
        subjects = [(v["name"], json.dumps(assemble(golden["model"], v["parts"]))) for v in golden["variants"]
                    if not arguments.variant or v["name"] in arguments.variant]
        subjects += [(name, json.dumps(whole)) for name, whole in families().items()
                     if not arguments.variant or name in arguments.variant]
    results = [compare(arguments.tool, name, whole, texts) for name, whole in subjects]
    if not arguments.tokenizer and not arguments.variant:
        results += [compare_model(arguments.tool, name, binary, texts) for name, binary in subjects_of_sentencepiece().items()]
    sys.exit(0 if all(results) else 1)


if __name__ == "__main__":
    main()
