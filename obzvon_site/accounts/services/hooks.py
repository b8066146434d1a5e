"""Whose a webhook address is, from where it may be used, and how it is renewed."""

import ipaddress
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from obzvon_site.accounts.models import ApiAccount, AuditEvent, OldWebhookAddress
from obzvon_site.accounts.models.api_account import webhook_token

Network = ipaddress.IPv4Network | ipaddress.IPv6Network

KEPT = 5.0  # seconds an answer is remembered by this process
LONGEST = 64  # of a token, as its column
# An old address is accepted so long at least, and until the calls from before it have ended.
ACCEPTED = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Hook:
    """An account, as far as taking a webhook needs it."""

    account_id: int
    networks: tuple[Network, ...]  # empty: from anywhere

    def admits(self, source: str | None) -> bool:
        """Whether a webhook may come from this address."""
        if not self.networks:
            return True
        try:
            address = ipaddress.ip_address(source or "")
        except ValueError:
            return False
        mapped = getattr(address, "ipv4_mapped", None) or address
        return any(mapped in network for network in self.networks)


_known: dict[str, tuple[float, Hook]] = {}
_lock = threading.Lock()


def hook_of(token: str, *, clock: Callable[[], float] = time.monotonic) -> Hook | None:
    """The account of a webhook address, the present one or an old one; None: nobody's.

    Remembered for a few seconds, since each webhook asks. Unknown ones are not remembered.
    """
    if len(token) > LONGEST:
        return None
    now = clock()
    held = _known.get(token)
    if held is not None and held[0] > now:
        return held[1]
    hook = _read(token)
    with _lock:
        if hook is None:
            _known.pop(token, None)
        else:
            _known[token] = now + KEPT, hook
    return hook


def forget() -> None:
    """Remember nothing: an account has changed."""
    with _lock:
        _known.clear()


def _read(token: str) -> Hook | None:
    columns = ("pk", "webhook_networks")
    row = ApiAccount.objects.filter(webhook_token=token).values_list(*columns).first()
    if row is None:
        old = OldWebhookAddress.objects.filter(token=token)
        row = old.values_list("account_id", "account__webhook_networks").first()
    if row is None:
        return None
    return Hook(row[0], tuple(networks(row[1])))


def networks(text: str) -> list[Network]:
    """The networks of a text, one a line. Raises ValueError."""
    return [ipaddress.ip_network(line.strip()) for line in text.splitlines() if line.strip()]


@transaction.atomic
def renew(account: ApiAccount, *, actor: Any, now: datetime) -> None:
    """Give the account a new webhook address; the old one stays accepted for a time."""
    held = ApiAccount.objects.select_for_update().get(pk=account.pk)
    OldWebhookAddress.objects.create(account=held, token=held.webhook_token, renewed_at=now)
    held.webhook_token = account.webhook_token = webhook_token()
    held.save(update_fields=["webhook_token"])
    AuditEvent.note(actor, "account.webhook_renewed", account)
    transaction.on_commit(forget)
