"""The database: there, of these very tables, and keeping what it has promised to keep."""

from collections.abc import Iterator
from datetime import datetime

from django.db import connection, migrations
from django.db.migrations.executor import MigrationExecutor
from django.db.utils import Error
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from obzvon_site.doctor.findings import Finding, bad, ok, warning

CONNECT_SECONDS = 5
SQLITE_FULL = 2


def reachable() -> Finding:
    """Whether it answers at all. A silent address is given up after CONNECT_SECONDS."""
    if connection.vendor == "postgresql":
        options = connection.settings_dict.setdefault("OPTIONS", {})
        options.setdefault("connect_timeout", CONNECT_SECONDS)
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except Error as error:
        return bad(
            "database.reachable",
            _("База данных не отвечает: %s.") % _said_by(error),
            _("Проверьте DATABASE_URL, запущен ли сервер базы и пускает ли он эту машину."),
        )
    return ok("database.reachable", _("База данных отвечает: %s.") % connection.display_name)


def _said_by(error: Error) -> str:
    """On one line, and without the password."""
    said = " ".join(str(error).split())[:200].rstrip(".")
    password = connection.settings_dict.get("PASSWORD")
    return said.replace(password, "•••") if password else said


def database(now: datetime) -> Iterator[Finding]:  # noqa: ARG001
    """What is wrong with a database that answers."""
    yield _version()
    yield _migrations()
    yield from _sqlite() if connection.vendor == "sqlite" else _postgresql()


def _version() -> Finding:
    least = connection.features.minimum_database_version or ()
    own = connection.get_database_version()[: len(least)]
    values = {"own": _dotted(own), "least": _dotted(least)}
    if own < least:
        return bad(
            "database.version",
            _("Версия базы %(own)s старше нужной %(least)s.") % values,
            _("Обновите сервер базы."),
        )
    return ok("database.version", _("Версия базы %(own)s, нужна от %(least)s.") % values)


def _dotted(version: tuple[int, ...]) -> str:
    return ".".join(map(str, version))


def _migrations() -> Finding:
    executor = MigrationExecutor(connection)
    plan: list[tuple[migrations.Migration, bool]] = executor.migration_plan(
        executor.loader.graph.leaf_nodes()
    )
    if plan:
        said = ngettext(
            "Не применена %(count)d миграция, первая %(first)s.",
            "Не применено миграций: %(count)d, первая %(first)s.",
            len(plan),
        )
        return bad(
            "database.migrations",
            said % {"count": len(plan), "first": plan[0][0]},
            _("Остановите исполнителей и выполните manage.py migrate."),
        )
    return ok("database.migrations", _("Все миграции применены."))


def _sqlite() -> Iterator[Finding]:
    journal, kept = _told("PRAGMA journal_mode"), _told("PRAGMA synchronous")
    advice = _("Не меняйте эти PRAGMA в настройках базы и перезапустите obzvon.")
    if journal != "wal":
        yield bad("database.journal", _("Журнал SQLite «%s», а нужен WAL.") % journal, advice)
    else:
        yield ok("database.journal", _("Журнал SQLite: WAL."))
    if int(kept) < SQLITE_FULL:
        yield bad(
            "database.durable",
            _("SQLite не ждёт записи на диск: обрыв питания может забыть, кому уже звонили."),
            advice,
        )
    else:
        yield ok("database.durable", _("SQLite ждёт записи на диск (synchronous=FULL)."))


def _postgresql() -> Iterator[Finding]:
    off = [
        name
        for name in ("fsync", "full_page_writes", "synchronous_commit")
        if _told(f"SHOW {name}") == "off"
    ]
    if off:
        yield bad(
            "database.durable",
            _("PostgreSQL не ждёт записи на диск (%s): он может забыть, кому уже звонили.")
            % ", ".join(f"{name}=off" for name in off),
            _("Верните эти параметры сервера в on и перечитайте настройки."),
        )
    else:
        yield ok("database.durable", _("PostgreSQL ждёт записи на диск."))
    free, most = _connections()
    values = {"used": most - free, "most": most}
    said = _("Соединений с PostgreSQL: %(used)d из %(most)d.") % values
    if free < most // 5:
        yield warning(
            "database.connections", said, _("Поднимите max_connections или остановите лишнее.")
        )
    else:
        yield ok("database.connections", said)


def _connections() -> tuple[int, int]:
    most = int(_told("SHOW max_connections"))
    used = int(_told("SELECT sum(numbackends) FROM pg_stat_database"))
    return max(0, most - used), most


def _told(question: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(question)
        return str(cursor.fetchone()[0])
