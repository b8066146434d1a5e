"""Children are restarted when they die and stopped when asked."""

import signal
import sys
import time
from pathlib import Path

import pytest

from obzvon_site.supervisor import children
from obzvon_site.supervisor.children import Child, stop_all

SLEEPER = [sys.executable, "-c", "import time; time.sleep(60)"]
DEAF = [
    sys.executable,
    "-c",
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(60)",
]


@pytest.fixture
def sleeper():
    child = Child("sleeper", SLEEPER)
    child.start()
    yield child
    stop_all([child])


def test_a_killed_child_is_started_again_after_a_short_wait(sleeper):
    first = sleeper.process
    first.kill()
    first.wait()
    now = time.monotonic()
    assert "signal 9" in sleeper.keep(now)
    assert not sleeper.is_running
    assert sleeper.dead == first.pid
    sleeper.keep(now)
    assert not sleeper.is_running  # not before the wait is over
    sleeper.keep(now + children.RESTART_SECONDS[0])
    assert sleeper.is_running
    assert sleeper.process.pid != first.pid


def test_a_child_that_keeps_dying_waits_longer_each_time(sleeper):
    waits = []
    for _ in range(3):
        sleeper.process.kill()
        sleeper.process.wait()
        now = time.monotonic()
        sleeper.keep(now)
        waits.append(round(sleeper.due - now, 1))
        sleeper.keep(sleeper.due)
    assert waits == [0.2, 0.5, 1.0]


def test_a_running_child_is_left_alone(sleeper):
    before = sleeper.process.pid
    assert sleeper.keep(time.monotonic()) == ""
    assert sleeper.process.pid == before


def test_stopping_asks_first(sleeper):
    stop_all([sleeper])
    assert sleeper.process.returncode == -signal.SIGTERM


def test_a_deaf_child_is_made_to_stop():
    child = Child("deaf", DEAF, patience=0.05)
    child.start()
    wait_until_it_ignores_sigterm(child.process.pid)
    stop_all([child])
    assert child.process.returncode == -signal.SIGKILL
    assert child.dead == child.process.pid  # what it has left is seen to


def test_whoever_is_in_a_hurry_does_not_wait_for_the_deaf():
    child = Child("deaf", DEAF, patience=600)
    child.start()
    wait_until_it_ignores_sigterm(child.process.pid)
    stop_all([child], is_hurried=lambda: True)
    assert child.process.returncode == -signal.SIGKILL


def wait_until_it_ignores_sigterm(pid: int) -> None:
    """Linux tells which signals a process ignores."""
    bit = 1 << (signal.SIGTERM - 1)
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        status = Path(f"/proc/{pid}/status").read_text().splitlines()
        ignored = next(line for line in status if line.startswith("SigIgn"))
        if int(ignored.split()[1], 16) & bit:
            return
    raise AssertionError("the child never began to ignore SIGTERM")
