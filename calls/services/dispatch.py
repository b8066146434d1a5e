"""Sending: take due calls, write the order, COMMIT, ask the service, write the answer.

An order is asked for once. Whatever happens between the commit and the answer, its calls are in
«sending» with a lease; when the lease runs out they are in doubt, and doubt never sends.
"""

import logging
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import OuterRef, Subquery
from django.utils import timezone
from django.utils.crypto import get_random_string
from django.utils.translation import gettext as _

from calls.models import Call, Campaign, Order
from calls.services import ledger
from calls.services.blocking import blocked_among
from obzvon_site.accounts.clients import client_for
from obzvon_site.accounts.models import ApiAccount
from obzvon_site.common.phones import normalise
from obzvon_site.common.secrets import Unreadable
from obzvon_site.provider.errors import (
    BadRequest,
    Invalid,
    NoMoney,
    NotOffered,
    NotSent,
    OutcomeUnknown,
    ProviderError,
    Refused,
    TooFast,
    WrongKey,
    for_people,
)
from obzvon_site.provider.payloads import CallOrder
from obzvon_site.provider.replies import Created

logger = logging.getLogger(__name__)

# Longer than the client's deadline, so that a living sender never loses its lease.
LEASE = timedelta(seconds=60)
PASS_SECONDS = 20.0  # one pass ends then, and the next tick goes on
RETRY_AFTER = timedelta(seconds=20)

Clock = Callable[[], datetime]


def dispatch_due(*, clock: Clock = timezone.now) -> int:
    """Send what is due, account by account. Returns how many orders went out."""
    expire_leases(now=clock())
    sent = 0
    for account in _accounts_with_work(clock()):
        try:
            sent += _dispatch(account, clock)
        except Exception:
            # One account's trouble must not stop the others; its rows still wait.
            logger.exception("dispatch for account %s failed", account.pk)
    return sent


def expire_leases(*, now: datetime) -> int:
    """Orders whose sender is gone: their calls may or may not have been made. Returns how many."""
    expired = 0
    for order in Order.objects.expired(now).select_related("campaign"):
        with transaction.atomic():
            ledger.lock([order.campaign_id])
            try:
                ledger.end_order(order, Order.State.UNKNOWN, now=now, ask_at=now)
            except ledger.Stale:
                continue
            _doubt(order, now)
            expired += 1
    return expired


def _accounts_with_work(now: datetime) -> list[ApiAccount]:
    campaigns = Campaign.objects.sendable(now).filter(
        calls__stage=Call.Stage.PLANNED, calls__planned_at__lte=now
    )
    return list(ApiAccount.objects.active().filter(campaigns__in=campaigns).distinct())


def _dispatch(account: ApiAccount, clock: Clock) -> int:
    began, sent = clock(), 0
    while (clock() - began).total_seconds() < PASS_SECONDS:
        order = take(account, now=clock())
        if order is None:
            break
        send(order, account, clock=clock)
        sent += 1
    return sent


def take(account: ApiAccount, *, now: datetime) -> Order | None:
    """Write the account's next order, its calls «sending», and commit. None: nothing is due."""
    allowed = min(account.phones_per_order, _allowance(account, now))
    if allowed < 1:
        return None
    while True:
        with transaction.atomic():
            campaign = _next_campaign(account, now)
            if campaign is None:
                return None
            calls = list(
                Call.objects.due(now)
                .filter(campaign=campaign)
                .select_for_update(skip_locked=True, of=("self",))[:allowed]
            )
            if not calls:
                return None
            if calls := _without_blocked(calls, now):
                return _write_order(campaign, calls, now)
            # All of them were blocked since the launch: look for others.


def _next_campaign(account: ApiAccount, now: datetime) -> Campaign | None:
    """The campaign whose turn it is among those with something due, its row locked.

    They take turns, so that one call does not wait for the last of ten thousand.
    """
    due = Call.objects.due(now).order_by().values("campaign")
    last = Order.objects.filter(campaign=OuterRef("pk")).order_by("-sent_at").values("sent_at")[:1]
    return (
        Campaign.objects.sendable(now)
        .filter(account=account, pk__in=due)
        .select_for_update(of=("self",))
        .order_by(Subquery(last).asc(nulls_first=True), "pk")
        .first()
    )


def _allowance(account: ApiAccount, now: datetime) -> int:
    """How many calls the account's pace still allows in this minute."""
    lately = Call.objects.filter(
        order__campaign__account=account, order__sent_at__gt=now - timedelta(minutes=1)
    ).count()
    return max(0, account.calls_per_minute - lately)


def _without_blocked(calls: list[Call], now: datetime) -> list[Call]:
    """Block those that came into the blacklist since the launch; return the others."""
    blocked = blocked_among(call.phone for call in calls)
    for call in calls:
        if call.phone in blocked:
            reason = blocked[call.phone].explanation
            ledger.move(call, Call.Stage.BLOCKED, now=now, details={"reason": reason}, error=reason)
    return [call for call in calls if call.phone not in blocked]


def _write_order(campaign: Campaign, calls: list[Call], now: datetime) -> Order:
    order = Order.objects.create(
        campaign=campaign,
        lease=get_random_string(32),
        lease_until=now + LEASE,
        sent_at=now,
    )
    ledger.move_all(calls, Call.Stage.SENDING, now=now, order=order)
    return order


def send(order: Order, account: ApiAccount, *, clock: Clock = timezone.now) -> None:
    """Ask the service for a committed order, once, and write down what it said."""
    try:
        client = client_for(account, subject=order.subject)
        request = _request(order, account)
    except Unreadable:
        # Nothing has been said to the service yet.
        reason = _("Ключ API не читается. Введите его заново в «Настройки → Учётные записи API».")
        return _put_back(order, reason, until=None, clock=clock)
    try:
        created = client.create(request)
    except ProviderError as error:
        return _not_created(order, error, clock)
    except Exception:
        # Ours is the mistake, but the request may have gone out.
        logger.exception("order %s failed", order.pk)
        return _not_created(order, OutcomeUnknown(), clock)
    return _created(order, created, clock)


def _request(order: Order, account: ApiAccount) -> CallOrder:
    campaign = order.campaign
    return CallOrder(
        phones=tuple(order.calls.order_by("pk").values_list("phone", flat=True)),
        message=campaign.payload,
        outgoing_phone=campaign.outgoing_phone.phone if campaign.outgoing_phone else None,
        need_recording=campaign.need_recording,
        webhook_url=account.status_webhook_url(order.token),
    )


def _not_created(order: Order, error: ProviderError, clock: Clock) -> None:
    """Decide by the error's class what becomes of the order's calls."""
    sentence = for_people(error)
    match error:
        case Invalid():
            _refuse_all(order, sentence, clock)
        case NotSent():
            _put_back(order, sentence, until=clock() + RETRY_AFTER, clock=clock)
        case TooFast():
            wait = timedelta(seconds=error.retry_after or RETRY_AFTER.total_seconds())
            _put_back(order, sentence, until=clock() + wait, clock=clock)
        case BadRequest():
            _refuse_some(order, error, clock)
        case WrongKey() | NoMoney() | NotOffered():
            # A person mends it for the whole account, then all go on.
            _put_back(order, sentence, until=None, clock=clock)
        case Refused():
            # This message or this record is at fault: the account's other campaigns go on.
            _put_back(order, sentence, until=None, clock=clock, whole_account=False)
        case _:
            _close(order, Order.State.UNKNOWN, clock, sentence, _doubt)


def _created(order: Order, created: Created, clock: Clock) -> None:
    """Match the answer by phone, never by position. What it does not mention is in doubt."""
    ids = {_digits(entry.phone): entry.id for entry in created.calls}
    words = {_digits(entry.phone): entry.words for entry in created.refused}

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
        _doubt(order, now)

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
        return _refuse_all(order, for_people(error), clock)

    def write(order: Order, now: datetime) -> None:
        for call in _sending(order):
            if call.phone in faults:
                reason = _("Сервис отказал: %(words)s") % {"words": faults[call.phone]}
                ledger.move(call, Call.Stage.REFUSED, now=now, error=reason)
        ledger.move_all(_sending(order), Call.Stage.PLANNED, now=now, order=None)

    return _close(order, Order.State.REFUSED, clock, for_people(error), write)


def _refuse_all(order: Order, sentence: str, clock: Clock) -> None:
    def write(order: Order, now: datetime) -> None:
        calls = _sending(order)
        details = {"reason": sentence}
        ledger.move_all(calls, Call.Stage.REFUSED, now=now, error=sentence, details=details)

    _close(order, Order.State.REFUSED, clock, sentence, write)


def _put_back(
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
        held = Campaign.objects.filter(pk=order.campaign_id)
        if whole_account:
            # What waits for a person is not let go by a trouble that passes by itself.
            others = Campaign.objects.running().filter(account=order.campaign.account_id)
            held |= others.exclude(hold_until=None, hold_reason__gt="")
        held.update(hold_reason=sentence, hold_until=until)

    _close(order, Order.State.NOT_SENT, clock, sentence, write)


def _close(
    order: Order,
    state: str,
    clock: Clock,
    error: str,
    write: Callable[[Order, datetime], Any],
) -> None:
    """End the order and move its calls in one transaction, unless its lease is gone."""
    now = clock()
    ask_at = now if state == Order.State.UNKNOWN else None
    with transaction.atomic():
        ledger.lock(_campaigns_of(order))
        try:
            ledger.end_order(order, state, now=now, error=error, ask_at=ask_at)
        except ledger.Stale:
            logger.warning("order %s was answered after its lease; it is in doubt", order.pk)
            return
        write(order, now)
        if state == Order.State.ANSWERED:
            Campaign.objects.filter(pk=order.campaign_id).update(hold_reason="", hold_until=None)


def _campaigns_of(order: Order) -> Iterable[int]:
    """All running campaigns of its account: a hold is written to each."""
    account = order.campaign.account_id
    running = Campaign.objects.running().filter(account=account).values_list("pk", flat=True)
    return {order.campaign_id, *running}


def _doubt(order: Order, now: datetime) -> None:
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
