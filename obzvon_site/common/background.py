"""Django's Tasks API, from the core where it is there, from its package before that."""

try:
    from django.tasks import TaskResult, TaskResultStatus, task
    from django.tasks.backends.base import BaseTaskBackend
except ImportError:  # Django 5.2
    from django_tasks import (  # type: ignore[assignment,no-redef]
        TaskResult,
        TaskResultStatus,
        task,
    )
    from django_tasks.backends.base import BaseTaskBackend  # type: ignore[assignment]

__all__ = ["BaseTaskBackend", "TaskResult", "TaskResultStatus", "task"]
