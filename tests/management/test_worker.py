"""The commands of workers refuse, in a sentence, what makes no sense."""

import sys
from types import SimpleNamespace

import pytest
from django.core.management import CommandError, call_command


@pytest.fixture
def started(monkeypatch, settings):
    """What a worker would have been started with; its own module needs PostgreSQL's engine."""
    settings.EMBEDDED = False
    found = []
    module = SimpleNamespace(work=lambda queues, **how: found.append((queues, how)))
    monkeypatch.setitem(sys.modules, "obzvon_site.supervisor.working", module)
    return found


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
