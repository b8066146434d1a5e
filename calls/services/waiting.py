"""Whom the rules make wait, told before calls are launched."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from calls.models import Call
from calls.models.call import MAY_HAVE_RUNG
from calls.rules.hours import Hours
from calls.rules.limits import Limits
from calls.rules.zones import zone_of
from calls.services import rules_in_force
from calls.services.permits import harmless
from obzvon_site.accounts.models import ApiAccount

PORTION = 500  # phones in one question
MONTH = timedelta(days=33)  # more than a month of any zone


@dataclass(frozen=True, slots=True)
class Waiting:
    """Numbers that may not be rung at a moment: how many, and when the first and the last may."""

    number: int
    first: datetime
    last: datetime


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What the rules of a purpose do to numbers that are called at once."""

    closed: Waiting | None  # it is no time to ring there
    full: Waiting | None  # they were rung as often as allowed
    never: int  # in no hour of two weeks, as far as their zone is known

    @property
    def is_anybody(self) -> bool:
        """Whether somebody waits."""
        return bool(self.closed or self.full or self.never)


def foresee(
    phones: Iterable[str], purpose: str, account: ApiAccount, *, when: datetime
) -> Foreseen:
    """Who of ``phones`` would wait if they were called at ``when``. Raises KeyError."""
    hours, limits = rules_in_force.binding(purpose, account)
    zones = {phone: zone_of(phone) for phone in phones}
    opens = _opens(hours, zones.values(), when)
    later = [at for at in opens.elements() if at is not None and at > when]
    return Foreseen(_waiting(later), _waiting(_full(limits, zones, when)), opens[None])


def _opens(hours: Hours | None, zones: Iterable[str], when: datetime) -> Counter[datetime | None]:
    """When they may be rung → how many numbers."""
    opens: Counter[datetime | None] = Counter()
    if hours is not None:
        for zone, number in Counter(zones).items():
            opens[hours.next_open(when, zone)] += number
    return opens


def _full(limits: Limits, zones: dict[str, str], when: datetime) -> list[datetime]:
    """When those may be rung again that were rung too often by then."""
    if limits.is_none:
        return []
    moments = (
        limits.allowed_at(made, zones[phone], when)
        for phone, made in _attempts(list(zones), when).items()
    )
    return [at for at in moments if at is not None and at > when]


def _attempts(phones: list[str], when: datetime) -> dict[str, list[datetime]]:
    # The stage is looked at here: asked for it, SQLite would read every call there is.
    recent = Call.objects.filter(sent_at__gte=when - MONTH)
    rehearsals = harmless()  # limits are of those who ring real people: these take no attempts
    attempts: dict[str, list[datetime]] = defaultdict(list)
    for start in range(0, len(phones), PORTION):
        some = recent.filter(phone__in=phones[start : start + PORTION])
        some = some.exclude(campaign__in=rehearsals)
        for phone, stage, sent_at in some.values_list("phone", "stage", "sent_at"):
            if stage in MAY_HAVE_RUNG and sent_at is not None:
                attempts[phone].append(sent_at)
    return attempts


def _waiting(moments: list[datetime]) -> Waiting | None:
    return Waiting(len(moments), min(moments), max(moments)) if moments else None
