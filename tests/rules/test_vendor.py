"""What others wrote is here exactly as they published it, with its licence."""

import hashlib
from pathlib import Path

import pytest

VENDOR = Path(__file__).resolve().parents[2] / "static/vendor"
LINES = [
    line.split()
    for line in (VENDOR / "MANIFEST").read_text().splitlines()
    if not line.startswith("#")
]


@pytest.mark.parametrize(("name", "version", "licence", "file", "sha256"), LINES)
def test_a_vendored_file_is_the_one_of_the_manifest(name, version, licence, file, sha256):
    assert hashlib.sha256((VENDOR / file).read_bytes()).hexdigest() == sha256
    assert (VENDOR / f"{name}-{version}" / "LICENSE").read_text().strip(), licence


def test_the_manifest_names_every_vendored_file():
    found = {path for path in VENDOR.rglob("*") if path.is_file() and path.name != "LICENSE"}
    named = {(VENDOR / file).resolve() for _name, _version, _licence, file, _sha256 in LINES}
    assert found - {VENDOR / "MANIFEST"} <= named


def test_fonts_are_small_enough_to_be_fetched_once():
    assert sum(path.stat().st_size for path in VENDOR.rglob("*.woff2")) <= 40_000
