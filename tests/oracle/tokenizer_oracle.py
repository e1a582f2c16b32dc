# SPDX-License-Identifier: GPL-3.0-or-later
"""Token ids against PyPI's tokenizers and sentencepiece: random Unicode on many pipelines, and the demo model on whole texts.

Usage: tokenizer_oracle.py PROGRAM TOKENIZE_LINES. EIGENQUANT_WIKITEXT names a folder with WikiText-2's test.txt and
valid.txt; without it the bundled texts are compared alone, and this is said.
"""

import os
import pathlib
import subprocess
import sys
import tempfile

from common import CALIBRATION, CHECK, ROOT, Checks, demo_model, run
from tokenizers import Tokenizer

TEXTS_A_VARIANT = 700
# How many tokens the demo model's tokenizer makes of WikiText-2.
WIKITEXT = {"test.txt": 304_978, "valid.txt": 273_868}


def compare_text(check, program, tokenizer, file, count):
    ours = run(program, "tokenize", demo_model(), "--text", file)["ids"]
    with open(file, encoding="utf-8", newline="") as stream:
        theirs = tokenizer.encode(stream.read()).ids
    check(f"{file.name} ids", ours == theirs, f"{len(ours)} tokens, {len(theirs)} expected")
    if count:
        check(f"{file.name} count", len(ours) == count, f"{len(ours)} of {count}")


def main():
    program, tool = sys.argv[1:3]
    golden = ROOT / "tests/golden"
    check = Checks()
    fuzz = subprocess.run([sys.executable, "-B", golden / "fuzz_tokenizer.py", tool, "--count", str(TEXTS_A_VARIANT)],
                          check=False)
    check("random Unicode", fuzz.returncode == 0, f"{TEXTS_A_VARIANT} texts a variant")
    with tempfile.TemporaryDirectory() as folder:
        file = pathlib.Path(folder) / "tokenizer.json"
        subprocess.run([sys.executable, "-B", golden / "make_tokenizer_golden.py", "--gguf", demo_model(), "--out", file],
                       check=True)
        tokenizer = Tokenizer.from_file(str(file))
    for text in (CALIBRATION, CHECK):
        compare_text(check, program, tokenizer, text, None)
    wikitext = os.environ.get("EIGENQUANT_WIKITEXT")
    if not wikitext:
        print("WikiText-2 was not compared: EIGENQUANT_WIKITEXT is not set")
    for name, count in WIKITEXT.items() if wikitext else ():
        compare_text(check, program, tokenizer, pathlib.Path(wikitext) / name, count)
    return check.exit_code()


if __name__ == "__main__":
    sys.exit(main())
