"""A task that does nothing: the proof that a worker answers."""

from obzvon_site.common.background import task


@task(queue_name="calls")
def ping() -> str:
    """Say that a worker took this task."""
    return "pong"
