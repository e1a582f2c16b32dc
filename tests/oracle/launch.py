# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs an oracle with the Python that has its packages; says what is missing and exits 77, a skipped test, without.

Usage: launch.py SCRIPT ARGUMENT…. Everything is looked up when the test runs, since it may come after configuring.
"""

import os
import subprocess
import sys

from common import SKIPPED, demo_model


def main() -> int:
    python = os.environ.get("EIGENQUANT_ORACLE_PYTHON", "")
    if not os.access(python, os.X_OK):
        print("Skipped: EIGENQUANT_ORACLE_PYTHON names no Python with transformers (./studio test installs one)")
        return SKIPPED
    if not demo_model().is_file():
        print(f"Skipped: the demo model {demo_model()} is not installed (./studio build downloads it)")
        return SKIPPED
    # Nothing is fetched from a hub: every model is a local folder.
    environment = {**os.environ, "HF_HUB_OFFLINE": "1", "HF_HUB_DISABLE_PROGRESS_BARS": "1",
                   "TRANSFORMERS_VERBOSITY": "error", "TQDM_DISABLE": "1"}
    return subprocess.run([python, "-B", *sys.argv[1:]], env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
