"""Sending: take due calls, write the order, COMMIT, ask the service, write the answer.

An order is asked for once. Whatever happens between the commit and the answer, its calls are in
«sending» with a lease; when the lease runs out they are in doubt, and doubt never sends. All
that can be done before the commit is done there, and a process that is seen to die before its
first byte leaves no doubt (see ``departures``).
"""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from django.db import transaction
from django.db.models import OuterRef, Subquery
from django.utils import timezone
from django.utils.translation import gettext as _

from calls.models import Call, Campaign, Order
from calls.services import departures, ledger, outcomes
from calls.services.blocking import blocked_among
from calls.services.outcomes import Clock
from obzvon_site.accounts.clients import client_for
from obzvon_site.accounts.models import ApiAccount
from obzvon_site.common.secrets import Unreadable
from obzvon_site.provider.client import ProviderClient
from obzvon_site.provider.errors import OutcomeUnknown, ProviderError
from obzvon_site.provider.payloads import CallOrder

logger = logging.getLogger(__name__)

# Longer than the client's deadline, so that a living sender never loses its lease.
LEASE = timedelta(seconds=60)
PASS_SECONDS = 20.0  # one pass ends then, and the next tick goes on


@dataclass(frozen=True, slots=True)
class Taken:
    """A committed order, and a client and a request with nothing left to do but to send it."""

    order: Order
    client: ProviderClient
    request: CallOrder


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
    return sum(outcomes.doubt(order, now) for order in Order.objects.expired(now))


def abandon(pid: int, *, now: datetime) -> None:
    """What a process of this machine, seen to die, was sending: in doubt if it had begun to.

    What it had not begun to send waits in line again. Where it left no trace, leases run out.
    """
    left = departures.left_by(pid)
    if left is None:
        return
    for order in Order.objects.sending().filter(lease__startswith=left.owner):
        if order.lease in left.begun:
            outcomes.doubt(order, now)
        else:
            outcomes.take_back(order, now)
    departures.forget(pid)


def _accounts_with_work(now: datetime) -> list[ApiAccount]:
    campaigns = Campaign.objects.sendable(now).filter(
        calls__stage=Call.Stage.PLANNED, calls__planned_at__lte=now
    )
    return list(ApiAccount.objects.active().filter(campaigns__in=campaigns).distinct())


def _dispatch(account: ApiAccount, clock: Clock) -> int:
    try:
        client_for(account).connect()
    except Unreadable:
        outcomes.hold(
            account,
            _("Ключ API не читается. Введите его заново в «Настройки → Учётные записи API»."),
        )
        return 0
    began, sent = clock(), 0
    while (clock() - began).total_seconds() < PASS_SECONDS:
        taken = take(account, now=clock())
        if taken is None:
            break
        send(taken, clock=clock)
        sent += 1
    return sent


def take(account: ApiAccount, *, now: datetime) -> Taken | None:
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
                order = _write_order(campaign, calls, now)
                client = client_for(account, subject=order.subject)
                return Taken(order, client, _request(order, account))
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
        lease=departures.new_lease(),
        lease_until=now + LEASE,
        sent_at=now,
    )
    ledger.move_all(calls, Call.Stage.SENDING, now=now, order=order)
    return order


def send(taken: Taken, *, clock: Clock = timezone.now) -> None:
    """Ask the service for a committed order, once, and write down what it said."""
    order = taken.order
    try:
        answer = taken.client.create(taken.request, begin=partial(departures.begin, order.lease))
    except ProviderError as error:
        return outcomes.not_created(order, error, clock)
    except Exception:
        # Ours is the mistake, but the request may have gone out.
        logger.exception("order %s failed", order.pk)
        return outcomes.not_created(order, OutcomeUnknown(), clock)
    return outcomes.created(order, answer, clock)


def _request(order: Order, account: ApiAccount) -> CallOrder:
    campaign = order.campaign
    return CallOrder(
        phones=tuple(order.calls.order_by("pk").values_list("phone", flat=True)),
        message=campaign.payload,
        outgoing_phone=campaign.outgoing_phone.phone if campaign.outgoing_phone else None,
        need_recording=campaign.need_recording,
        webhook_url=account.status_webhook_url(order.token),
    )
