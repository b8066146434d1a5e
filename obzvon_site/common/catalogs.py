"""Translations: their sources, and whether they are compiled."""

from collections.abc import Iterator
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from django.conf import settings


def sources() -> Iterator[Path]:
    """Every catalog (.po) of ours."""
    for folder in map(Path, settings.LOCALE_PATHS):
        yield from folder.rglob("*.po")


def is_compiled(source: Path) -> bool:
    """Whether its .mo stands beside it and is not older."""
    target = source.with_suffix(".mo")
    return target.is_file() and target.stat().st_mtime >= source.stat().st_mtime


def compile_newer(source: Path) -> bool:
    """Write ``source`` (.po) as .mo beside it when that is missing or older."""
    if is_compiled(source):
        return False
    with source.open("rb") as file:
        catalog = read_po(file)
    with source.with_suffix(".mo").open("wb") as file:
        write_mo(file, catalog)
    return True
