"""How much an account's service is asked at once: less in trouble, nothing when it is broken.

Each trouble (429, 5xx, no answer, no connection) halves the width, each success gives one back.
After FAILURES in a row the channel opens for a growing time; then one order of one call tries.
What an order went out before is old news: orders that fail together narrow the way once. An order
whose answer is lost brings all of its calls into doubt, so in trouble orders are small too.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from calls.models import Channel, Order
from obzvon_site.accounts.models import ApiAccount
from obzvon_site.provider.errors import (
    Invalid,
    NotSent,
    OutcomeUnknown,
    ProviderError,
    TooFast,
    for_people,
)

FAILURES = 5  # in a row, then it opens
FIRST, LONGEST = timedelta(seconds=5), timedelta(minutes=5)  # how long it is open
PAUSE = timedelta(seconds=1)  # after one that did not go through; a lost answer needs none


@dataclass(frozen=True, slots=True)
class Allowed:
    """What may be sent now."""

    orders: int
    calls: int  # in each


NOTHING, PROBE = Allowed(0, 0), Allowed(1, 1)


def is_shut(account: ApiAccount, now: datetime) -> bool:
    """Whether it is not worth looking for something to send."""
    channel = Channel.objects.filter(account=account).first()
    return channel is not None and channel.is_shut(now)


def allowed(account: ApiAccount, now: datetime) -> Allowed:
    """How many more orders, and how large, by all workers together.

    Inside the transaction that writes the order, while no other does so for the account.
    """
    channel = Channel.objects.filter(account=account).first()
    asked = Order.objects.sending().filter(campaign__account=account, lease_until__gte=now)
    width, calls = account.connections, account.phones_per_order
    if channel is not None:
        if channel.is_shut(now):
            return NOTHING
        if channel.is_half_open:
            is_trying = any(not channel.is_shut(order.sent_at) for order in asked)
            return NOTHING if is_trying else PROBE
        width, calls = min(channel.width, width), max(1, calls >> channel.failures)
    return Allowed(max(0, width - asked.count()), calls)


def hear(order: Order, trouble: ProviderError | None, now: datetime) -> None:
    """Take into account how the request for an order went. A refusal is an answer too."""
    if isinstance(trouble, NotSent | TooFast | OutcomeUnknown) and not isinstance(trouble, Invalid):
        _narrow(order, trouble, now)
    else:
        _widen(order, now)


def hear_well(orders: Sequence[Order], now: datetime) -> None:
    """Take into account that requests for orders of one account went well."""
    known = Channel.objects.filter(account=orders[0].campaign.account_id).first()
    if known is not None and not _is_well(known, orders[0].campaign.account):
        for order in orders:
            _widen(order, now)


@transaction.atomic
def _narrow(order: Order, trouble: ProviderError, now: datetime) -> None:
    channel, account = _locked(order), order.campaign.account
    is_news = order.sent_at >= channel.changed_at
    # An order that went out before it opened proves nothing more.
    breaks = not channel.is_half_open or _is_probe(order, channel)
    channel.failures += 1
    channel.reason = for_people(trouble)
    if is_news:
        channel.width = max(1, min(channel.width, account.connections) // 2)
        channel.changed_at = now
    pause = _pause(trouble)
    if channel.failures >= FAILURES and breaks:
        pause = max(pause, min(LONGEST, FIRST * 2 ** min(channel.openings, 10)))
        channel.openings = min(channel.openings + 1, 100)
    if pause and breaks:
        channel.open_until = max(channel.open_until or now, now + pause)
    channel.save()


def _widen(order: Order, now: datetime) -> None:
    account = order.campaign.account
    known = Channel.objects.filter(account=account).first()
    if known is None or _is_well(known, account):
        return
    with transaction.atomic():
        channel = _locked(order)
        if channel.is_half_open and not _is_probe(order, channel):
            return
        channel.failures = channel.openings = 0
        # Later than now it was written by a clock that went wrong.
        if order.sent_at >= channel.changed_at or channel.changed_at > now:
            channel.width = min(account.connections, channel.width + 1)
            channel.open_until, channel.reason = None, ""
        channel.save()


def _locked(order: Order) -> Channel:
    account = order.campaign.account
    Channel.objects.get_or_create(
        account=account, defaults={"width": account.connections, "changed_at": order.sent_at}
    )
    return Channel.objects.select_for_update().get(account=account)


def _is_probe(order: Order, channel: Channel) -> bool:
    return not channel.is_shut(order.sent_at)


def _is_well(channel: Channel, account: ApiAccount) -> bool:
    quiet = not channel.failures and not channel.openings and channel.open_until is None
    return quiet and channel.width >= account.connections


def _pause(trouble: ProviderError) -> timedelta:
    """Until the next order, though it has not opened."""
    if isinstance(trouble, TooFast) and trouble.retry_after is not None:
        return timedelta(seconds=min(trouble.retry_after, Channel.LONGEST.total_seconds()))
    return PAUSE if isinstance(trouble, NotSent | TooFast) else timedelta(0)
