"""The doctor's words about the database."""

import pytest
from django.conf import settings
from django.db import connection
from django.db.utils import OperationalError

from obzvon_site.doctor import database

pytestmark = pytest.mark.django_db
sqlite = pytest.mark.skipif(not settings.EMBEDDED, reason="SQLite's own")
postgresql = pytest.mark.skipif(settings.EMBEDDED, reason="PostgreSQL's own")


def found() -> dict[str, str]:
    return {one.code: one.state for one in database.database(None)}


def tell(monkeypatch, **told):
    """The server's answers about its settings."""
    real = database._told
    monkeypatch.setattr(
        database, "_told", lambda question: told.get(question.split()[1], real(question))
    )


def test_a_database_that_answers_is_fine():
    assert database.reachable().state == "ok"


def test_a_database_that_is_down_is_a_sentence_without_the_password(monkeypatch):
    def refuse():
        raise OperationalError("connection refused\n for swordfish at 10.0.0.1")

    monkeypatch.setitem(connection.settings_dict, "PASSWORD", "swordfish")
    monkeypatch.setattr(connection, "cursor", refuse)
    finding = database.reachable()
    assert (finding.code, finding.state) == ("database.reachable", "bad")
    assert "connection refused for ••• at 10.0.0.1" in finding.sentence
    assert "DATABASE_URL" in finding.advice


def test_migrations_are_applied_here():
    assert found()["database.migrations"] == "ok"


def test_a_migration_that_is_missing_is_named(monkeypatch):
    monkeypatch.setattr(
        database.MigrationExecutor, "migration_plan", lambda self, targets: [("calls.0099", False)]
    )
    finding = next(database._migrations() for _ in range(1))
    assert finding.state == "bad"
    assert "calls.0099" in finding.sentence


def test_an_old_server_is_named(monkeypatch):
    assert found()["database.version"] == "ok"
    monkeypatch.setattr(connection, "get_database_version", lambda: (2, 0))
    assert database._version().state == "bad"


@sqlite
@pytest.mark.parametrize(("journal", "state"), [("wal", "ok"), ("delete", "bad")])
def test_sqlite_keeps_a_journal_of_its_own(monkeypatch, journal, state):
    tell(monkeypatch, journal_mode=journal)
    assert found()["database.journal"] == state


@sqlite
@pytest.mark.parametrize(("kept", "state"), [("2", "ok"), ("1", "bad")])
def test_sqlite_waits_for_the_disk(monkeypatch, kept, state):
    tell(monkeypatch, journal_mode="wal", synchronous=kept)
    assert found()["database.durable"] == state


@postgresql
@pytest.mark.parametrize("name", ["fsync", "full_page_writes", "synchronous_commit"])
def test_postgresql_waits_for_the_disk(monkeypatch, name):
    on = {"fsync": "on", "full_page_writes": "on", "synchronous_commit": "on"}
    tell(monkeypatch, **on)
    assert found()["database.durable"] == "ok"
    tell(monkeypatch, **on | {name: "off"})
    assert found()["database.durable"] == "bad"


@postgresql
@pytest.mark.parametrize(("used", "state"), [(5, "ok"), (95, "warning")])
def test_postgresql_has_connections_left(monkeypatch, used, state):
    monkeypatch.setattr(database, "_connections", lambda: (100 - used, 100))
    assert found()["database.connections"] == state
