"""A worker of the one-machine mode; ``manage.py up`` starts one for each queue."""

from argparse import ArgumentParser
from types import FrameType
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils.crypto import get_random_string
from django_tasks_db.management.commands import db_worker

from obzvon_site.common import garbage, stopping
from obzvon_site.common.engine import QUEUES

LOOK_SECONDS = 0.1  # between looks at an empty queue


class Worker(db_worker.Worker):
    """The queue's own worker, that also tells its task to come to an end."""

    def shutdown(self, signum: int, frame: FrameType | None) -> None:
        stopping.ask()
        super().shutdown(signum, frame)


class Command(BaseCommand):
    help = "Take background tasks from SQLite; manage.py up starts these workers itself"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("queue", choices=QUEUES)

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.EMBEDDED:
            raise CommandError("On PostgreSQL the workers are started by manage.py worker.")
        worker = Worker(
            queue_names=[options["queue"]],
            interval=LOOK_SECONDS,
            batch=False,
            backend_name="default",
            startup_delay=False,
            max_tasks=None,
            worker_id=get_random_string(32),
            excluded_queue_names=[],
        )
        worker.configure_signals()
        garbage.look_seldom()
        worker.run()
