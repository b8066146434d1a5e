"""The doctor's words about workers."""

from datetime import timedelta

import pytest
from django.utils import timezone

from obzvon_site.accounts.models import Heartbeat
from obzvon_site.common.engine import QUEUES
from obzvon_site.doctor.working import working
from obzvon_site.supervisor.heartbeats import Heart

pytestmark = pytest.mark.django_db
NOW = timezone.now()


def beat(*queues: str, host: str = "one", age: int = 0, **facts: str) -> None:
    heart, at = Heart(queues or QUEUES), NOW - timedelta(seconds=age)
    facts = heart.facts | {"host": host, **facts}
    Heartbeat.objects.create(name=heart.name, **facts, at=at, kept_at=at)


def found() -> list[tuple[str, str]]:
    return [(one.code, one.state) for one in working(NOW)]


def said(code: str) -> str:
    return next(one.sentence for one in working(NOW) if one.code == code)


def test_every_queue_has_somebody():
    beat()
    assert found() == [(f"workers.{queue}", "ok") for queue in QUEUES]
    assert "one (1)" in said("workers.calls")


def test_a_queue_that_nobody_works_is_bad():
    beat("calls", host="one")
    beat("calls", host="two")
    beat("poll")
    assert found() == [("workers.calls", "ok"), ("workers.poll", "ok"), ("workers.bulk", "bad")]
    assert "one (1), two (1)" in said("workers.calls")


def test_a_machine_that_fell_silent_is_named():
    beat()
    beat("calls", host="two", age=300)
    assert ("workers.silent", "warning") in found()
    assert "two" in said("workers.silent")
    assert "5 мин" in said("workers.silent")


def test_a_killed_worker_whose_successor_works_is_no_news():
    beat("calls", age=60)
    beat()
    assert ("workers.silent", "warning") not in found()


@pytest.mark.parametrize("hours", [-3, 3])
def test_a_machine_whose_clock_is_wrong_works_and_lets_the_others_live(hours):
    """A clock in local time where UTC is meant; its trouble is told beside the clocks."""
    now = timezone.now()
    Heart(QUEUES).beat(now)
    Heart(QUEUES).beat(now + timedelta(hours=hours))
    assert {one.state for one in working(now)} == {"ok"}
    assert "(2)" in next(one.sentence for one in working(now))


def test_the_long_dead_are_forgotten():
    beat(age=2 * 3600)
    Heart(QUEUES).beat(timezone.now())
    assert Heartbeat.objects.count() == 1


def test_a_worker_stopped_politely_is_not_missed():
    heart = Heart(["calls"])
    heart.beat(NOW)
    heart.stop()
    assert not Heartbeat.objects.exists()


def test_another_version_is_named():
    beat()
    beat(host="two", version="0.0.1")
    assert ("workers.version", "warning") in found()
    assert "two 0.0.1" in said("workers.version")


def test_other_secrets_are_bad(settings):
    beat()
    beat(host="two", keys="another")
    assert ("workers.keys", "bad") in found()
    assert "two" in said("workers.keys")
    assert "one" not in said("workers.keys")


def test_the_print_of_secrets_changes_with_either_and_shows_neither(settings):
    prints = set()
    for secret, keys in (("a" * 60, ["k"]), ("b" * 60, ["k"]), ("a" * 60, ["l", "k"])):
        settings.SECRET_KEY, settings.FIELD_KEYS = secret, keys
        prints.add(Heart(["calls"]).facts["keys"])
    assert len(prints) == 3
    assert all(len(one) == 16 for one in prints)
