"""When an old webhook address is accepted no more: its orders have nothing more to report."""

from datetime import datetime

from calls.models import Campaign
from obzvon_site.accounts.models import OldWebhookAddress
from obzvon_site.accounts.services import hooks


def forget_old(*, now: datetime) -> int:
    """Forget addresses renewed long ago whose campaigns are all over. Returns how many."""
    forgotten = 0
    for old in OldWebhookAddress.objects.filter(renewed_at__lt=now - hooks.ACCEPTED):
        # A campaign keeps the address its steps report to from its launch, for later retries too.
        before = Campaign.objects.filter(account=old.account_id, created_at__lte=old.renewed_at)
        if not before.exclude(state=Campaign.State.DONE).exists():
            old.delete()
            forgotten += 1
    if forgotten:
        hooks.forget()
    return forgotten
