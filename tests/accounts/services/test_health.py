from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.conf import settings
from django.db import connection
from django_tasks_db.models import DBTaskResult

from obzvon_site.accounts.models import Heartbeat, Tick
from obzvon_site.accounts.services import health
from obzvon_site.supervisor.heartbeats import Heart
from obzvon_site.supervisor.ping import ping
from tests.accounts.makers import NOW, make_exchange
from tests.factories import make_account

embedded = pytest.mark.skipif(not settings.EMBEDDED, reason="the embedded queue is SQLite's")
distributed = pytest.mark.skipif(settings.EMBEDDED, reason="procrastinate is PostgreSQL's")


def check(name: str) -> health.Check:
    return next(row for row in health.checks(now=NOW) if row.name == name)


def beat(*queues: str, host: str = "one", age: int = 0) -> None:
    heart, at = Heart(queues), NOW - timedelta(seconds=age)
    Heartbeat.objects.create(name=heart.name, **heart.facts | {"host": host}, at=at, kept_at=at)


def make_job(*, age: int, status: str = "todo") -> None:
    """A job of procrastinate deferred ``age`` seconds ago; failed jobs failed then."""
    number = int(ping.enqueue().id)
    moment = NOW - timedelta(seconds=age)
    with connection.cursor() as cursor:
        if status == "failed":
            cursor.execute("UPDATE procrastinate_jobs SET status = 'doing' WHERE id = %s", [number])
            cursor.execute(
                "SELECT procrastinate_finish_job_v1(%s, 'failed'::procrastinate_job_status, false)",
                [number],
            )
        cursor.execute(
            "UPDATE procrastinate_events SET at = %s WHERE job_id = %s", [moment, number]
        )


def make_task(*, age: int, status: str = "SUCCESSFUL", queue: str = "bulk") -> None:
    """A task enqueued (and finished, unless it is ready) ``age`` seconds ago."""
    moment = NOW - timedelta(seconds=age)
    task = DBTaskResult.objects.create(
        status=status,
        args_kwargs={"args": [], "kwargs": {}},
        task_path="some.tasks.work",
        queue_name=queue,
        backend_name="default",
        run_after=moment,
        finished_at=None if status == "READY" else moment,
        exception_class_path="builtins.ValueError" if status == "FAILED" else "",
    )
    DBTaskResult.objects.filter(pk=task.pk).update(enqueued_at=moment)


def test_a_database_that_answers_is_fine(db):
    assert check("База данных").state == "ok"


@pytest.mark.parametrize(("free", "state"), [(5, "ok"), (1, "slow"), (0.1, "down")])
def test_the_disk_fills_up(db, monkeypatch, free, state):
    usage = SimpleNamespace(free=free * health.GIGABYTE)
    monkeypatch.setattr(health.shutil, "disk_usage", lambda path: usage)
    assert check("Диск").state == state


@embedded
@pytest.mark.parametrize(("age", "state"), [(10, "ok"), (200, "slow"), (400, "down")])
def test_a_worker_is_known_by_its_last_work(db, age, state):
    make_task(age=age, queue="calls")
    assert check("Исполнитель «calls»").state == state


def test_a_worker_that_did_nothing_is_down_and_says_what_to_do(db):
    row = check("Исполнитель «bulk»")
    assert row.state == "down"
    assert row.advice


def test_an_empty_queue_is_fine(db):
    assert (check("Очередь задач").state, check("Очередь задач").value) == ("ok", "пуста")


@embedded
@pytest.mark.parametrize(("age", "state"), [(5, "ok"), (60, "slow"), (900, "down")])
def test_the_queue_is_judged_by_its_oldest_task(db, age, state):
    make_task(age=age, status="READY")
    make_task(age=1, status="READY")
    assert check("Очередь задач").state == state
    assert check("Очередь задач").value.startswith("2 ")


@embedded
def test_failed_tasks_are_counted_for_an_hour(db):
    make_task(age=4000, status="FAILED")
    assert check("Сбои задач").state == "ok"
    make_task(age=60, status="FAILED")
    row = check("Сбои задач")
    assert row.state == "slow"
    assert "some.tasks.work" in row.value


@distributed
@pytest.mark.parametrize(("age", "state"), [(10, "ok"), (200, "slow"), (400, "down")])
def test_on_postgresql_a_worker_is_known_by_its_sign_of_life(db, age, state):
    beat("poll", "calls", age=age)
    row = check("Исполнитель «calls»")
    assert (row.state, row.value.startswith("последний знак")) == (state, True)


@distributed
@pytest.mark.parametrize(("age", "state"), [(5, "ok"), (60, "slow"), (900, "down")])
def test_on_postgresql_the_queue_is_judged_by_its_oldest_job(db, age, state):
    make_job(age=age)
    make_job(age=1)
    assert check("Очередь задач").state == state
    assert check("Очередь задач").value.startswith("2 ")


@distributed
def test_on_postgresql_failed_jobs_are_counted_for_an_hour(db):
    make_job(age=4000, status="failed")
    assert check("Сбои задач").state == "ok"
    make_job(age=60, status="failed")
    row = check("Сбои задач")
    assert row.state == "slow"
    assert "supervisor.ping.ping" in row.value


def test_workers_are_told_by_machine_and_queue(db):
    beat("calls", "poll", host="one")
    beat("calls", host="one")
    beat("bulk", host="two", age=300)
    told = {row.name: (row.state, row.value) for row in health.workers(now=NOW)}
    assert list(told) == ["one, «calls»", "one, «poll»", "two, «bulk»"]
    assert told["one, «calls»"][1].startswith("2 процесса, версия ")
    assert told["one, «poll»"][1].startswith("1 процесс, версия ")
    assert told["two, «bulk»"] == ("down", "молчит 5 мин")


def test_a_service_nobody_asked_is_not_blamed(db):
    make_exchange(sent_at=NOW - timedelta(hours=1), outcome="unknown")
    assert check("Сервис звонков").state == "ok"


@pytest.mark.parametrize(
    ("rows", "state"),
    [
        ([("done", 100), ("refused", 100)], "ok"),
        ([("done", 5000)], "slow"),
        ([("done", 100), ("unknown", 100)], "slow"),
        ([("not_sent", 1), ("unknown", 100)], "down"),
    ],
)
def test_the_service_is_judged_by_its_last_answers(db, rows, state):
    account = make_account()
    for outcome, milliseconds in rows:
        make_exchange(account, outcome=outcome, milliseconds=milliseconds)
    assert check("Сервис звонков").state == state


@pytest.mark.parametrize(("late", "state"), [(60, "ok"), (180, "slow"), (400, "down")])
def test_periodic_work_is_on_time_or_late(db, late, state):
    slot = int(NOW.timestamp()) - late
    Tick.objects.create(name="accounts.balance", slot=slot // 60, seconds=60)
    assert check("Баланс").state == state


def test_without_any_tick_the_schedule_is_down(db):
    assert check("Расписание").state == "down"


@pytest.mark.parametrize(("seconds", "text"), [(5, "5 с"), (300, "5 мин"), (7300, "2 ч")])
def test_spans_are_short(seconds, text):
    assert health.span(timedelta(seconds=seconds)) == text


def test_each_state_has_a_word_and_a_tone():
    rows = [health.Check("x", state, "") for state in ("ok", "slow", "down")]
    assert [(row.word, row.tone) for row in rows] == [
        ("Работает", "ok"),
        ("Медленно", "warn"),
        ("Стоит", "bad"),
    ]
