"""Turn recordings into text, one after another, in a process of its own."""

import signal
import threading
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import close_old_connections
from django.utils import timezone

from calls.services import transcribing

IDLE_SECONDS = 5.0


class Command(BaseCommand):
    help = "Transcribe recordings that people asked for, until stopped"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--once", action="store_true", help="stop when nobody waits")

    def handle(self, *args: Any, **options: Any) -> None:
        stopping = threading.Event()
        signal.signal(signal.SIGTERM, lambda *_: stopping.set())
        signal.signal(signal.SIGINT, lambda *_: stopping.set())
        try:
            hear = transcribing.engine()
        except transcribing.NoEngine as error:
            raise CommandError(str(error)) from error
        while not stopping.is_set():
            if transcribing.transcribe_next(hear, clock=timezone.now):
                continue
            if options["once"]:
                return
            close_old_connections()  # the database may have been restarted meanwhile
            stopping.wait(IDLE_SECONDS)
