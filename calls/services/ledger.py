"""The one place where a call changes its stage or status.

A move is a conditional UPDATE, the campaign's counters and a line of the call's timeline, in one
transaction. Rows are locked campaign first, then calls, everywhere, so that nobody waits in a ring.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

from django.db import connection

from calls.models import Call, CallEvent, Campaign, Order
from calls.rules.zones import UNKNOWN, ZONES
from calls.services.counting import Shift, has_ended, minute_of
from calls.services.due import DueCall
from obzvon_site.common import bulk

Stage = Call.Stage
Kind = CallEvent.Kind

# From a stage to the stages it may be followed by. Nothing leads from doubt back to sending.
MOVES: Mapping[str, frozenset[str]] = {
    Stage.PLANNED: frozenset({Stage.SENDING, Stage.BLOCKED, Stage.TAKEN_BACK, Stage.EXPIRED}),
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
    Stage.EXPIRED: Kind.EXPIRED,
}
FINAL_STAGES = frozenset(
    {Stage.REFUSED, Stage.LOST, Stage.BLOCKED, Stage.TAKEN_BACK, Stage.EXPIRED}
)
# What a campaign's counters are made of: news written over other values would make them drift.
COUNTED = (
    *("status", "cost", "service_updated_at", "answered_at", "finished_at"),
    *("manager_answered_at", "ivr_answers", "ivr_digit", "is_retried"),
)
BATCH = 1000
Row = TypeVar("Row", Call, DueCall)


@dataclass
class Tally:
    """What reports of one campaign's calls have changed, written at once when all are in."""

    shift: Shift = field(default_factory=Shift)
    lines: list[CallEvent] = field(default_factory=list)

    def write(self, campaign_id: int, now: datetime) -> None:
        """Inside the transaction of the reports, with the campaign locked."""
        CallEvent.objects.bulk_create(self.lines, batch_size=BATCH)
        self.shift.apply(campaign_id, now)


class Stale(Exception):
    """Somebody else has moved it meanwhile; what was about to be written no longer holds."""


def lock(campaign_ids: Iterable[int]) -> None:
    """Take the campaigns' rows before any of their calls. Inside a transaction."""
    if not connection.features.has_select_for_update:
        return  # SQLite has one writer, and our transactions begin as writers
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
    move_all([call], target, now=now, details=details, **fields)


def move_all(
    calls: Iterable[Row],
    target: str,
    *,
    now: datetime,
    details: Mapping[str, Any] | None = None,
    **fields: Any,
) -> int:
    """Move calls that share campaign, stage and fields, in a few statements. Returns how many.

    Inside a transaction with the campaign locked. Raises Stale and ValueError as ``move``.
    """
    rows = list(calls)
    return _move(rows, fields, None, target, now=now, details=details)


def move_each(
    calls: Sequence[tuple[Row, Mapping[str, Any]]], target: str, *, now: datetime, **fields: Any
) -> int:
    """As ``move_all``, for calls of which each has values of its own besides, of the same names."""
    own = [values for _, values in calls]
    return _move([call for call, _ in calls], fields, own, target, now=now)


def _move(
    rows: list[Row],
    fields: Mapping[str, Any],
    own: list[Mapping[str, Any]] | None,
    target: str,
    *,
    now: datetime,
    details: Mapping[str, Any] | None = None,
) -> int:
    if not rows:
        return 0
    source, campaign_id = rows[0].stage, rows[0].campaign_id
    if target not in MOVES.get(source, frozenset()):
        raise ValueError(f"a call cannot go from {source} to {target}")
    shift = _leaving(rows, target)
    same = {"stage": target, "is_final": target in FINAL_STAGES, "changed_at": now}
    same |= {**_sent_at(target, now), **fields}
    _write(rows, source, same, own)
    line = {"kind": EVENTS[target], "at": now, "details": dict(details or {})}
    bulk.insert_all(CallEvent, ["call"], [(row.pk,) for row in rows], same=line)
    _arriving(shift, rows, now)
    shift.apply(campaign_id, now)
    return len(rows)


def put_off(
    calls: Iterable[Row], *, until: datetime, now: datetime, details: Mapping[str, Any]
) -> int:
    """Let planned calls wait until a moment, for a reason told in ``details``. Returns how many.

    They stay planned and nothing is counted. Inside a transaction. Raises Stale.
    """
    rows = list(calls)
    if not rows:
        return 0
    _write(rows, Stage.PLANNED, {"planned_at": until, "changed_at": now})
    line = {"kind": Kind.PUT_OFF, "at": now, "details": {**details, "until": until.isoformat()}}
    bulk.insert_all(CallEvent, ["call"], [(row.pk,) for row in rows], same=line)
    return len(rows)


def report(
    call: Call,
    *,
    now: datetime,
    event: CallEvent | None,
    retry: Call | None = None,
    tally: Tally | None = None,
    **fields: Any,
) -> None:
    """Write what the service said of an accepted call, and the attempt that follows it, if any.

    Inside a transaction with the campaign locked. With a ``tally`` the counters and the timeline
    are left for whoever made it to write. Raises Stale if somebody has written newer news
    meanwhile.
    """
    # What the counters are shifted from must still be there, or they would drift.
    seen = {name: getattr(call, name) for name in COUNTED}
    before = copy(call)
    if retry is not None:
        fields["is_retried"] = True
    if not Call.objects.filter(pk=call.pk, stage=Stage.ACCEPTED, **seen).update(**fields):
        raise Stale(f"call {call.pk} has newer news")
    _take_over(call, fields)
    shift = _news(before, call, now)
    lines = [event] if event is not None else []
    if retry is not None:
        retry.save(force_insert=True)
        shift.count_new([retry])
        lines += _retry_lines(call, retry, now)
    # Counted together, or a campaign would be over for a moment before its last call's retry.
    whole = Tally() if tally is None else tally
    whole.shift.add(shift)
    whole.lines += lines
    if tally is None:
        whole.write(call.campaign_id, now)


def end_order(order: Order, state: str, *, now: datetime, **fields: Any) -> None:
    """Close an order that is being sent, if its lease is still ours. Inside a transaction.

    Raises Stale when the lease has expired and the order is already in doubt: a sender that
    comes back to life changes nothing.
    """
    held = Order.objects.filter(pk=order.pk, state=Order.State.SENDING, lease=order.lease)
    fields = {"state": state, "answered_at": now, "lease": "", **fields}
    if not held.update(**fields):
        raise Stale(f"order {order.pk} is no longer ours")


def end_orders(orders: Sequence[Order], state: str, *, now: datetime) -> None:
    """As ``end_order``, several with the same end. Raises Stale if one of them is not ours."""
    ended = bulk.update_each(
        Order,
        [(order.pk, {}) for order in orders],
        [],
        same={"state": state, "answered_at": now, "lease": ""},
        still={"state": Order.State.SENDING},
        seen=[{"lease": order.lease} for order in orders],
        guards=["lease"],
    )
    if ended != len(orders):
        raise Stale(f"{len(orders) - ended} orders are no longer ours")


def plan(campaign: Campaign, calls: Iterable[Call], *, now: datetime) -> None:
    """Write more calls of a campaign, planned or ended by us, and count them.

    Inside a transaction with the campaign locked, or just made.
    """
    rows = list(calls)
    for row in rows:
        # Calls are taken zone by zone: one of a zone that nobody asks for would wait for ever.
        if row.zone not in ZONES:
            row.zone = UNKNOWN
    rows = Call.objects.bulk_create(rows, batch_size=BATCH)
    lines = (
        _line(
            row,
            Kind.PLANNED if row.stage == Stage.PLANNED else EVENTS[row.stage],
            now,
            {"reason": row.error} if row.error else {},
        )
        for row in rows
    )
    CallEvent.objects.bulk_create(lines, batch_size=BATCH)
    shift = Shift()
    shift.count_new(rows)
    shift.apply(campaign.pk, now)


def _write(
    rows: list[Row],
    source: str,
    fields: Mapping[str, Any],
    own: list[Mapping[str, Any]] | None = None,
) -> None:
    """Set fields of rows that are still where they were, and what each has of its own.

    Raises Stale if any is not.
    """
    values = [{}] * len(rows) if own is None else own
    written = [(row.pk, each) for row, each in zip(rows, values, strict=True)]
    moved = bulk.update_each(Call, written, list(values[0]), same=fields, still={"stage": source})
    if moved != len(rows):
        raise Stale(f"{len(rows) - moved} calls are no longer {source}")
    for row, each in zip(rows, values, strict=True):
        _take_over(row, {**fields, **each})


def _sent_at(target: str, now: datetime) -> dict[str, Any]:
    """When it went out, as far as we know; what came back has not gone."""
    if target == Stage.SENDING:
        return {"sent_at": now}
    return {"sent_at": None} if target == Stage.PLANNED else {}


def _leaving(rows: list[Row], target: str) -> Shift:
    """What is taken away by a move: its counter, and its minute if it has not gone out at all."""
    shift = Shift()
    shift.campaign.subtract(_counters(rows))
    for row in rows if target == Stage.PLANNED else ():
        if row.sent_at is not None:
            shift.minutes[minute_of(row.sent_at)]["sent"] -= 1
    return shift


def _counters(rows: list[Row]) -> Counter[str]:
    """In which of the campaign's counters they are, all in one stage."""
    counters: Counter[str] = Counter()
    for status, number in Counter(row.status for row in rows).items():
        counters[Call.counter_of(rows[0].stage, status)] += number
    return counters


def _arriving(shift: Shift, rows: list[Row], now: datetime) -> None:
    """What is added by a move. A trouble stays counted in its minute, whatever is heard later."""
    shift.campaign.update(_counters(rows))
    if rows[0].stage == Stage.SENDING:
        shift.minutes[minute_of(now)]["sent"] += len(rows)
    if rows[0].stage in {Stage.REFUSED, Stage.UNKNOWN}:
        shift.minutes[minute_of(now)]["failed"] += len(rows)


def _news(before: Call, after: Call, now: datetime) -> Shift:
    """What news of an accepted call change. The minute is that in which we heard."""
    shift = Shift()
    shift.count(before, -1)
    shift.count(after)
    if has_ended(after):
        shift.count_depths(before, -1)
        shift.count_depths(after)
        heard = shift.minutes[minute_of(now)]
        heard["ended"] += int(not has_ended(before))
        heard["answered"] += shift.campaign["answered"]
    if shift.cost:
        shift.minute_costs[minute_of(now)] += shift.cost
    return shift


def _retry_lines(call: Call, retry: Call, now: datetime) -> list[CallEvent]:
    said = {"attempt": retry.attempt, "at": retry.planned_at.isoformat(), "result": call.result}
    return [_line(call, Kind.RETRY, now, said), _line(retry, Kind.PLANNED, now, said)]


def _line(row: Call, kind: str, now: datetime, details: Mapping[str, Any]) -> CallEvent:
    return CallEvent(call=row, kind=kind, at=now, details=dict(details))


def _take_over(row: Call | DueCall, fields: Mapping[str, Any]) -> None:
    """Make the object say what its row says now."""
    for name, value in fields.items():
        setattr(row, name, value)
