"""Add API accounts, change them, choose the default one, put them out of use."""

from collections.abc import Iterable
from typing import Any

from django.db import transaction

from obzvon_site.accounts.models import ApiAccount, AuditEvent
from obzvon_site.accounts.services import hooks
from obzvon_site.accounts.services.keys import put_key


@transaction.atomic
def add(account: ApiAccount, *, key: str, actor: Any) -> ApiAccount:
    """Save a filled account with its key. The first one becomes the default."""
    put_key(account, key)
    account.is_default = not _locked().exists()
    account.save()
    AuditEvent.note(
        actor, "account.added", account, base_url=account.base_url, key=account.masked_key
    )
    return account


@transaction.atomic
def change(account: ApiAccount, names: Iterable[str], *, actor: Any) -> None:
    """Save the named fields of an edited account and note those that became different."""
    before = ApiAccount.objects.select_related("default_phone").get(pk=account.pk)
    pairs = {name: [str(getattr(row, name)) for row in (before, account)] for name in names}
    changed = {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}
    if changed:
        account.save(update_fields=list(changed))
        AuditEvent.note(actor, "account.changed", account, changed=changed)
        transaction.on_commit(hooks.forget)


@transaction.atomic
def make_default(account: ApiAccount, *, actor: Any) -> bool:
    """Offer this account first. False if it is out of use or the default already."""
    candidates = _locked().filter(pk=account.pk, is_active=True, is_default=False)
    if not candidates.exists():
        return False
    ApiAccount.objects.filter(is_default=True).update(is_default=False)
    candidates.update(is_default=True)
    AuditEvent.note(actor, "account.made_default", account)
    return True


@transaction.atomic
def set_active(account: ApiAccount, is_active: bool, *, actor: Any) -> bool:
    """Put the account in or out of use. An account out of use is not the default."""
    rows = ApiAccount.objects.filter(pk=account.pk, is_active=not is_active)
    fields = {"is_active": True} if is_active else {"is_active": False, "is_default": False}
    if not rows.update(**fields):
        return False
    AuditEvent.note(actor, "account.activated" if is_active else "account.deactivated", account)
    return True


def _locked() -> Any:
    """All accounts, held until the transaction ends, so that there is one default."""
    list(ApiAccount.objects.select_for_update().order_by("pk").values_list("pk"))
    return ApiAccount.objects.all()
