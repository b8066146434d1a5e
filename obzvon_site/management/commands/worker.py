"""A worker of the distributed mode, for a system that starts it again when it ends."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from obzvon_site.common import garbage
from obzvon_site.common.engine import QUEUES


class Command(BaseCommand):
    help = "Take background tasks from PostgreSQL until SIGTERM; what has begun is ended first"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--queues", default=",".join(QUEUES), help="separated by commas")
        parser.add_argument("--concurrency", type=int, default=1, help="tasks at once")
        parser.add_argument(
            "--no-listen-notify",
            dest="listen",
            action="store_false",
            help="ask for tasks instead of being told: behind a pooler of transactions",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.EMBEDDED:
            raise CommandError(
                "On SQLite the workers are started by manage.py up. "
                "For workers of their own set DATABASE_URL to PostgreSQL."
            )
        queues = [name.strip() for name in options["queues"].split(",") if name.strip()]
        unknown = sorted(set(queues) - set(QUEUES))
        if unknown or not queues:
            raise CommandError(
                f"No such queue: {', '.join(unknown)}. There are {', '.join(QUEUES)}."
            )
        if options["concurrency"] < 1:
            raise CommandError("--concurrency must be at least 1.")
        from obzvon_site.supervisor.working import work  # noqa: PLC0415  # needs PostgreSQL's engine

        garbage.look_seldom()
        work(queues, concurrency=options["concurrency"], listen=options["listen"])
