"""From contacts to planned calls: per second, beside ready rows put into the same tables.

``prepares(show)`` for all databases; run as a module inside one of them it prints a line of JSON.
"""

import json
import subprocess
import sys
import time
from typing import Any

from tests.bench_import import Show, postgres, sqlite
from tests.installation import ROOT

CONTACTS = 200_000
TEXT = "Компания «Ромашка»: {имя}, к оплате {сумма} рублей"


def prepares(show: Show, contacts: int = CONTACTS) -> None:
    """Looking a plan over, and preparing it, on each database in the same minutes."""
    for name, database in (("SQLite", sqlite), ("PostgreSQL", postgres)):
        with database() as environment:
            if not environment:
                print(f"{name} is left out: no server here")
                continue
            command = [sys.executable, "-m", "tests.bench_prepare", str(contacts)]
            done = subprocess.run(
                command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
            )
            if done.returncode:
                raise RuntimeError(done.stderr)
            told = json.loads(done.stdout.splitlines()[-1])
        show(f"{name}: a plan for {contacts:,} looked over, s", told["review"], "–")
        show(f"{name}: contacts prepared a second", contacts / told["ours"], ">= 10000")
        show(f"{name}: ready rows, the limit, a second", contacts / told["ready"], "–")
        show(f"{name}: prepared / ready rows", told["ready"] / told["ours"], ">= 0.40")


def inside(contacts: int) -> dict[str, float]:
    """Measure in the database that the environment names."""
    import django  # noqa: PLC0415  # the settings are those of the environment

    django.setup()
    from django.utils import timezone  # noqa: PLC0415

    from calls.models import Call, Campaign  # noqa: PLC0415
    from calls.services import list_launching, planning, preparing  # noqa: PLC0415
    from tests.calls.lists import make_plan  # noqa: PLC0415

    plan = make_plan(contact_list=filled(contacts), text=TEXT, skip_called_days=7)
    now = timezone.now()
    told = {"review": timed(planning.review, plan, now=now)}
    campaign = list_launching.launch_plan(plan, actor=None, now=now)
    began = time.monotonic()
    while Campaign.objects.to_prepare().exists():
        preparing.prepare_due()
    told["ours"] = time.monotonic() - began
    assert Call.objects.count() == contacts
    columns = ("phone", "name", "zone", "variant", "text")
    rows = list(campaign.calls.order_by("pk").values_list(*columns))
    Campaign.objects.filter(pk=campaign.pk).delete()
    plan = make_plan(contact_list=plan.contact_list, account=plan.account, text=TEXT)
    other = list_launching.launch_plan(plan, actor=None, now=now)
    told["ready"] = timed(ready, other, rows, now)
    return told


def ready(campaign: Any, rows: list[Any], now: Any) -> None:
    """The same rows, known beforehand: nothing is read and nothing is looked at."""
    from django.db import transaction  # noqa: PLC0415

    from calls.services import preparing  # noqa: PLC0415

    for start in range(0, len(rows), preparing.CHUNK):
        portion = preparing.Portion(calls=rows[start : start + preparing.CHUNK])
        with transaction.atomic():
            preparing._write(campaign, portion, now)


def filled(contacts: int) -> Any:
    """A list of so many, every second with a zone."""
    from calls.models import Contact  # noqa: PLC0415
    from tests.calls.lists import make_list  # noqa: PLC0415

    about = {"filled": contacts, "longest": 6}
    made = make_list(0, variables={"сумма": about})
    for start in range(0, contacts, 20_000):
        Contact.objects.bulk_create(
            Contact(
                contact_list=made,
                phone=f"79{number:09d}",
                name="Иван",
                zone="Europe/Moscow" if number % 2 else "",
                consent_on="2026-01-01",
                variables={"сумма": str(number)},
            )
            for number in range(start, min(contacts, start + 20_000))
        )
    made.total, made.variables = contacts, {"сумма": about}
    made.save()
    return made


def timed(deed: Any, *args: Any, **kwargs: Any) -> float:
    began = time.monotonic()
    deed(*args, **kwargs)
    return time.monotonic() - began


if __name__ == "__main__":
    print(json.dumps(inside(int(sys.argv[1]))))
