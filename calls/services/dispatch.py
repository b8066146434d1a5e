"""Sending: take due calls, write the order, COMMIT, ask the service, write the answer.

An order is asked for once. Whatever happens between the commit and the answer, its calls are in
«sending» with a lease; when the lease runs out they are in doubt, and doubt never sends. All
that can be done before the commit is done there, and a process that is seen to die before its
first byte leaves no doubt (see ``departures``).

This thread takes orders and writes answers; a pool of threads asks (see ``sending``), as many at
once for each account as its ``connections``. So a slow service holds back its own account alone.
"""

import logging
import time
from collections import defaultdict
from collections.abc import Iterable
from concurrent.futures import FIRST_COMPLETED, CancelledError, Future, wait
from datetime import datetime, timedelta
from math import ceil

from django.db import InterfaceError, OperationalError, connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from calls.models import Call, Campaign, Order
from calls.services import backpressure, departures, ledger, outcomes, sending, taking
from calls.services.hearing import write, write_together
from calls.services.outcomes import Clock
from calls.services.sending import Heard, Taken
from obzvon_site.accounts.clients import client_for
from obzvon_site.accounts.models import ApiAccount
from obzvon_site.common import stopping
from obzvon_site.common.secrets import Unreadable
from obzvon_site.provider.client import ExchangeNote
from obzvon_site.provider.errors import OutcomeUnknown
from obzvon_site.provider.payloads import CallOrder

logger = logging.getLogger(__name__)

# Longer than the client's deadline, so that a living sender never loses its lease.
LEASE = timedelta(seconds=60)
PASS_SECONDS = 20.0  # one pass ends then, and the next tick goes on
LOOK_SECONDS = 1.0  # between looks at who else has got something to send
# Writing costs as much for one answer as for ten: when few calls are answered, and more are being
# asked for, the others' answers are waited for a moment.
FEW, GATHER_SECONDS = 100, 0.02
WRITES, WRITE_AGAIN = 20, 1.0  # tries to write an answer down at last, and seconds between them
TURNS = 20  # looks at campaigns of which nobody looked at could be rung; then the next tick


def dispatch_due(*, clock: Clock = timezone.now) -> int:
    """Send what is due, all accounts side by side. Returns how many orders went out."""
    expire_leases(now=clock())
    return Pass(clock).run()


class Lane:
    """An account's way to the service during one pass."""

    def __init__(self, account: ApiAccount) -> None:
        self.account = account
        self.pool = sending.pool(account.connections)
        self.is_ready = False  # it has tried to connect
        self.is_dry = False  # nothing was due when it looked last
        self.is_broken = False
        self.flying = 0  # orders being asked for
        self.well = 0  # orders in a row that went as they should

    @property
    def burst(self) -> int:
        """How many orders to take at once: one until it is seen to go well, since all that is on
        its way when the service fails comes into doubt."""
        return min(self.room, 1 + self.well)

    @property
    def room(self) -> int:
        """How many more orders may be asked for at once."""
        if not self.is_ready or self.is_dry or self.is_broken:
            return 0
        return max(0, self.account.connections - self.flying)


class Pass:
    """Some seconds of sending: orders out, answers in, by one thread that alone writes."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._began = self._looked = clock()
        self._lanes: dict[int, Lane] = {}  # by the account's key
        self._flying: dict[Future[Heard | None], tuple[Lane, Taken | None]] = {}
        self._last: set[Future[Heard | None]] | None = None  # on their way when time was over
        self._unwritten: list[Heard] = []
        self._sent = 0

    def run(self) -> int:
        """Until nothing is due, or the time is over.

        Whatever has happened here: who has begun to ask is heard out, and his answer written.
        """
        try:
            self._look_around()
            while self._flying or any(map(self._may_take, self._lanes.values())):
                self._turn()
        finally:
            self._end()
        return self._sent

    def _turn(self) -> None:
        if self._last is None and self._is_over:
            self._last = set(self._flying)
        if abs((self._clock() - self._looked).total_seconds()) >= LOOK_SECONDS:
            self._write_again()
            self._look_around()
        for lane in self._lanes.values():
            if self._may_take(lane):
                self._take(lane)
        self._hear()

    @property
    def _is_over(self) -> bool:
        # A clock that was set back ends it too.
        return not 0 <= (self._clock() - self._began).total_seconds() < PASS_SECONDS

    def _may_take(self, lane: Lane) -> bool:
        """When the time is over: as long as a slow account is waited for, the others go on."""
        if stopping.is_asked():
            return False
        if self._last is None:
            return lane.room > 0
        slow = {self._flying[future][0] for future in self._last & self._flying.keys()}
        return lane.room > 0 and bool(slow) and lane not in slow

    def _look_around(self) -> None:
        """Accounts that have got something to send since the last look, known ones or new."""
        self._looked = self._clock()
        if stopping.is_asked():
            return
        for lane in self._lanes.values():
            lane.is_dry = False
        for account in _accounts_with_work(self._looked):
            if account.pk not in self._lanes:
                self._lanes[account.pk] = lane = Lane(account)
                self._connect(lane)

    def _connect(self, lane: Lane) -> None:
        """Have a connection ready: by a thread, since an address may be silent for long."""
        try:
            client = client_for(lane.account)
        except Unreadable:
            lane.is_broken = True
            outcomes.hold(
                lane.account,
                _("Ключ API не читается. Введите его заново в «Настройки → Учётные записи API»."),
                now=self._clock(),
            )
            return
        self._flying[lane.pool.submit(client.connect)] = lane, None

    def _take(self, lane: Lane) -> None:
        try:
            taken = take_some(lane.account, lane.burst, now=self._clock())
        except Exception:
            # One account's trouble must not stop the others; its rows still wait.
            logger.exception("dispatch for account %s failed", lane.account.pk)
            lane.is_broken = True
            return
        lane.is_dry = not taken
        for one in taken:
            self._send(lane, one)

    def _send(self, lane: Lane, taken: Taken) -> None:
        try:
            future: Future[Heard | None] = lane.pool.submit(sending.ask, taken, self._clock)
        except RuntimeError:
            # No thread could be had, but it stands in the pool's line, where another may have
            # begun it. If none has, it is called off, has not left, and waits for its turn again.
            logger.exception("order %s could not be sent", taken.order.pk)
            lane.is_broken = True
            if taken.claim():
                self._write(lane, [Heard(taken, is_begun=False)])
            return
        lane.flying += 1
        self._sent += 1
        self._flying[future] = lane, taken

    def _hear(self) -> None:
        """Write what has been answered; wait for it when there is nothing else to do."""
        if not self._flying:
            return
        found: dict[Lane, list[Heard]] = defaultdict(list)
        for future in self._answered():
            lane, taken = self._flying.pop(future)
            if taken is None:
                lane.is_ready = True
                continue
            heard = _heard(future, taken)
            lane.flying -= 1
            # What came back may go out again, without those at fault.
            lane.is_dry = lane.is_dry and heard.trouble is None
            lane.well = lane.well + 1 if heard.answer is not None else 0
            found[lane].append(heard)
        for lane, together in found.items():
            self._write(lane, together)

    def _answered(self) -> set[Future[Heard | None]]:
        if any(map(self._may_take, self._lanes.values())):
            return wait(self._flying, timeout=0).done
        done, flying = wait(self._flying, timeout=LOOK_SECONDS, return_when=FIRST_COMPLETED)
        asked = (self._flying[future][1] for future in done)
        if flying and sum(len(taken.calls) for taken in asked if taken) < FEW:
            return wait(self._flying, timeout=GATHER_SECONDS).done
        return done

    def _write(self, lane: Lane, found: Iterable[Heard]) -> None:
        for heard in write_together(found, clock=self._clock):
            try:
                write(heard, clock=self._clock)
            except Exception:
                logger.exception("the answer to order %s was not kept", heard.taken.order.pk)
                lane.is_broken = True
                self._unwritten.append(heard)

    def _end(self) -> None:
        """Nobody else begins to ask; whoever has begun is heard out."""
        for lane in self._lanes.values():
            lane.pool.shutdown(wait=False, cancel_futures=True)
        wait(future for future in self._flying if not future.cancelled())
        for lane in self._lanes.values():
            lane.pool.shutdown(wait=True)
        for future, (lane, taken) in self._flying.items():
            if taken is not None:
                self._write(lane, [_heard(future, taken)])
        for _try in range(WRITES):
            self._write_again()
            if not self._unwritten:
                break
            time.sleep(WRITE_AGAIN)

    def _write_again(self) -> None:
        """While the database is away, answers wait for it, as long as their orders are ours."""
        waiting, self._unwritten = self._unwritten, []
        # Of the others the lease has run out: they are in doubt.
        waiting = [one for one in waiting if self._clock() < one.taken.order.lease_until]
        if waiting and not connection.in_atomic_block:
            connection.close_if_unusable_or_obsolete()
        for heard in waiting:
            try:
                write(heard, clock=self._clock)
            except (OperationalError, InterfaceError):
                self._unwritten.append(heard)
            except Exception:
                logger.exception("order %s comes into doubt", heard.taken.order.pk)


def _heard(future: Future[Heard | None], taken: Taken) -> Heard:
    """What a thread has heard of an order; one that was called off has not begun."""
    try:
        return future.result() or Heard(taken, trouble=OutcomeUnknown())
    except CancelledError:
        return Heard(taken, is_begun=False)
    except Exception:
        logger.exception("order %s failed", taken.order.pk)
        return Heard(taken, trouble=OutcomeUnknown())


def expire_leases(*, now: datetime) -> int:
    """Orders whose sender is gone: their calls may or may not have been made. Returns how many."""
    return sum(_doubt(order, now) for order in Order.objects.expired(now))


def _doubt(order: Order, now: datetime) -> bool:
    try:
        return outcomes.doubt(order, now)
    except Exception:
        # One bad row must stop neither the others nor what goes out.
        logger.exception("order %s could not be doubted", order.pk)
        return False


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
    return list(ApiAccount.objects.active().filter(pk__in=taking.with_work(now).values("account")))


def take(account: ApiAccount, *, now: datetime) -> Taken | None:
    """As ``take_some``, one."""
    return next(iter(take_some(account, 1, now=now)), None)


def take_some(account: ApiAccount, most: int, *, now: datetime) -> list[Taken]:
    """Write the account's next orders, their calls «sending», and commit. Empty: nothing is due.

    Campaigns share them, so that one call does not wait for the last of ten thousand.
    """
    if backpressure.is_shut(account, now):
        return []
    for turn in range(TURNS):
        found: list[Taken] = []
        has_moved = False
        campaigns = taking.candidates(account, now)
        for campaign_id in campaigns:
            share = min(most - len(found), ceil(most / len(campaigns)))
            at_least = taking.LOOK_FURTHER if turn else 0
            taken, more = _take_of(account, campaign_id, now, share, at_least)
            found += taken
            has_moved = has_moved or more
            if len(found) == most:
                break
        if found or not has_moved:
            return found
    # All that was looked at may not be rung now: look at others at the next tick.
    return []


def _take_of(
    account: ApiAccount, campaign_id: int, now: datetime, most: int, at_least: int
) -> tuple[list[Taken], bool]:
    """Orders of one campaign, or none and whether looking again would find other calls."""
    try:
        with transaction.atomic():
            drawn = taking.draw(account, campaign_id, now, orders=most, at_least=at_least)
            if drawn.campaign is None:
                return [], drawn.has_moved
            return _write_orders(drawn.campaign, drawn.batches, now), False
    except Exception:
        # A campaign that cannot be sent must not stop those behind it; its calls still wait.
        logger.exception("campaign %s cannot be sent", campaign_id)
        return [], False


def _write_orders(
    campaign: Campaign, batches: Iterable[taking.Batch], now: datetime
) -> list[Taken]:
    orders = Order.objects.bulk_create(
        Order(
            campaign=campaign,
            lease=departures.new_lease(),
            lease_until=now + LEASE,
            sent_at=now,
            size=len(batch.calls),
        )
        for batch in batches
    )
    pairs = list(zip(orders, batches, strict=True))
    calls = [(call, {"order_id": order.pk}) for order, batch in pairs for call in batch.calls]
    ledger.move_each(calls, Call.Stage.SENDING, now=now)
    Campaign.objects.filter(pk=campaign.pk).update(ordered_at=now)
    return [_taken(order, batch) for order, batch in pairs]


def _taken(order: Order, batch: taking.Batch) -> Taken:
    notes: list[ExchangeNote] = []
    client = client_for(order.campaign.account, keep=notes.append)
    return Taken(order, client, _request(order, batch), batch.calls, notes)


def send(taken: Taken, *, clock: Clock = timezone.now) -> None:
    """Ask the service for a committed order, once, and write down what it said."""
    write(sending.ask(taken, clock), clock=clock)


def _request(order: Order, batch: taking.Batch) -> CallOrder:
    campaign = order.campaign
    return CallOrder(
        phones=tuple(call.phone for call in batch.calls),
        message=batch.payload,
        outgoing_phone=campaign.outgoing_phone.phone if campaign.outgoing_phone else None,
        need_recording=campaign.need_recording,
        webhook_url=campaign.account.status_webhook_url(order.token),
    )
