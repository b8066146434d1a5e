"""What senders' threads do: ask the service for a committed order, once. HTTP and nothing else.

A thread touches no database: what it heard, and the note of the exchange, it hands back to whoever
writes. So a connection to the database is the main thread's alone, on SQLite too.
"""

import logging
import threading
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial

from calls.models import Order
from calls.services import departures
from calls.services.due import DueCall
from calls.services.outcomes import Clock
from obzvon_site.provider.client import ExchangeNote, ProviderClient
from obzvon_site.provider.errors import NotSent, OutcomeUnknown, ProviderError
from obzvon_site.provider.payloads import CallOrder
from obzvon_site.provider.replies import Created

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Taken:
    """A committed order, and a client and a request with nothing left to do but to send it."""

    order: Order
    client: ProviderClient
    request: CallOrder
    calls: list[DueCall]  # as they were when it was committed
    notes: list[ExchangeNote] = field(default_factory=list)  # the client keeps its exchange here
    _turn: threading.Lock = field(default_factory=threading.Lock)

    def claim(self) -> bool:
        """Whether it is yours, to send or to call off: the first who claims it has it."""
        return self._turn.acquire(blocking=False)


@dataclass(frozen=True, slots=True)
class Heard:
    """What became of the request: the answer, or the trouble; or it was not even begun."""

    taken: Taken
    is_begun: bool = True
    answer: Created | None = None
    trouble: ProviderError | None = None


def pool(threads: int) -> Executor:
    """Threads that send. One is started only when all others are busy."""
    return ThreadPoolExecutor(max_workers=threads, thread_name_prefix="sender")


def ask(taken: Taken, clock: Clock) -> Heard:
    """Ask the service for a committed order, once. Raises nothing."""
    order = taken.order
    if not taken.claim():
        return Heard(taken, trouble=OutcomeUnknown())  # it was called off: nobody listens
    if clock() >= order.lease_until:
        # The machine has slept meanwhile: the order is in doubt by now, or nobody has begun to
        # send it. The hour may be a forbidden one, so its calls wait for their turn again.
        return Heard(taken, is_begun=False)
    try:
        answer = taken.client.create(taken.request, begin=partial(_begin, order, clock))
    except NotSent as error:
        is_late = clock() >= order.lease_until
        return Heard(taken, is_begun=False) if is_late else Heard(taken, trouble=error)
    except ProviderError as error:
        return Heard(taken, trouble=error)
    except Exception:
        # Ours is the mistake, but the request may have gone out.
        logger.exception("order %s failed", order.pk)
        return Heard(taken, trouble=OutcomeUnknown())
    return Heard(taken, answer=answer)


def _begin(order: Order, clock: Clock) -> None:
    """The first byte is about to leave: connecting may have taken longer than the lease."""
    if clock() >= order.lease_until:
        raise OSError("the lease is over")
    departures.begin(order.lease)
