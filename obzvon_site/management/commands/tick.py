"""One pass of every periodic task, here and now: for cron, tests and the curious."""

from typing import Any

from django.core.management.base import BaseCommand

from obzvon_site.supervisor.beat import periodic


class Command(BaseCommand):
    help = "Do every periodic task once, without a worker"

    def handle(self, *args: Any, **options: Any) -> None:
        for name, (task, _seconds) in periodic().items():
            task.call()
            self.stdout.write(name)
