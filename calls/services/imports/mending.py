"""Numbers that people type or paste, and rows that they correct."""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from calls.models import BadRow, Contact, ContactList, ListImport
from calls.rules.zones import zone_of
from calls.services import numbers
from calls.services.imports import landing, rows
from calls.services.imports.columns import Common, Mapping
from calls.services.imports.errors import NotAList, NotMended, TooLate
from calls.services.imports.rows import Again, Bad, Batch
from calls.services.imports.writing import writing
from obzvon_site.accounts.models import AuditEvent
from obzvon_site.common.phones import NotAPhone, normalise

_State = ListImport.State


def add_numbers(
    contact_list: ContactList, text: str, *, actor: Any, now: datetime, common: Common | None = None
) -> ListImport:
    """Add pasted numbers to a list; what is wrong with them is kept as for a file.

    Raises NotAList when there are none, or the list was removed.
    """
    read = numbers.read(text.replace("\0", ""))
    if not read.total:
        raise NotAList(_("Номеров не видно. Вставьте их по одному в строке."))
    with writing() as writer, transaction.atomic():
        owner = landing.locked(contact_list.pk)
        if owner is None:
            raise NotAList(_("Этого списка уже нет."))
        imported = _pasted(owner, text, actor, now)
        landed = landing.land(imported, owner, _batch(read, common or Common()), [], writer)
        imported.rows = read.total
        imported.added, imported.bad = landed.added, landed.bad
        imported.repeats = landed.repeats
        imported.save(update_fields=["rows", "added", "bad", "repeats"])
        AuditEvent.note(actor, "list.numbers_added", owner, count=landed.added)
    contact_list.refresh_from_db()
    return imported


def _pasted(owner: ContactList, text: str, actor: Any, now: datetime) -> ListImport:
    raw = text.encode(errors="replace")
    return ListImport.objects.create(
        contact_list=owner,
        file_name=_("Вставленные номера"),
        format=ListImport.Format.PASTE,
        size=len(raw),
        sha256=hashlib.sha256(raw).hexdigest(),
        has_header=False,
        columns=[_("Номер")],
        mapping=Mapping(phone=0).as_json(),
        state=_State.DONE,
        created_by=actor,
        created_at=now,
        started_at=now,
        finished_at=now,
    )


def _batch(read: numbers.PastedNumbers, common: Common) -> Batch:
    day = common.consent_on.isoformat() if common.consent_on else None
    batch = Batch(lines=read.lines)
    for phone in read.phones:
        zone = common.zone or zone_of(phone)
        told = (zone, day, common.consent_source, common.consent_document)
        # Line 0: nobody looks for it in a file.
        batch.made.append((phone, "", "{}", *told, 0))
        batch.cells.append([phone])
    for bad in read.bad:
        batch.bad.append(Bad(bad.line, _reason(bad.text), [bad.text]))
    for again in read.repeats:
        batch.again.append(Again(again.line, again.phone, [again.phone], again.first_line))
    return batch


def _reason(text: str) -> str:
    try:
        normalise(text)
    except NotAPhone as error:
        return error.code
    return str(BadRow.Reason.COUNT)  # it was cut to be shown: too many digits


def mend(
    bad: BadRow,
    *,
    cells: Sequence[str] | None = None,
    phone: str | None = None,
    actor: Any = None,
    now: datetime,
) -> Contact:
    """Make a contact of a row that a person has corrected: all its cells, or the phone alone.

    Raises NotMended with a sentence, and TooLate when somebody has mended it already.
    """
    imported = bad.source
    mapping = Mapping.from_json(imported.mapping)
    texts = [text.replace("\0", "") for text in (bad.cells if cells is None else cells)]
    if phone is not None:
        at = mapping.phone or 0
        texts += [""] * (at + 1 - len(texts))
        texts[at] = phone
    common, today = Common.from_json(imported.common), timezone.localdate(now)
    batch = rows.Maker(mapping, common, today).batch([bad.line], [texts])
    if batch.bad:
        raise NotMended(_sentence(batch.bad[0].reason, texts, mapping))
    phone = batch.made[0][0]
    with writing() as writer, transaction.atomic():
        owner = landing.locked(imported.contact_list_id)
        if owner is None:
            raise TooLate
        if not BadRow.objects.filter(pk=bad.pk, mended_at=None).update(mended_at=now):
            raise TooLate
        if writer.add(owner.pk, batch.made):
            raise NotMended(_("Этот номер уже есть в списке."))
        landing.count(owner, batch, list(mapping.variables))
        contact = Contact.objects.get(contact_list=owner, phone=phone)
        AuditEvent.note(actor, "contact.mended", contact.phone, list=owner.name, line=bad.line)
    bad.mended_at = now
    return contact


def _sentence(reason: str, cells: list[str], mapping: Mapping) -> str:
    """What is still wrong, and what to do."""
    at = mapping.phone or 0
    try:
        normalise(cells[at] if at < len(cells) else "")
    except NotAPhone as error:
        return str(error)
    return {
        BadRow.Reason.ZONE: _("Пояс не распознан: напишите область, город или, например, МСК+2."),
        BadRow.Reason.DATE: _(
            "Дата согласия не распознана или ещё не наступила: напишите её как 01.11.2026."
        ),
    }.get(BadRow.Reason(reason), _("Слишком длинное значение: сократите его."))
