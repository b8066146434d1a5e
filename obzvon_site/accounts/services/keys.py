"""Where an account asks and with which key: set together, so a key never goes elsewhere."""

from typing import Any

from django.db import transaction

from obzvon_site.accounts.models import ApiAccount, AuditEvent
from obzvon_site.common.secrets import seal


def put_key(account: ApiAccount, key: str) -> None:
    """Seal ``key`` into an account that is not saved yet."""
    account.sealed_key = seal(key)
    account.key_tail = key[-4:]


@transaction.atomic
def replace_key(account: ApiAccount, key: str, *, actor: Any) -> None:
    """Seal a new key. What was known of the balance belongs to the old key and is forgotten."""
    put_key(account, key)
    account.balance = account.balance_at = account.balance_asked_at = None
    account.balance_error = ""
    account.save(
        update_fields=[
            "sealed_key", "key_tail", "balance", "balance_at", "balance_asked_at", "balance_error",
        ]
    )  # fmt: skip
    AuditEvent.note(actor, "account.key_replaced", account, key=account.masked_key)


@transaction.atomic
def connect(account: ApiAccount, *, base_url: str, key: str, actor: Any) -> None:
    """Ask at another address from now on, with the key typed for it.

    The kept key never follows to a new address: whoever named the address would read it there.
    """
    if account.base_url != base_url:
        AuditEvent.note(actor, "account.moved", account, before=account.base_url, after=base_url)
        account.base_url = base_url
        account.save(update_fields=["base_url"])
    replace_key(account, key, actor=actor)
