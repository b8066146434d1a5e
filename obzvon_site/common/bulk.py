"""Many rows, each with values of its own, written in one statement.

Django's ``bulk_update`` builds an expression per cell and is no faster than saving row by row.
Here the values are one argument, read as a table: arrays on PostgreSQL, a JSON text on SQLite,
where a statement for each row would wait for Python's lock as often, beside threads that hold it.
"""

import json
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections, models, router
from django.db.models.expressions import RawSQL

Value = Any


def update_each(
    model: type[models.Model],
    rows: Sequence[tuple[Any, Mapping[str, Value]]],
    names: Sequence[str],
    *,
    same: Mapping[str, Value] = MappingProxyType({}),
    still: Mapping[str, Value] = MappingProxyType({}),
    seen: Sequence[Mapping[str, Value]] | None = None,
    guards: Sequence[str] = (),
) -> int:
    """Set ``names`` of the rows by their primary keys, and ``same`` of all. Returns how many rows
    were written.

    A row is written only if it still holds what ``still`` says of all, and in the columns of
    ``guards`` what ``seen`` says of it, in the order of ``rows``. The caller compares the number,
    inside its transaction.
    """
    if not rows:
        return 0
    meta = model._meta  # noqa: SLF001  # Django's own public name
    connection = connections[router.db_for_write(model)]
    quote = connection.ops.quote_name
    fields: list[Any] = [meta.pk, *(meta.get_field(name) for name in (*names, *guards))]
    columns = [
        [key for key, _ in rows],
        *([values[name] for _, values in rows] for name in names),
        *([values[name] for values in seen or ()] for name in guards),
    ]
    source, arguments = _table(fields, columns, connection)
    for_all, held = _constants(meta, same, connection), _constants(meta, still, connection)
    is_same = "IS NOT DISTINCT FROM" if connection.vendor == "postgresql" else "IS"
    # By its key and not by an index over what all rows share; PostgreSQL looks for no such thing.
    plainly = "" if connection.vendor == "postgresql" else "+"
    first = len(names) + 1  # of the guards
    of = quote(meta.db_table)
    sets = [
        *(f"{quote(field.column)} = v.c{at}" for at, field in enumerate(fields[1:first], 1)),
        *(f"{quote(column)} = {value}" for column, value in for_all.columns.items()),
    ]
    where = [
        f"{of}.{quote(fields[0].column)} = v.c0",
        *(
            f"{of}.{quote(field.column)} {is_same} v.c{at}"
            for at, field in enumerate(fields[first:], first)
        ),
        *(
            f"{plainly}{of}.{quote(column)} {is_same} {value}"
            for column, value in held.columns.items()
        ),
    ]
    statement = f"UPDATE {of} SET {', '.join(sets)} FROM {source}"  # noqa: S608  # our own names
    arguments = [*for_all.arguments, *arguments, *held.arguments]
    with connection.cursor() as cursor:
        cursor.execute(f"{statement} WHERE {' AND '.join(where)}", arguments)
        return int(cursor.rowcount)


def insert_all(
    model: type[models.Model],
    names: Sequence[str],
    rows: Collection[Sequence[Value]],
    *,
    same: Mapping[str, Value] = MappingProxyType({}),
) -> None:
    """Insert rows whose keys nobody needs: ``names`` and ``same``, which all of them have alike,
    are all columns but the primary key."""
    if not rows:
        return
    meta = model._meta  # noqa: SLF001
    connection = connections[router.db_for_write(model)]
    quote = connection.ops.quote_name
    fields: list[Any] = [meta.get_field(name) for name in names]
    source, arguments = _table(fields, list(zip(*rows, strict=True)), connection)
    for_all = _constants(meta, same, connection)
    columns = [*(field.column for field in fields), *for_all.columns]
    into = ", ".join(map(quote, columns))
    these = ", ".join([*(f"v.c{at}" for at in range(len(fields))), *for_all.columns.values()])
    statement = f"INSERT INTO {quote(meta.db_table)} ({into}) SELECT {these} FROM {source}"  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(statement, [*for_all.arguments, *arguments])


def listed(texts: Iterable[str]) -> RawSQL:
    """Texts for ``__in``, however many, as one argument: Django looks at each of a list."""
    values = list(texts)
    if connections[DEFAULT_DB_ALIAS].vendor == "postgresql":
        return RawSQL("SELECT unnest(%s::text[])", [values])  # no text of others
    return RawSQL("SELECT value FROM json_each(%s)", [json.dumps(values)])


@dataclass(frozen=True, slots=True)
class Constants:
    """Values that stand in a statement once: places by columns, and what is put there."""

    columns: Mapping[str, str]
    arguments: list[Value]


def _constants(meta: Any, values: Mapping[str, Value], connection: Any) -> Constants:
    fields = [meta.get_field(name) for name in values]
    # PostgreSQL takes what is written in a SELECT for text, unless it is told.
    typed = connection.vendor == "postgresql"
    places = [f"%s::{_type(field, connection)}" if typed else "%s" for field in fields]
    prepared = [
        _prepared(field, [value], connection)[0]
        for field, value in zip(fields, values.values(), strict=True)
    ]
    columns = (field.column for field in fields)
    return Constants(dict(zip(columns, places, strict=True)), prepared)


def _table(
    fields: Sequence[Any], columns: Sequence[Sequence[Value]], connection: Any
) -> tuple[str, list[Value]]:
    """The values as a table ``v`` with columns c0, c1…, and the statement's arguments."""
    values = [
        _prepared(field, column, connection) for field, column in zip(fields, columns, strict=True)
    ]
    if connection.vendor == "postgresql":
        arrays = ", ".join(f"%s::{_type(field, connection)}[]" for field in fields)
        return f"unnest({arrays}) AS v({', '.join(f'c{at}' for at in range(len(fields)))})", values
    cells = ", ".join(f"json_extract(value, '$[{at}]') AS c{at}" for at in range(len(fields)))
    text = json.dumps(list(zip(*values, strict=True)), ensure_ascii=False, default=str)
    return f"(SELECT {cells} FROM json_each(%s)) AS v", [text]  # noqa: S608


def _type(field: Any, connection: Any) -> str:
    """Of the column, without what only a new column needs."""
    return str(field.rel_db_type(connection) if field.primary_key else field.db_type(connection))


def _prepared(field: Any, values: Sequence[Value], connection: Any) -> list[Value]:
    """Values as the database's driver takes them."""
    if isinstance(field, models.DateTimeField):
        return _cached(connection.ops.adapt_datetimefield_value, values)
    if isinstance(field, models.JSONField):
        # As text: the statement makes a value of the column's type of it.
        return _cached(partial(json.dumps, cls=field.encoder), values)
    if isinstance(field, models.DecimalField | models.FileField | models.UUIDField):
        return [field.get_db_prep_save(value, connection) for value in values]
    return list(values)


def _cached(prepare: Callable[[Value], Value], values: Sequence[Value]) -> list[Value]:
    """What stands in many rows, the moment or the reason of all, is prepared once."""
    objects = {id(value): value for value in values}
    prepared = {key: prepare(value) for key, value in objects.items()}
    return [prepared[id(value)] for value in values]
