"""A batch into its list: who is new, who was there already, and what the list counts by then."""

from dataclasses import dataclass
from operator import attrgetter

from calls.models import BadRow, ContactList, ListImport
from calls.services.imports import rows
from calls.services.imports.rows import Bad, Batch
from calls.services.imports.writing import Known, Writer


@dataclass(frozen=True, slots=True)
class Landed:
    """What a batch came to: together they are all its rows."""

    added: int
    bad: int
    repeats: int


def locked(list_id: int) -> ContactList | None:
    """The list, locked: first of all by everybody who writes to it. None: it was removed."""
    lists = ContactList.objects.select_for_update().filter(removed_at=None)
    return lists.filter(pk=list_id).first()


def land(
    imported: ListImport, owner: ContactList, batch: Batch, names: list[str], writer: Writer
) -> Landed:
    """Write a batch into ``owner``, which is locked. ``names``: of the variables."""
    known = writer.add(owner.pk, batch.made) if batch.made else {}
    repeats = _repeats(batch, known, imported.after)
    if bad := sorted([*batch.bad, *repeats], key=attrgetter("line")):
        writer.note(imported.pk, bad)
    added = count(owner, batch, names)
    return Landed(added, len(batch.bad), len(repeats))


def _repeats(batch: Batch, known: dict[str, Known], after: int) -> list[Bad]:
    """Rows whose number is in the list: by an earlier row of the file, or from elsewhere.

    They are dropped from the batch.
    """
    found, places = list[Bad](), set[int]()
    if known:
        places = {at for at, row in enumerate(batch.made) if row[0] in known}
        for at in places:
            first = known[batch.made[at][0]]
            found.append(_repeat(batch.lines[at], batch.cells[at], first, after))
        batch.drop(places)
    for again in batch.again:
        if again.phone in known:
            found.append(_repeat(again.line, again.cells, known[again.phone], after))
        else:
            found.append(Bad(again.line, BadRow.Reason.REPEAT, again.cells, again.first_line))
    return found


def _repeat(line: int, cells: list[str], first: Known, after: int) -> Bad:
    first_line, key = first
    # Line 0: somebody added it by hand while the file was being read.
    if key > after and first_line > 0:
        return Bad(line, BadRow.Reason.REPEAT, rows.cut(cells), first_line)
    return Bad(line, BadRow.Reason.IN_LIST, rows.cut(cells))


def count(owner: ContactList, batch: Batch, names: list[str]) -> int:
    """Add the contacts of a batch to what the list counts. Returns how many they are."""
    new = batch.made
    if not new:
        return 0
    owner.total += len(new)
    owner.without_zone += sum(not row[3] for row in new)
    owner.without_consent += sum(row[4] is None for row in new)
    for name, texts in zip(names, batch.values, strict=True):
        kept = owner.variables.setdefault(name, {"filled": 0, "longest": 0})
        kept["filled"] += len(texts) - texts.count("")
        kept["longest"] = max(kept["longest"], *map(len, texts))
    owner.save(update_fields=["total", "without_zone", "without_consent", "variables"])
    return len(new)
