"""The service's Unix seconds to aware UTC and back."""

from datetime import UTC, datetime

LATEST = 2**32 - 1  # in the year 2106: the end of the calendar has no local time


def from_seconds(value: object) -> datetime | None:
    """Read Unix seconds as a number or a numeric string. None, "", 0 and "0" mean «not yet».

    Raises ValueError for anything else.
    """
    if value in (None, "", 0, "0"):
        return None
    seconds = int(str(value))
    if not 0 < seconds <= LATEST:
        raise ValueError(f"not a moment: {value!r}")
    return datetime.fromtimestamp(seconds, tz=UTC)


def to_seconds(moment: datetime) -> int:
    """Whole Unix seconds of an aware moment."""
    return int(moment.timestamp())
