"""The editor's pure modules say of the shared cases what the server says.

Where there is no Node, the browser's tests run the same table (tests/pages/test_editor_trial.py).
"""

import json
import shutil
import subprocess

import pytest

from tests.editor.table import MODULES, ROOT, compare, table, trials


@pytest.fixture
def node(tmp_path):
    """``node("cases.mjs", values)``: what a module of tests/editor makes of the page's modules."""
    program = shutil.which("node")
    if not program or run([program, "-p", "[].toSpliced ? 1 : 0"]).strip() != "1":
        pytest.skip("no Node 20 here; the browser runs these cases")
    # Node takes a file for a module only where a package says so.
    shutil.copytree(MODULES, tmp_path / "editor")
    (tmp_path / "editor/package.json").write_text('{"type": "module"}')

    def answer(module: str, values):
        command = [program, str(ROOT / "tests/editor" / module), str(tmp_path / "editor")]
        return json.loads(run(command, json.dumps(values)))

    return answer


def run(command: list[str], text: str = "") -> str:
    done = subprocess.run(command, input=text, capture_output=True, text=True, check=False)
    assert not done.returncode, done.stderr
    return done.stdout


def test_the_editor_and_the_server_agree_on_every_case(node):
    compare(node("cases.mjs", table()))


def test_the_trial_call_plays_every_case_as_the_emulator_does(node):
    assert node("trials.mjs", trials()) == []
