"""The commands of workers refuse, in a sentence, what makes no sense."""

import gc
import sys
from types import SimpleNamespace

import pytest
from django.core.management import CommandError, call_command

from obzvon_site.common import garbage
from obzvon_site.management.commands import embedded_worker


@pytest.fixture
def started(monkeypatch, settings):
    """What a worker would have been started with; its own module needs PostgreSQL's engine."""
    settings.EMBEDDED = False
    found = []
    module = SimpleNamespace(work=lambda queues, **how: found.append((queues, how)))
    monkeypatch.setitem(sys.modules, "obzvon_site.supervisor.working", module)
    return found


@pytest.fixture(autouse=True)
def python_as_it_was():
    was = gc.get_threshold()
    yield
    gc.set_threshold(*was)
    gc.unfreeze()


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"queues": "calls,fast"}, "No such queue: fast. There are calls, poll, bulk."),
        ({"queues": " , "}, "There are calls, poll, bulk."),
        ({"concurrency": 0}, "--concurrency must be at least 1."),
    ],
)
def test_options_that_make_no_sense_are_a_sentence(started, options, words):
    with pytest.raises(CommandError, match=words):
        call_command("worker", **options)
    assert started == []


def test_all_queues_are_worked_unless_some_are_named(started):
    call_command("worker")
    call_command("worker", "--queues", "poll, bulk", "--concurrency", "2", "--no-listen-notify")
    assert started == [
        (["calls", "poll", "bulk"], {"concurrency": 1, "listen": True}),
        (["poll", "bulk"], {"concurrency": 2, "listen": False}),
    ]


def test_each_engine_has_its_own_workers(settings):
    settings.EMBEDDED = True
    with pytest.raises(CommandError, match=r"manage\.py up"):
        call_command("worker", "--queues", "calls")
    settings.EMBEDDED = False
    with pytest.raises(CommandError, match=r"manage\.py worker"):
        call_command("embedded_worker", "calls")


def test_every_worker_looks_for_garbage_seldom(started, settings, monkeypatch):
    looks = []
    monkeypatch.setattr(embedded_worker.Worker, "configure_signals", lambda _worker: None)
    monkeypatch.setattr(
        embedded_worker.Worker, "run", lambda _worker: looks.append(gc.get_threshold())
    )
    call_command("worker")
    looks.append(gc.get_threshold())
    gc.set_threshold(700, 10, 10)
    settings.EMBEDDED = True
    call_command("embedded_worker", "calls")
    assert [first for first, _, _ in looks] == [garbage.NEW_OBJECTS] * 2
    assert gc.get_freeze_count() > 0
