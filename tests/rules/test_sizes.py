"""Files stay small enough to be read at one sitting, and pages light."""

from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CODE = [
    path
    for folder in ("calls", "records", "obzvon_site", "tests")
    for path in (ROOT / folder).rglob("*.py")
    if "migrations" not in path.parts
]
SCRIPTS = sorted([*(ROOT / "static/js").glob("*.js"), *(ROOT / "static/editor").glob("*.js")])
STYLES = sorted((ROOT / "static/css").glob("*.css"))
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))


def too_long(paths, lines: int) -> list[str]:
    return [
        f"{path.relative_to(ROOT)}: {number} lines"
        for path in paths
        if (number := len(path.read_text().splitlines())) > lines
    ]


def test_modules_have_at_most_400_lines():
    assert too_long([*CODE, *SCRIPTS], 400) == []


def test_templates_have_at_most_150_lines():
    assert too_long(TEMPLATES, 150) == []


def test_the_common_style_is_at_most_15_kilobytes():
    assert (ROOT / "static/css/obz.css").stat().st_size <= 15_000


@pytest.mark.parametrize("path", STYLES, ids=lambda path: path.name)
def test_a_style_of_one_section_is_at_most_20_kilobytes(path):
    assert path.stat().st_size <= 20_000


@pytest.mark.parametrize("path", STYLES, ids=lambda path: path.name)
def test_colours_come_from_the_tokens(path):
    """So that night and day change together: literals stand where tokens are defined, once."""
    rules = path.read_text().split("@layer base {")[-1]
    literal = [
        line.strip()
        for line in rules.splitlines()
        if ("#" in line.split("{")[-1] or "rgb(" in line) and "url(" not in line
    ]
    shades = [line for line in literal if "rgb(10 14 24 / .5)" not in line]  # behind a dialog
    assert shades == []
