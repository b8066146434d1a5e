"""Correct what a list says of one person."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db import transaction

from calls.models import Contact, ContactList
from obzvon_site.accounts.models import AuditEvent


@dataclass(frozen=True, slots=True)
class Card:
    """What may be said of a contact besides its phone."""

    name: str = ""
    zone: str = ""
    consent_on: date | None = None
    consent_source: str = ""
    consent_document: str = ""
    variables: dict[str, str] = field(default_factory=dict)


def change(contact_id: int, card: Card, *, actor: Any) -> Contact:
    """Write ``card`` over a contact and keep its list's counters. Raises DoesNotExist."""
    with transaction.atomic():
        # The list is locked first, as by those who fill it.
        owner = ContactList.objects.select_for_update().get(contacts=contact_id)
        contact = Contact.objects.select_for_update().get(pk=contact_id)
        before = _told(contact)
        count(owner, contact, -1)
        for name in Card.__slots__:
            setattr(contact, name, getattr(card, name))
        count(owner, contact, 1)
        contact.save(update_fields=list(Card.__slots__))
        owner.save(update_fields=["variables", "without_zone", "without_consent"])
        changed = sorted(name for name, value in _told(contact).items() if before[name] != value)
        if changed:  # which, not what: the log outlives personal data
            AuditEvent.note(actor, "contact.changed", contact.phone, fields=changed)
    return contact


def _told(contact: Contact) -> dict[str, Any]:
    return {name: getattr(contact, name) for name in Card.__slots__}


def count(owner: ContactList, contact: Contact, sign: int) -> None:
    """Add a contact to what its list counts, or take it out."""
    owner.without_zone = max(0, owner.without_zone + sign * (not contact.zone))
    owner.without_consent = max(0, owner.without_consent + sign * (contact.consent_on is None))
    for name, value in contact.variables.items():
        known = owner.variables.setdefault(name, {"filled": 0, "longest": 0})
        known["filled"] = max(0, known["filled"] + sign * bool(value))
        known["longest"] = max(known["longest"], len(value))
