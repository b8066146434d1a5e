"""Periodic work: each period of each task is enqueued once, however many supervisors run."""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

import calls.tasks
import obzvon_site.accounts.tasks
import records.tasks
from obzvon_site.accounts.models import Tick
from obzvon_site.common.engine import engine_facts

KEEP_TICKS = timedelta(days=1)


def periodic() -> dict[str, tuple[Any, int]]:
    """Every periodic task by name, with its period in seconds."""
    return {
        **obzvon_site.accounts.tasks.PERIODIC,
        **records.tasks.PERIODIC,
        **calls.tasks.PERIODIC,
    }


def beat(now: datetime) -> int:
    """Enqueue what is due at ``now`` and nobody has claimed. Returns how many."""
    return sum(_enqueue(name, task, seconds, now) for name, (task, seconds) in periodic().items())


def _enqueue(name: str, task: Any, seconds: int, now: datetime) -> bool:
    slot = int(now.timestamp()) // seconds
    if Tick.objects.filter(name=name, slot=slot).exists():
        return False
    with transaction.atomic():
        _, is_mine = Tick.objects.get_or_create(name=name, slot=slot, defaults={"seconds": seconds})
        # One that waits already will do this period's work as well.
        if not is_mine or engine_facts().is_pending(task.module_path):
            return False
        task.enqueue()
    return True


def clean(now: datetime) -> None:
    """Forget finished tasks and old ticks, and close tasks whose worker has died."""
    engine_facts().clean(now)
    for name, (_task, seconds) in periodic().items():
        oldest = int((now - KEEP_TICKS).timestamp()) // seconds
        Tick.objects.filter(name=name, slot__lt=oldest).delete()
