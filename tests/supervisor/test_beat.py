"""Each period of each task is enqueued once."""

from datetime import UTC, datetime, timedelta

import pytest
from django.conf import settings
from django_tasks_db.models import DBTaskResult

from obzvon_site.accounts.models import Tick
from obzvon_site.accounts.services.health import WORK
from obzvon_site.supervisor import beat
from obzvon_site.supervisor.ping import ping

NOW = datetime(2026, 11, 23, 12, 0, 0, tzinfo=UTC)
pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(not settings.EMBEDDED, reason="the embedded queue is SQLite's"),
]
ALL = beat.periodic()


@pytest.fixture(autouse=True)
def one_task(monkeypatch):
    monkeypatch.setattr(beat, "periodic", lambda: {"ping": (ping, 10)})


def finish_all():
    for task in DBTaskResult.objects.all():
        task.claim("worker")
        task.set_successful(None)


def test_a_period_is_enqueued_once_however_often_the_supervisors_beat():
    assert beat.beat(NOW) == 1
    finish_all()
    assert beat.beat(NOW + timedelta(seconds=9)) == 0
    assert DBTaskResult.objects.count() == 1


def test_all_periodic_work_has_a_name_for_people():
    assert set(ALL) == set(WORK)


def test_the_next_period_is_enqueued():
    beat.beat(NOW)
    finish_all()
    assert beat.beat(NOW + timedelta(seconds=10)) == 1


def test_periods_do_not_pile_up_while_no_worker_runs():
    for minute in range(5):
        beat.beat(NOW + timedelta(minutes=minute))
    assert DBTaskResult.objects.count() == 1


def test_cleaning_forgets_finished_tasks_and_old_ticks(monkeypatch):
    beat.beat(NOW)
    finish_all()
    DBTaskResult.objects.update(finished_at=NOW)
    beat.clean(NOW + timedelta(minutes=59))
    assert DBTaskResult.objects.count() == 1
    beat.clean(NOW + timedelta(days=2))
    assert not DBTaskResult.objects.exists()
    assert not Tick.objects.exists()


def test_cleaning_closes_the_task_of_a_dead_worker():
    beat.beat(NOW)
    task = DBTaskResult.objects.get()
    task.claim("worker that died")
    DBTaskResult.objects.update(started_at=NOW)
    beat.clean(NOW + timedelta(minutes=14))
    assert DBTaskResult.objects.running().exists()
    beat.clean(NOW + timedelta(minutes=16))
    assert DBTaskResult.objects.failed().exists()
