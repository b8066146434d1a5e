"""docs/deployment.md explains every code, and none that is not there."""

import re
from pathlib import Path

from obzvon_site.common.engine import QUEUES

ROOT = Path(__file__).resolve().parents[2]
CODE = re.compile(
    r"\"((?:database|engine|workers|disk|clock|accounts|address|secrets|build)\.[a-z_]+)\""
)
INTERNAL = {"database.skipped"}  # says only that others were not asked


def test_every_code_is_explained():
    text = "\n".join(path.read_text() for path in (ROOT / "obzvon_site/doctor").glob("*.py"))
    said = {*CODE.findall(text), *(f"workers.{queue}" for queue in QUEUES)}
    rows = re.findall(r"^\| (`.*?) \|", (ROOT / "docs/deployment.md").read_text(), re.MULTILINE)
    explained = {code for row in rows for code in re.findall(r"`([a-z]+\.[a-z_]+)`", row)}
    assert said - INTERNAL == explained
