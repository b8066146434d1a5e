"""What can be set is written down, in both places, and nothing else is."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
READ = re.compile(r"\benv\.\w+\(\s*\"([A-Z_]+)\"")


def names_read() -> set[str]:
    """Names that our code reads from the environment."""
    code = [
        path
        for folder in ("obzvon_site", "calls", "records")
        for path in (ROOT / folder).rglob("*.py")
    ]
    text = "\n".join(path.read_text() for path in code)
    found = set(READ.findall(text))
    found |= set(re.findall(r"os\.environ(?:\.get\(|\[)\s*\"([A-Z_]+)\"", text))
    return found - {"DJANGO_SETTINGS_MODULE"}


def test_every_setting_is_in_the_example():
    example = (ROOT / ".env.example").read_text()
    assert set(re.findall(r"^#? ?([A-Z][A-Z_]+)=", example, re.MULTILINE)) == names_read()


def test_every_setting_is_explained():
    explained = (ROOT / "docs/configuration.md").read_text()
    assert set(re.findall(r"^\| `([A-Z][A-Z_]+)`", explained, re.MULTILINE)) == names_read()


def test_settings_of_ours_begin_with_our_name():
    own = {"SECRET_KEY", "DEBUG", "DATABASE_URL", "PORT", "EMULATOR_PORT", "DATA_DIR", "PUBLIC_URL"}
    assert {name for name in names_read() if not name.startswith("OBZVON_")} <= own
