"""The one-machine mode: prepare, start web, workers and emulator, keep them, stop them."""

import json
import signal
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import close_old_connections
from django.utils import timezone

from calls.services import departures, transcribing
from calls.services.dispatch import abandon
from obzvon_site.common.engine import QUEUES, engine_facts
from obzvon_site.supervisor import prepare
from obzvon_site.supervisor.beat import beat, clean
from obzvon_site.supervisor.children import Child, stop_all
from obzvon_site.supervisor.heartbeats import Heart
from obzvon_site.supervisor.ping import ping

READY_SECONDS = 60.0
CLEAN_SECONDS = 300.0
HEART_SECONDS = 10.0
# Longer than an order may wait for its answer, and than writing it down may take.
WORKER_STOP_SECONDS = 45.0
EMULATOR = "emulator"


class Command(BaseCommand):
    help = "Run the dashboard, its workers and the provider's emulator until Ctrl+C"

    def handle(self, *args: Any, **options: Any) -> None:
        self.stopping = self.hurried = False
        signal.signal(signal.SIGINT, self._stop)
        signal.signal(signal.SIGTERM, self._stop)
        self._check()
        self._prepare()
        children = [web(), emulator(), *(worker(queue) for queue in QUEUES)]
        if not transcribing.missing():
            children.append(transcriber())
        try:
            # The page first: four processes that start at once keep one another waiting.
            children[0].start()
            self._wait_for(children[:1], _web_answers)
            for child in children[1:]:
                child.start()
            self._wait_until_ready(children)
            self._run(children)
        finally:
            self._stop_all(children)

    def _stop(self, *_: Any) -> None:
        self.hurried, self.stopping = self.stopping, True

    def _stop_all(self, children: list[Child]) -> None:
        """The emulator last: workers end what they have begun to ask. A second Ctrl+C hurries."""
        own = [child for child in children if child.name != EMULATOR]
        stop_all(own, is_hurried=lambda: self.hurried)
        stop_all([child for child in children if child.name == EMULATOR])
        try:
            self._bury(children)
        except Exception as error:  # noqa: BLE001  # then leases run out
            self.stderr.write(f"obzvon: {type(error).__name__}: {error}")

    def _check(self) -> None:
        if prepare.unwritable(settings.DATA_DIR):
            raise CommandError(
                f"The data folder {settings.DATA_DIR} is read-only. "
                "Allow writing to it, or choose another with DATA_DIR=/some/folder."
            )
        for name, port in (("PORT", settings.PORT), ("EMULATOR_PORT", settings.EMULATOR_PORT)):
            if not prepare.is_free(port):
                raise CommandError(
                    f"Port {port} is in use by another program. "
                    f"Stop that program, or choose another port with {name}=…"
                )

    def _prepare(self) -> None:
        call_command("messages", stdout=self.stderr)
        prepare.migrate()
        departures.clear()
        prepare.collect_static()
        prepare.first_account()
        if settings.DEMO:
            call_command("demo", stdout=self.stdout)

    def _wait_until_ready(self, children: list[Child]) -> None:
        """Print the address when web, workers and emulator have answered."""
        pings = [ping.using(queue_name=queue).enqueue().id for queue in QUEUES]

        def all_answer() -> bool:
            return engine_facts().are_done(pings) and _emulator_answers() and _web_answers()

        if self._wait_for(children, all_answer):
            self.stdout.write(f"obzvon ready: http://127.0.0.1:{settings.PORT}/")
            self.stdout.flush()

    def _wait_for(self, children: list[Child], answered: Callable[[], bool]) -> bool:
        """Wait for an answer. False when asked to stop meanwhile; CommandError when one died."""
        deadline = time.monotonic() + READY_SECONDS
        while not self.stopping:
            if answered():
                return True
            dead = [child.name for child in children if not child.is_running]
            if dead or time.monotonic() > deadline:
                what = ", ".join(dead) or "something"
                raise CommandError(f"obzvon did not start: {what} does not answer. See above.")
            time.sleep(0.03)
        return False

    def _run(self, children: list[Child]) -> None:
        cleaned = hearts_beaten = 0.0
        hearts = {queue: Heart([queue]) for queue in QUEUES}
        while not self.stopping:
            for child in children:
                if line := child.keep(time.monotonic()):
                    self.stderr.write(f"obzvon: {line}")
            try:
                self._bury(children)
                beat(timezone.now())
                if settings.EMBEDDED and time.monotonic() - hearts_beaten > HEART_SECONDS:
                    # These workers cannot say it themselves.
                    for child in children:
                        if child.queue and child.is_running:
                            hearts[child.queue].beat(timezone.now())
                    hearts_beaten = time.monotonic()
                if time.monotonic() - cleaned > CLEAN_SECONDS:
                    clean(timezone.now())
                    cleaned = time.monotonic()
            except Exception as error:  # noqa: BLE001  # the supervisor outlives a database that hiccups
                self.stderr.write(f"obzvon: {type(error).__name__}: {error}")
                close_old_connections()
            time.sleep(0.25)

    def _bury(self, children: list[Child]) -> None:
        """What the dead were sending is asked about at once, and not when its lease is over."""
        for child in children:
            if child.dead:
                abandon(child.dead, now=timezone.now())
                child.dead = 0


def web() -> Child:
    """One process with eight threads: enough beside one SQLite file."""
    return Child(
        "web",
        [
            *(sys.executable, "-m", "gunicorn", "obzvon_site.wsgi:application"),
            *("--bind", f"{settings.BIND}:{settings.PORT}"),
            *("--workers", "1", "--threads", "8", "--worker-class", "gthread"),
            *("--graceful-timeout", "5", "--log-level", "warning"),
            "--no-control-socket",
        ],
    )


def worker(queue: str) -> Child:
    """One worker per queue, so that a slow upload cannot hold back calls."""
    how = ["embedded_worker", queue] if settings.EMBEDDED else ["worker", "--queues", queue]
    return Child(
        f"worker «{queue}»",
        [sys.executable, str(settings.BASE_DIR / "manage.py"), *how],
        queue=queue,
        patience=WORKER_STOP_SECONDS,
    )


def emulator() -> Child:
    """The provider's stand-in. Its key travels by environment, not by the process list."""
    return Child(
        EMULATOR,
        [sys.executable, "-m", "obzvon_site.provider.emulator"],
        environment={
            "EMULATOR_PORT": str(settings.EMULATOR_PORT),
            "EMULATOR_KEY": prepare.emulator_key(),
            "DATA_DIR": str(settings.DATA_DIR),
        },
    )


def transcriber() -> Child:
    """Listens to recordings, where the program for it is installed: slow, and in nobody's way."""
    return Child(
        "transcriber", [sys.executable, str(settings.BASE_DIR / "manage.py"), "transcribe"]
    )


def _web_answers() -> bool:
    url = f"http://127.0.0.1:{settings.PORT}/healthz"
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:  # our own address
            return bool(answer.status == 200)
    except urllib.error.HTTPError as error:
        return error.code < 500  # it answers, if only that OBZVON_HOSTS does not name 127.0.0.1
    except OSError:
        return False


def _emulator_answers() -> bool:
    body = json.dumps({"apiKey": prepare.emulator_key()}).encode()
    request = urllib.request.Request(  # noqa: S310  # our own address
        f"{prepare.emulator_url()}/userInfo", body, {"Content-Type": "application/json"}
    )
    try:
        with urllib.request.urlopen(request, timeout=2) as answer:  # noqa: S310
            return bool(answer.status == 200)
    except urllib.error.HTTPError:
        return True  # it answers, if only to complain
    except OSError:
        return False
