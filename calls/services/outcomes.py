"""What becomes of an order: by the service's answer, or by the class of its trouble.

Each outcome ends the order and moves its calls in one transaction, unless the lease is gone.
"""

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from calls.models import Call, Campaign, CampaignEvent, Order
from calls.models.campaign import CampaignQuerySet
from calls.services import ledger
from calls.services.counting import NO_HOLD
from calls.services.due import DueCall
from obzvon_site.accounts.models import ApiAccount
from obzvon_site.common.phones import normalise
from obzvon_site.provider.errors import (
    BadRequest,
    Invalid,
    NoMoney,
    NotOffered,
    NotSent,
    OnModeration,
    ProviderError,
    Refused,
    TooFast,
    WrongKey,
    for_people,
)
from obzvon_site.provider.replies import Created

logger = logging.getLogger(__name__)

Hold = Campaign.Hold
Clock = Callable[[], datetime]
SYNC_AFTER = timedelta(seconds=3)  # webhooks are faster, or we ask


def not_created(order: Order, error: ProviderError, clock: Clock) -> None:
    """Decide by the error's class what becomes of the order's calls."""
    sentence = for_people(error)
    match error:
        case Invalid():
            _refuse_all(order, sentence, clock)
        case NotSent() | TooFast():
            # It passes by itself: the account's channel says when to try again.
            take_back(order, clock(), reason=sentence)
        case BadRequest():
            _refuse_some(order, error, clock)
        case NoMoney():
            put_back(order, sentence, until=None, clock=clock, kind=Hold.BALANCE)
        case WrongKey() | NotOffered():
            # A person mends it for the whole account, then all go on.
            put_back(order, sentence, until=None, clock=clock)
        case Refused():
            _hold_its_campaign(order, error, clock)
        case _:
            _close(order, Order.State.UNKNOWN, clock, sentence, _doubt_calls)


def created(order: Order, answer: Created, clock: Clock) -> None:
    """Match the answer by phone, never by position. What it does not mention is in doubt."""
    ids = {_digits(entry.phone): entry.id for entry in answer.calls}
    words = {_digits(entry.phone): entry.words for entry in answer.refused}
    # The money may end in the middle of an order: its other phones wait, they are not at fault.
    poor = {
        _digits(entry.phone): for_people(trouble)
        for entry in answer.refused
        if isinstance(trouble := entry.trouble, NoMoney)
    }
    sentence = next(iter(poor.values()), "")
    phones = list(order.calls.values_list("phone", flat=True))

    def write(order: Order, now: datetime) -> None:
        calls = _sending(order)
        if len(phones) == len(calls) == 1 and "" in ids:
            ids[calls[0].phone] = ids[""]  # the document's own answer does not name the phone
        accepted = [
            (call, {"service_order_id": ids[call.phone]}) for call in calls if call.phone in ids
        ]
        refused = [
            (call, {"error": _("Сервис отказал: %(words)s") % {"words": words[call.phone] or "—"}})
            for call in calls
            if call.phone in words and call.phone not in {*ids, *poor}
        ]
        waiting = [call for call in calls if call.phone in poor and call.phone not in ids]
        ledger.move_each(accepted, Call.Stage.ACCEPTED, now=now, sync_at=now + SYNC_AFTER)
        ledger.move_each(refused, Call.Stage.REFUSED, now=now)
        _put_in_line(waiting, now, {"reason": sentence})
        _doubt_calls(order, now)

    def is_named(phone: str) -> bool:
        return phone in ids or phone in words

    complete = all(map(is_named, phones)) or (len(phones) == 1 and "" in ids)
    state = Order.State.ANSWERED if complete else Order.State.UNKNOWN
    if _close(order, state, clock, "", write) and poor:
        hold(order.campaign.account, sentence, kind=Hold.BALANCE, now=clock())


def is_whole(calls: Iterable[DueCall], answer: Created) -> bool:
    """Whether the service has taken each of an order's calls, and says so by its phone."""
    phones = {entry.phone for entry in answer.calls}
    return not answer.refused and all(call.phone in phones for call in calls)


def all_created(
    orders: Sequence[Order], answers: Sequence[tuple[Sequence[DueCall], Created]], clock: Clock
) -> None:
    """End orders of one campaign whose answers are whole, in one transaction.

    Their calls are as they were when they were sent. Raises Stale, and writes nothing, if a lease
    is gone or a webhook was faster: then each is looked at by ``created``.
    """
    now = clock()
    accepted = []
    for calls, answer in answers:
        ids = {entry.phone: entry.id for entry in answer.calls}
        accepted += [(call, {"service_order_id": ids[call.phone]}) for call in calls]
    with transaction.atomic():
        ledger.lock([orders[0].campaign_id])
        ledger.end_orders(orders, Order.State.ANSWERED, now=now)
        ledger.move_each(accepted, Call.Stage.ACCEPTED, now=now, sync_at=now + SYNC_AFTER)
        for order in orders:
            _lift(order.campaign)


def _refuse_some(order: Order, error: BadRequest, clock: Clock) -> None:
    """When only some phones are at fault, the others go back to be ordered without them.

    What is wrong with the message is wrong with every other order of its campaign: all wait.
    """
    phones = list(order.calls.order_by("pk").values_list("phone", flat=True))
    faults = _faults_of(phones, error)
    sentence = for_people(error)
    if len(faults) == len(phones) or (not faults and _is_for_one(order)):
        _refuse_all(order, sentence, clock)
        return
    if not faults:
        _hold_its_campaign(order, error, clock)
        return

    def write(order: Order, now: datetime) -> None:
        for call in _sending(order):
            if call.phone in faults:
                reason = _("Сервис отказал: %(words)s") % {"words": faults[call.phone]}
                ledger.move(call, Call.Stage.REFUSED, now=now, error=reason)
        _put_in_line(_sending(order), now)

    _close(order, Order.State.REFUSED, clock, sentence, write)


def _hold_its_campaign(order: Order, error: ProviderError, clock: Clock) -> None:
    """This message or this record is at fault: the account's other campaigns go on."""
    sentence = for_people(error)
    if not isinstance(error, OnModeration):  # its own sentence says what to do
        sentence += " " + _(
            "Исправьте причину и продолжите или остановите обзвон и создайте новый."
        )
    put_back(order, sentence, until=None, clock=clock, whole_account=False)


def _faults_of(phones: Sequence[str], error: BadRequest) -> dict[str, str]:
    """What is said to be wrong with which of an order's phones; nothing, when something else is
    wrong as well, or nobody says with which."""
    faults = {}
    for name, said in error.fields.items():
        word, _dot, place = name.partition(".")
        if word == "phones" and place.isdecimal() and int(place) < len(phones):
            faults[phones[int(place)]] = said
        elif len(phones) == 1 and name.startswith("phone"):
            faults[phones[0]] = said
        else:
            return {}
    return faults


def _is_for_one(order: Order) -> bool:
    """Whether its message is said to one person only: whatever is wrong with it, is of one call."""
    call = order.calls.first() if order.size == 1 else None
    return call is not None and (bool(call.text) or order.campaign.people == 1)


def _refuse_all(order: Order, sentence: str, clock: Clock) -> None:
    def write(order: Order, now: datetime) -> None:
        calls = _sending(order)
        details = {"reason": sentence}
        ledger.move_all(calls, Call.Stage.REFUSED, now=now, error=sentence, details=details)

    _close(order, Order.State.REFUSED, clock, sentence, write)


def put_back(
    order: Order,
    sentence: str,
    *,
    until: datetime | None,
    clock: Clock,
    whole_account: bool = True,
    kind: str = Hold.SERVICE,
) -> None:
    """Nothing was done at the service: the calls wait in line, and the account's campaigns too."""
    own = Campaign.objects.filter(pk=order.campaign_id)

    def write(order: Order, now: datetime) -> None:
        details = {"reason": sentence}
        _put_in_line(_sending(order), now, details)
        _hold(own, sentence, until=until, kind=kind, now=now)

    if _close(order, Order.State.NOT_SENT, clock, sentence, write) and whole_account:
        hold(order.campaign.account, sentence, until=until, kind=kind, now=clock())


def hold(
    account: ApiAccount,
    sentence: str,
    *,
    now: datetime,
    until: datetime | None = None,
    kind: str = Hold.SERVICE,
) -> None:
    """Nothing of the account goes out: until a moment, or until a person lets it go on."""
    campaigns = Campaign.objects.filter(account=account)
    with transaction.atomic():
        ledger.lock(campaigns.running().values_list("pk", flat=True))
        _hold(campaigns, sentence, until=until, kind=kind, now=now)


def _hold(
    campaigns: CampaignQuerySet, sentence: str, *, until: datetime | None, kind: str, now: datetime
) -> None:
    # What waits for a person is not let go by a trouble that passes by itself.
    free = campaigns.running().exclude(hold_until=None, hold_reason__gt="")
    if until is not None:
        free = free.exclude(hold_until__gt=until)  # nor is a longer one made shorter
    pks = list(free.values_list("pk", flat=True))
    Campaign.objects.filter(pk__in=pks).update(
        hold_reason=sentence, hold_until=until, hold_kind=kind
    )
    if until is None:
        said = {"reason": sentence, "hold": kind}
        CampaignEvent.objects.bulk_create(
            CampaignEvent(campaign_id=pk, kind=CampaignEvent.Kind.HELD, at=now, details=said)
            for pk in pks
        )


def _close(
    order: Order,
    state: str,
    clock: Clock,
    error: str,
    write: Callable[[Order, datetime], Any],
) -> bool:
    """End the order and move its calls in one transaction. False if its lease is gone."""
    now = clock()
    ask_at = now if state == Order.State.UNKNOWN else None
    with transaction.atomic():
        ledger.lock([order.campaign_id])
        try:
            ledger.end_order(order, state, now=now, error=error, ask_at=ask_at)
        except ledger.Stale:
            logger.warning("order %s was answered after its lease; it is in doubt", order.pk)
            return False
        write(order, now)
        if state == Order.State.ANSWERED:
            # The service works again; money, guards and pilots are not its word to give.
            _lift(order.campaign)
    return True


def _lift(drawn: Campaign) -> None:
    """Lift the hold under which the order was drawn: a later one, set by another order that was on
    its way at the same time, stays."""
    if drawn.hold_reason:
        held = Campaign.objects.filter(
            pk=drawn.pk,
            hold_kind=Hold.SERVICE,
            hold_reason=drawn.hold_reason,
            hold_until=drawn.hold_until,
        )
        held.update(**NO_HOLD)


def doubt(order: Order, now: datetime) -> bool:
    """Nobody will hear the order's answer any more. False if somebody has."""
    return _close(order, Order.State.UNKNOWN, lambda: now, "", _doubt_calls)


def take_back(order: Order, now: datetime, *, reason: str = "") -> bool:
    """The order never arrived: its calls wait in line again, and no campaign is held."""
    details = {"reason": reason} if reason else {}

    def write(order: Order, now: datetime) -> None:
        _put_in_line(_sending(order), now, details)

    return _close(order, Order.State.NOT_SENT, lambda: now, reason, write)


def _put_in_line(
    calls: Sequence[Call], now: datetime, details: Mapping[str, Any] | None = None
) -> None:
    """What was not sent waits again, but for people whose data was deleted meanwhile."""
    ledger.move_all(calls, Call.Stage.PLANNED, now=now, order=None, details=details)
    forgotten = [call for call in calls if call.is_retried]
    reason = _("Данные человека удалены.")
    said = {"reason": reason}
    ledger.move_all(forgotten, Call.Stage.TAKEN_BACK, now=now, error=reason, details=said)


def _doubt_calls(order: Order, now: datetime) -> None:
    ledger.move_all(_sending(order), Call.Stage.UNKNOWN, now=now)


def _sending(order: Order) -> list[Call]:
    """Its calls that nobody has moved yet: a webhook may be faster than the answer."""
    sending = order.calls.select_for_update(of=("self",)).filter(stage=Call.Stage.SENDING)
    return list(sending.order_by("pk"))


def _digits(phone: str) -> str:
    try:
        return normalise(phone)
    except ValueError:
        return ""
