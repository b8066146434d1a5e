"""Pages of long lists: by key instead of offset, so that page 1,000 costs what page 1 does."""

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar

from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import Model, Q, QuerySet
from django.utils.dateparse import parse_datetime
from django.utils.timezone import is_aware

Row = TypeVar("Row", bound=Model)
COUNT_CAP = 10_000


@dataclass(frozen=True)
class Page(Generic[Row]):
    """Some rows, and the cursor of the page after them (empty on the last one)."""

    rows: list[Row]
    next_cursor: str
    is_first: bool


def page_of(
    queryset: QuerySet[Row],
    cursor: str | None,
    *,
    size: int = 50,
    key: Sequence[str] = ("-created_at", "-id"),
) -> Page[Row]:
    """The page after ``cursor``. ``key`` is the order of the list and of an index.

    All of its names are descending («-…») or none is, and the last is unique. A broken cursor is
    page one.
    """
    names = [name.removeprefix("-") for name in key]
    after = _read(cursor, len(names)) if cursor else None
    rows = queryset.order_by(*key)
    if after is not None:
        try:
            side = "lt" if key[0].startswith("-") else "gt"
            rows = rows.filter(_beyond(names, after, side))
        except TypeError:  # values of other kinds than the columns'
            after = None
    found = list(rows[: size + 1])
    has_more = len(found) > size
    found = found[:size]
    return Page(found, _write(found[-1], names) if has_more else "", after is None)


def capped_count(queryset: QuerySet[Any], cap: int | None = None) -> tuple[int, bool]:
    """How many rows, counted up to ``cap`` (COUNT_CAP), and whether there are more than that."""
    cap = cap or COUNT_CAP
    number = queryset.order_by()[: cap + 1].count()
    return min(number, cap), number > cap


def _beyond(names: Sequence[str], values: Sequence[Any], side: str) -> Q:
    """Rows that come later in the order: (a, b) < (x, y), or >, written out."""
    condition = Q()
    for place in range(len(names)):
        same = {names[before]: values[before] for before in range(place)}
        condition |= Q(**same, **{f"{names[place]}__{side}": values[place]})
    # The plain bound lets the database walk the index from the right place.
    return Q(**{f"{names[0]}__{side}e": values[0]}) & condition


def _write(row: Model, names: Sequence[str]) -> str:
    values = [getattr(row, name) for name in names]
    text = json.dumps(values, cls=_Exact)
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _read(cursor: str, length: int) -> list[Any] | None:
    if len(cursor) > 300:  # ours are shorter
        return None
    try:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
        values = json.loads(text)
        if not isinstance(values, list) or len(values) != length:
            return None
        read = [_moment(value) if isinstance(value, str) else value for value in values]
    except (ValueError, OverflowError):
        return None
    return read if all(map(_is_key, read)) else None


def _moment(text: str) -> datetime | None:
    """In UTC, as databases keep it: at the ends of the calendar there may be no such moment."""
    read = parse_datetime(text)
    return read.astimezone(UTC) if read and is_aware(read) else read


def _is_key(value: Any) -> bool:
    return is_aware(value) if isinstance(value, datetime) else type(value) is int


class _Exact(DjangoJSONEncoder):
    """Django's encoder cuts microseconds, and two rows of one millisecond would be skipped."""

    def default(self, o: Any) -> Any:
        return o.isoformat() if isinstance(o, datetime) else super().default(o)
