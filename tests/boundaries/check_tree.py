# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks the source tree against the house's rules: who may include whom, licence lines, sizes, paths.

Usage: check_tree.py ROOT. Prints one line for each violation, and exits 1 if there is one.
"""

import dataclasses
import os
import pathlib
import re
import sys
from collections.abc import Iterator

SOURCE_TOPS = ("app", "core", "kernels", "ui")
CODE_SUFFIXES = (".h", ".cpp", ".cu", ".cuh")
LICENSED_SUFFIXES = CODE_SUFFIXES + (".py", ".sh", ".cmake", ".desktop", ".xml")
LICENSED_NAMES = ("CMakeLists.txt", "studio", "run")
BINARY_SUFFIXES = (".png", ".gguf", ".safetensors", ".ico", ".qm")
MAX_LINES = 500
SPDX = "SPDX-License-Identifier: GPL-3.0-or-later"
MACHINE_PATH = re.compile(r"""(?<![\w.$}~])/(?:home|root|Users|mnt|media)/[\w.]""")
UNFINISHED = re.compile(r"\b(?:TODO|FIXME|XXX)\b")
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.MULTILINE)

# The kinds of header that a rule can speak of; the first pattern that matches names it.
KINDS = (
    ("torch", re.compile(r"^(?:torch|ATen|c10|caffe2)/")),
    ("cuda", re.compile(r"^(?:cuda|cublas|cusolver|nccl|nvrtc|nvml|thrust/|cub/|cutlass/|mma\.h)")),
    ("qt", re.compile(r"^(?:Q[A-Z]|Qt[A-Z]|qcustomplot|q[a-z]+\.h$)")),
    ("project", re.compile(r"^(?:app|core|kernels|tests|ui)/")),
    ("library", re.compile(r"^(?:Eigen|nlohmann|CLI|fmt|spdlog|gtest|gmock|benchmark)/|^(?:pcre2|xxhash)\.h$|^unicode/|^utf8proc")),
)

# Inside core the arrows go one way: a room may include itself and the rooms of a lower level.
CORE_LEVELS = {"base": 0, "results": 1, "device": 2, "distributed": 2, "io": 3, "tokenizer": 4, "model": 5, "calib": 6,
               "quant": 7, "decode": 8, "eval": 9, "export": 9, "session": 10}
FACADE_ROOMS = ("core/base", "core/results", "core/session")
# The headers that cross the border to windows and command lines: whatever they reach is std alone.
# Other headers of core/session are its own parts.
BORDER = re.compile(r"^core/(?:base/.*|results/.*|session/(?:session|predictor))\.h$")
TORCH_FREE_CORE_ROOMS = ("base", "results", "io", "tokenizer")


@dataclasses.dataclass(frozen=True)
class Rule:
    """What a room may include besides the standard library: kinds of header, and folders of the project."""

    kinds: tuple[str, ...]
    folders: tuple[str, ...]


ROOM_RULES = {
    "kernels": Rule(("cuda",), ("kernels",)),
    "ui": Rule(("qt",), ("ui",) + FACADE_ROOMS),
    "app/studio": Rule(("qt",), ("app/studio", "ui") + FACADE_ROOMS),
    "app/cli": Rule(("library",), ("app/cli",) + FACADE_ROOMS),
}


def kind_of(header: str) -> str:
    return next((kind for kind, pattern in KINDS if pattern.search(header)), "std")


def lies_in(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder + "/")


def core_rule(path: str) -> Rule | None:
    """The rule of a file of core, or nothing if its room is not in the table."""
    room = path.split("/")[1]
    if room not in CORE_LEVELS:
        return None
    lower = [r for r, level in CORE_LEVELS.items() if level < CORE_LEVELS[room]]
    folders = tuple(f"core/{r}" for r in lower + [room])
    if BORDER.match(path):
        return Rule((), folders)
    if room in TORCH_FREE_CORE_ROOMS:
        return Rule(("library",), folders)
    return Rule(("library", "torch"), folders + ("kernels",))


def rule_for(path: str) -> Rule | None:
    if lies_in(path, "core"):
        return core_rule(path)
    return next((rule for room, rule in ROOM_RULES.items() if lies_in(path, room)), None)


def include_violations(path: str, text: str) -> Iterator[str]:
    rule = rule_for(path)
    if rule is None:
        yield f"{path}: this folder has no include rule; add it to tests/boundaries/check_tree.py"
        return
    for quote, header in INCLUDE.findall(text):
        kind = kind_of(header)
        generated = header.endswith(".moc") or header.startswith("ui_")
        if header.endswith(".cuh") and not path.endswith((".cu", ".cuh")):
            yield f"{path}: may not include {header}: device code is for .cu files"
        elif quote == '"' and kind != "project" and not generated:
            yield f'{path}: includes "{header}"; write the path from the root, or <> for a library'
        elif kind == "project":
            if not any(lies_in(header, folder) for folder in rule.folders):
                yield f"{path}: may not include {header}; allowed: {', '.join(rule.folders)}"
        elif kind != "std" and kind not in rule.kinds:
            yield f"{path}: may not include {header} ({kind})"


def reached_headers(root: pathlib.Path, start: str) -> Iterator[tuple[str, str]]:
    """(file, header) for every include that a header pulls in, through any number of the project's own."""
    seen, waiting = {start}, [start]
    while waiting:
        path = waiting.pop()
        if not (root / path).is_file():
            continue
        for _, header in INCLUDE.findall((root / path).read_text(encoding="utf-8")):
            yield path, header
            if kind_of(header) == "project" and header not in seen:
                seen.add(header)
                waiting.append(header)


def detour_violations(root: pathlib.Path, path: str) -> Iterator[str]:
    """What windows and command lines include from core must not carry libraries into them by a detour."""
    for via, header in reached_headers(root, path):
        if lies_in(via, "core") and via != path and kind_of(header) not in ("std", "project"):
            yield f"{path}: pulls in {header} through {via}; what it takes from core must reach std alone"


def needs_licence(path: pathlib.PurePosixPath) -> bool:
    return path.suffix in LICENSED_SUFFIXES or path.name in LICENSED_NAMES


def text_violations(path: str, text: str, root: pathlib.Path) -> Iterator[str]:
    pure = pathlib.PurePosixPath(path)
    if needs_licence(pure) and not any(SPDX in line for line in text.splitlines()[:4]):
        yield f"{path}: its first lines lack '{SPDX}'"
    match = MACHINE_PATH.search(text)
    if match or str(root) in text:
        yield f"{path}: holds a path of one machine ({match.group(0) + '…' if match else root})"
    if pure.parts[0] not in SOURCE_TOPS or pure.suffix not in CODE_SUFFIXES:
        return
    lines = text.count("\n")
    if lines > MAX_LINES:
        yield f"{path}: {lines} lines, at most {MAX_LINES}; look for the second subject"
    if UNFINISHED.search(text):
        yield f"{path}: says '{UNFINISHED.search(text).group(0)}'"
    yield from include_violations(path, text)


def files_of(root: pathlib.Path) -> Iterator[str]:
    for folder, folders, names in os.walk(root):
        top = pathlib.Path(folder) == root
        folders[:] = sorted(f for f in folders if f not in (".git", ".cache", "__pycache__")
                            and not (top and (f == "build" or f.startswith("build-"))))
        for name in sorted(names):
            yield (pathlib.Path(folder) / name).relative_to(root).as_posix()


def violations(root: pathlib.Path) -> list[str]:
    found: list[str] = []
    for path in files_of(root):
        if path.endswith(BINARY_SUFFIXES) or lies_in(path, "tests/boundaries"):
            continue
        try:
            text = (root / path).read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        found += text_violations(path, text, root)
        if BORDER.match(path) or (path.endswith(CODE_SUFFIXES) and path.startswith(("app/", "ui/"))):
            found += detour_violations(root, path)
    return found


def main() -> int:
    root = pathlib.Path(sys.argv[1]).resolve()
    found = violations(root)
    print("\n".join(found) or f"{root}: no violations")
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main())
