"""Break everything, and prove that nobody is called twice and nobody is lost: `make chaos`.

The same seed gives the same plan. Exit code 1 with the phones and the seed when a promise broke.
"""

import argparse
import os
import subprocess
import sys
from pathlib import Path

MODES = ("embedded", "distributed")


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--calls", type=int, default=5000)
    parser.add_argument("--mode", choices=[*MODES, "both"], default="both")
    parser.add_argument("--minutes", type=float, default=6.0, help="how long troubles last")
    parser.add_argument("--kills", type=int, default=60)
    parser.add_argument("--small", action="store_true", help="300 calls, 10 kills, a minute")
    parser.add_argument("--plan", action="store_true", help="print the plan and do nothing")
    parser.add_argument("--keep", type=Path, help="a folder for what remains of a broken run")
    asked = parser.parse_args()
    if asked.small:
        asked.calls, asked.kills, asked.minutes = 300, 10, 0.75
    return asked


def main() -> int:
    asked = options()
    if asked.mode != "both":
        # The settings read the environment once, so each mode is a process of its own.
        from tests.chaos.run import run  # noqa: PLC0415

        return run(asked)
    codes = []
    for mode in MODES:
        command = [sys.executable, "-m", "tests.chaos", *sys.argv[1:], "--mode", mode]
        codes.append(subprocess.run(command, check=False, env=os.environ).returncode)
    for mode, code in zip(MODES, codes, strict=True):
        print(f"{mode}: {'BROKEN' if code else 'kept'}")
    return max(map(abs, codes))


if __name__ == "__main__":
    sys.exit(main())
