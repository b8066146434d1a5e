"""Forget what is kept for a while only."""

from datetime import datetime

from obzvon_site.accounts.models import Exchange

BATCH = 1000  # rows in one transaction, so that nobody waits long for the database


def forget_exchanges(*, now: datetime) -> int:
    """Delete exchanges older than ``EXCHANGE_DAYS``. Returns how many."""
    forgotten = 0
    while old := list(Exchange.objects.expired(now).values_list("pk", flat=True)[:BATCH]):
        forgotten += Exchange.objects.filter(pk__in=old).delete()[0]
    return forgotten
