"""Uploads and imports for tests."""

from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from calls.models import ContactList, ListImport
from calls.services import importing
from calls.services.imports import running, writing
from tests.calls.makers import NOW


def upload(content: str | bytes, name: str = "list.csv", **fields: Any) -> ListImport:
    raw = content.encode() if isinstance(content, str) else content
    fields = {"actor": None, "now": NOW, **fields}
    return importing.receive(SimpleUploadedFile(name, raw), name=name, **fields)


def started(content: str | bytes, *, common: Any = None, **fields: Any) -> ListImport:
    """An upload whose guessed columns somebody has confirmed."""
    imported = upload(content, **fields)
    mapping = importing.Mapping.from_json(imported.mapping)
    common = common or importing.Common()
    importing.start(imported, mapping=mapping, common=common, actor=None, now=NOW)
    return imported


def done(content: str | bytes, **fields: Any) -> ListImport:
    imported = started(content, **fields)
    importing.run(imported, clock=lambda: NOW)
    imported.refresh_from_db()
    return imported


def small_pieces(monkeypatch):
    """Windows of about twenty rows, and pieces of four."""
    monkeypatch.setattr(running, "WINDOW", 400)
    for writer in (writing.Sqlite, writing.Postgres):
        monkeypatch.setattr(writer, "least", 4)
        monkeypatch.setattr(writer, "most", 4)


def many(rows: int) -> str:
    return "".join(f"7912{number:07d};Имя {number}\n" for number in range(rows))


def contacts(contact_list: ContactList) -> dict[str, Any]:
    """Contacts of a list by phone."""
    return {contact.phone: contact for contact in contact_list.contacts.all()}


def bad(imported: ListImport) -> list[tuple[int, str, int | None]]:
    """Line, reason and first line of the rows that gave no contact."""
    return list(imported.bad_rows.order_by("line").values_list("line", "reason", "first_line"))


def counts_hold(contact_list: ContactList) -> bool:
    """Whether what a list keeps is what a recount gives."""
    contact_list.refresh_from_db()
    rows = list(contact_list.contacts.all())
    assert contact_list.total == len(rows)
    assert contact_list.without_zone == sum(not row.zone for row in rows)
    assert contact_list.without_consent == sum(row.consent_on is None for row in rows)
    for name, kept in contact_list.variables.items():
        texts = [row.variables[name] for row in rows if row.variables.get(name)]
        assert kept["filled"] == len(texts)
        assert kept["longest"] >= max(map(len, texts), default=0)
    return True
