"""The trial call of the browser's editor plays the shared cases: see tests/calls/ivr/trials."""

import shutil
import subprocess
from pathlib import Path

import pytest

HERE = Path(__file__).parent
CASES = HERE.parent / "calls/ivr/trials"


def test_the_trial_in_the_browser_plays_the_shared_cases():
    node = shutil.which("node")
    if not node:
        pytest.skip("no node here")
    run = subprocess.run(
        [node, HERE / "trials.mjs", CASES], check=False, capture_output=True, text=True, timeout=60
    )
    assert run.returncode == 0, run.stdout + run.stderr
