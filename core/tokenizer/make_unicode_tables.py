#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes unicode_tables.h: where the libraries used here know another Unicode than Hugging Face tokenizers.

Needs Python 3.11 (its unicodedata is Unicode 14, as PCRE2 10.42's), and the packages unicodedata2==16.0.0
(the version of Oniguruma in tokenizers) and tokenizers (asked which characters its normalizer leaves alone).
"""
import unicodedata as old
from pathlib import Path

import unicodedata2 as new
from tokenizers import normalizers

assert old.unidata_version == "14.0.0" and new.unidata_version == "16.0.0"
POINTS = [c for c in range(0x110000) if not 0xD800 <= c <= 0xDFFF]


def ranges(points, bridge=lambda c: False):
    """Sorted [first, last] pairs; gaps that hold only characters fit for bridging are closed."""
    out = []
    for c in sorted(points):
        if out and all(bridge(gap) for gap in range(out[-1][1] + 1, c)):
            out[-1][1] = c
        else:
            out.append([c, c])
    return out


def additions():
    found = {}
    for c in POINTS:
        was, now = old.category(chr(c)), new.category(chr(c))
        if was != now:
            # A few marks moved between Mn and Mc, which is why \p{Mn} and \p{Mc} are refused and \p{M} is not.
            assert was == "Cn" or was[0] == now[0] == "M", f"U+{c:04X} changed from {was} to {now}"
            found.setdefault("M" if now[0] == "M" else now, []).append(c)
    return {category: ranges(points) for category, points in sorted(found.items())}


def decomposition(c):
    return [int(x, 16) for x in new.decomposition(chr(c)).split() if not x.startswith("<")]


def inert():
    """What the normalizer of tokenizers (Unicode 9) treats as unassigned though later versions do not."""
    canonical, compatible = normalizers.NFD(), normalizers.NFKD()
    low, high = "\u0334", "\u0345"  # the lowest and the highest combining class
    found = set()
    for c in POINTS:
        for text in (chr(c), "a" + high + chr(c), "a" + chr(c) + low):
            if canonical.normalize_str(text) != new.normalize("NFD", text):
                found.add(c)
        if compatible.normalize_str(chr(c)) != new.normalize("NFKD", chr(c)):
            found.add(c)
    composites = [c for c in found if decomposition(c) and not new.decomposition(chr(c)).startswith("<")]
    for c in composites:
        parts = [p for p in decomposition(c) if normalizers.NFD().normalize_str(chr(p)) == chr(p)]
        found.update(p for p in parts if p >= 0x10000)  # every older composing part lies below
    return ranges(found, bridge=lambda c: new.category(chr(c)) == "Cn")


def table(pairs):
    items = [f"{{0x{a:x}, 0x{b:x}}}" for a, b in pairs]
    return ",\n".join("    " + ", ".join(items[i:i + 5]) for i in range(0, len(items), 5))


def main():
    parts = ["""// SPDX-License-Identifier: GPL-3.0-or-later
// Written by make_unicode_tables.py from the Unicode character database; do not edit.
#pragma once

#include <cstdint>

namespace eigenquant {

/// Code points first..last, both included.
struct CodePointRange {
    std::uint32_t first, last;
};
"""]
    for category, pairs in additions().items():
        parts.append(f"inline constexpr CodePointRange kAdded{category}[] = {{\n{table(pairs)}}};\n")
    parts.append("/// Characters younger than the data of the Hugging Face normalizers (Unicode 9), which copy them.\n"
                 f"inline constexpr CodePointRange kInertInNormalization[] = {{\n{table(inert())}}};\n")
    parts.append("} // namespace eigenquant\n")
    Path(__file__).with_name("unicode_tables.h").write_text("\n".join(parts))


main()
