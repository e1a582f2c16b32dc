#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes character_tables.h: the sets of characters that Hugging Face tokenizers test for, asked of the package itself.

Its parts come from different Rust crates, each with its own version of Unicode, so no one database has them all.
Needs Python 3.11 (whose lower-case letters utf8proc shares) and the package tokenizers.
"""
from pathlib import Path

from tokenizers import normalizers, pre_tokenizers

POINTS = [c for c in range(0x110000) if not 0xD800 <= c <= 0xDFFF]
PLAIN = {"clean_text": False, "handle_chinese_chars": False, "strip_accents": False, "lowercase": False}


def bert(**options):
    return normalizers.BertNormalizer(**{**PLAIN, **options}).normalize_str


def ranges(points):
    out = []
    for c in points:
        if out and out[-1][1] == c - 1:
            out[-1][1] = c
        else:
            out.append([c, c])
    return out


def that(fits):
    return ranges(c for c in POINTS if fits(chr(c)))


def pieces(pre_tokenizer, text):
    return [piece for piece, _ in pre_tokenizer.pre_tokenize_str(text)]


def sets():
    strip, clean, accents, chinese = (normalizers.StripAccents().normalize_str, bert(clean_text=True),
                                      bert(strip_accents=True), bert(handle_chinese_chars=True))
    white, punctuation = pre_tokenizers.Whitespace(), pre_tokenizers.Punctuation()
    return {
        "WordCharacters": (r"\w of the crate regex, which single_word and the pre-tokenizer Whitespace ask for.",
                           that(lambda c: pieces(white, "a" + c) == ["a" + c])),
        "Punctuation": ("What the pre-tokenizers Punctuation and BertPreTokenizer split at.",
                        that(lambda c: len(pieces(punctuation, "a" + c)) == 2)),
        "Marks": ("What the normalizer StripAccents removes.", that(lambda c: strip(c) == "")),
        "NonspacingMarks": ("What BertNormalizer removes with strip_accents.", that(lambda c: accents(c) == "")),
        "CleanedAway": ("What BertNormalizer removes with clean_text.", that(lambda c: clean(c) == "")),
        "Chinese": ("What BertNormalizer puts spaces around.", that(lambda c: chinese(c) != c)),
    }


def young_letters():
    lower = normalizers.Lowercase().normalize_str
    return [(c, ord(lower(chr(c)))) for c in POINTS if lower(chr(c)) != chr(c).lower()]


def rows(items):
    return ",\n".join("    " + ", ".join(items[i:i + 5]) for i in range(0, len(items), 5))


def main():
    parts = ["""// SPDX-License-Identifier: GPL-3.0-or-later
// Written by make_character_tables.py; do not edit.
#pragma once

#include "core/tokenizer/unicode_tables.h"

namespace eigenquant {
"""]
    for name, (comment, pairs) in sets().items():
        items = rows([f"{{0x{a:x}, 0x{b:x}}}" for a, b in pairs])
        parts.append(f"/// {comment}\ninline constexpr CodePointRange k{name}[] = {{\n{items}}};\n")
    items = rows([f"{{0x{a:x}, 0x{b:x}}}" for a, b in young_letters()])
    parts.append("/// Capital and small letter, where Unicode 14 knows no such pair.\n"
                 f"inline constexpr CodePointRange kYoungLowercase[] = {{\n{items}}};\n")
    parts.append("} // namespace eigenquant\n")
    Path(__file__).with_name("character_tables.h").write_text("\n".join(parts))


main()
