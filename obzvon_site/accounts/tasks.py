"""Periodic work of this app; the supervisor enqueues it."""

from typing import Any

from django.utils import timezone

from obzvon_site.accounts.services import balance, retention
from obzvon_site.common.background import task


@task(queue_name="poll")
def refresh_balances() -> int:
    """Ask for the balance of every active account."""
    return balance.refresh_due(now=timezone.now())


@task(queue_name="bulk")
def forget_exchanges() -> int:
    """Delete exchanges that are kept long enough."""
    return retention.forget_exchanges(now=timezone.now())


# name: task, period in seconds
PERIODIC: dict[str, tuple[Any, int]] = {
    "accounts.balance": (refresh_balances, 5),
    "accounts.retention": (forget_exchanges, 3600),
}
