# SPDX-License-Identifier: GPL-3.0-or-later
"""Fails when a text of the studio has no translation, or a translation lost a place-holder of its text.

Usage: check_translations.py LUPDATE SOURCE_ROOT. Works on a copy of the .ts files that is brought up to date first;
`ninja translations` does the same to the files themselves, and what it adds is then to be translated.
"""

import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree

PLACE = re.compile(r"%(?:L?\d+|n)")


def problems(file: pathlib.Path) -> list[str]:
    found = []
    for context in ElementTree.parse(file).getroot().iter("context"):
        for message in context.iter("message"):
            source = message.findtext("source") or ""
            translation = message.find("translation")
            where = f"{file.name}: {context.findtext('name')}: {source[:60]!r}"
            if translation is None or translation.get("type") in ("vanished", "obsolete"):
                continue
            texts = [form.text or "" for form in translation.iter("numerusform")] or [translation.text or ""]
            if translation.get("type") == "unfinished" or not all(texts):
                found.append(f"{where}: not translated")
            elif any(set(PLACE.findall(source)) != set(PLACE.findall(text)) for text in texts):
                found.append(f"{where}: other place-holders than the text: {texts}")
            elif source.count("&&") == 0 and ("&" in source) != any("&" in text for text in texts):
                found.append(f"{where}: only one of both has a mnemonic: {texts}")
    return found


def main() -> int:
    lupdate, root = sys.argv[1], pathlib.Path(sys.argv[2])
    found, count = [], 0
    with tempfile.TemporaryDirectory() as folder:
        for original in sorted((root / "resources/translations").glob("*.ts")):
            copy = pathlib.Path(folder) / original.name
            shutil.copy(original, copy)
            subprocess.run([lupdate, "-silent", "-no-obsolete", "-locations", "none", "-extensions", "h,cpp",
                            root / "ui", "-I", root, "-ts", copy], check=True)
            found += problems(copy)
            count += 1
    if count == 0:
        sys.exit("there is no .ts file at all")
    print("\n".join(found) or f"{count} languages are complete")
    if found:
        print("bring the files up to date with `ninja translations`, and translate what is unfinished")
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main())
