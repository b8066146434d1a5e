"""One more attempt for whom the first has not reached, in the transaction in which it ended."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from calls.models import Call, Campaign, Variant
from calls.rules.retries import MOST_ATTEMPTS, Retries, result_of
from calls.services import ledger
from calls.services.counting import has_ended
from calls.services.permits import permit_of

# A campaign in these may still ring somebody; what is stopped or over stays so.
MAY_RING = (Campaign.State.RUNNING, Campaign.State.PAUSED)


@dataclass(frozen=True, slots=True)
class Conclusion:
    """What follows from a call as it is now."""

    result: str  # a value of Call.Result; empty while it has not ended
    retry: Call | None = None  # the next attempt, not written yet


@dataclass
class Around:
    """What the next attempts of many calls of a campaign depend on, asked for all at once."""

    may_ring: bool
    attempts: dict[str, list[Call]]  # to a phone

    @classmethod
    def of(cls, campaign: Campaign, calls: Iterable[Call]) -> "Around":
        """Of these calls, as they are in memory, and all others to the phones that matter."""
        rules = Retries.from_json(campaign.retries).rules
        if not rules:
            return cls(False, {})
        rows = {call.pk: call for call in calls}
        ended = (call for call in rows.values() if has_ended(call) and _result(call) in rules)
        phones = {call.phone for call in ended if not call.is_retried}
        if not phones:
            return cls(False, {})
        found = cls(_may_ring(campaign), {})
        for row in Call.objects.filter(campaign=campaign, phone__in=phones):
            found.add(rows.get(row.pk, row))
        return found

    def add(self, call: Call) -> None:
        """One more attempt."""
        self.attempts.setdefault(call.phone, []).append(call)


def conclude(call: Call, now: datetime, around: Around | None = None) -> Conclusion:
    """How an ended call went, and the attempt that follows it, if one does.

    Inside a transaction with the campaign locked. ``call`` is as the news make it, but for its
    ``result``: that is what was known before. What has been followed by an attempt once is not
    followed by a second, whatever is heard of it later.
    """
    if not has_ended(call):
        return Conclusion("")
    result = _result(call)
    is_news = result != call.result
    if result == Call.Result.REACHED or call.to_block or call.is_retried or not is_news:
        return Conclusion(result)
    return Conclusion(result, _next_attempt(call, result, now, around))


def take_back_needless(call: Call, now: datetime) -> None:
    """A correction says that the person was reached, or wants no calls: the next attempt of a
    call that was followed by one is not needed, unless it has gone out already."""
    if not call.is_retried or not (call.result == Call.Result.REACHED or call.to_block):
        return
    later = Call.objects.select_for_update().filter(
        campaign=call.campaign_id,
        phone=call.phone,
        attempt__gt=call.attempt,
        stage=Call.Stage.PLANNED,
    )
    reason = _("Эта попытка не нужна: о прошлом звонке пришли новые сведения.")
    ledger.move_all(later, Call.Stage.TAKEN_BACK, now=now, details={"reason": reason}, error=reason)


def _result(call: Call) -> str:
    campaign = call.campaign
    said: Campaign | Variant = campaign.letters.get(call.variant) or campaign
    return result_of(
        call.status,
        talk_seconds=call.talk_seconds,
        is_answered=bool(call.ivr_answers or call.ivr_digit),
        has_keys=bool(said.payload.get("ivrs")),
        listen_seconds=said.listen_seconds,
    )


def _next_attempt(call: Call, result: str, now: datetime, around: Around | None) -> Call | None:
    campaign = call.campaign
    retries = Retries.from_json(campaign.retries)
    if result not in retries.rules:
        return None
    if around is None:
        attempts = list(Call.objects.filter(campaign=campaign, phone=call.phone))
        attempts = [other for other in attempts if other.pk != call.pk]
        may_ring = _may_ring(campaign)
    else:
        attempts = [other for other in around.attempts.get(call.phone, ()) if other is not call]
        may_ring = around.may_ring
    # Somebody has planned it by hand, or it is rung again already.
    is_last = all(other.attempt < call.attempt for other in attempts)
    if not is_last or len(attempts) + 1 >= MOST_ATTEMPTS or not may_ring:
        return None
    moment = retries.next_at(
        result,
        1 + sum(other.result == result for other in attempts),
        ended_at=now,
        zone=call.zone,
        hours=permit_of(campaign).hours,
        tried=[other.sent_at for other in (*attempts, call) if other.sent_at],
    )
    if moment is None or (campaign.ends_at is not None and moment >= campaign.ends_at):
        return None
    return _again(call, moment, now)


def _may_ring(campaign: Campaign) -> bool:
    """As its row says now: the proof of a lost call may have brought it back to life just so."""
    return Campaign.objects.filter(pk=campaign.pk, state__in=MAY_RING).exists()


def _again(call: Call, planned_at: datetime, now: datetime) -> Call:
    """The same person and message, not sent yet."""
    same: dict[str, Any] = {
        name: getattr(call, name)
        for name in ("campaign", "phone", "name", "zone", "variant", "text")
    }
    return Call(**same, attempt=call.attempt + 1, planned_at=planned_at, changed_at=now)
