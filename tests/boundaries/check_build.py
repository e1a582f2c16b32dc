# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks what was built: which libraries a program asks for, and which headers each room could even see.

Usage: check_build.py BUILD_FOLDER PATH_OF_EIGENQUANT. Prints one line for each violation; exits 1 if any.
"""

import json
import pathlib
import re
import subprocess
import sys

NEEDED = re.compile(r"\(NEEDED\).*\[([^\]]+)\]")
QT_LIBRARY = re.compile(r"^lib(?:Qt\d|QCustomPlot)")
# What a compile command of a folder must not have on its include path or among its definitions.
BANNED_IN_COMMANDS = {
    "ui": re.compile(r"\S*/torch/include\S*"),
    "app/studio": re.compile(r"\S*/torch/include\S*"),
    "app/cli": re.compile(r"\S*/qt6?/Qt\w+|\S*QT_CORE_LIB\S*|\S*/torch/include\S*", re.IGNORECASE),
    "core": re.compile(r"\S*/qt6?/Qt\w+|\S*QT_CORE_LIB\S*", re.IGNORECASE),
    "kernels": re.compile(r"\S*/qt6?/Qt\w+|\S*/torch/include\S*", re.IGNORECASE),
}


def linked_qt(readelf_output: str) -> list[str]:
    return [name for name in NEEDED.findall(readelf_output) if QT_LIBRARY.match(name)]


def command_violations(commands: list[dict], source_root: pathlib.PurePath) -> list[str]:
    found = []
    for entry in commands:
        try:
            path = pathlib.PurePath(entry["file"]).relative_to(source_root).as_posix()
        except ValueError:
            continue  # generated, such as moc's output: its room's own files are in the list, too
        for folder, banned in BANNED_IN_COMMANDS.items():
            match = banned.search(entry["command"]) if path.startswith(folder + "/") else None
            if match:
                found.append(f"{path}: compiled with {match.group(0)}, which {folder} must not see")
    return found


def main() -> int:
    build, program = map(pathlib.Path, sys.argv[1:3])
    headers = subprocess.run(["readelf", "--dynamic", "--wide", program], check=True, capture_output=True,
                             text=True, env={"LC_ALL": "C", "PATH": "/usr/bin:/bin"}).stdout
    if not NEEDED.search(headers):
        sys.exit(f"{program}: readelf names no library at all")
    found = [f"{program}: links {name}, and must not link Qt" for name in linked_qt(headers)]
    commands = json.loads((build / "compile_commands.json").read_text())
    source_root = pathlib.Path(__file__).resolve().parents[2]
    found += command_violations(commands, source_root)
    print("\n".join(found) or f"{program}: links no Qt; {len(commands)} compile commands checked")
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main())
