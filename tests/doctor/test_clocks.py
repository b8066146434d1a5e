"""The doctor's words about clocks."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from django.conf import settings as real
from django.utils import timezone

from obzvon_site.doctor import clocks
from obzvon_site.supervisor.heartbeats import Heart
from tests.calls.services.servers import OK, server
from tests.factories import make_account

pytestmark = pytest.mark.django_db


def found() -> dict[str, str]:
    return {one.code: one.state for one in clocks.clocks(timezone.now())}


def dated(moment: datetime):
    """A service whose clock shows ``moment``; it hears no body."""

    def talk(connection) -> bytes:
        heard = connection.recv(4096)
        said = f"HTTP/1.1 405 X\r\nDate: {format_datetime(moment, usegmt=True)}\r\n"
        connection.sendall(f"{said}Content-Length: 0\r\n\r\n".encode())
        return heard

    return talk


@pytest.mark.parametrize(("ahead", "state"), [(0, "ok"), (60, "warning"), (-600, "bad")])
def test_the_services_clock_is_seen_in_its_answers(monkeypatch, ahead, state):
    account = make_account(base_url="https://api.example.com/apiCalls")
    assert not account.is_emulator
    with server(dated(datetime.now(UTC) + timedelta(seconds=ahead))) as (url, heard):
        skew = clocks.of_service(url)
        monkeypatch.setattr(clocks, "of_service", lambda _url: skew)
        assert found()["clock.service"] == state
    assert heard[0].startswith(b"HEAD / ")


def test_a_service_that_tells_no_time_is_not_judged():
    def without(connection) -> bytes:
        heard = connection.recv(4096)
        connection.sendall(OK)
        return heard

    with server(without) as (url, _):
        assert clocks.of_service(url) is None


def test_a_silent_service_ends_at_its_deadline():
    def silent(connection) -> bytes:
        heard = connection.recv(4096)
        connection.recv(1)
        return heard

    with server(silent) as (url, _):
        assert clocks.of_service(url, seconds=0.2) is None


def test_the_emulator_lives_by_our_own_clock(monkeypatch):
    make_account()
    monkeypatch.setattr(clocks, "of_service", None)
    assert "clock.service" not in found()


@pytest.mark.skipif(real.EMBEDDED, reason="on SQLite all of it is one machine")
@pytest.mark.parametrize(("ahead", "state"), [(0, "ok"), (5, "warning"), (-60, "bad")])
def test_other_machines_are_compared_by_the_databases_clock(ahead, state):
    Heart(["calls"]).beat(timezone.now() + timedelta(seconds=ahead))
    assert found() == {"clock.database": "ok", "clock.workers": state}


@pytest.mark.skipif(real.EMBEDDED, reason="on SQLite all of it is one machine")
def test_a_wrong_clock_beside_the_database_is_bad(monkeypatch):
    monkeypatch.setattr(clocks, "_of_database", lambda: timedelta(minutes=1))
    assert found()["clock.database"] == "bad"
