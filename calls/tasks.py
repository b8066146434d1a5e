"""Background work around calls. Tasks find their rows; a lost or doubled one changes nothing."""

from typing import Any

from django.utils import timezone

from calls.services import dispatch, intake, recordings, syncing
from obzvon_site.common.background import task


@task(queue_name="calls")
def dispatch_due() -> None:
    """Send planned calls whose time has come."""
    dispatch.dispatch_due()


@task(queue_name="calls")
def fold_webhooks() -> None:
    """Fold what came by webhook into calls."""
    while intake.fold_due(now=timezone.now()) == intake.BATCH:
        pass


@task(queue_name="calls")
def poll_calls() -> None:
    """Ask about calls that have not ended."""
    syncing.poll_due(now=timezone.now())


@task(queue_name="calls")
def reconcile_orders() -> None:
    """Ask about orders whose outcome nobody knows."""
    dispatch.expire_leases(now=timezone.now())
    syncing.reconcile_due(now=timezone.now())


@task(queue_name="default")
def fetch_recordings() -> None:
    """Bring recordings of ended calls home."""
    recordings.fetch_due(now=timezone.now())


# name: (task, seconds between runs)
PERIODIC: dict[str, tuple[Any, int]] = {
    "calls.dispatch": (dispatch_due, 2),
    "calls.fold": (fold_webhooks, 2),
    "calls.poll": (poll_calls, 3),
    "calls.reconcile": (reconcile_orders, 5),
    "calls.recordings": (fetch_recordings, 5),
}
