"""Django's Tasks API, from the core where it is there, from its package before that."""

try:
    from django.tasks import task
except ImportError:  # Django 5.2
    from django_tasks import task  # type: ignore[no-redef]

__all__ = ["task"]
