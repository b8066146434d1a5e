"""Procrastinate on a real PostgreSQL: real workers, killed with -9 and stopped politely."""

import json
import signal
import subprocess

import pytest

from tests.engine.world import on_postgresql
from tests.installation import wait_for

pytestmark = pytest.mark.slow


@pytest.fixture
def world(tmp_path):
    with on_postgresql(tmp_path) as world:
        yield world


HOLD = "from tests.engine.jobs import hold; hold.enqueue({folder!r})"


def test_what_a_killed_worker_was_doing_is_done_by_another(world):
    first = world.worker("--queues", "calls")
    world.python(HOLD.format(folder=str(world.folder)))
    assert world.wait_for_file("begun").read_text() == str(first.pid)
    first.kill()
    first.wait()
    second = world.worker("--queues", "calls")
    assert world.wait_for_file("again").read_text() == str(second.pid)


def test_a_worker_asked_to_stop_ends_what_it_has_begun(world):
    worker = world.worker("--queues", "calls", "--no-listen-notify")
    world.python(HOLD.format(folder=str(world.folder)))
    world.wait_for_file("begun")
    worker.send_signal(signal.SIGTERM)
    with pytest.raises(subprocess.TimeoutExpired):
        worker.wait(1)
    (world.folder / "go").touch()
    assert worker.wait(30) == 0
    assert (world.folder / "ended").exists()


ROLLED_BACK = """
import json
from django.db import transaction
from procrastinate.contrib.django.models import ProcrastinateJob
from tests.engine.jobs import mark
with transaction.atomic():
    mark.enqueue("/nowhere")
    inside = ProcrastinateJob.objects.count()
    transaction.set_rollback(True)
print(json.dumps([inside, ProcrastinateJob.objects.count()]))
"""


def test_a_task_is_enqueued_in_the_transaction_around_it(world):
    assert json.loads(world.python(ROLLED_BACK)) == [1, 0]


PERIODS = """
import json, time
from datetime import timedelta
from django.utils import timezone
from obzvon_site.accounts.models import Heartbeat, Tick
from procrastinate.contrib.django.models import ProcrastinateEvent
slots = list(Tick.objects.filter(name="calls.dispatch").values_list("slot", flat=True))
print(json.dumps([len(Heartbeat.objects.alive(timezone.now())), slots]))
"""


def test_each_period_is_given_out_once_by_two_workers(world):
    world.worker("--queues", "calls")
    world.worker("--queues", "poll,bulk")

    def both_have_worked():
        alive, slots = json.loads(world.python(PERIODS))
        return slots if alive == 2 and len(slots) >= 3 else None

    slots = wait_for(both_have_worked, seconds=90, else_say=(world.folder / "log").read_text)
    assert len(slots) == len(set(slots))
