"""Procrastinate behind Django's Tasks API: jobs are rows of the same PostgreSQL.

Enqueued by Django's own connection, so that a row and its task are one commit. A worker that dies
is missed by its heartbeat, and what it was doing is done again: tasks only find their rows.
"""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from asgiref.sync import async_to_sync
from django.utils import timezone
from django.utils.module_loading import import_string
from procrastinate.connector import BaseConnector
from procrastinate.contrib.django.db_cleanup import DjangoApp
from procrastinate.contrib.django.django_connector import DjangoConnector
from procrastinate.contrib.django.models import ProcrastinateEvent, ProcrastinateJob
from procrastinate.jobs import Job

from obzvon_site.common.background import BaseTaskBackend, TaskResult, TaskResultStatus
from obzvon_site.common.engine.facts import Failed, Waiting

TASK = "django_task"
BEAT_SECONDS = 5.0  # between signs of life of a worker
STALLED_SECONDS = 15.0  # without one: it has died, or cannot reach the database
RETRY_SECONDS = 10.0  # between looks for what the dead were doing
KEEP_FAILED_HOURS = 24

logger = logging.getLogger(__name__)


def run_task(path: str, args: list[Any], kwargs: dict[str, Any]) -> None:
    """The one job there is: call the task that Django's Tasks API was given."""
    import_string(path).call(*args, **kwargs)


def make_app(connector: BaseConnector) -> DjangoApp:
    """An engine over this connector that knows our one job."""
    app = DjangoApp(connector=connector)
    app.task(name=TASK)(run_task)
    return app


@cache
def app() -> DjangoApp:
    """The engine of this process: it enqueues by Django's connection, in its transaction."""
    return make_app(DjangoConnector(alias="default"))


def worker_app() -> DjangoApp:
    """The engine of a worker: connections of its own beside Django's."""
    return make_app(DjangoConnector(alias="default").get_worker_connector())


class ProcrastinateBackend(BaseTaskBackend):
    """Django's Tasks API on procrastinate. Results are not kept: our tasks return nothing."""

    supports_defer = True
    supports_priority = True
    supports_async_task = True

    def enqueue(self, task: Any, args: Any, kwargs: Any) -> Any:
        self.validate_task(task)
        when = {"schedule_at": task.run_after} if task.run_after else {}
        deferrer = app().configure_task(TASK, queue=task.queue_name, priority=task.priority, **when)
        job = deferrer.defer(path=task.module_path, args=list(args), kwargs=dict(kwargs))
        return TaskResult(
            task=task,
            id=str(job),
            status=TaskResultStatus.READY,
            enqueued_at=timezone.now(),
            started_at=None,
            finished_at=None,
            last_attempted_at=None,
            args=list(args),
            kwargs=dict(kwargs),
            backend=self.alias,
            errors=[],
            worker_ids=[],
        )


class DistributedFacts:
    """See ``facts.Facts``. Jobs that ended well are gone at once, their number is an id."""

    def is_pending(self, path: str) -> bool:
        jobs = ProcrastinateJob.objects.filter(task_name=TASK, args__path=path)
        alive = timezone.now() - timedelta(seconds=STALLED_SECONDS)
        return (
            jobs.filter(status="todo").exists()
            or jobs.filter(status="doing", worker__last_heartbeat__gt=alive).exists()
        )

    def waiting(self, now: datetime) -> Waiting:
        jobs = ProcrastinateJob.objects.filter(status="todo").exclude(scheduled_at__gt=now)
        deferred = ProcrastinateEvent.objects.filter(type="deferred", job__in=jobs)
        return Waiting(jobs.count(), deferred.order_by("at").values_list("at", flat=True).first())

    def failed(self, since: datetime) -> Failed:
        failed = ProcrastinateEvent.objects.filter(type="failed", at__gt=since)
        path = failed.order_by("-at").values_list("job__args__path", flat=True).first()
        return Failed(failed.count(), path or "", "")

    def last_finished(self, queue: str) -> datetime | None:  # noqa: ARG002  # not kept
        return None

    def stalled(self) -> int:
        return len(_stalled())

    def are_done(self, ids: Sequence[str]) -> bool:
        return not ProcrastinateJob.objects.filter(pk__in=list(map(int, ids))).exists()

    def clean(self, now: datetime) -> None:  # noqa: ARG002  # the database's own clock
        async_to_sync(app().job_manager.delete_old_jobs)(
            nb_hours=KEEP_FAILED_HOURS, include_failed=True
        )


def retry_stalled() -> int:
    """Put back what dead workers were doing. Returns how many jobs."""
    stalled = _stalled()
    for job in stalled:
        logger.warning("job %s of a dead worker is done again", job.id)
        async_to_sync(app().job_manager.retry_job)(job)
    return len(stalled)


def _stalled() -> list[Job]:
    find = async_to_sync(app().job_manager.get_stalled_jobs)
    return list(find(seconds_since_heartbeat=STALLED_SECONDS))
