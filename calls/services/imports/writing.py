"""Rows into the database by the fastest way of each: all SQL of imports that is not Django's.

Inside a transaction of the caller's, who has locked the list.
"""

import csv
import io
import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Protocol

from django.db import connection

from calls.services.imports.rows import Bad, Made

_ADD_SQLITE = """
    INSERT INTO calls_contact (contact_list_id, phone, name, variables, zone,
        consent_on, consent_source, consent_document, line)
    VALUES (%d, ?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT DO NOTHING
"""
_LAST = "SELECT max(id) FROM calls_contact WHERE contact_list_id = %s"
_KNOWN_SQLITE = """
    SELECT phone, line, id FROM calls_contact
    WHERE contact_list_id = %s AND id <= %s AND phone IN (SELECT value FROM json_each(%s))
"""
_NOTE_SQLITE = """
    INSERT INTO calls_badrow (source_id, line, reason, cells, first_line) VALUES (?, ?, ?, ?, ?)
"""
_STAGE = """
    CREATE TEMP TABLE IF NOT EXISTS import_stage (phone text, name text, variables jsonb,
        zone text, consent_on date, consent_source text, consent_document text, line integer)
"""
_TO_STAGE = """
    COPY import_stage FROM STDIN
    WITH (FORMAT csv, FORCE_NOT_NULL (name, zone, consent_source, consent_document))
"""
_ADD_POSTGRES = """
    WITH added AS (
        INSERT INTO calls_contact (contact_list_id, phone, name, variables, zone,
            consent_on, consent_source, consent_document, line)
        SELECT %s, phone, name, variables, zone,
            consent_on, consent_source, consent_document, line FROM import_stage
        ON CONFLICT DO NOTHING RETURNING phone)
    SELECT phone FROM import_stage WHERE phone NOT IN (SELECT phone FROM added)
"""
_KNOWN_POSTGRES = """
    SELECT phone, line, id FROM calls_contact WHERE contact_list_id = %s AND phone = ANY(%s)
"""
_NOTE_POSTGRES = """
    COPY calls_badrow (source_id, line, reason, cells, first_line) FROM STDIN
    WITH (FORMAT csv)
"""
Known = tuple[int, int]  # line and key of the contact that was first


class Writer(Protocol):
    """What an import asks of a database."""

    hold: float  # seconds that a write may keep other writers waiting, about
    pause: float  # seconds from one write to the next, at least
    least: int  # rows in one write
    most: int

    def begin(self) -> None:
        """Prepare the connection for many writes."""

    def add(self, list_id: int, rows: Sequence[Made]) -> dict[str, Known]:
        """Add contacts to a list. Returns those that were in it already, by phone."""

    def note(self, import_id: int, bad: Iterable[Bad]) -> None:
        """Write down rows that gave no contact."""

    def end(self) -> None:
        """Leave the connection as it was."""


class Sqlite:
    """One writer at a time: short writes, and time for others between them."""

    hold, pause, least, most = 0.03, 0.005, 1000, 8000
    _settings = {
        # The index is written to all over: kept in memory, and written back more seldom.
        "cache_size": -32768,
        "wal_autocheckpoint": 4000,
        # A power cut may forget the last pieces, each with its cursor: they are read again.
        "synchronous": 1,
    }

    def begin(self) -> None:
        self._before = {}
        if not connection.in_atomic_block:  # where nobody may change them; only in tests
            self._before = {name: self._pragma(name) for name in self._settings}
            self._set(self._settings)

    def end(self) -> None:
        self._set(self._before)

    def _pragma(self, text: str) -> int:
        with connection.cursor() as cursor:
            cursor.execute(f"PRAGMA {text}")
            found = cursor.fetchone()
        return int(found[0]) if found else 0

    def _set(self, settings: dict[str, int]) -> None:
        for name, value in settings.items():
            self._pragma(f"{name} = {value}")

    def add(self, list_id: int, rows: Sequence[Made]) -> dict[str, Known]:
        with connection.cursor() as cursor:
            cursor.execute(_LAST, [list_id])
            (last,) = cursor.fetchone()
            # Without Django's wrapper, which takes each row apart and together again.
            added = connection.connection.executemany(_ADD_SQLITE % list_id, rows).rowcount
            if added == len(rows):
                return {}
            phones = json.dumps([row[0] for row in rows])
            cursor.execute(_KNOWN_SQLITE, [list_id, last, phones])
            return {phone: (line, key) for phone, line, key in cursor.fetchall()}

    def note(self, import_id: int, bad: Iterable[Bad]) -> None:
        connection.connection.executemany(_NOTE_SQLITE, _bad_rows(import_id, bad))


class Postgres:
    """COPY into a table of the session's own, and from there in one statement."""

    hold, pause, least, most = 0.5, 0.0, 20_000, 100_000

    def begin(self) -> None:
        """Nothing: the table is made by the first rows."""

    def end(self) -> None:
        """What people are called is not left lying about."""
        with connection.cursor() as cursor:
            cursor.execute("DROP TABLE IF EXISTS import_stage")

    def add(self, list_id: int, rows: Sequence[Made]) -> dict[str, Known]:
        with connection.cursor() as cursor:
            cursor.execute(_STAGE)
            cursor.execute("TRUNCATE import_stage")
            _copy(cursor, _TO_STAGE, rows)
            cursor.execute(_ADD_POSTGRES, [list_id])
            repeats = [phone for (phone,) in cursor.fetchall()]
            if not repeats:
                return {}
            cursor.execute(_KNOWN_POSTGRES, [list_id, repeats])
            return {phone: (line, key) for phone, line, key in cursor.fetchall()}

    def note(self, import_id: int, bad: Iterable[Bad]) -> None:
        with connection.cursor() as cursor:
            _copy(cursor, _NOTE_POSTGRES, _bad_rows(import_id, bad))


def _copy(cursor: Any, statement: str, rows: Iterable[Sequence[Any]]) -> None:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    with cursor.copy(statement) as copy:
        copy.write(text.getvalue())


def _bad_rows(import_id: int, bad: Iterable[Bad]) -> Iterator[tuple[Any, ...]]:
    for row in bad:
        cells = json.dumps(row.cells, ensure_ascii=False)
        yield import_id, row.line, row.reason, cells, row.first_line


@contextmanager
def writing() -> Iterator[Writer]:
    """The writer of our database, and the connection ready for it."""
    writer: Writer = Sqlite() if connection.vendor == "sqlite" else Postgres()
    writer.begin()
    try:
        yield writer
    finally:
        writer.end()
