"""A worker of the distributed mode: takes tasks of its queues, and keeps the clock with the others.

No machine is special: every worker gives out periodic work, and the database lets one of them
through; every worker looks for what the dead were doing.
"""

import asyncio
import logging
import signal
import threading
import time
from contextlib import suppress

from django.db import DatabaseError, close_old_connections, connection
from django.utils import timezone

from obzvon_site.common import stopping
from obzvon_site.common.engine import distributed
from obzvon_site.supervisor.beat import beat, clean
from obzvon_site.supervisor.heartbeats import Heart

SIGNALS = (signal.SIGTERM, signal.SIGINT)
LOOK_SECONDS = 0.5  # between looks at what is due
CLEAN_SECONDS = 300.0

logger = logging.getLogger(__name__)


def work(queues: list[str], *, concurrency: int, listen: bool) -> None:
    """Work until SIGTERM or SIGINT; what has begun is ended first."""
    keeper = Keeper(queues)
    keeper.start()
    try:
        asyncio.run(_work(queues, concurrency=concurrency, listen=listen))
    finally:
        keeper.stopped.set()
        keeper.join(timeout=5)


async def _work(queues: list[str], *, concurrency: int, listen: bool) -> None:
    app = distributed.worker_app()
    async with app.open_async():
        working = asyncio.create_task(
            app.run_worker_async(
                queues=queues,
                concurrency=concurrency,
                listen_notify=listen,
                fetch_job_polling_interval=5.0 if listen else 0.2,
                update_heartbeat_interval=distributed.BEAT_SECONDS,
                stalled_worker_timeout=distributed.STALLED_SECONDS,
                delete_jobs="successful",
                install_signal_handlers=False,
            )
        )
        _stop_on_signals(working)
        with suppress(asyncio.CancelledError):
            await working


def _stop_on_signals(working: asyncio.Task[None]) -> None:
    """The first signal: end what has begun. A second one ends the process as it would any other."""
    loop = asyncio.get_running_loop()

    def stop() -> None:
        for number in SIGNALS:
            loop.remove_signal_handler(number)
        stopping.ask()
        working.cancel()  # the worker takes that for a polite wish

    for number in SIGNALS:
        loop.add_signal_handler(number, stop)


class Keeper(threading.Thread):
    """Beside the tasks: signs of life, periodic work, and what the dead have left."""

    def __init__(self, queues: list[str]) -> None:
        super().__init__(daemon=True)
        self.stopped = threading.Event()
        self.heart = Heart(queues)
        self._due = {"heart": 0.0, "retry": 0.0, "clean": 0.0}

    def run(self) -> None:
        while not self.stopped.wait(LOOK_SECONDS):
            try:
                self._keep()
            except Exception as error:  # noqa: BLE001  # outlives a database that hiccups
                logger.warning("%s: %s", type(error).__name__, error)
                close_old_connections()
        with suppress(DatabaseError):
            self.heart.stop()
        connection.close()

    def _keep(self) -> None:
        close_old_connections()
        beat(timezone.now())
        if self._is_time("heart", distributed.BEAT_SECONDS):
            self.heart.beat(timezone.now())
        if self._is_time("retry", distributed.RETRY_SECONDS):
            distributed.retry_stalled()
        if self._is_time("clean", CLEAN_SECONDS):
            clean(timezone.now())

    def _is_time(self, what: str, seconds: float) -> bool:
        now = time.monotonic()
        if now < self._due[what]:
            return False
        self._due[what] = now + seconds
        return True
