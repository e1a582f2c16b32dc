# SPDX-License-Identifier: GPL-3.0-or-later
"""Two processes that PyTorch's torchrun starts, against one: the same perplexity, printed once.

Usage: processes_oracle.py PROGRAM
"""

import json
import subprocess
import sys

from common import CHECK, Checks, demo_model, run

WINDOWS = 4


def main():
    program = sys.argv[1]
    arguments = ["perplexity", demo_model(), "--text", CHECK, "--context", 128, "--windows", WINDOWS, "--threads", 1]
    alone = run(program, *arguments)
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2", "--no-python",
               program, *map(str, arguments), "--json", "--quiet", "--device", "cpu", "--dtype", "f32"]
    answer = subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True, timeout=600).stdout
    check = Checks()
    check("printed once", answer.count("\n") == 1, f"{len(answer)} characters")
    together = json.loads(answer)
    for key in ("perplexity", "stderr", "windows", "tokens_scored", "text_hash"):
        check(key, together[key] == alone[key], f"{together[key]} together, {alone[key]} alone")
    return check.exit_code()


if __name__ == "__main__":
    sys.exit(main())
