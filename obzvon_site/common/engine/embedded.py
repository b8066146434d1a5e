"""The embedded queue: rows of django-tasks-db in the same SQLite file."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db.models import Max
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from obzvon_site.common.engine.facts import Failed, Waiting

KEEP_RESULTS = timedelta(hours=1)
# Longer than any task may take: whoever still «runs» after that has died.
STUCK = timedelta(minutes=15)


class EmbeddedFacts:
    """See ``facts.Facts``."""

    def is_pending(self, path: str) -> bool:
        return bool(DBTaskResult.objects.ready().filter(task_path=path).exists())

    def waiting(self, now: datetime) -> Waiting:  # noqa: ARG002  # none is planned ahead
        ready = DBTaskResult.objects.ready()
        oldest = ready.order_by("enqueued_at").values_list("enqueued_at", flat=True).first()
        return Waiting(ready.count(), oldest)

    def failed(self, since: datetime) -> Failed:
        failed = DBTaskResult.objects.failed().filter(finished_at__gt=since)
        last = failed.order_by("-finished_at").values_list("task_path", "exception_class_path")
        return Failed(failed.count(), *(last.first() or ()))

    def last_finished(self, queue: str) -> datetime | None:
        done = DBTaskResult.objects.finished().filter(queue_name=queue)
        last: datetime | None = done.aggregate(last=Max("finished_at"))["last"]
        return last

    def stalled(self) -> int:
        limit = timezone.now() - STUCK
        return int(DBTaskResult.objects.running().filter(started_at__lt=limit).count())

    def are_done(self, ids: Sequence[str]) -> bool:
        return bool(DBTaskResult.objects.filter(pk__in=ids).finished().count() == len(ids))

    def clean(self, now: datetime) -> None:
        DBTaskResult.objects.finished().filter(finished_at__lt=now - KEEP_RESULTS).delete()
        for task in DBTaskResult.objects.running().filter(started_at__lt=now - STUCK):
            task.set_failed(RuntimeError("the worker that ran this has died"))
