"""Rows of a file that gave no contact: how many for which reason, in words, and as a file."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext as _

from calls.models import BadRow, ListImport
from calls.services.imports.columns import Mapping
from obzvon_site.common.phones import NotAPhone, normalise

_Reason = BadRow.Reason
REPEATS = frozenset({_Reason.REPEAT, _Reason.IN_LIST})  # nothing is wrong, only known already
# In these the number itself is at fault.
_NUMBER = frozenset({_Reason.EMPTY, _Reason.SIGNS, _Reason.COUNT, _Reason.START, *REPEATS})
_LONG = 120  # characters; shorter cells are never too long
CHUNK = 2000


@dataclass(frozen=True)
class Tally:
    """How many there are, and how many have become contacts."""

    all: int
    mended: int

    @property
    def left(self) -> int:
        return self.all - self.mended


@dataclass(frozen=True)
class Group:
    """Rows with one reason that nobody has corrected."""

    code: str
    word: str
    number: int


def tally(imported: ListImport) -> Tally:
    found = imported.bad_rows.aggregate(
        all=Count("pk"), mended=Count("pk", filter=Q(mended_at__isnull=False))
    )
    return Tally(found["all"], found["mended"])


def reasons(imported: ListImport) -> list[Group]:
    """Reasons of what is left, the most frequent first."""
    left = imported.bad_rows.filter(mended_at=None).order_by()
    groups = left.values("reason").annotate(number=Count("pk")).order_by("-number", "reason")
    return [
        Group(group["reason"], str(_Reason(group["reason"]).label), group["number"])
        for group in groups
    ]


def rows(imported: ListImport, reason: str) -> QuerySet[BadRow]:
    """Rows of one reason, or (``reason`` is none) all."""
    found = imported.bad_rows.all()
    return found.filter(reason=reason) if reason in _Reason.values else found


def guilty(row: BadRow, mapping: Mapping) -> list[int]:
    """The columns whose cells have to change for the row to become a contact."""
    if row.reason in _NUMBER:
        at = [mapping.phone]
    elif row.reason == _Reason.ZONE:
        at = [mapping.zone]
    elif row.reason == _Reason.DATE:
        at = [mapping.consent_on]
    else:
        at = [place for place, text in enumerate(row.cells) if len(text) > _LONG]
    known = [place for place in at if place is not None]
    return known or ([] if mapping.phone is None else [mapping.phone])


def explained(row: BadRow, mapping: Mapping) -> str:
    """The reason in words: for a number, what exactly is wrong with it."""
    if row.reason in _NUMBER - REPEATS and mapping.phone is not None:
        try:
            normalise(cell(row.cells, mapping.phone))
        except NotAPhone as error:
            return str(row.get_reason_display() if error.code == "empty" else error)
    return str(row.get_reason_display())


def cell(cells: Sequence[str], at: int) -> str:
    """The text in a column; a short row ends in empty ones."""
    return cells[at] if at < len(cells) else ""


def table(imported: ListImport) -> Iterator[list[str]]:
    """All that is left as a table: the columns of the file, then the line and the reason.

    It may be corrected and uploaded again.
    """
    titles = list(imported.columns) or [_("Телефон")]
    yield [*titles, _("Строка"), _("Ошибка")]
    mapping = Mapping.from_json(imported.mapping)
    left = imported.bad_rows.filter(mended_at=None).order_by("line", "pk")
    for row in left.iterator(chunk_size=CHUNK):
        cells = [cell(row.cells, at) for at in range(len(titles))]
        yield [*cells, str(row.line), explained(row, mapping)]
