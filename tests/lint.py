"""Every check that reads the code instead of running it: `make lint`."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
# Russian is the language of the source: its catalog holds the plurals alone.
CATALOGS = {
    lang: ROOT / f"obzvon_site/locale/{lang}/LC_MESSAGES/django.po" for lang in ("en", "ru")
}
NO_FORM = re.compile(r'^msgstr\[\d\] ""\n(?!")', re.MULTILINE)
# Texts are collected from calls of gettext and «_»; under any other name they stay untranslated.
HIDING = re.compile(r"import .*\bp?n?p?gettext(?:_lazy)? as (?!_\b)")
COLLECT = [
    *(sys.executable, "manage.py", "makemessages", "--locale", "en", "--locale", "ru"),
    *("--no-location", "--no-obsolete", "--ignore", ".venv*", "--ignore", "var"),
]


def main() -> int:
    checks = {
        "ruff": [str(BIN / "ruff"), "check", "."],
        "format": [str(BIN / "ruff"), "format", "--check", "."],
        "types": [str(BIN / "mypy"), "."],
        "imports": [str(BIN / "lint-imports"), "--no-cache"],
        "templates": [
            str(BIN / "djade"),
            "--target-version",
            "5.2",
            "--check",
            *tracked("templates/*.html"),
        ],
        "migrations": [sys.executable, "manage.py", "makemigrations", "--check", "--dry-run"],
        "settings": [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
    }
    failed = [name for name, command in checks.items() if not passes(name, command)]
    if not messages_are_complete():
        failed.append("messages")
    print("lint:", f"FAILED: {', '.join(failed)}" if failed else "all checks passed", flush=True)
    return 1 if failed else 0


def tracked(pattern: str) -> list[str]:
    """Files of ours, from the root."""
    asked = ["git", "ls-files", pattern]
    found = subprocess.run(asked, cwd=ROOT, check=True, capture_output=True, text=True)
    return found.stdout.split()


def passes(name: str, command: list[str]) -> bool:
    with tempfile.TemporaryDirectory() as folder:
        run = subprocess.run(
            command,
            cwd=ROOT,
            env={**os.environ, "DATA_DIR": folder, **production()}
            if name == "settings"
            else {**os.environ, "DATA_DIR": folder},
            check=False,
            capture_output=True,
            text=True,
        )
    print(f"{name}: {'ok' if run.returncode == 0 else 'FAILED'}", flush=True)
    if run.returncode:
        print(run.stdout + run.stderr, flush=True)
    return run.returncode == 0


def production() -> dict[str, str]:
    """The documented settings of a public installation."""
    return {
        "PUBLIC_URL": "https://calls.example.com",
        "OBZVON_HOSTS": "calls.example.com",
        "SECRET_KEY": "of-the-example-only-" + "0123456789abcdefghijklmnopqrstuvwxyz" * 2,
    }


def messages_are_complete() -> bool:
    """Collecting texts again must change nothing, and none may be fuzzy or empty."""
    if not shutil.which("msgfmt"):
        print("messages: FAILED: no gettext here (Debian: apt install gettext)")
        return False
    before = {path: path.read_text() for path in CATALOGS.values()}
    try:
        subprocess.run(COLLECT, cwd=ROOT, check=True, capture_output=True)
        after = {path: path.read_text() for path in before}
    finally:
        for path, text in before.items():
            path.write_text(text)
    problems = []
    if hidden := [path for path in tracked("*.py") if HIDING.search((ROOT / path).read_text())]:
        problems.append(f"texts are not collected from under another name: {hidden}")
    if any(undated(before[path]) != undated(after[path]) for path in before):
        problems.append("the catalogs are not current: run `make messages` and translate the new")
    if any("#, fuzzy" in text for text in after.values()):
        problems.append("there are fuzzy translations")
    if NO_FORM.search(after[CATALOGS["ru"]]):
        problems.append("a Russian plural has no forms")
    report = subprocess.run(
        ["msgfmt", "--check", "--statistics", "-o", os.devnull, CATALOGS["en"]],
        check=False,
        capture_output=True,
        text=True,
        env={**os.environ, "LC_ALL": "C"},
    )
    if report.returncode or "untranslated" in report.stderr:
        problems.append(report.stderr.strip())
    print("messages:", "; ".join(problems) or "ok", flush=True)
    return not problems


def undated(catalog: str) -> str:
    return re.sub(r'^"POT-Creation-Date:.*$', "", catalog, flags=re.MULTILINE)


if __name__ == "__main__":
    sys.exit(main())
