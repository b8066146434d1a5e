"""What comes by webhook: stored first, folded into calls later, each event once."""

import logging
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Length

from calls.models import Call, Order, StrayNews, WebhookEvent
from calls.services import bodies, folding, stepping, storing, strays
from calls.services.bodies import Reading
from obzvon_site.common import bulk
from obzvon_site.provider.replies import ApiCall

logger = logging.getLogger(__name__)

BATCH = 1000  # events of one pass
MOST_TEXT = 8 * 1024 * 1024  # characters of one pass, however few events that is
ONE_ROW = timedelta(hours=1)  # of refused ones from an address
# Unknown ids of one body that are looked up again; of a hostile one the others are not.
MOST_MISSING = 2000
State = WebhookEvent.State


def store(
    account_id: int, kind: str, body: bytes, *, order_token: UUID | None, now: datetime
) -> WebhookEvent:
    """Keep a webhook exactly as it came. Only after this may it be answered 200."""
    # PostgreSQL keeps no zero bytes in text; nothing that we read has any.
    text = body.decode("utf-8", "replace").replace("\x00", "\ufffd")
    event = WebhookEvent(
        account_id=account_id, kind=kind, body=text, order_token=order_token, received_at=now
    )
    storing.store.keep(event)
    return event


def refuse(account_id: int, kind: str, source: str | None, *, now: datetime) -> None:
    """Count a webhook from an address that is not allowed. Its body is not kept."""
    same = WebhookEvent.objects.filter(
        state=State.REFUSED, account=account_id, kind=kind, source=source
    )
    latest = same.filter(received_at__gt=now - ONE_ROW).order_by("-pk").values("pk")[:1]
    if not WebhookEvent.objects.filter(pk__in=list(latest.values_list("pk", flat=True))).update(
        times=F("times") + 1
    ):
        WebhookEvent.objects.create(
            account_id=account_id, kind=kind, state=State.REFUSED, source=source, received_at=now
        )


def fold_due(*, now: datetime) -> int:
    """Fold stored events, oldest first; a bad one stops no other. Returns how many were read.

    Before that, events whose calls have become known are given back to be folded.
    """
    strays.match(now=now)
    events = _next()
    if events:
        fold(events, now=now)
    return len(events)


def fold(events: Sequence[WebhookEvent], *, now: datetime) -> None:
    """Fold these events together; if that fails, one by one, and put away those at fault.

    Raises what the database raises when it is away or full: then all may be folded again.
    """
    readings = [bodies.read(event) for event in events]
    try:
        _fold(readings, now)
    except folding.PASSING:
        raise
    except Exception as error:
        if len(readings) > 1:
            logger.warning("%d webhooks failed together: %r", len(readings), error)
            for event in events:
                fold([event], now=now)
            return
        logger.exception("webhook %s failed", events[0].pk)
        broken = Reading(events[0], broken=[f"it could not be folded: {error!r}"])
        _conclude([broken], now)


def _fold(readings: Sequence[Reading], now: datetime) -> None:
    """In the order of the service's own moments."""
    _fold_statuses(readings, now)
    stepping.fold(readings, now=now)
    _conclude(readings, now)


@transaction.atomic
def _conclude(readings: Sequence[Reading], now: datetime) -> None:
    """Write what has become of events, unless somebody else has folded them meanwhile.

    Strays and states at once: whoever sees a stray whose call is known sees its event unmatched.
    """
    missing = [(reading, *what) for reading in readings for what in reading.missing[:MOST_MISSING]]
    strays.keep([(reading.event, number, phone) for reading, number, phone in missing], now=now)
    results = [
        (reading.event.pk, {"state": reading.state, "problem": reading.problem, "folded_at": now})
        for reading in readings
    ]
    seen = [{"state": reading.event.state} for reading in readings]
    names = ["state", "problem", "folded_at"]
    bulk.update_each(WebhookEvent, results, names, seen=seen, guards=["state"])


def _next() -> list[WebhookEvent]:
    """The oldest new events, as many as fit into memory, one at least."""
    sizes = WebhookEvent.objects.to_fold().annotate(size=Length("body")).values_list("pk", "size")
    pks: list[int] = []
    room = MOST_TEXT
    for pk, size in sizes[:BATCH]:
        room -= size
        if pks and room < 0:
            break
        pks.append(pk)
    return list(WebhookEvent.objects.filter(pk__in=pks).order_by("pk")) if pks else []


def _fold_statuses(readings: Sequence[Reading], now: datetime) -> None:
    told = [(reading, item) for reading in readings for item in reading.items]
    if not told:
        return
    calls = _find(told)
    pairs: list[tuple[Reading, Call, ApiCall]] = []
    for reading, item in told:
        call = calls.get((reading.event.pk, item.id))
        if call is None:
            reading.missing.append((item.id, ""))
        else:
            pairs.append((reading, call, item))
    pairs.sort(key=lambda pair: bodies.moment_of(pair[2]))
    folded = folding.fold_all([(call, item) for _, call, item in pairs], now=now)
    for reading, call, item in pairs:
        reading.hear(item, folded.failed.get(call.pk))
    proofs = (call.order_id for _, call, _ in pairs if not call.service_order_id)
    _close_doubts({pk for pk in proofs if pk is not None})


def _find(told: Sequence[tuple[Reading, ApiCall]]) -> dict[tuple[int, int], Call]:
    """The calls by event and id: known by the id; else, while the order's answer is missing, by
    the order's address and the phone. The same call is the same object everywhere."""
    ids = bulk.listed_keys({item.id for _, item in told})  # a hostile body names any number of them
    known: dict[tuple[int, int | None], Call] = {}
    for account, row in _with_account(Call.objects.filter(service_order_id__in=ids)):
        known.setdefault((account, row.service_order_id), row)
    found: dict[tuple[int, int], Call] = {}
    rest = []
    for reading, item in told:
        event = reading.event
        if (ours := known.get((event.account_id, item.id))) is not None:
            found[event.pk, item.id] = ours
        elif event.order_token is not None and item.phone:
            rest.append((event, item))
    tokens = {event.order_token for event, _ in rest if event.order_token is not None}
    awaited = _awaited(tokens) if tokens else {}
    for event, item in rest:
        key = (event.account_id, event.order_token, bodies.digits(item.phone))
        if (late := awaited.get(key)) is not None:
            found[event.pk, item.id] = late
    return found


def _awaited(tokens: set[UUID]) -> dict[tuple[int, UUID | None, str], Call]:
    """Calls whose id is not known yet, of the orders that these addresses were given to."""
    calls = Call.objects.filter(
        order__token__in=tokens,
        service_order_id=None,
        stage__in=[Call.Stage.SENDING, Call.Stage.UNKNOWN, Call.Stage.LOST],
    ).select_related("order")
    return {
        (account, call.order.token if call.order else None, call.phone): call
        for account, call in _with_account(calls)
    }


def _with_account(calls: Iterable[Call]) -> list[tuple[int, Call]]:
    found = list(calls.annotate(account=F("campaign__account_id")))  # type: ignore[attr-defined]
    return [(call.account, call) for call in found]


def _close_doubts(order_ids: Iterable[int]) -> None:
    """An order none of whose calls is in doubt any more needs no more asking."""
    orders = Order.objects.filter(pk__in=order_ids, state=Order.State.UNKNOWN)
    over = orders.exclude(calls__stage=Call.Stage.UNKNOWN).values_list("pk", flat=True)
    if pks := list(over):
        orders.filter(pk__in=pks).update(state=Order.State.ANSWERED, ask_at=None)


def forget(*, now: datetime) -> int:
    """Delete webhooks that are kept long enough, in portions. Returns how many."""
    forgotten = 0
    while old := list(WebhookEvent.objects.to_forget(now).values_list("pk", flat=True)[:BATCH]):
        StrayNews.objects.filter(event__in=old).delete()
        WebhookEvent.objects.filter(pk__in=old).delete()
        forgotten += len(old)
    return forgotten
