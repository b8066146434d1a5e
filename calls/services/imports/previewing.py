"""What the first rows of a file come to, before any of them is a contact."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from django.utils import timezone

from calls.models import BadRow, ListImport
from calls.services.imports import rows, sniffing
from calls.services.imports.columns import FIELDS, Common, Mapping
from calls.services.imports.storing import opened, reader_of

Row = tuple[int, list[str]]  # its line, and its cells
SHOWN, CHECKED, SAMPLES = 20, 1000, 5
_BLOCK = 64 * 1024  # bytes read at a time
VARIABLE = "variable"


@dataclass(frozen=True)
class Column:
    """A column of the file: what it is called, what stands in it, and what it is taken for."""

    title: str
    samples: list[str]
    role: str  # one of columns.FIELDS, «variable», or empty: it is passed over
    variable: str = ""  # its name as a variable


@dataclass(frozen=True)
class Shown:
    """A row as the mapping reads it: a contact, or why not."""

    line: int
    cells: list[str]
    phone: str = ""  # 11 digits
    name: str = ""
    zone: str = ""
    problem: str = ""  # in words; empty: it will be a contact


@dataclass(frozen=True)
class Preview:
    """The beginning of a file."""

    columns: list[Column]
    rows: list[Shown]  # those that give no contact first
    checked: int  # how many rows were tried
    bad: int  # of them give no contact
    problems: dict[str, int]  # what is wrong, in words → rows


def preview(
    imported: ListImport, mapping: Mapping | None = None, common: Common | None = None
) -> Preview:
    """The first rows by the kept mapping, or by another that a person tries."""
    tried = mapping or Mapping.from_json(imported.mapping)
    read = first_rows(imported)[int(imported.has_header) :]
    batch = rows.Batch()
    if tried.phone is not None:
        common = common or Common.from_json(imported.common)
        maker = rows.Maker(tried, common, timezone.localdate())
        batch = maker.batch([line for line, _ in read], [cells for _, cells in read])
    reasons = [*(bad.reason for bad in batch.bad), *[BadRow.Reason.REPEAT] * len(batch.again)]
    problems = Counter(str(BadRow.Reason(reason).label) for reason in reasons)
    return Preview(
        columns=_columns(imported, tried, read),
        rows=sorted(_shown(read, batch), key=lambda row: not row.problem)[:SHOWN],
        checked=len(read),
        bad=len(reasons),
        problems=dict(problems.most_common()),
    )


def _columns(imported: ListImport, mapping: Mapping, read: list[Row]) -> list[Column]:
    roles = {getattr(mapping, name): name for name in FIELDS}
    names = {at: name for name, at in mapping.variables.items()}
    return [
        Column(
            title=title,
            samples=_samples(read, at),
            role=roles.get(at, VARIABLE if at in names else ""),
            variable=names.get(at, ""),
        )
        for at, title in enumerate(imported.columns)
    ]


def _samples(read: list[Row], at: int) -> list[str]:
    """The first values of a column, each once."""
    filled = (cells[at].strip()[:60] for _, cells in read if at < len(cells) and cells[at].strip())
    found: dict[str, None] = {}
    for text in filled:
        found[text] = None
        if len(found) == SAMPLES:
            break
    return list(found)


def _shown(read: list[Row], batch: rows.Batch) -> Iterator[Shown]:
    made = {row[7]: row for row in batch.made}
    reasons = {row.line: row.reason for row in batch.bad}
    reasons |= {row.line: BadRow.Reason.REPEAT for row in batch.again}
    for line, cells in read:
        kept = rows.cut(cells)
        if line in made:
            phone, name, _variables, zone, *_ = made[line]
            yield Shown(line, kept, phone, name, zone)
        elif line in reasons:
            yield Shown(line, kept, problem=str(BadRow.Reason(reasons[line]).label))
        else:
            yield Shown(line, kept)


def first_rows(imported: ListImport) -> list[Row]:
    """The first rows of the file, the header among them."""
    found: list[Row] = []
    with opened(imported) as file:
        reader, cursor, line = reader_of(imported, file), 0, 0
        while len(found) <= CHECKED:
            block = reader.block(cursor, line, _BLOCK)
            if block.cursor == cursor:
                break
            found += zip(block.lines, block.rows, strict=True)
            cursor, line = block.cursor, block.line
    return found[: CHECKED + 1]


def first_lines(imported: ListImport) -> list[str]:
    """The first lines of a text, to see what stands between its cells."""
    encoding = "utf-8" if imported.table else imported.encoding
    with opened(imported) as file:
        text = file.read(sniffing.SAMPLE).decode(encoding, "replace")
    return text.replace("\0", "").splitlines()[:200]
