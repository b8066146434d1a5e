"""What pages say of a file on its way into a list: what it will come to, and how far it is."""

import math
from dataclasses import dataclass
from datetime import datetime

from calls.models import ListImport
from calls.services.imports.columns import Common, Mapping
from calls.services.imports.previewing import CHECKED, Preview, preview

_State = ListImport.State
TONES = {
    _State.UPLOADED: "warn",
    _State.RUNNING: "info",
    _State.DONE: "ok",
    _State.FAILED: "bad",
    _State.CANCELED: "neutral",
}


@dataclass(frozen=True)
class Look:
    """The beginning of a file as a mapping reads it."""

    preview: Preview
    total: int  # rows of the file
    is_whole: bool  # all of them were tried; else ``total`` is about

    @property
    def samples(self) -> list[list[str]]:
        return [column.samples for column in self.preview.columns]

    @property
    def good(self) -> int:
        """How many of the rows that were tried will be contacts."""
        return self.preview.checked - self.preview.bad


def look(imported: ListImport, mapping: Mapping, common: Common) -> Look:
    """Try a mapping on the first rows."""
    tried = preview(imported, mapping, common)
    is_whole = tried.checked < CHECKED
    return Look(tried, tried.checked if is_whole else _about(imported, tried), is_whole)


def _about(imported: ListImport, tried: Preview) -> int:
    """How many rows there are, by the size of the file and of its first rows: two digits."""
    encoding = "utf-8" if imported.table else imported.encoding or "utf-8"
    usual = [row for row in tried.rows if not row.problem] or tried.rows
    sizes = [len(";".join(row.cells).encode(encoding, "replace")) + 1 for row in usual]
    number = imported.length * len(sizes) / max(1, sum(sizes))
    unit = int(10 ** max(0, math.floor(math.log10(max(1, number))) - 1))
    return max(tried.checked, round(number / unit) * unit)


@dataclass(frozen=True)
class Told:
    """An import as its page tells it."""

    tone: str
    percent: int
    speed: int  # rows a second; 0: nobody knows yet
    troubles: int  # rows that gave no contact


def told(imported: ListImport, *, now: datetime) -> Told:
    """How far an import is, and how fast."""
    is_running = imported.state == _State.RUNNING
    seconds = (now - imported.started_at).total_seconds() if imported.started_at else 0
    speed = round(imported.rows / seconds) if is_running and imported.rows and seconds > 1 else 0
    percent = int(100 * imported.share)
    return Told(TONES[_State(imported.state)], percent, speed, imported.bad + imported.repeats)
