"""The service's Unix seconds to aware UTC and back."""

from datetime import UTC, datetime


def from_seconds(value: object) -> datetime | None:
    """Read Unix seconds as a number or a numeric string. None, "", 0 and "0" mean «not yet».

    Raises ValueError for anything else.
    """
    if value in (None, "", 0, "0"):
        return None
    try:
        return datetime.fromtimestamp(int(str(value)), tz=UTC)
    except (OverflowError, OSError) as error:
        raise ValueError(f"not a moment: {value!r}") from error


def to_seconds(moment: datetime) -> int:
    """Whole Unix seconds of an aware moment."""
    return int(moment.timestamp())
