"""What becomes of an order: by the service's answer, or by the class of its trouble.

Each outcome ends the order and moves its calls in one transaction, unless the lease is gone.
"""

import logging
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from calls.models import Call, Campaign, Order
from calls.services import ledger
from obzvon_site.accounts.models import ApiAccount
from obzvon_site.common.phones import normalise
from obzvon_site.provider.errors import (
    BadRequest,
    Invalid,
    NoMoney,
    NotOffered,
    NotSent,
    ProviderError,
    Refused,
    TooFast,
    WrongKey,
    for_people,
)
from obzvon_site.provider.replies import Created

logger = logging.getLogger(__name__)

RETRY_AFTER = timedelta(seconds=20)
Clock = Callable[[], datetime]


def not_created(order: Order, error: ProviderError, clock: Clock) -> None:
    """Decide by the error's class what becomes of the order's calls."""
    sentence = for_people(error)
    match error:
        case Invalid():
            _refuse_all(order, sentence, clock)
        case NotSent():
            put_back(order, sentence, until=clock() + RETRY_AFTER, clock=clock)
        case TooFast():
            wait = timedelta(seconds=error.retry_after or RETRY_AFTER.total_seconds())
            put_back(order, sentence, until=clock() + wait, clock=clock)
        case BadRequest():
            _refuse_some(order, error, clock)
        case WrongKey() | NoMoney() | NotOffered():
            # A person mends it for the whole account, then all go on.
            put_back(order, sentence, until=None, clock=clock)
        case Refused():
            # This message or this record is at fault: the account's other campaigns go on.
            put_back(order, sentence, until=None, clock=clock, whole_account=False)
        case _:
            _close(order, Order.State.UNKNOWN, clock, sentence, _doubt_calls)


def created(order: Order, answer: Created, clock: Clock) -> None:
    """Match the answer by phone, never by position. What it does not mention is in doubt."""
    ids = {_digits(entry.phone): entry.id for entry in answer.calls}
    words = {_digits(entry.phone): entry.words for entry in answer.refused}

    def write(order: Order, now: datetime) -> None:
        calls = _sending(order)
        if len(calls) == 1 and "" in ids:
            ids[calls[0].phone] = ids[""]  # the document's own answer does not name the phone
        for call in calls:
            if call.phone in ids:
                ledger.move(
                    call,
                    Call.Stage.ACCEPTED,
                    now=now,
                    service_order_id=ids[call.phone],
                    sync_at=now + timedelta(seconds=3),
                )
            elif call.phone in words:
                reason = _("Сервис отказал: %(words)s") % {"words": words[call.phone] or "—"}
                ledger.move(call, Call.Stage.REFUSED, now=now, error=reason)
        _doubt_calls(order, now)

    def is_named(phone: str) -> bool:
        return phone in ids or phone in words

    phones = list(order.calls.values_list("phone", flat=True))
    complete = all(map(is_named, phones)) or (len(phones) == 1 and "" in ids)
    state = Order.State.ANSWERED if complete else Order.State.UNKNOWN
    _close(order, state, clock, "", write)


def _refuse_some(order: Order, error: BadRequest, clock: Clock) -> None:
    """When only some phones are at fault, the others go back to be ordered without them."""
    phones = list(order.calls.order_by("pk").values_list("phone", flat=True))
    faults = {
        phones[int(name.removeprefix("phones."))]: said
        for name, said in error.fields.items()
        if name.removeprefix("phones.").isdigit()
        and int(name.removeprefix("phones.")) < len(phones)
    }
    if not faults or len(faults) < len(error.fields) or len(faults) == len(phones):
        _refuse_all(order, for_people(error), clock)
        return

    def write(order: Order, now: datetime) -> None:
        for call in _sending(order):
            if call.phone in faults:
                reason = _("Сервис отказал: %(words)s") % {"words": faults[call.phone]}
                ledger.move(call, Call.Stage.REFUSED, now=now, error=reason)
        ledger.move_all(_sending(order), Call.Stage.PLANNED, now=now, order=None)

    _close(order, Order.State.REFUSED, clock, for_people(error), write)


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
) -> None:
    """Nothing was done at the service: the calls wait in line, and the account's campaigns too."""

    def write(order: Order, now: datetime) -> None:
        details = {"reason": sentence}
        ledger.move_all(_sending(order), Call.Stage.PLANNED, now=now, order=None, details=details)
        if whole_account:
            hold(order.campaign.account, sentence, until=until)
        own = Campaign.objects.filter(pk=order.campaign_id)
        own.update(hold_reason=sentence, hold_until=until)

    _close(order, Order.State.NOT_SENT, clock, sentence, write)


def hold(account: ApiAccount, sentence: str, *, until: datetime | None = None) -> None:
    """Nothing of the account goes out: until a moment, or until a person lets it go on."""
    running = Campaign.objects.running().filter(account=account)
    # What waits for a person is not let go by a trouble that passes by itself.
    held = running.exclude(hold_until=None, hold_reason__gt="")
    held.update(hold_reason=sentence, hold_until=until)


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
        ledger.lock(_campaigns_of(order))
        try:
            ledger.end_order(order, state, now=now, error=error, ask_at=ask_at)
        except ledger.Stale:
            logger.warning("order %s was answered after its lease; it is in doubt", order.pk)
            return False
        write(order, now)
        if state == Order.State.ANSWERED:
            Campaign.objects.filter(pk=order.campaign_id).update(hold_reason="", hold_until=None)
    return True


def _campaigns_of(order: Order) -> Iterable[int]:
    """All running campaigns of its account: a hold is written to each."""
    account = order.campaign.account_id
    running = Campaign.objects.running().filter(account=account).values_list("pk", flat=True)
    return {order.campaign_id, *running}


def doubt(order: Order, now: datetime) -> bool:
    """Nobody will hear the order's answer any more. False if somebody has."""
    return _close(order, Order.State.UNKNOWN, lambda: now, "", _doubt_calls)


def take_back(order: Order, now: datetime) -> bool:
    """The order never left this machine: its calls wait in line again."""

    def write(order: Order, now: datetime) -> None:
        ledger.move_all(_sending(order), Call.Stage.PLANNED, now=now, order=None)

    return _close(order, Order.State.NOT_SENT, lambda: now, "", write)


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
