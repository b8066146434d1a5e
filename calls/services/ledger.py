"""The one place where a call changes its stage or status.

A move is a conditional UPDATE, the campaign's counters and a line of the call's timeline, in one
transaction. Rows are locked campaign first, then calls, everywhere, so that nobody waits in a ring.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import F

from calls.models import Call, CallEvent, Campaign, Order
from calls.models.campaign import COUNTERS

Stage = Call.Stage
Kind = CallEvent.Kind

# From a stage to the stages it may be followed by. Nothing leads from doubt back to sending.
MOVES: Mapping[str, frozenset[str]] = {
    Stage.PLANNED: frozenset({Stage.SENDING, Stage.BLOCKED, Stage.TAKEN_BACK}),
    Stage.SENDING: frozenset({Stage.PLANNED, Stage.ACCEPTED, Stage.REFUSED, Stage.UNKNOWN}),
    Stage.UNKNOWN: frozenset({Stage.ACCEPTED, Stage.LOST}),
    Stage.LOST: frozenset({Stage.ACCEPTED}),
}
EVENTS: Mapping[str, str] = {
    Stage.PLANNED: Kind.RETURNED,
    Stage.SENDING: Kind.SENDING,
    Stage.ACCEPTED: Kind.ACCEPTED,
    Stage.REFUSED: Kind.REFUSED,
    Stage.UNKNOWN: Kind.UNKNOWN,
    Stage.LOST: Kind.LOST,
    Stage.BLOCKED: Kind.BLOCKED,
    Stage.TAKEN_BACK: Kind.TAKEN_BACK,
}
FINAL_STAGES = frozenset({Stage.REFUSED, Stage.LOST, Stage.BLOCKED, Stage.TAKEN_BACK})


class Stale(Exception):
    """Somebody else has moved it meanwhile; what was about to be written no longer holds."""


def lock(campaign_ids: Iterable[int]) -> None:
    """Take the campaigns' rows before any of their calls. Inside a transaction."""
    ids = sorted(set(campaign_ids))
    list(Campaign.objects.select_for_update().filter(pk__in=ids).order_by("pk").values_list("pk"))


def move(
    call: Call,
    target: str,
    *,
    now: datetime,
    details: Mapping[str, Any] | None = None,
    **fields: Any,
) -> None:
    """Move a call to the stage ``target`` and set ``fields`` with it. Inside a transaction.

    Raises Stale if the call has left the stage it was read in, ValueError for a move that no
    row of MOVES allows.
    """
    source = call.stage
    if target not in MOVES.get(source, frozenset()):
        raise ValueError(f"a call cannot go from {source} to {target}")
    before = call.counter
    fields = {"stage": target, "is_final": target in FINAL_STAGES, "changed_at": now, **fields}
    if not Call.objects.filter(pk=call.pk, stage=source).update(**fields):
        raise Stale(f"call {call.pk} is no longer {source}")
    _take_over(call, fields)
    CallEvent.objects.create(call=call, kind=EVENTS[target], at=now, details=dict(details or {}))
    _count(call.campaign_id, {before: -1}, {call.counter: 1}, now)


def move_all(
    calls: Iterable[Call], target: str, *, now: datetime, details: Any = None, **fields: Any
) -> int:
    """Move calls that share campaign, stage and fields, in three statements. Returns how many.

    Inside a transaction with the rows locked: those that have moved meanwhile are left alone.
    """
    rows = list(calls)
    if not rows:
        return 0
    source, campaign_id = rows[0].stage, rows[0].campaign_id
    if target not in MOVES.get(source, frozenset()):
        raise ValueError(f"a call cannot go from {source} to {target}")
    before = rows[0].counter
    fields = {"stage": target, "is_final": target in FINAL_STAGES, "changed_at": now, **fields}
    moved = Call.objects.filter(pk__in=[row.pk for row in rows], stage=source).update(**fields)
    if moved != len(rows):
        raise Stale(f"{len(rows) - moved} calls are no longer {source}")
    for row in rows:
        _take_over(row, fields)
    CallEvent.objects.bulk_create(
        CallEvent(call=row, kind=EVENTS[target], at=now, details=details or {}) for row in rows
    )
    _count(campaign_id, {before: -moved}, {rows[0].counter: moved}, now)
    return moved


def report(
    call: Call,
    *,
    now: datetime,
    event: CallEvent | None,
    **fields: Any,
) -> None:
    """Write what the service said of an accepted call. Inside a transaction.

    Raises Stale if somebody has written newer news meanwhile.
    """
    before, cost_before = call.counter, call.cost or Decimal(0)
    # What the counters and the cost are shifted from must still be there, or they would drift.
    unchanged = Call.objects.filter(
        pk=call.pk,
        stage=Stage.ACCEPTED,
        status=call.status,
        cost=call.cost,
        service_updated_at=call.service_updated_at,
    )
    if not unchanged.update(**fields):
        raise Stale(f"call {call.pk} has newer news")
    _take_over(call, fields)
    if event is not None:
        event.save()
    _count(
        call.campaign_id,
        {before: -1},
        {call.counter: 1},
        now,
        cost=(call.cost or Decimal(0)) - cost_before,
    )


def end_order(order: Order, state: str, *, now: datetime, **fields: Any) -> None:
    """Close an order that is being sent, if its lease is still ours. Inside a transaction.

    Raises Stale when the lease has expired and the order is already in doubt: a sender that
    comes back to life changes nothing.
    """
    held = Order.objects.filter(pk=order.pk, state=Order.State.SENDING, lease=order.lease)
    fields = {"state": state, "answered_at": now, "lease": "", **fields}
    if not held.update(**fields):
        raise Stale(f"order {order.pk} is no longer ours")


def plan(campaign: Campaign, calls: Iterable[Call], *, now: datetime) -> None:
    """Write the calls of a new campaign and count them. Inside a transaction."""
    rows = Call.objects.bulk_create(calls, batch_size=1000)
    CallEvent.objects.bulk_create(
        (
            CallEvent(
                call=row,
                kind=Kind.BLOCKED if row.stage == Stage.BLOCKED else Kind.PLANNED,
                at=now,
                details={"reason": row.error} if row.error else {},
            )
            for row in rows
        ),
        batch_size=1000,
    )
    totals = Counter(row.counter for row in rows)
    Campaign.objects.filter(pk=campaign.pk).update(total=len(rows), changed_at=now)
    _count(campaign.pk, {}, totals, now)


def _count(
    campaign_id: int,
    minus: Mapping[str, int],
    plus: Mapping[str, int],
    now: datetime,
    cost: Decimal = Decimal(0),
) -> None:
    """Shift a campaign's counters, and its state when the last call ended or one came back."""
    shifts = Counter(dict.fromkeys(COUNTERS, 0))
    for change in (minus, plus):
        for name, number in change.items():
            shifts[name] += number
    values: dict[str, Any] = {name: F(name) + by for name, by in shifts.items() if by}
    if cost:
        values["cost"] = F("cost") + cost
    if not values:
        return
    campaign = Campaign.objects.filter(pk=campaign_id)
    campaign.update(changed_at=now, **values)
    nothing_left = {"waiting": 0, "live": 0, "doubtful": 0}
    campaign.exclude(state=Campaign.State.DONE).filter(**nothing_left).update(
        state=Campaign.State.DONE, hold_reason="", hold_until=None
    )
    campaign.filter(state=Campaign.State.DONE).exclude(**nothing_left).update(
        state=Campaign.State.RUNNING
    )


def _take_over(row: Call, fields: Mapping[str, Any]) -> None:
    """Make the object say what its row says now."""
    for name, value in fields.items():
        setattr(row, name, value)
