"""The doctor's words about the queue of tasks."""

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from obzvon_site.accounts.models import Tick
from obzvon_site.accounts.services.health import Check
from obzvon_site.doctor import engine

pytestmark = pytest.mark.django_db


def found() -> dict[str, engine.Finding]:
    return {one.code: one for one in engine.engine(timezone.now())}


def test_an_installed_empty_queue_is_fine():
    states = {code: finding.state for code, finding in found().items()}
    assert states.pop("engine.schedule") == "bad"  # nobody has given out work yet
    assert set(states.values()) == {"ok"}


def test_a_queue_without_its_table_says_to_migrate(monkeypatch):
    monkeypatch.setattr(connection.introspection, "table_names", list)
    assert [(one.code, one.state) for one in found().values()] == [("engine.installed", "bad")]
    assert "migrate" in found()["engine.installed"].advice


@pytest.mark.parametrize(("theirs", "ours"), [("ok", "ok"), ("slow", "warning"), ("down", "bad")])
def test_what_waits_is_judged_as_the_page_of_health_does(monkeypatch, theirs, ours):
    line = Check("Очередь задач", theirs, "12 задач", "Подождите.")
    monkeypatch.setattr(engine.health, "queue", lambda now: line)
    finding = found()["engine.waiting"]
    assert (finding.state, finding.sentence) == (ours, "Очередь задач: 12 задач.")
    assert finding.advice == ("" if ours == "ok" else "Подождите.")


def test_abandoned_tasks_are_counted(monkeypatch):
    class Facts:
        def stalled(self) -> int:
            return 3

    monkeypatch.setattr(engine, "engine_facts", Facts)
    finding = engine._stalled()
    assert finding.state == "warning"
    assert "3" in finding.sentence


@pytest.mark.parametrize(("late", "state"), [(30, "ok"), (180, "warning"), (3600, "bad")])
def test_work_that_is_late_is_named(late, state):
    slot = int((timezone.now() - timedelta(seconds=late)).timestamp()) // 60
    Tick.objects.create(name="accounts.balance", slot=slot, seconds=60)
    finding = found()["engine.schedule"]
    assert finding.state == state
    assert ("Баланс" in finding.sentence) == (state != "ok")
