"""Many rows, each with values of its own, written in one statement.

Django's ``bulk_update`` builds an expression per cell and is no faster than saving row by row.
Here the values are one argument, read as a table: arrays on PostgreSQL, a JSON text on SQLite,
where a statement for each row would wait for Python's lock as often, beside threads that hold it.
What is the same in every row is told once: of a call's many columns few differ from row to row.
"""

import json
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import partial
from operator import itemgetter
from types import MappingProxyType
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections, models, router
from django.db.models.expressions import RawSQL

Value = Any
# Cells that vary, what they are read from, and its arguments.
Source = tuple[list[str], str, list[Value]]


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
    told = [*names, *same, *guards, *still]
    fields: list[Any] = [meta.pk, *map(meta.get_field, told)]
    values = [values for _, values in rows]
    columns = [
        [key for key, _ in rows],
        *(list(map(itemgetter(name), values)) for name in names),
        *([value] for value in same.values()),
        *(list(map(itemgetter(name), seen or ())) for name in guards),
        *([value] for value in still.values()),
    ]
    table, arguments = _table(fields, columns, connection)
    is_same = "IS NOT DISTINCT FROM" if connection.vendor == "postgresql" else "IS"
    of = quote(meta.db_table)
    cells = [(quote(field.column), f"v.c{at}") for at, field in enumerate(fields)]
    first = 1 + len(names) + len(same)  # of the guards
    sets = ", ".join(f"{column} = {cell}" for column, cell in cells[1:first])
    where = "".join(f" AND {of}.{column} {is_same} {cell}" for column, cell in cells[first:])
    statement = f"UPDATE {of} SET {sets} FROM {table}"  # noqa: S608  # our own names
    with connection.cursor() as cursor:
        cursor.execute(f"{statement} WHERE {of}.{cells[0][0]} = v.c0{where}", arguments)
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
    fields: list[Any] = [meta.get_field(name) for name in (*names, *same)]
    columns = [*zip(*rows, strict=True), *((value,) for value in same.values())]
    table, arguments = _table(fields, columns, connection)
    into = ", ".join(quote(field.column) for field in fields)
    these = ", ".join(f"v.c{at}" for at in range(len(fields)))
    statement = f"INSERT INTO {quote(meta.db_table)} ({into}) SELECT {these} FROM {table}"  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(statement, arguments)


def listed(texts: Iterable[str]) -> RawSQL:
    """Texts for ``__in``, however many, as one argument: Django looks at each of a list."""
    return _listed(list(texts), "text")


def listed_keys(keys: Iterable[int]) -> RawSQL:
    """As ``listed``, numbers of 64 bits."""
    return _listed(list(keys), "bigint")


def _listed(values: Sequence[str | int], type_: str) -> RawSQL:
    if connections[DEFAULT_DB_ALIAS].vendor == "postgresql":
        return RawSQL(f"SELECT unnest(%s::{type_}[])", [_array(values)])  # noqa: S611
    return RawSQL("SELECT value FROM json_each(%s)", [json.dumps(values)])


def _table(
    fields: Sequence[Any], columns: Sequence[Sequence[Value]], connection: Any
) -> tuple[str, list[Value]]:
    """The values as a table ``v`` with columns c0, c1…, and the statement's arguments.

    A column of one value holds it in every row.
    Materialized, so that rows are found by their keys: of a guard that is the same in all of them
    a planner that saw it would conclude that few rows pass it, and look for those first.
    """
    make = _of_arrays if connection.vendor == "postgresql" else _of_json
    cells: list[str] = []
    constants: list[Value] = []
    varying: list[tuple[int, str, Sequence[Value]]] = []
    for at, (field, column) in enumerate(zip(fields, columns, strict=True)):
        type_, values = _type(field, connection), _prepared(field, column, connection)
        # The first one varies: it says how many rows there are.
        if at and values.count(values[0]) == len(values):
            constants.append(values[0])
            cells.append(f"CAST(%s AS {type_}) AS c{at}" if make is _of_arrays else f"%s AS c{at}")
        else:
            varying.append((at, type_, values))
    more, source, arguments = make(varying)
    select = f"SELECT {', '.join(cells + more)} FROM {source}"  # noqa: S608
    table = f"(WITH t AS MATERIALIZED ({select}) SELECT * FROM t) AS v"  # noqa: S608
    return table, constants + arguments


def _of_arrays(columns: Sequence[tuple[int, str, Sequence[Value]]]) -> Source:
    """Each column an array, in PostgreSQL's own words: the driver asks each value for its type."""
    names = [f"c{at}" for at, _, _ in columns]
    arrays = ", ".join(f"%s::{type_}[]" for _, type_, _ in columns)
    return names, f"unnest({arrays}) AS u({', '.join(names)})", [_array(c) for _, _, c in columns]


def _of_json(columns: Sequence[tuple[int, str, Sequence[Value]]]) -> Source:
    """A list of rows, as SQLite's own functions read it."""
    cells = [
        f"json_extract(value, '$[{at}]') AS c{name}" for at, (name, _, _) in enumerate(columns)
    ]
    rows = zip(*(column for _, _, column in columns), strict=True)
    return cells, "json_each(%s)", [json.dumps(list(rows), ensure_ascii=False, default=str)]


def _array(values: Sequence[Value]) -> str:
    texts = (
        "NULL" if v is None else '"' + str(v).replace("\\", r"\\").replace('"', r"\"") + '"'
        for v in values
    )
    return "{" + ",".join(texts) + "}"


def _type(field: Any, connection: Any) -> str:
    """Of the column, without what only a new column needs."""
    return str(field.rel_db_type(connection) if field.primary_key else field.db_type(connection))


def _prepared(field: Any, values: Sequence[Value], connection: Any) -> Sequence[Value]:
    """Values as the database takes them."""
    if isinstance(field, models.JSONField):
        # As text: the statement makes a value of the column's type of it.
        return _cached(partial(json.dumps, cls=field.encoder), values, key=id)
    if isinstance(field, models.DateTimeField):
        return _cached(connection.ops.adapt_datetimefield_value, values)
    if isinstance(field, models.DecimalField | models.FileField | models.UUIDField):
        return _cached(partial(field.get_db_prep_save, connection=connection), values)
    return values


def _cached(
    prepare: Callable[[Value], Value],
    values: Sequence[Value],
    key: Callable[[Value], Any] | None = None,
) -> list[Value]:
    """What stands in many rows, the moment or the price of many calls, is prepared once."""
    keys = values if key is None else list(map(key, values))
    known = dict(zip(keys, values, strict=True))
    prepared = {name: prepare(value) for name, value in known.items()}
    return [prepared[name] for name in keys]
