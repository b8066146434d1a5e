"""A small run of the suite that breaks everything, as a whole."""

import os
import subprocess
import sys

import pytest

from tests.installation import ROOT


@pytest.mark.slow
def test_a_small_run_keeps_every_promise():
    environment = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    done = subprocess.run(
        [sys.executable, "-m", "tests.chaos", "--small", "--mode", "embedded", "--seed", "7"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "every promise was kept" in done.stdout
