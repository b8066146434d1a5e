"""A whole campaign through the real emulator: from a list to the last call's end.

``campaigns(show)`` for both databases; run as a module inside one of them it prints a line of JSON.
One process sends, one order after another, and asks for news, as one worker does. No web server
runs, so nothing comes by webhook: a sink answers them, or the emulator would repeat them for ever.
"""

import json
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import requests

from tests.bench_import import Show, postgres, sqlite
from tests.calls.services.servers import OK, answering, server
from tests.emulator import RunningEmulator, running_emulator
from tests.installation import ROOT

CALLS = 20_000
PHONES_PER_ORDER = 500
SPEED = 1000  # a call of a minute takes 60 ms
TEXT = "Компания «Ромашка»: ваш заказ готов."


def campaigns(show: Show, calls: int = CALLS) -> None:
    """All of it on each database, beside what the emulator takes from a client without one."""
    for name, database in (("SQLite", sqlite), ("PostgreSQL", postgres)):
        with database() as environment:
            if not environment:
                print(f"{name} is left out: no server here")
                continue
            command = [sys.executable, "-m", "tests.bench_campaign", str(calls)]
            done = subprocess.run(
                command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
            )
            if done.returncode:
                raise RuntimeError(done.stderr)
            told = json.loads(done.stdout.splitlines()[-1])
        made = told["calls"]
        show(
            f"{name}: a campaign of {made:,} calls, calls/s",
            made / told["seconds"],
            "10: an account's own pace",
        )
        show(f"{name}: of that sending, calls/s", made / told["sending"], "–")
        show(f"{name}: of that hearing of ends, calls/s", made / told["hearing"], "–")
        show(f"{name}: the emulator alone, calls/s", made / told["alone"], "–")
        show(f"{name}: campaign / emulator alone", told["alone"] / told["seconds"], "–")


def inside(calls: int) -> dict[str, float]:
    """Measure in the database that the environment names, and prove that all is counted."""
    import django  # noqa: PLC0415  # the settings are those of the environment

    django.setup()
    with running_emulator(speed=SPEED) as emulator, quiet_webhooks():
        told = run(emulator, calls)
        emulator.control("reset")
        told["alone"] = alone(emulator, calls)
    return told


def run(emulator: RunningEmulator, calls: int, **plan: Any) -> dict[str, float]:
    """A list of so many, a campaign of it, and everything until it is done.

    Fails unless the counters equal a recount and the emulator rang each attempt exactly once.
    """
    from calls.models import Call, Campaign  # noqa: PLC0415
    from calls.services import preparing, recounting  # noqa: PLC0415

    emulator.control("balance", balance=10_000_000)
    plan = {"account": account_of(emulator), "contact_list": filled(calls), "hours": None, **plan}
    campaign = launch(plan)
    while Campaign.objects.to_prepare().exists():
        preparing.prepare_due()
    told = go_through(campaign)
    assert recounting.kept(campaign) == recounting.recount(campaign)
    assert campaign.total == campaign.people + campaign.retried == told["calls"]
    assert campaign.people == calls
    rung = Call.objects.filter(campaign=campaign).exclude(service_order_id=None)
    assert emulator.counts() == Counter(rung.values_list("phone", flat=True))
    return told


def go_through(campaign: Any) -> dict[str, float]:
    """Send and hear until it is done; where only later attempts are left, the clock is set on."""
    from calls.models import Call  # noqa: PLC0415
    from calls.services import dispatch, syncing  # noqa: PLC0415

    clock, began = Clock(), time.monotonic()
    spent: Counter[str] = Counter()
    while not campaign.is_over:
        with counted(spent, "sending"):
            sent = dispatch.dispatch_due(clock=clock)
        with counted(spent, "hearing"):
            while syncing.poll_due(now=clock()):
                pass
        campaign.refresh_from_db()
        if not sent and not campaign.live and not campaign.doubtful and campaign.waiting:
            clock.ahead += timedelta(seconds=30)
        elif not sent and not Call.objects.to_ask(clock()).exists():
            clock.ahead += timedelta(seconds=1)
    spent["calls"], spent["seconds"] = campaign.calls.count(), time.monotonic() - began
    return dict(spent)


class Clock:
    """The real one, set ahead instead of waiting."""

    ahead = timedelta()

    def __call__(self) -> datetime:
        from django.utils import timezone  # noqa: PLC0415

        return timezone.now() + self.ahead


def launch(plan: dict[str, Any]) -> Any:
    from calls.services import list_launching  # noqa: PLC0415
    from tests.calls.lists import make_plan  # noqa: PLC0415

    return list_launching.launch_plan(
        make_plan(text=TEXT, need_recording=False, **plan), actor=None, now=Clock()()
    )


def account_of(emulator: RunningEmulator) -> Any:
    from obzvon_site.common.secrets import seal  # noqa: PLC0415
    from tests.factories import make_account  # noqa: PLC0415

    return make_account(
        base_url=emulator.url,
        sealed_key=seal(emulator.key),
        use_duty_phone=True,
        phones_per_order=PHONES_PER_ORDER,
        calls_per_minute=1_000_000,
    )


def filled(contacts: int) -> Any:
    """A list of so many, in all zones that a number may tell."""
    from calls.models import Contact  # noqa: PLC0415
    from tests.calls.lists import make_list  # noqa: PLC0415

    zones = ("Europe/Moscow", "Asia/Omsk", "")
    made = make_list(0)
    Contact.objects.bulk_create(
        (
            Contact(
                contact_list=made,
                phone=f"79{number:09d}",
                zone=zones[number % 3],
                consent_on="2026-01-01",
            )
            for number in range(contacts)
        ),
        batch_size=1000,
    )
    made.total = contacts
    made.save()
    return made


def alone(emulator: RunningEmulator, calls: int) -> float:
    """Seconds for the same orders, and one question about each call's end, without a database."""
    emulator.control("balance", balance=10_000_000)
    body = {"apiKey": emulator.key, "dutyPhone": 1, "record": {"text": TEXT, "gender": 0}}
    session, began, ids = requests.Session(), time.monotonic(), []
    for start in range(0, calls, PHONES_PER_ORDER):
        phones = [
            f"79{number:09d}" for number in range(start, min(calls, start + PHONES_PER_ORDER))
        ]
        answer = session.post(f"{emulator.url}/create", json={**body, "phones": phones}, timeout=60)
        ids += [entry["id"] for entry in answer.json()["data"] if "status" not in entry]
    for start in range(0, len(ids), 500):
        asked = {"apiKey": emulator.key, "apiCallIdList": ids[start : start + 500]}
        session.post(f"{emulator.url}/get", json=asked, timeout=60).raise_for_status()
    return time.monotonic() - began


@contextmanager
def quiet_webhooks() -> Iterator[None]:
    """An address that takes what the emulator posts, and forgets it."""
    from django.test import override_settings  # noqa: PLC0415

    with server(answering(OK)) as (url, _heard), override_settings(PUBLIC_URL=url):
        yield


@contextmanager
def counted(spent: "Counter[str]", what: str) -> Iterator[None]:
    began = time.monotonic()
    yield
    spent[what] += time.monotonic() - began  # type: ignore[assignment]


if __name__ == "__main__":
    print(json.dumps(inside(int(sys.argv[1]))))
