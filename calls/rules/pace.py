"""When a campaign that goes at some speed will be through, nights left out."""

from collections.abc import Collection
from datetime import datetime, timedelta

from calls.rules.hours import Hours

MOST_STEPS = 60  # openings and closings looked at: about a month


def resumes_at(moment: datetime, hours: Hours | None, zones: Collection[str]) -> datetime | None:
    """The first moment from ``moment`` on at which somebody in ``zones`` may be rung.

    None: not for two weeks, or there is nobody.
    """
    if hours is None:
        return moment if zones else None
    openings = [at for zone in zones if (at := hours.next_open(moment, zone)) is not None]
    return min(openings, default=None)


def ends_at(
    begin: datetime, length: timedelta, hours: Hours | None, zones: Collection[str]
) -> datetime | None:
    """When work of ``length`` that began at ``begin`` is done, if it rests while all are closed.

    None: further away than one can tell.
    """
    moment: datetime | None = begin
    for _step in range(MOST_STEPS):
        moment = resumes_at(moment, hours, zones) if moment is not None else None
        if moment is None or hours is None:
            return moment + length if moment is not None else None
        closes = max(hours.closes_at(moment, zone) for zone in zones if hours.is_open(moment, zone))
        if moment + length <= closes:
            return moment + length
        length -= closes - moment
        moment = closes
    return None
