"""How often one person is rung: counted over all campaigns, at the moment of sending.

Two campaigns must not both take a person's last allowed attempt, so whoever looks at attempts
does it one at a time, and what the one before has taken is seen.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from django.db.models import Q
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from calls.models import Call, Campaign
from calls.models.call import MAY_HAVE_RUNG
from calls.rules.limits import Limits
from calls.rules.words import limits_in_words
from calls.services import ledger
from calls.services.due import DueCall
from calls.services.permits import harmless, is_harmless
from obzvon_site.common import bulk
from obzvon_site.common.turns import wait_for_turn

TURN = "attempts"
LONGEST = timedelta(days=33)  # more than a month of any zone
AGAIN = timedelta(minutes=10)  # later, when the same phone is being rung by another call
AGAIN_SOON = timedelta(seconds=20)  # of calls to oneself, and where nobody real is rung


def within_limits(
    campaign: Campaign, calls: list[DueCall], limits: Limits, now: datetime
) -> list[DueCall]:
    """Those that may go out now. The others wait until they may, or have come too late.

    Inside the transaction that sends them, with the campaign locked.
    """
    if not calls:
        return calls
    phones = {call.phone for call in calls}
    attempts: Mapping[str, list[datetime]] = {}
    # Even without limits: two calls to one phone at once, both in doubt, could not be told apart.
    if limits.is_none and is_harmless(campaign):
        # Within the account, that is, whose turn is ours already; and its history does not matter.
        ringing, again = _ringing(phones), AGAIN_SOON
    else:
        wait_for_turn(TURN)
        attempts, ringing = _attempts(campaign, phones, now)
        again = AGAIN
    moments: dict[tuple[datetime | None, bool], list[DueCall]] = defaultdict(list)
    allowed = []
    for call in calls:
        is_ringing = call.phone in ringing
        at = limits.allowed_at(attempts.get(call.phone, ()), call.zone, now)
        if at is not None and is_ringing:
            at = max(at, now + again)
        if at is not None and at <= now:
            allowed.append(call)
        else:
            moments[at, is_ringing].append(call)
    for (at, is_ringing), late in moments.items():
        _put_off(campaign, late, at, _why(limits, is_ringing), now)
    return allowed


def _attempts(
    campaign: Campaign, phones: Iterable[str], now: datetime
) -> tuple[dict[str, list[datetime]], set[str]]:
    """When each phone was rung, or may have been; and the phones of calls that have not ended.

    A rehearsal takes nobody's attempts from a campaign that rings real people.
    """
    # The stage is looked at here: asked for it, SQLite would read every call there is.
    theirs = Call.objects.filter(phone__in=bulk.listed(phones))
    recent = theirs.filter(Q(sent_at__gte=now - LONGEST) | Q(is_final=False))
    columns = ("phone", "stage", "sent_at", "is_final", "campaign")
    rows = [row for row in recent.values_list(*columns) if row[1] in MAY_HAVE_RUNG]
    rehearsals = _rehearsals(campaign, {row[4] for row in rows})
    attempts: dict[str, list[datetime]] = defaultdict(list)
    for phone, _stage, sent_at, _is_final, campaign_id in rows:
        if sent_at is not None and campaign_id not in rehearsals:
            attempts[phone].append(sent_at)
    return attempts, {phone for phone, _stage, _sent_at, is_final, _of in rows if not is_final}


def _rehearsals(campaign: Campaign, others: set[int]) -> set[int]:
    """Those of ``others`` that rang nobody real, unless the campaign does not either."""
    others = others - {campaign.pk}
    if not others or is_harmless(campaign):
        return set()
    return set(harmless().filter(pk__in=others).values_list("pk", flat=True))


def _ringing(phones: Iterable[str]) -> set[str]:
    """The phones of calls that have not ended."""
    theirs = Call.objects.filter(phone__in=bulk.listed(phones), is_final=False)
    rows = theirs.values_list("phone", "stage")
    return {phone for phone, stage in rows if stage in MAY_HAVE_RUNG}


def _put_off(
    campaign: Campaign, calls: list[DueCall], at: datetime | None, reason: str, now: datetime
) -> None:
    """All of them to the same moment; too late is what would be rung after the campaign's end."""
    if at is None or (campaign.ends_at is not None and at >= campaign.ends_at):
        error = _("%(reason)s До конца обзвона звонить больше нельзя.") % {"reason": reason}
        details = {"reason": error}
        ledger.move_all(calls, Call.Stage.EXPIRED, now=now, error=error, details=details)
        return
    said = date_format(timezone.localtime(at), "j E, H:i")
    sentence = _("%(reason)s Не раньше: %(moment)s.") % {"reason": reason, "moment": said}
    ledger.put_off(calls, until=at, now=now, details={"reason": sentence})


def _why(limits: Limits, is_ringing: bool) -> str:
    if is_ringing:
        return _("На этот номер уже идёт другой звонок.")
    return _("Предел звонков одному человеку: %(limits)s.") % {"limits": limits_in_words(limits)}
