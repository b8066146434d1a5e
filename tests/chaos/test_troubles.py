"""Kills are made, whoever is there to be killed; and what is left out is said."""

from types import SimpleNamespace

import pytest

from tests.chaos import run, troubles
from tests.chaos.plan import Trouble


@pytest.fixture
def doing(monkeypatch):
    """Troubles of a world in which nobody but these processes lives."""
    living = {"web": [11, 12], "poll": [21]}
    killed = []
    monkeypatch.setattr(troubles, "_worked", lambda _pid: 60.0)
    monkeypatch.setattr(troubles, "KILL_WAITS", 0.3)
    monkeypatch.setattr(troubles, "KILL_ANY", 0.0)
    monkeypatch.setattr(troubles.os, "kill", lambda pid, _number: killed.append(pid))
    world = SimpleNamespace(pids=lambda kind: living.get(kind, []), is_small_disk=False)
    world.data = None
    made = troubles.Troubles(world, 1)
    made.was_killed = killed
    return made


def test_where_none_of_its_kind_is_there_another_is_killed_and_named(doing):
    doing._safely(doing._kill, Trouble(0.0, "kill", 0.0, "calls"))
    assert len(doing.was_killed) == 1
    assert set(doing.done) <= {"kill web", "kill poll"}
    assert doing.kills == 1


def test_kills_that_found_nobody_are_made_up_for(doing):
    doing.kill_on(3)
    assert doing.kills == 3
    assert sorted(doing.was_killed) == [11, 12, 21]


def test_nobody_is_killed_twice_and_what_is_missing_is_told(doing):
    doing.kill_on(4)
    assert doing.kills == 3
    assert sum(doing.left_out.values()) > 0


def test_what_is_left_out_is_said_at_once_and_kept_for_the_end(capsys, monkeypatch):
    monkeypatch.setattr(run, "left_out", [])
    run.leave_out("the full disk")
    assert "LEFT OUT: the full disk" in capsys.readouterr().out
    assert run.left_out == ["the full disk"]
