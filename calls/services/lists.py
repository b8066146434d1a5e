"""Lists and the people in them: making, naming, adding by hand, and removing for good."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import TextField
from django.db.models.functions import Cast
from django.utils.translation import gettext as _

from calls.models import BadRow, Call, Campaign, Contact, ContactList, ListImport
from calls.services import cards, ledger
from calls.services.cards import Card
from calls.services.imports import storing
from calls.services.imports.landing import locked
from obzvon_site.accounts.models import AuditEvent

_State = ListImport.State
ABANDONED = timedelta(days=7)
CHUNK = 1000  # rows deleted in one transaction
_PASS = 100  # chunks in one pass; the next tick goes on


class InUse(Exception):
    """A list that a campaign is being made of; the text says which."""


class AlreadyThere(Exception):
    """The phone stands in the list already."""


class Removed(Exception):
    """The list was removed meanwhile."""


def create(name: str, *, actor: Any, now: datetime, tags: Sequence[str] = ()) -> ContactList:
    """An empty list."""
    with transaction.atomic():
        made = ContactList.objects.create(
            name=name, tags=ContactList.joined(list(tags)), created_by=actor, created_at=now
        )
        AuditEvent.note(actor, "list.created", made)
    return made


def change(contact_list: ContactList, *, name: str, tags: Sequence[str], actor: Any) -> None:
    """Call it otherwise, and give it other tags."""
    kept = {"name": contact_list.name, "tags": contact_list.tags}
    new = {"name": name, "tags": ContactList.joined(list(tags))}
    changed = {key: [kept[key], new[key]] for key in kept if kept[key] != new[key]}
    if not changed:
        return
    with transaction.atomic():
        ContactList.objects.filter(pk=contact_list.pk).update(**new)
        AuditEvent.note(actor, "list.changed", kept["name"], changed=changed)
    contact_list.name, contact_list.tags = new["name"], new["tags"]


def remove(contact_list: ContactList, *, actor: Any, now: datetime) -> None:
    """Take it out of sight at once; its contacts and files are deleted bit by bit.

    Campaigns that were launched on it go on: their calls know all they need. Raises InUse while
    one is still being made of it, Removed when somebody was quicker.
    """
    with transaction.atomic():
        owner = locked(contact_list.pk)
        if owner is None:
            raise Removed
        making = Campaign.objects.to_prepare().filter(contact_list=owner).first()
        if making is not None:
            raise InUse(
                _("Обзвон «%s» ещё готовится из этого списка. Удалите список чуть позже.")
                % making.name
            )
        owner.removed_at = now
        owner.save(update_fields=["removed_at"])
        ListImport.objects.filter(
            contact_list=owner, state__in=[_State.UPLOADED, _State.RUNNING]
        ).update(state=_State.CANCELED, finished_at=now, lease="")
        AuditEvent.note(actor, "list.removed", owner, count=owner.total)


def remove_due(*, now: datetime) -> int:
    """Delete what is left of removed lists, in pieces. Returns how many rows went."""
    gone = 0
    _forget_abandoned(now)
    for owner in ContactList.objects.filter(removed_at__lte=now).order_by("pk"):
        for _piece in range(_PASS):
            deleted = _remove_piece(owner)
            gone += deleted
            if not deleted:
                _remove_rest(owner)
                break
    return gone


def _forget_abandoned(now: datetime) -> None:
    """Files that nobody has said the columns of for days are of no use, and full of people."""
    old = ListImport.objects.filter(created_at__lte=now - ABANDONED, state=_State.UPLOADED)
    for imported in old:
        waiting = ListImport.objects.filter(pk=imported.pk, state=_State.UPLOADED)
        if waiting.update(state=_State.CANCELED, finished_at=now):
            storing.forget(imported)


def _remove_piece(owner: ContactList) -> int:
    """Delete some contacts, or when there are none, some bad rows."""
    contacts = Contact.objects.filter(contact_list=owner).order_by("pk")
    if keys := list(contacts.values_list("pk", flat=True)[:CHUNK]):
        return Contact.objects.filter(pk__in=keys).delete()[0]
    bad = BadRow.objects.filter(source__contact_list=owner).order_by("pk")
    keys = list(bad.values_list("pk", flat=True)[:CHUNK])
    return BadRow.objects.filter(pk__in=keys).delete()[0] if keys else 0


def _remove_rest(owner: ContactList) -> None:
    """The files, then the rows that name them: what fails in between is done again."""
    for imported in ListImport.objects.filter(contact_list=owner):
        storing.forget(imported)
    owner.delete()


def add_contact(contact_list: ContactList, phone: str, card: Card, *, actor: Any) -> Contact:
    """Add one person. ``phone`` is 11 digits. Raises AlreadyThere, Removed."""
    with transaction.atomic():
        owner = locked(contact_list.pk)
        if owner is None:
            raise Removed
        if owner.contacts.filter(phone=phone).exists():
            raise AlreadyThere
        values = {name: getattr(card, name) for name in Card.__slots__}
        contact = Contact.objects.create(contact_list=owner, phone=phone, **values)
        _adjust(owner, contact, 1)
        AuditEvent.note(actor, "contact.added", phone, list=owner.name)
    return contact


def take_out(contact: Contact, *, actor: Any) -> None:
    """Take one person out of one list. Raises DoesNotExist when somebody was quicker."""
    with transaction.atomic():
        owner = ContactList.objects.select_for_update().get(pk=contact.contact_list_id)
        row = Contact.objects.get(pk=contact.pk)
        _adjust(owner, row, -1)
        row.delete()
        AuditEvent.note(actor, "contact.taken_out", row.phone, list=owner.name)


def remove_contact(phone: str, *, actor: Any, now: datetime) -> int:
    """Forget a person: out of all lists, and out of what calls say besides the phone.

    Calls that still wait are taken back: also those that a campaign was preparing meanwhile. The
    blacklist keeps the number, so that nobody calls it again. Returns out of how many lists.
    """
    _take_back(phone, now)
    gone = _take_out(phone, actor)
    _take_back(phone, now)
    return gone


def _take_out(phone: str, actor: Any) -> int:
    """Out of all lists and their files. Returns out of how many lists."""
    with transaction.atomic():
        holding = Contact.objects.filter(phone=phone).values("contact_list")
        # In the order of keys, so that two of these do not wait for each other.
        owners = ContactList.objects.select_for_update().filter(pk__in=holding).order_by("pk")
        gone = 0
        for owner in list(owners):
            for contact in owner.contacts.filter(phone=phone):
                _adjust(owner, contact, -1)
                contact.delete()
                gone += 1
        _forget_bad_rows(phone)
        AuditEvent.note(actor, "contact.forgotten", phone, lists=gone)
    return gone


def _take_back(phone: str, now: datetime) -> None:
    """Nothing waits for the person any more, no attempt follows those there have been, and calls
    say nothing of him but the phone.

    What is on its way is marked too: if it comes back, it is not sent again (see ``outcomes``).
    """
    reason = _("Данные человека удалены.")
    theirs = Call.objects.filter(phone=phone)
    preparing = Campaign.objects.to_prepare().values_list("pk", flat=True)
    for campaign_id in sorted({*theirs.values_list("campaign", flat=True), *preparing}):
        with transaction.atomic():
            ledger.lock([campaign_id])
            own = theirs.filter(campaign=campaign_id)
            own.exclude(stage=Call.Stage.PLANNED).update(is_retried=True)
            waiting = own.filter(stage=Call.Stage.PLANNED).select_for_update()
            details = {"reason": reason}
            ledger.move_all(waiting, Call.Stage.TAKEN_BACK, now=now, details=details, error=reason)
            own.exclude(name="", text="").update(name="", text="", changed_at=now)


def _forget_bad_rows(phone: str) -> None:
    """Rows that gave no contact may tell of the person too, in any notation of the number."""
    digits = r"\D{0,3}".join(phone[1:])
    rows = BadRow.objects.annotate(text=Cast("cells", TextField())).filter(text__regex=digits)
    rows.update(cells=[])


def _adjust(owner: ContactList, contact: Contact, sign: int) -> None:
    """Keep what the list counts when a contact comes (1) or goes (-1)."""
    owner.total = max(0, owner.total + sign)
    cards.count(owner, contact, sign)
    owner.save(update_fields=["total", "without_zone", "without_consent", "variables"])
