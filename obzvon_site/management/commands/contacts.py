"""Contact lists for scripts: import a file; ``--json`` for machines."""

import codecs
import time
from argparse import ArgumentParser
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from calls.models import ContactList, ListImport
from calls.rules.texts import key_of
from calls.rules.zones import zone_named
from calls.services import importing
from calls.services.importing import Common, Mapping
from obzvon_site.management.shell import Failed, ShellCommand, list_called, person

COLUMNS = ("phone", "name", "zone", "consent_on", "consent_source", "consent_document")
PAUSE = 0.5  # seconds to wait while another worker holds the import


class Command(ShellCommand):
    help = "Load contact lists from scripts"
    actions = {"import": "read a CSV, XLSX, XLS or ODS file into a list"}

    def arguments_of_import(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--name", help="of the new list; the file's without it")
        parser.add_argument("--list", help="number or name of a list to add to")
        for name in COLUMNS:
            option = f"--{name.replace('_', '-')}-column"
            parser.add_argument(option, help=f"title or number (from 1) of the column with {name}")
        parser.add_argument("--zone", default="", help="of everybody who has none of their own")
        parser.add_argument("--consent-on", type=date.fromisoformat, help="the same for all")
        parser.add_argument("--consent-source", default="", help="the same for all")
        parser.add_argument("--consent-document", default="", help="the same for all")
        parser.add_argument("--encoding", help="when it is guessed wrong: cp1251, utf-8, …")
        parser.add_argument("--separator", help="when it is guessed wrong")
        parser.add_argument("--sheet", help="of a workbook")
        parser.add_argument("--no-header", action="store_true", help="the first row is a contact")
        parser.add_argument("--again", action="store_true", help="even if this very file is loaded")
        parser.add_argument("--no-wait", action="store_true", help="leave the work to the workers")

    def do_import(self, options: dict[str, Any]) -> dict[str, Any]:
        """Receive the file, start, and read it here unless told not to wait."""
        actor, common = person(options["user"]), _common(options)
        imported = _received(options, actor)
        try:
            _start(imported, options, common, actor)
        except Failed:
            _forget(imported, options, actor)
            raise
        return _told(imported) if options["no_wait"] else _finished(imported)


def _start(imported: ListImport, options: dict[str, Any], common: Common, actor: Any) -> None:
    earlier = importing.same_file(imported)
    if earlier is not None and not options["again"]:
        raise Failed([_same(earlier)], list=earlier.contact_list_id)
    _reread(imported, options)
    mapping = _mapping(imported, options)
    try:
        importing.start(imported, mapping=mapping, common=common, actor=actor, now=timezone.now())
    except importing.NotReady as error:
        raise Failed([str(error)]) from error


def _received(options: dict[str, Any], actor: Any) -> ListImport:
    path: Path = options["file"]
    chosen = list_called(options["list"]) if options["list"] else None
    try:
        importing.check_size(path.stat().st_size)
        with path.open("rb") as file:
            imported = importing.receive(
                file, name=path.name, actor=actor, now=timezone.now(), contact_list=chosen
            )
    except OSError as error:
        raise Failed([_("Файл «%(name)s» не открылся.") % {"name": path.name}]) from error
    except importing.NotAList as error:
        raise Failed([str(error)]) from error
    if options["name"] and chosen is None:
        ContactList.objects.filter(pk=imported.contact_list_id).update(name=options["name"])
    return imported


def _reread(imported: ListImport, options: dict[str, Any]) -> None:
    given = {name: options[name] for name in ALLOWED if options[name] is not None}
    asked: dict[str, Any] = {name: _allowed(imported, name, given[name]) for name in given}
    if options["no_header"]:
        asked["has_header"] = False
    if not asked:
        return
    try:
        importing.reread(imported, **asked)
    except importing.NotAList as error:
        raise Failed([str(error)]) from error


def _allowed(imported: ListImport, name: str, given: str) -> str:
    """What an option means for this file. Raises Failed: a slip would load other people."""
    value = _AS_WE_CALL_IT.get(name, str)(given)
    allowed = ALLOWED[name](imported)
    if value in allowed:
        return value
    if not allowed:
        raise Failed([_("--%(name)s: у такого файла этого не выбирают.") % {"name": name}])
    words = _("--%(name)s: «%(given)s» не подходит. Можно: %(all)s.")
    shown = "  ".join(allowed).replace("\t", TAB)
    raise Failed([words % {"name": name, "given": given, "all": shown}])


def _of_texts(values: Iterable[str]) -> Callable[[ListImport], list[str]]:
    return lambda imported: list(values) if imported.format == ListImport.Format.CSV else []


def _encoding(given: str) -> str:
    """«windows-1251» → «cp1251»: by any of its names."""
    try:
        return codecs.lookup(given).name
    except (LookupError, ValueError):
        return given


TAB = r"\t"  # as a tabulation is written in a shell
ALLOWED: dict[str, Callable[[ListImport], list[str]]] = {
    "encoding": _of_texts(importing.ENCODINGS),
    "separator": _of_texts(importing.SEPARATORS),
    "sheet": lambda imported: list(imported.sheets),
}
_AS_WE_CALL_IT: dict[str, Callable[[str], str]] = {
    "encoding": _encoding,
    "separator": lambda given: given.replace(TAB, "\t"),
}


def _mapping(imported: ListImport, options: dict[str, Any]) -> Mapping:
    """The guessed mapping with the columns that the options name."""
    named = {
        name: _column(imported.columns, options[f"{name}_column"])
        for name in COLUMNS
        if options[f"{name}_column"]
    }
    guessed = Mapping.from_json(imported.mapping)
    variables = {key: at for key, at in guessed.variables.items() if at not in named.values()}
    free = {
        name: None
        for name in COLUMNS
        if name not in named and getattr(guessed, name) in named.values()
    }
    return replace(guessed, variables=variables, **free, **named)


def _column(titles: list[str], asked: str) -> int:
    """A column by its title or its number from 1. Raises Failed."""
    keys = [key_of(title) for title in titles]
    if key_of(asked) in keys:
        return keys.index(key_of(asked))
    if asked.isdecimal() and 1 <= int(asked) <= len(titles):
        return int(asked) - 1
    raise Failed(
        [_("Нет столбца «%(name)s». Есть: %(all)s") % {"name": asked, "all": ", ".join(titles)}]
    )


def _common(options: dict[str, Any]) -> Common:
    zone = zone_named(options["zone"]) if options["zone"] else ""
    if zone is None:
        raise Failed([_("Часовой пояс «%(name)s» не распознан.") % {"name": options["zone"]}])
    day = options["consent_on"]
    if day and day > timezone.localdate():
        raise Failed([_("Дата согласия %(day)s ещё не наступила.") % {"day": day.isoformat()}])
    return Common(
        zone=zone,
        consent_on=day,
        consent_source=options["consent_source"],
        consent_document=options["consent_document"],
    )


def _finished(imported: ListImport) -> dict[str, Any]:
    """Read it to the end, here or beside a worker that is quicker. Raises Failed."""
    while True:
        importing.run(imported)
        imported.refresh_from_db()
        if imported.is_over:
            break
        time.sleep(PAUSE)
    if imported.state != ListImport.State.DONE:
        raise Failed([imported.error or imported.get_state_display()], **_told(imported))
    return _told(imported)


def _forget(imported: ListImport, options: dict[str, Any], actor: Any) -> None:
    """Leave nothing behind of what was not loaded; an older list stays."""
    importing.cancel(imported, actor=actor, now=timezone.now())
    if not options["list"]:
        imported.contact_list.delete()
    importing.forget_files(imported)


def _same(earlier: ListImport) -> str:
    words = _("Этот файл уже загружен в список «%(name)s». Чтобы загрузить ещё раз: --again.")
    return words % {"name": earlier.contact_list.name}


def _told(imported: ListImport) -> dict[str, Any]:
    """An import as scripts see it."""
    counters = ("rows", "added", "bad", "repeats", "blocked", "lately")
    return {
        "list": imported.contact_list_id,
        "import": imported.pk,
        "state": imported.state,
        **{name: getattr(imported, name) for name in counters},
    }
