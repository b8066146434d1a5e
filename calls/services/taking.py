"""Which calls go out next: whose turn it is, in which zone one may ring, who may be rung now."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from django.db import connection
from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext as _

from calls.models import Call, Campaign, Variant
from calls.rules.hours import ANY_TIME, Hours
from calls.rules.texts import names_in
from calls.services import backpressure, due, ledger, steering
from calls.services.allowing import Stop, allowance
from calls.services.blocking import blocked_among
from calls.services.counting import NO_HOLD
from calls.services.due import DueCall
from calls.services.limiting import within_limits
from calls.services.permits import Permit, permit_of
from obzvon_site.accounts.models import ApiAccount
from obzvon_site.common.turns import take_turn

# Looked at in one go when nobody of the first portion could be rung.
LOOK_FURTHER = 500
PORTION = 2000  # calls taken in one transaction: on SQLite nobody else writes meanwhile
SINGLY = 8  # looked at for an order of one call: some may have to wait
# One look into the index of turns for each zone, where a sorted list would read all that is due.
_FIRST_ZONE = """
WITH open(place, zone) AS (VALUES %s) SELECT zone FROM open WHERE EXISTS (
    SELECT 1 FROM calls_call WHERE calls_call.campaign_id = %%s AND calls_call.zone = open.zone
    AND calls_call.stage = %%s AND calls_call.planned_at <= %%s
) ORDER BY place LIMIT 1
"""


@dataclass(frozen=True, slots=True)
class Batch:
    """Calls of one order, with the same message."""

    calls: list[DueCall]
    payload: dict[str, object]


@dataclass(frozen=True, slots=True)
class Draw:
    """Orders to be: of one campaign and zone. Perhaps none.

    ``has_moved``: others were put off or blocked, so that looking again finds different ones.
    """

    campaign: Campaign | None = None
    batches: list[Batch] = field(default_factory=list)
    has_moved: bool = False


def candidates(account: ApiAccount, now: datetime) -> list[int]:
    """Campaigns that may have something to send, the one that has waited longest in front.

    They take turns, so that one call does not wait for the last of ten thousand.
    """
    found = with_work(now).filter(account=account)
    found = found.order_by(F("ordered_at").asc(nulls_first=True), "pk")
    return list(found.values_list("pk", flat=True))


def with_work(now: datetime) -> QuerySet[Campaign]:
    """Campaigns whose time it is and of which something waits; it need not be due."""
    has_begun = Q(planned_at=None) | Q(planned_at__lte=now)
    is_open = Q(ends_at=None) | Q(ends_at__gt=now)
    return Campaign.objects.sendable(now).filter(has_begun, is_open, waiting__gt=0)


def draw(
    account: ApiAccount, campaign_id: int, now: datetime, *, orders: int = 1, at_least: int = 0
) -> Draw:
    """The next calls of a campaign, locked, in so many orders at most; none when none may go.

    Inside a transaction. At least so many calls are looked at. Whoever may not be rung is blocked,
    put off or expired on the way, and a campaign that may not go on is held.
    """
    campaign = _locked(account, campaign_id, now)
    if campaign is None:
        return Draw()
    allowed = backpressure.allowed(account, now)
    orders = min(orders, allowed.orders, max(1, PORTION // max(1, allowed.calls)))
    if orders < 1:
        return Draw()
    permit = permit_of(campaign)
    zone = None if permit.refusal else _zone(campaign, permit.hours, now)
    room = min(_room(campaign, permit, zone, now), orders * allowed.calls)
    if zone is None or room < 1:
        return Draw()
    # Texts of one's own go out singly; of two messages each stands in about every second call.
    number = min(room, orders - 1 + SINGLY) if _is_individual(campaign) else room
    number *= max(1, len(campaign.letters))
    looked_at = _due(campaign, zone, now, max(number, at_least))
    free = _without_blocked(_with_words(campaign, looked_at, now), now)
    free = within_limits(campaign, free, permit.limits, now)
    found = _alike(free, room, most=orders, size=allowed.calls)
    if not found:
        return Draw(has_moved=bool(looked_at))
    _lift(campaign)
    return Draw(campaign, [Batch(calls, _payload(campaign, calls[0])) for calls in found])


def _room(campaign: Campaign, permit: Permit, zone: str | None, now: datetime) -> int:
    """How many may go; a campaign that may not go on is held.

    A pilot's end is told at once, not first when its people may be rung again.
    """
    if permit.refusal:
        steering.hold(campaign, Campaign.Hold.GUARD, permit.refusal, now=now)
        return 0
    if zone is None and (campaign.pilot_size is None or campaign.is_pilot_approved):
        return 0
    room = allowance(campaign, now)
    if isinstance(room, Stop):
        steering.hold(campaign, room.kind, room.sentence, until=room.until, now=now)
        return 0
    return room


def _locked(account: ApiAccount, campaign_id: int, now: datetime) -> Campaign | None:
    """The campaign if it may send, its row locked, and nobody else counting its account's pace.

    Whose turn it is not does not wait: whoever has it sends all that the account's connections
    carry, and another worker would only stand in its way. It looks again in a moment.
    """
    if not take_turn(f"account {account.pk}"):
        return None
    rows = with_work(now).select_related("account", "outgoing_phone")
    return rows.select_for_update(of=("self",)).filter(pk=campaign_id).first()


def _zone(campaign: Campaign, hours: Hours | None, now: datetime) -> str | None:
    """The first open zone with a call that is due; the one that closes first goes first."""
    zones = (hours or ANY_TIME).open_zones(now)
    if not zones:
        return None
    wanted = connection.ops.adapt_datetimefield_value(now)
    names = [value for pair in enumerate(zones) for value in pair]
    with connection.cursor() as cursor:
        cursor.execute(
            _FIRST_ZONE % ", ".join(["(%s, %s)"] * len(zones)),
            [*names, campaign.pk, Call.Stage.PLANNED, wanted],
        )
        found = cursor.fetchone()
    return found[0] if found else None


def _due(campaign: Campaign, zone: str, now: datetime, number: int) -> list[DueCall]:
    rows = Call.objects.due(now).filter(campaign=campaign, zone=zone)
    return due.read(rows.select_for_update(skip_locked=True)[:number])


def _without_blocked(calls: list[DueCall], now: datetime) -> list[DueCall]:
    """Block those that came into the blacklist since the launch; return the others."""
    if not calls:
        return []
    campaign_id = calls[0].campaign_id
    blocked = blocked_among((call.phone for call in calls), campaign_id=campaign_id, now=now)
    reasons = {phone: row.explanation for phone, row in blocked.items()}
    for reason in set(reasons.values()):
        theirs = [call for call in calls if reasons.get(call.phone) == reason]
        details = {"reason": reason}
        ledger.move_all(theirs, Call.Stage.BLOCKED, now=now, details=details, error=reason)
    return [call for call in calls if call.phone not in reasons]


def _with_words(campaign: Campaign, calls: list[DueCall], now: datetime) -> list[DueCall]:
    """Take back those that have lost a text of their own; return the others. Nobody is to hear
    «{имя}» spoken."""
    if not _is_individual(campaign):
        return calls
    wordless = [call for call in calls if not call.text and _asks_for_words(campaign, call)]
    if not wordless:
        return calls
    reason = _("Для переменных в тексте нет значений: данные человека удалены или не заданы.")
    details = {"reason": reason}
    ledger.move_all(wordless, Call.Stage.TAKEN_BACK, now=now, details=details, error=reason)
    return [call for call in calls if call.stage == Call.Stage.PLANNED]


def _asks_for_words(campaign: Campaign, call: DueCall) -> bool:
    """Whether its message is a text that differs from call to call."""
    said: Campaign | Variant = campaign.letters.get(call.variant) or campaign
    return said.message == Campaign.Message.TEXT and bool(names_in(said.text))


def _alike(calls: Iterable[DueCall], room: int, *, most: int, size: int) -> list[list[DueCall]]:
    """The first calls in so many orders at most: those of one hear the same, and each phone
    stands in one of all, since its next attempt depends on how this one goes."""
    orders: list[list[DueCall]] = []
    filling: dict[tuple[str, str], list[DueCall]] = {}
    phones: set[str] = set()
    for call in calls:
        if len(phones) == room:
            break
        if call.phone in phones:
            continue
        order = filling.get((call.variant, call.text))
        if order is None or len(order) == size:
            if len(orders) == most:
                continue
            order = filling[call.variant, call.text] = []
            orders.append(order)
        order.append(call)
        phones.add(call.phone)
    # In this order their phones stand in the request, and the service's complaints name places.
    return [sorted(order, key=lambda call: call.pk) for order in orders]


def _is_individual(campaign: Campaign) -> bool:
    """Whether any of its texts differs from call to call."""
    texts = [campaign.text, *(variant.text for variant in campaign.letters.values())]
    return any(names_in(text) for text in texts)


def _payload(campaign: Campaign, call: DueCall) -> dict[str, object]:
    variant = campaign.letters.get(call.variant)
    payload: dict[str, object] = dict(variant.payload if variant else campaign.payload)
    record = payload.get("record")
    if call.text and isinstance(record, dict):
        payload["record"] = {**record, "text": call.text}
    return payload


def _lift(campaign: Campaign) -> None:
    """A hold whose time is over, of a day's budget, is gone; the service's ends by its answer."""
    if campaign.hold_reason and campaign.hold_kind != Campaign.Hold.SERVICE:
        Campaign.objects.filter(pk=campaign.pk).update(**NO_HOLD)
