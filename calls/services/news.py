"""What the service says of a call, folded into its row: order and repeats do not matter."""

from datetime import datetime, timedelta
from typing import Any

from calls.models import BlockedPhone, Call, CallEvent
from calls.services import blocking, ledger
from obzvon_site.accounts.models import ApiAccount
from obzvon_site.provider.replies import ApiCall, CallNews

# The recording and the cost may come a little after the end.
DETAILS_WAIT = timedelta(minutes=5)
TEXT_FIELDS = ("ivr_digit", "ivr_answers", "manager_status", "hangup_cause", "recording_url")
VALUE_FIELDS = (
    *("started_at", "answered_at", "manager_started_at", "manager_answered_at", "finished_at"),
    *("cost",),
)


def fold(call: Call, api_call: ApiCall, *, now: datetime) -> None:
    """Take over the newest attempt of ``api_call``. Inside a transaction, campaign locked.

    Late, repeated and reordered news change nothing that is newer; an end is never undone.
    """
    if call.stage != Call.Stage.ACCEPTED:
        # The order's answer was lost or is still on its way; here is the proof that it arrived.
        ledger.move(
            call,
            Call.Stage.ACCEPTED,
            now=now,
            service_order_id=api_call.id,
            sync_at=now,
            error="",
        )
    news = newest(api_call)
    if news is None:
        return
    fields = changes(call, news)
    if not fields:
        return
    event = _event(call, fields, news, now)
    if event is not None:
        fields["changed_at"] = now
    if news.to_block and not call.to_block:
        blocking.block([call.phone], source=BlockedPhone.Source.KEY)
    is_final = fields.get("is_final", call.is_final)
    recording = fields.get("recording_url")
    if recording and not call.recording:
        fields["recording_at"] = now
    fields["sync_at"] = _next_ask(call, fields, now) if is_final else now + ask_after(call, now)
    ledger.report(call, now=now, event=event, **fields)
    if "cost" in fields:
        ApiAccount.objects.filter(pk=call.campaign.account_id).ask_balance_soon()


def newest(api_call: ApiCall) -> CallNews | None:
    """The last attempt; there is more than one only with redials."""
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
    for name in (*TEXT_FIELDS, *VALUE_FIELDS):
        said, had = getattr(news, name), getattr(call, name)
        # Late news may still fill what was empty; it overwrites nothing.
        if said not in {None, ""} and said != had and not (is_late and had not in {None, ""}):
            fields[name] = said
    if news.to_block and not call.to_block:
        fields["to_block"] = True
    undoes_end = call.is_final and not news.is_final
    if news.status and news.status != call.status and not is_late and not undoes_end:
        fields["status"] = news.status
        fields["is_final"] = news.is_final
    if news.id is not None and call.service_call_id is None:
        fields["service_call_id"] = news.id
    if fields and news.updated_at is not None and not is_late:
        fields["service_updated_at"] = news.updated_at
    return fields


def _event(call: Call, fields: dict[str, Any], news: CallNews, now: datetime) -> CallEvent | None:
    """A line for the timeline when the status changed."""
    if "status" not in fields:
        return None
    details = {"status": fields["status"]}
    if news.hangup_cause:
        details["hangup_cause"] = news.hangup_cause
    at = news.updated_at or now
    return CallEvent(call=call, kind=CallEvent.Kind.STATUS, at=at, details=details)


def _next_ask(call: Call, fields: dict[str, Any], now: datetime) -> datetime | None:
    """An ended call is asked about a little longer while its cost or recording is missing."""
    ended = fields.get("finished_at", call.finished_at) or call.changed_at
    answered = fields.get("answered_at", call.answered_at)
    has_cost = fields.get("cost", call.cost) is not None
    wants_recording = call.campaign.need_recording and answered is not None
    has_recording = fields.get("recording_url", call.recording_url)
    if (has_cost and (has_recording or not wants_recording)) or now - ended > DETAILS_WAIT:
        return None
    return now + timedelta(seconds=20)


def ask_after(call: Call, now: datetime) -> timedelta:
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
