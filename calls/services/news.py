"""What the service says of a call, folded into its row: order and repeats do not matter."""

from copy import copy
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from operator import attrgetter
from typing import Any

from calls.models import BlockedPhone, Call, CallEvent
from calls.services import blocking, ledger, retrying
from obzvon_site.accounts.models import ApiAccount
from obzvon_site.common.money import KOPECK
from obzvon_site.provider.replies import ApiCall, CallNews

# The recording and the cost may come a little after the end.
DETAILS_WAIT = timedelta(minutes=5)
DETAILS_AGAIN = timedelta(seconds=20)
TEXT_FIELDS = ("ivr_digit", "ivr_answers", "manager_status", "hangup_cause", "recording_url")
# The service's clock and ours may differ by so much; or by so much, if ours has jumped.
CLOCKS = timedelta(minutes=2)
JUMPED = timedelta(hours=1)
# How much of a text its column keeps.
LENGTHS = {
    name: getattr(Call._meta.get_field(name), "max_length", None)  # noqa: SLF001  # public
    for name in (*TEXT_FIELDS, "status")
}
VALUE_FIELDS = (
    *("started_at", "answered_at", "manager_started_at", "manager_answered_at", "finished_at"),
    *("cost",),
)
FIELDS = (*TEXT_FIELDS, *VALUE_FIELDS)
_values = attrgetter(*FIELDS)


def fold(
    call: Call, api_call: ApiCall, *, now: datetime, tally: ledger.Tally | None = None
) -> bool:
    """Take over the newest attempt of ``api_call``. False when it says nothing new.

    Late, repeated and reordered news change nothing that is newer; an end is never undone. Of
    many calls of one campaign the counters may be gathered in a ``tally``.
    Inside a transaction, with the campaign locked before ``call`` was read. Raises Stale for
    a call that cannot be this one: not sent, refused, or known under another id.
    """
    if call.service_order_id not in {None, api_call.id}:
        raise ledger.Stale(f"call {call.pk} is another apiCall")
    is_proof = call.stage != Call.Stage.ACCEPTED
    if is_proof:
        # The order's answer was lost or is still on its way; here is the proof that it arrived.
        if Call.Stage.ACCEPTED not in ledger.MOVES.get(call.stage, ()):
            raise ledger.Stale(f"call {call.pk} is {call.stage}")
        number = api_call.id
        ledger.move(
            call, Call.Stage.ACCEPTED, now=now, service_order_id=number, sync_at=now, error=""
        )
    latest = newest(api_call)
    fields = changes(call, latest) if latest else {}
    if latest and fields:
        _write(call, latest, fields, now, tally)
    return is_proof or bool(fields)


def _write(
    call: Call,
    news: CallNews,
    fields: dict[str, Any],
    now: datetime,
    tally: ledger.Tally | None,
) -> None:
    """Write ``fields`` and what follows from them."""
    event = _event(call, fields, news, now)
    if event is not None:
        fields["changed_at"] = now
    if fields.get("to_block"):
        blocking.block([call.phone], source=BlockedPhone.Source.KEY, now=now)
    if fields.get("recording_url") and not call.has_recording:
        fields |= {"recording_at": now, "recording_tries": 0}
    then = copy(call)
    vars(then).update(fields)
    fields["sync_at"] = next_ask(then, now)
    found = retrying.conclude(then, now)
    if found.result != call.result:
        fields["result"] = found.result
    ledger.report(call, now=now, event=event, retry=found.retry, tally=tally, **fields)
    retrying.take_back_needless(call, now)
    if "cost" in fields and tally is None:
        ApiAccount.objects.filter(pk=call.campaign.account_id).ask_balance_soon()


def believed(api_call: ApiCall, heard_at: datetime) -> ApiCall:
    """What is said to have changed in the future has changed when we heard of it.

    A service whose clock is wrong once would else make all its later news look late.
    """
    limit = heard_at + CLOCKS
    if not any(news.updated_at and news.updated_at > limit for news in api_call.calls):
        return api_call
    # Of several attempts the last one must stay so: only it is looked at.
    latest = newest(api_call)
    assert latest is not None  # noqa: S101  # there is one in the future
    return replace(
        api_call, calls=(replace(latest, updated_at=heard_at, said_at=latest.updated_at),)
    )


def newest(api_call: ApiCall) -> CallNews | None:
    """The last attempt; there is more than one only with redials."""
    if len(api_call.calls) == 1:
        return api_call.calls[0]
    return max(
        api_call.calls,
        key=lambda news: (news.updated_at is not None, news.updated_at, news.id or 0),
        default=None,
    )


def changes(call: Call, news: CallNews) -> dict[str, Any]:
    """The fields of ``call`` that ``news`` changes; empty when it says nothing new."""
    known = call.service_updated_at
    is_late = known is not None and news.updated_at is not None and news.updated_at < known
    fields: dict[str, Any] = {}
    for name, told, had in zip(FIELDS, _values(news), _values(call), strict=True):
        if told is None or told == "":
            continue
        said = _as_kept(name, told)
        # Late news may still fill what was empty; it overwrites nothing.
        if said != had and not (is_late and had not in {None, ""}):
            fields[name] = said
    if news.to_block and not call.to_block:
        fields["to_block"] = True
    undoes_end = call.is_final and not news.is_final
    # An end ends, by whatever clock: the service's own may have gone back while the phone rang.
    is_end = news.is_final and not call.is_final and news.id == call.service_call_id
    status = _as_kept("status", news.status)
    if status and status != call.status and (is_end or not is_late) and not undoes_end:
        fields["status"] = status
        fields["is_final"] = news.is_final
    # Of several rings the last one: an end of an earlier one is not the call's.
    is_other = news.id is not None and news.id != call.service_call_id
    if is_other and (call.service_call_id is None or not is_late):
        fields["service_call_id"] = news.id
    if fields and news.updated_at is not None and not is_late:
        fields["service_updated_at"] = news.updated_at
    return fields


def _as_kept(name: str, said: Any) -> Any:
    """``said`` as the column keeps it, so that the same news compare as the same."""
    if isinstance(said, Decimal):
        return said.quantize(KOPECK, ROUND_HALF_UP)
    if isinstance(said, str):
        return said[: LENGTHS[name]]
    return said


def _event(call: Call, fields: dict[str, Any], news: CallNews, now: datetime) -> CallEvent | None:
    """A line for the timeline when the status changed."""
    if "status" not in fields:
        return None
    details = details_of(fields["status"], news)
    at = news.updated_at or now
    return CallEvent(call=call, kind=CallEvent.Kind.STATUS, at=at, details=details)


def details_of(status: str, news: CallNews) -> dict[str, Any]:
    """What a line of the timeline says of a new status."""
    details = {"status": status}
    if news.hangup_cause:
        details["hangup_cause"] = news.hangup_cause
    if news.said_at is not None:
        details["said_at"] = news.said_at.isoformat()
    return details


def next_ask(call: Call, now: datetime) -> datetime | None:
    """When to ask about a call again. None: it has ended and nothing more is expected.

    An ended call is asked about a little longer while its cost or recording is missing.
    """
    if not call.is_final:
        return now + _ask_after(call, now)
    wants_recording = call.campaign.need_recording and call.answered_at is not None
    is_complete = call.cost is not None and (call.recording_url or not wants_recording)
    # Counted from when we heard of the end: an end heard late is asked about as long.
    if is_complete or now - call.changed_at > DETAILS_WAIT:
        return None
    return now + DETAILS_AGAIN


def _ask_after(call: Call, now: datetime) -> timedelta:
    """How long to wait before asking about a call that has not ended."""
    if call.status in {"started", "answered"}:
        return timedelta(seconds=3)
    if call.planned_at - now > timedelta(minutes=10):
        return timedelta(seconds=60)
    quiet = now - call.changed_at
    for limit, wait in (
        (timedelta(minutes=2), 5),
        (timedelta(minutes=10), 10),
        (timedelta(hours=1), 30),
        (timedelta(days=1), 300),
    ):
        if quiet < limit:
            return timedelta(seconds=wait)
    return timedelta(hours=1)
