"""News of calls that we do not know yet: kept, and looked up again, the older the rarer.

A call may become known much later: its order was in doubt, or its answer still on the way. Each
pass looks at those that are due, with one question for all, so a flood of unknown ids costs little.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from calls.models import Call, StrayNews, WebhookEvent
from calls.models.event import STRAY_AGE
from obzvon_site.common import bulk

BATCH = 2000  # looked at in one pass
SOONEST, LATEST = timedelta(seconds=20), timedelta(hours=1)
# A phone alone is little: a later call to it is another call.
PHONE_AGE = timedelta(hours=1)


def keep(found: Iterable[tuple[WebhookEvent, int | None, str]], *, now: datetime) -> None:
    """Remember events by the ids, or the phones, whose calls are not known."""
    rows = [
        StrayNews(
            event=event,
            account_id=event.account_id,
            service_order_id=number,
            phone=phone[:11],
            look_at=now + _wait(now - event.received_at),
        )
        for event, number, phone in found
    ]
    StrayNews.objects.bulk_create(rows, batch_size=500, ignore_conflicts=True)


def match(*, now: datetime) -> int:
    """Give events whose calls have become known back for folding. Returns how many."""
    due = StrayNews.objects.filter(look_at__lte=now).order_by("look_at")
    rows = list(due.select_related("event").defer("event__body")[:BATCH])
    if not rows:
        return 0
    known = _known(rows)
    matched = {row.event_id for row in rows if _key(row) in known}
    # One that was folded meanwhile by somebody else needs it no more; one that could not be read
    # as a whole still brings news of this call.
    again = WebhookEvent.objects.replayable().filter(pk__in=matched)
    again.update(state=WebhookEvent.State.NEW)
    StrayNews.objects.filter(event__in=matched).delete()
    _look_later([row for row in rows if row.event_id not in matched], now)
    return len(matched)


def _known(rows: Iterable[StrayNews]) -> set[tuple[int, int | str]]:
    """The accounts' calls among those looked for: by their ids, else by their phones."""
    ids = {row.service_order_id for row in rows if row.service_order_id is not None}
    phones = {row.phone for row in rows if row.service_order_id is None}
    columns = ("campaign__account_id", "service_order_id", "phone")
    known: set[tuple[int, int | str]] = set()
    calls = Call.objects.filter(service_order_id__in=ids).values_list(*columns)
    known.update((account, number) for account, number, _ in calls)
    if phones:
        accepted = Call.objects.filter(phone__in=phones, stage=Call.Stage.ACCEPTED)
        known.update((account, phone) for account, _, phone in accepted.values_list(*columns))
    return known


def _key(row: StrayNews) -> tuple[int, int | str]:
    return row.account_id, row.service_order_id or row.phone


def _look_later(rows: Iterable[StrayNews], now: datetime) -> None:
    """Put off the rest; forget what is too old."""
    later, old = [], []
    for row in rows:
        age = now - row.event.received_at
        if age >= (PHONE_AGE if row.service_order_id is None else STRAY_AGE):
            old.append(row.pk)
        else:
            later.append((row.pk, {"look_at": now + _wait(age)}))
    bulk.update_each(StrayNews, later, ["look_at"])
    StrayNews.objects.filter(pk__in=old).delete()


def _wait(age: timedelta) -> timedelta:
    return min(max(age / 10, SOONEST), LATEST)
