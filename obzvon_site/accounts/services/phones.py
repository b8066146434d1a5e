"""Numbers to call from: typed in, or taken from the service."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import ProtectedError

from obzvon_site.accounts.clients import client_for
from obzvon_site.accounts.models import ApiAccount, AuditEvent, OutgoingPhone
from obzvon_site.common.phones import normalise


class InUse(Exception):
    """Campaigns were called from this number, so it stays for their history."""


@transaction.atomic
def add(phone: OutgoingPhone, *, actor: Any) -> OutgoingPhone:
    """Save a number typed in by hand."""
    phone.save()
    AuditEvent.note(actor, "phone.added", phone, account=str(phone.account))
    return phone


@transaction.atomic
def relabel(phone: OutgoingPhone, label: str, *, actor: Any) -> None:
    """Change what people call the number."""
    before, phone.label = phone.label, label
    phone.save(update_fields=["label"])
    AuditEvent.note(actor, "phone.relabelled", phone, before=before, after=label)


@transaction.atomic
def remove(phone: OutgoingPhone, *, actor: Any) -> None:
    """Forget a number. Raises InUse if campaigns were called from it."""
    try:
        phone.delete()
    except ProtectedError as error:
        raise InUse(phone.phone) from error
    AuditEvent.note(actor, "phone.removed", phone, account=str(phone.account))


def take_from_service(account: ApiAccount, *, actor: Any, now: datetime) -> int:
    """List the numbers the service knows for this account. Returns how many it named.

    Keeps labels and numbers typed by hand. A number taken earlier and no longer named counts
    as unconfirmed. Raises ProviderError, ``NotOffered`` where the service has no such list.
    """
    answer = client_for(account, subject="phones").get_phones()
    named = {phone: item.is_confirmed for item in answer if (phone := _read(item.phone))}
    with transaction.atomic():
        for phone, is_confirmed in named.items():
            OutgoingPhone.objects.update_or_create(
                account=account,
                phone=phone,
                defaults={"is_confirmed": is_confirmed, "seen_at": now},
                create_defaults={
                    "is_confirmed": is_confirmed,
                    "seen_at": now,
                    "source": OutgoingPhone.Source.SERVICE,
                },
            )
        taken = OutgoingPhone.objects.filter(account=account, source=OutgoingPhone.Source.SERVICE)
        taken.exclude(phone__in=named).update(is_confirmed=False)
        AuditEvent.note(actor, "phones.taken", account, count=len(named))
    return len(named)


def _read(text: str) -> str:
    try:
        return normalise(text)
    except ValueError:
        return ""  # not a Russian number: nobody could choose it
