"""One step of an import in a process of its own: ``python -m … upload FILE``, ``run PIECE`` …"""

import json
import sys
from pathlib import Path

import django

django.setup()

from django.core.files import File  # noqa: E402
from django.db import connection, transaction  # noqa: E402
from django.utils import timezone  # noqa: E402

from calls.models import Contact, ListImport  # noqa: E402
from calls.services import importing  # noqa: E402
from calls.services.imports import writing  # noqa: E402
from tests.calls.services.imports.makers import counts_hold  # noqa: E402


def upload(path: str) -> None:
    now = timezone.now()
    with Path(path).open("rb") as file:
        imported = importing.receive(File(file), name=path, actor=None, now=now)
    mapping = importing.Mapping.from_json(imported.mapping)
    importing.start(imported, mapping=mapping, common=importing.Common(), actor=None, now=now)


def run(piece: str) -> None:
    """Read on, by pieces of so many rows; whoever held the lease is dead.

    After a small one there is a rest, or there would be no time to be killed in.
    """
    for writer in (writing.Sqlite, writing.Postgres):
        writer.least = writer.most = int(piece)
        writer.pause = 0.1 if int(piece) < 1000 else 0.0
    ListImport.objects.update(lease_until=None)
    importing.run(ListImport.objects.get(), seconds=600)


def told(_: str) -> None:
    """What is kept at one moment: a worker may be writing on between two questions."""
    with transaction.atomic():
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        imported = ListImport.objects.get()
        assert counts_hold(imported.contact_list)
        names = ("state", "rows", "added", "bad", "repeats")
        kept = {name: getattr(imported, name) for name in names}
        found = {"contacts": Contact.objects.count(), "bad_rows": imported.bad_rows.count()}
    sys.stdout.write(json.dumps(kept | found))


if __name__ == "__main__":
    {"upload": upload, "run": run, "told": told}[sys.argv[1]](sys.argv[2])
