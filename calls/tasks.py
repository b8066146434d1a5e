"""Background work around calls. Tasks find their rows; a lost or doubled one changes nothing."""

from typing import Any

from django.utils import timezone

from calls.services import (
    addresses,
    day_reports,
    dispatch,
    expiring,
    guarding,
    importing,
    intake,
    lists,
    preparing,
    recordings,
    retention,
    steering,
    syncing,
)
from obzvon_site.common import stopping
from obzvon_site.common.background import task

FOLD_PASSES = 50  # in a row, then others of the queue have their turn


def _fold_webhooks() -> None:
    for _pass in range(FOLD_PASSES):
        if stopping.is_asked() or not intake.fold_due(now=timezone.now()):
            return


@task(queue_name="calls")
def dispatch_due() -> None:
    """Send planned calls whose time has come."""
    dispatch.dispatch_due()


@task(queue_name="poll")
def fold_webhooks() -> None:
    """Fold what came by webhook into calls."""
    _fold_webhooks()


@task(queue_name="poll")
def poll_calls() -> None:
    """Ask about calls that have not ended."""
    syncing.poll_due(now=timezone.now(), meanwhile=_fold_webhooks)


@task(queue_name="poll")
def reconcile_orders() -> None:
    """Ask about orders whose outcome nobody knows."""
    dispatch.expire_leases(now=timezone.now())
    syncing.reconcile_due(now=timezone.now(), meanwhile=_fold_webhooks)


@task(queue_name="bulk")
def compare_days() -> None:
    """Compare yesterday, and the days that people ask about, with the service's list."""
    day_reports.make_due(now=timezone.now())


@task(queue_name="bulk")
def fetch_recordings() -> None:
    """Bring recordings of ended calls home."""
    recordings.fetch_due(now=timezone.now())


@task(queue_name="bulk")
def remove_recordings() -> None:
    """Delete recordings that have been kept long enough."""
    retention.remove_due(now=timezone.now())


@task(queue_name="bulk")
def prepare_due() -> None:
    """Make the calls of campaigns that were launched on a list: beside sending, not before it."""
    preparing.prepare_due()


@task(queue_name="calls")
def take_back_stopped() -> None:
    """Take back what still waits in stopped campaigns."""
    steering.stop_due(now=timezone.now())


@task(queue_name="poll")
def expire_calls() -> None:
    """End what has not gone out in its campaign's time."""
    expiring.expire_due(now=timezone.now())


@task(queue_name="poll")
def check_guards() -> None:
    """Hold campaigns that go badly."""
    guarding.check_due(now=timezone.now())


@task(queue_name="bulk")
def import_lists() -> None:
    """Read on in files that are being imported; a pass is short, since others wait."""
    importing.run_due()


@task(queue_name="bulk")
def remove_lists() -> None:
    """Delete the contacts of removed lists."""
    lists.remove_due(now=timezone.now())


@task(queue_name="bulk")
def forget_webhooks() -> None:
    """Delete webhooks kept long enough, and old addresses that nobody reports to any more."""
    intake.forget(now=timezone.now())
    addresses.forget_old(now=timezone.now())


# name: (task, seconds between runs)
PERIODIC: dict[str, tuple[Any, int]] = {
    "calls.dispatch": (dispatch_due, 2),
    "calls.fold": (fold_webhooks, 2),
    "calls.poll": (poll_calls, 3),
    "calls.prepare": (prepare_due, 2),
    "calls.guards": (check_guards, 10),
    "calls.stop": (take_back_stopped, 10),
    "calls.expire": (expire_calls, 15),
    "calls.reconcile": (reconcile_orders, 5),
    "calls.days": (compare_days, 15),
    "calls.keeping": (remove_recordings, 24 * 3600),  # at midnight UTC
    "calls.recordings": (fetch_recordings, 5),
    "calls.import": (import_lists, 2),
    "calls.forget": (remove_lists, 10),
    "calls.retention": (forget_webhooks, 3600),
}
