"""Background work around records. Tasks find their rows; a lost or doubled one changes nothing."""

from typing import Any

from django.utils import timezone

from obzvon_site.common.background import task
from records import services


@task(queue_name="bulk")
def send_records() -> None:
    """Send new records to the service, and remove there what was removed here."""
    services.send_due(now=timezone.now())
    services.remove_due(now=timezone.now())


@task(queue_name="bulk")
def refresh_records() -> None:
    """Ask what the moderators say, and whether doubtful records have arrived."""
    services.refresh_due(now=timezone.now())


# name: task, seconds between runs
PERIODIC: dict[str, tuple[Any, int]] = {
    "records.send": (send_records, 3),
    "records.refresh": (refresh_records, 5),
}
