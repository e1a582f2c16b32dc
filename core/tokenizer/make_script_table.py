#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes script_table.h: the scripts that the pre-tokenizer UnicodeScripts of Hugging Face tokenizers tells apart, asked of
the package itself. Characters without a script of their own, such as the space, are in no range.
"""
from pathlib import Path

from tokenizers import pre_tokenizers

SPLIT = pre_tokenizers.UnicodeScripts().pre_tokenize_str


def are_one(left, right):
    return len(SPLIT(left + right)) == 1


def main():
    scripts, ranges = [], []
    for point in range(0x110000):
        if 0xD800 <= point <= 0xDFFF or not SPLIT(chr(point)):
            continue
        if ranges and are_one(scripts[ranges[-1][2]], chr(point)):
            script = ranges[-1][2]
        else:
            script = next((i for i, letter in enumerate(scripts) if are_one(letter, chr(point))), len(scripts))
        if script == len(scripts):
            scripts.append(chr(point))
        if ranges and ranges[-1][1] == point - 1 and ranges[-1][2] == script:
            ranges[-1][1] = point
        else:
            ranges.append([point, point, script])
    items = [f"{{0x{first:x}, 0x{last:x}, {script}}}" for first, last, script in ranges]
    rows = ",\n".join("    " + ", ".join(items[i:i + 4]) for i in range(0, len(items), 4))
    Path(__file__).with_name("script_table.h").write_text(f"""// SPDX-License-Identifier: GPL-3.0-or-later
// Written by make_script_table.py; do not edit.
#pragma once

#include <cstdint>

namespace eigenquant {{

/// Code points first..last, both included, of one script.
struct ScriptRange {{
    std::uint32_t first, last;
    std::uint8_t script;
}};

inline constexpr ScriptRange kScriptRanges[] = {{
{rows}}};

}} // namespace eigenquant
""")


main()
