"""One way of getting a million rows into the table of contacts, in a process of its own.

``python -m tests.bench_import_methods NAME FILE`` prints a line of JSON: seconds, rows, and how
far the memory rose over that of the process that had just started.
"""

import csv
import io
import json
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import django

django.setup()

from django.core.files import File  # noqa: E402
from django.db import connection, transaction  # noqa: E402
from django.test import Client  # noqa: E402
from django.utils import timezone  # noqa: E402

from calls.models import Call, Campaign, Contact, ContactList  # noqa: E402
from calls.services import importing  # noqa: E402
from obzvon_site.common.phones import NotAPhone, normalise  # noqa: E402
from tests.factories import make_account, make_user  # noqa: E402

READY = """
    INSERT INTO calls_contact (contact_list_id, phone, name, variables, zone, consent_on, line,
        consent_source, consent_document)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
"""
TABLE = """calls_contact (contact_list_id, phone, name, variables, zone, consent_on, line,
    consent_source, consent_document)"""
STAGE = """
    CREATE TEMP TABLE stage (contact_list_id bigint, phone text, name text, variables jsonb,
        zone text, consent_on date, line integer, consent_source text, consent_document text)
    ON COMMIT DROP
"""
FROM_STAGE = """
    INSERT INTO calls_contact (contact_list_id, phone, name, variables, zone, consent_on, line,
        consent_source, consent_document)
    SELECT DISTINCT ON (phone) contact_list_id, phone, name, variables, zone, consent_on, line,
        consent_source, consent_document
    FROM stage ORDER BY phone, line ON CONFLICT DO NOTHING
"""
DROPPED = str.maketrans("", "", " ()-+.")


def phone_of(text: str) -> str | None:
    """The fast rule that every method of this comparison uses but ours."""
    digits = text.translate(DROPPED)
    if len(digits) == 11 and digits.isdigit() and digits[0] in "78":
        return "7" + digits[1:]
    try:
        return normalise(text)
    except NotAPhone:
        return None


def rows_of(path: Path, owner: int) -> Iterator[tuple]:
    """Valid rows, as they stand in the table, in the order of the file."""
    with path.open(newline="", encoding="utf-8") as file:
        reader = csv.reader(file, delimiter=";")
        next(reader)
        for line, (text, name, amount) in enumerate(reader, start=2):
            if phone := phone_of(text):
                variables = f'{{"сумма": "{amount}"}}'
                yield (owner, phone, name, variables, "Asia/Omsk", None, line, "", "")


def copied(cursor, statement: str, rows: Iterator[tuple]) -> None:
    text = io.StringIO()
    writer = csv.writer(text)
    with cursor.copy(statement) as copy:
        for number, row in enumerate(rows, start=1):
            writer.writerow(row)
            if number % 5000 == 0:
                copy.write(text.getvalue())
                text.seek(0)
                text.truncate()
        copy.write(text.getvalue())


def filled(target: str) -> str:
    names = "name, zone, consent_source, consent_document"
    return f"COPY {target} FROM STDIN WITH (FORMAT csv, FORCE_NOT_NULL ({names}))"


def ready(path: Path, owner: int) -> tuple[int, float]:
    """The limit: rows made beforehand, valid and distinct, by the fastest statement."""
    seen: set[str] = set()
    distinct = (row for row in rows_of(path, owner) if not (row[1] in seen or seen.add(row[1])))
    if connection.vendor == "sqlite":
        rows = list(distinct)
        began = time.monotonic()
        with transaction.atomic():
            connection.ensure_connection()
            connection.connection.executemany(READY, rows)
        return len(rows), time.monotonic() - began
    with tempfile.TemporaryFile("w+", newline="") as file:
        csv.writer(file).writerows(distinct)
        file.seek(0)
        began = time.monotonic()
        with (
            transaction.atomic(),
            connection.cursor() as cursor,
            cursor.copy(filled(TABLE)) as copy,
        ):
            while block := file.read(256 * 1024):
                copy.write(block)
        return len(seen), time.monotonic() - began


def staged(path: Path, owner: int) -> tuple[int, float]:
    """COPY of all into a table without an index, and from there in one statement."""
    began = time.monotonic()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(STAGE)
        copied(cursor, filled("stage"), rows_of(path, owner))
        cursor.execute(FROM_STAGE)
    return 0, time.monotonic() - began


def bulk(path: Path, owner: int) -> tuple[int, float]:
    """What one would write first: bulk_create by 2000, conflicts ignored."""
    began, batch = time.monotonic(), []
    for row in rows_of(path, owner):
        variables = json.loads(row[3])
        batch.append(
            Contact(
                contact_list_id=owner,
                phone=row[1],
                name=row[2],
                variables=variables,
                zone=row[4],
                line=row[6],
            )
        )
        if len(batch) == 2000:
            Contact.objects.bulk_create(batch, ignore_conflicts=True)
            batch = []
    Contact.objects.bulk_create(batch, ignore_conflicts=True)
    return 0, time.monotonic() - began


def ours(path: Path, owner: int) -> tuple[int, float]:
    """The product: upload looked into, normalised, checked, with a report by lines."""
    with path.open("rb") as file:
        began = time.monotonic()
        imported = importing.receive(
            File(file),
            name=path.name,
            actor=None,
            now=timezone.now(),
            contact_list=ContactList.objects.get(pk=owner),
        )
    mapping = importing.Mapping.from_json(imported.mapping)
    importing.start(
        imported, mapping=mapping, common=importing.Common(), actor=None, now=timezone.now()
    )
    while not importing.run(imported):
        pass
    took = time.monotonic() - began
    imported.refresh_from_db()
    assert imported.state == "done", imported.error
    assert imported.rows == imported.added + imported.bad + imported.repeats
    return imported.rows, took


def journal(calls: int = 100_000) -> None:
    """Fill the journal, and print the key of a signed-in session."""
    user = make_user(role="manager", username="bench")
    account = make_account()
    campaign = Campaign.objects.create(
        account=account, name="bench", message="text", text="а", payload={}, total=calls
    )
    now = timezone.now()
    rows = (
        Call(
            campaign=campaign,
            phone=f"7999{number:07d}",
            stage="accepted",
            status="finished",
            is_final=True,
            planned_at=now,
            sent_at=now,
        )
        for number in range(calls)
    )
    Call.objects.bulk_create(rows, batch_size=1000)
    client = Client()
    client.force_login(user)
    sys.stdout.write(client.cookies["sessionid"].value + "\n")


def megabytes() -> float:
    """The most memory so far. (What getrusage says counts the parent's, too.)"""
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


def main(name: str, path: Path) -> None:
    if name == "journal":
        return journal()
    methods = {"ready": ready, "staged": staged, "bulk": bulk, "ours": ours}
    owner = ContactList.objects.create(name=name).pk
    Contact.objects.filter(phone="").exists()  # the connection is open, the code is there
    start = megabytes()
    rows, seconds = methods[name](path, owner)
    contacts = Contact.objects.filter(contact_list=owner).count()
    told = {"seconds": seconds, "rows": rows, "contacts": contacts, "memory": megabytes() - start}
    sys.stdout.write(json.dumps(told) + "\n")
    return None


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
