# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs a checking tool of the system; where it is not installed, says so and exits 77: a skipped test.

Usage: run_tool.py TOOL ARGUMENT…. Looked up when the test runs, since the tool may come after configuring.
"""

import shutil
import subprocess
import sys

SKIPPED = 77


def main() -> int:
    if shutil.which(sys.argv[1]) is None:
        print(f"Skipped: {sys.argv[1]} is not installed")
        return SKIPPED
    return subprocess.run(sys.argv[1:], check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
