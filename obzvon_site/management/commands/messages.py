"""Compile translations without gettext's programs: a fresh machine has none."""

from pathlib import Path
from typing import Any

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from django.conf import settings
from django.core.management.base import BaseCommand


class Command(BaseCommand):
    help = "Compile the translations that changed"

    def handle(self, *args: Any, **options: Any) -> None:
        for folder in map(Path, settings.LOCALE_PATHS):
            for source in folder.rglob("*.po"):
                if compile_newer(source):
                    self.stdout.write(f"compiled {source.relative_to(settings.BASE_DIR)}")


def compile_newer(source: Path) -> bool:
    """Write ``source`` (.po) as .mo beside it when that is missing or older."""
    target = source.with_suffix(".mo")
    if target.is_file() and target.stat().st_mtime >= source.stat().st_mtime:
        return False
    with source.open("rb") as file:
        catalog = read_po(file)
    with target.open("wb") as file:
        write_mo(file, catalog)
    return True
