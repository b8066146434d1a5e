"""From a file, or a paste, to contacts of a list.

A file is received and looked into at once (``receive``, ``preview``, ``reread``); people say
what its columns hold (``start``); the rows are read by background work (``run_due``), which may
be killed and canceled at any moment.
"""

from datetime import datetime
from pathlib import PurePath
from typing import Any

from django.core.files import File
from django.db import transaction
from django.utils.translation import gettext as _

from calls.models import ContactList, ListImport
from calls.services.imports import storing
from calls.services.imports.columns import Common, Mapping, guess, named
from calls.services.imports.errors import NotAList, NotMended, NotReady, TooLate
from calls.services.imports.mending import add_numbers, mend
from calls.services.imports.previewing import (
    Column,
    Preview,
    Shown,
    first_lines,
    first_rows,
    preview,
)
from calls.services.imports.running import run, run_due
from calls.services.imports.sniffing import ENCODINGS, SEPARATORS, has_header, separator_of
from obzvon_site.accounts.models import AuditEvent

__all__ = [
    "ENCODINGS",
    "SEPARATORS",
    "Column",
    "Common",
    "Mapping",
    "NotAList",
    "NotMended",
    "NotReady",
    "Preview",
    "Shown",
    "TooLate",
    "add_numbers",
    "cancel",
    "check_size",
    "forget_files",
    "mend",
    "preview",
    "receive",
    "reread",
    "resume",
    "run",
    "run_due",
    "same_file",
    "start",
]

check_size = storing.check_size
forget_files = storing.forget


def receive(
    file: Any, *, name: str, actor: Any, now: datetime, contact_list: ContactList | None = None
) -> ListImport:
    """Keep an uploaded file and look into it. ``name``: the file's, as its owner knows it.

    Without ``contact_list`` a list is made, named after the file. Raises NotAList with a sentence.
    """
    check_size(getattr(file, "size", None) or 0)
    shown = displayed(name)
    imported = ListImport(file_name=shown, created_by=actor, created_at=now)
    with storing.scratch() as scratch:
        about = storing.written(file, scratch)
        imported.size, imported.sha256 = about.size, about.sha256
        storing.judge(imported, scratch, about)
        scratch.seek(0)
        imported.file.save(_stored_name(imported), File(scratch), save=False)
    try:
        _look(imported)
        with transaction.atomic():
            imported.contact_list = contact_list or _new_list(shown, actor, now)
            imported.save(force_insert=True)
            AuditEvent.note(actor, "list.uploaded", imported.contact_list, file=shown)
    except BaseException:
        forget_files(imported)
        raise
    return imported


def reread(
    imported: ListImport,
    *,
    encoding: str | None = None,
    separator: str | None = None,
    has_header: bool | None = None,
    sheet: str | None = None,
) -> None:
    """Look into the file again, as a person says it is to be read. Raises NotAList, TooLate."""
    if imported.state != ListImport.State.UPLOADED:
        raise TooLate
    if encoding is not None and encoding in ENCODINGS:
        imported.encoding = encoding
    if sheet is not None and sheet in imported.sheets:
        imported.sheet = sheet
    before = imported.table.name
    _look(imported, separator=separator if separator in SEPARATORS else None, header=has_header)
    # It may have been started while we looked, by what stood there before: then that holds.
    waiting = ListImport.objects.filter(pk=imported.pk, state=ListImport.State.UPLOADED)
    seen = {name: getattr(imported, name) for name in (*_LOOKED, "encoding")}
    is_late = not waiting.update(**{**seen, "table": imported.table.name or ""})
    if before != imported.table.name:
        storing.drop(imported.table.name if is_late else before)
    if is_late:
        raise TooLate


MAX_COLUMNS = 200
_LOOKED = ("separator", "has_header", "sheet", "sheets", "table", "length", "columns", "mapping")


def same_file(imported: ListImport) -> ListImport | None:
    """The latest import of the very same bytes that is done, and whose list is still there."""
    done = ListImport.objects.filter(sha256=imported.sha256, state=ListImport.State.DONE)
    there = done.filter(contact_list__removed_at=None).exclude(pk=imported.pk)
    return there.select_related("contact_list").order_by("-pk").first()


def start(
    imported: ListImport, *, mapping: Mapping, common: Common, actor: Any, now: datetime
) -> None:
    """Let the background work read it. Raises NotReady with a sentence, TooLate."""
    if problems := mapping.problems(len(imported.columns)):
        raise NotReady(problems[0])
    values = {"mapping": mapping.as_json(), "common": common.as_json(), "started_at": now}
    _go(imported, ListImport.State.UPLOADED, "list.import_started", actor, **values)


def resume(imported: ListImport, *, actor: Any, now: datetime) -> None:
    """Go on with one that failed, from where it stopped. Raises TooLate."""
    values = {"error": "", "finished_at": None, "started_at": now}
    _go(imported, ListImport.State.FAILED, "list.import_resumed", actor, **values)


def _go(imported: ListImport, source: str, verb: str, actor: Any, **values: Any) -> None:
    with transaction.atomic():
        waiting = ListImport.objects.filter(pk=imported.pk, state=source)
        if not waiting.update(state=ListImport.State.RUNNING, lease="", lease_until=None, **values):
            raise TooLate
        AuditEvent.note(actor, verb, imported.contact_list, file=str(imported))
    imported.refresh_from_db()


def cancel(imported: ListImport, *, actor: Any, now: datetime) -> None:
    """Stop it; what has been added stays. Raises TooLate when it is over."""
    with transaction.atomic():
        open_ones = ListImport.objects.filter(
            pk=imported.pk, state__in=[ListImport.State.UPLOADED, ListImport.State.RUNNING]
        )
        if not open_ones.update(state=ListImport.State.CANCELED, finished_at=now, lease=""):
            raise TooLate
        AuditEvent.note(actor, "list.import_canceled", imported.contact_list, file=str(imported))
    storing.forget(imported)
    imported.refresh_from_db()


def displayed(name: str) -> str:
    """A file's name without folders and invisible characters."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    return "".join(sign for sign in last if sign.isprintable()).strip()[-200:] or _("список")


def _new_list(file_name: str, actor: Any, now: datetime) -> ContactList:
    words = PurePath(file_name).stem.replace("_", " ").strip()
    return ContactList.objects.create(
        name=words[:120] or file_name[:120], created_by=actor, created_at=now
    )


def _stored_name(imported: ListImport) -> str:
    """No word of the owner's gets into a path."""
    return f"{imported.sha256[:16]}.{imported.format}"


def _look(
    imported: ListImport, *, separator: str | None = None, header: bool | None = None
) -> None:
    """Set separator, header, columns and what they may hold. Raises NotAList."""
    storing.make_table(imported)
    if imported.format == ListImport.Format.CSV:
        imported.separator = separator or separator_of(first_lines(imported))
    rows = [cells for _, cells in first_rows(imported)]
    if not rows:
        raise NotAList(_("В файле нет ни одной строки с данными."))
    imported.has_header = has_header(rows) if header is None else header
    width = min(max(map(len, rows)), MAX_COLUMNS)
    titles = rows[0] if imported.has_header else []
    imported.columns = named([*titles[:width], *[""] * (width - len(titles))])
    keys = titles if imported.has_header else imported.columns
    imported.mapping = guess(
        [*keys[:width], *[""] * (width - len(keys))], rows[imported.has_header :]
    ).as_json()
