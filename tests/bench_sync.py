"""5,000 statuses of one answer, folded into a table of 200,000 calls, on both databases.

Folding is reading the calls, the rules of statuses, rows, timeline and counters, in one
transaction. Beside it in the same run: its limit, one bare UPDATE of the same columns of as many
rows, turn by turn with it; Django's own bulk_update of five columns of as many rows; both without
rules, timeline or counters; and the whole question, from taking its turn to asking later.
"""

import json
import random
import statistics
import subprocess
import sys
import time
from contextlib import nullcontext
from datetime import timedelta
from typing import Any
from unittest import mock

from obzvon_site.common import garbage
from tests.bench_import import Show, postgres, sqlite
from tests.installation import ROOT

CALLS = 200_000
STATUSES = 5_000
ROUNDS = 3


def syncs(show: Show, calls: int = CALLS) -> None:
    """All of it on each database."""
    for name, database in (("SQLite", sqlite), ("PostgreSQL", postgres)):
        with database() as environment:
            if not environment:
                print(f"{name} is left out: no server here")
                continue
            command = [sys.executable, "-m", "tests.bench_sync", str(calls)]
            done = subprocess.run(
                command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
            )
            if done.returncode:
                raise RuntimeError(done.stderr)
            told = json.loads(done.stdout.splitlines()[-1])
        show(f"{name}: {STATUSES:,} statuses folded, s (median)", told["fold"], "0.30")
        show(f"{name}: one bare UPDATE of them, s (median)", told["bare"], "–")
        show(f"{name}: bare UPDATE / folding", told["bare"] / told["fold"], ">= 0.40")
        show(f"{name}: statements of one answer", told["statements"], "10")
        show(f"{name}: the whole question, s (median)", told["poll"], "–")
        show(f"{name}: bulk_update of as many rows, s", told["bulk_update"], "–")
        show(f"{name}: bulk_update / folding", told["bulk_update"] / told["fold"], "–")
        show(f"{name}: reading the answer's JSON, s", told["parse"], "–")


def inside(calls: int) -> dict[str, float]:
    """Measure in the database that the environment names, and prove that all is counted."""
    import django  # noqa: PLC0415  # the settings are those of the environment

    django.setup()
    garbage.look_seldom()  # as a worker does
    from django.db import connection  # noqa: PLC0415
    from django.test.utils import CaptureQueriesContext  # noqa: PLC0415

    from calls.services import recounting  # noqa: PLC0415

    campaign = filled(calls)
    ids = random.Random(5).sample(range(1, calls + 1), STATUSES * (3 * ROUNDS + 2))
    folds, bares, polls, told = [], [], [], {}
    for turn in range(ROUNDS + 1):
        some = ids[turn * STATUSES : (turn + 1) * STATUSES]
        began = time.perf_counter()
        answers = read(some)
        told["parse"] = time.perf_counter() - began
        # The first is to warm up and to count: counting makes it slower.
        with CaptureQueriesContext(connection) if turn == 0 else nullcontext() as asked:
            began = time.perf_counter()
            fold(answers)
            folds.append(time.perf_counter() - began)
        if turn > 0:
            bares.append(bare(ids[-(turn + 1) * STATUSES :][:STATUSES]))
        if asked is not None:
            # Without the beginning and the end of the transaction.
            told["statements"] = len(asked) - 2
    for turn in range(ROUNDS + 1, 2 * ROUNDS + 1):
        answers = read(ids[turn * STATUSES : (turn + 1) * STATUSES])
        polls.append(poll(answers))
    told["fold"] = statistics.median(folds[1:])
    told["bare"] = statistics.median(bares)
    told["poll"] = statistics.median(polls)
    assert recounting.kept(campaign) == recounting.recount(campaign)
    told["bulk_update"] = by_bulk_update(ids[-STATUSES:])
    return told


def filled(calls: int) -> Any:
    """A campaign of so many accepted calls, with what is kept beside them."""
    from calls.models import Call, Campaign, CampaignMinute  # noqa: PLC0415
    from calls.services.counting import minute_of  # noqa: PLC0415
    from tests.calls.makers import NOW, make_call  # noqa: PLC0415

    first = make_call(service_id=1)
    campaign = first.campaign
    for start in range(2, calls + 1, 10_000):
        Call.objects.bulk_create(
            (
                Call(
                    campaign=campaign,
                    phone=f"795{number:08d}",
                    stage="accepted",
                    planned_at=NOW,
                    sent_at=NOW,
                    changed_at=NOW,
                    service_order_id=number,
                )
                for number in range(start, min(start + 10_000, calls + 1))
            ),
            batch_size=500,
        )
    Call.objects.update(sync_at=None)
    counts = {"live": calls, "total": calls, "people": calls}
    Campaign.objects.filter(pk=campaign.pk).update(**counts)
    minutes = CampaignMinute.objects.filter(campaign=campaign, minute=minute_of(NOW))
    minutes.update(sent=calls)
    campaign.variants.update(people=calls)
    return campaign


def read(ids: list[int]) -> Any:
    """What the service answers about them, read as the client reads it."""
    from obzvon_site.provider.replies import ApiCall  # noqa: PLC0415
    from tests.calls.makers import NOW  # noqa: PLC0415

    second = int(NOW.timestamp())
    statuses = ("finished", "busy", "finished", "started", "finished")
    body = [
        {
            "id": number,
            "phone": f"795{number:08d}",
            "createdAt": second,
            "needRecording": 0,
            "calls": [
                {
                    "id": 500_000 + number,
                    "phone": f"795{number:08d}",
                    "status": statuses[number % 5],
                    "startedAt": second + 4,
                    "answeredAt": second + 15 + number % 30,
                    "finishedAt": second + 49 + number % 60,
                    "hangupCause": "NORMAL_CLEARING",
                    "cost": "2.50",
                    "createdAt": second,
                    "updatedAt": second + 50 + number % 60,
                }
            ],
        }
        for number in ids
    ]
    return [ApiCall.from_json(item) for item in json.loads(json.dumps(body))]


def fold(answers: Any) -> None:
    from calls.models import Call  # noqa: PLC0415
    from calls.services import folding  # noqa: PLC0415
    from obzvon_site.common import bulk  # noqa: PLC0415
    from tests.calls.makers import NOW  # noqa: PLC0415

    by_id = {item.id: item for item in answers}
    calls = Call.objects.filter(service_order_id__in=bulk.listed_keys(by_id))
    pairs = [(call, by_id[call.service_order_id or 0]) for call in calls]
    told = folding.fold_all(pairs, now=NOW + timedelta(minutes=2))
    assert len(told.changed) == len(answers)


def bare(ids: list[int]) -> float:
    """The columns that folding writes, in a transaction; then as they were, for the counters."""
    from django.db import transaction  # noqa: PLC0415

    from calls.models import Call  # noqa: PLC0415
    from obzvon_site.common import bulk  # noqa: PLC0415
    from tests.calls.makers import NOW  # noqa: PLC0415

    keys = Call.objects.filter(service_order_id__in=ids).values_list("pk", "service_order_id")
    moments = ("started_at", "answered_at", "finished_at", "service_updated_at")
    rows = []
    for place, (pk, number) in enumerate(keys):
        told = {name: NOW + timedelta(seconds=place % 60 + at) for at, name in enumerate(moments)}
        is_busy = number % 5 == 1
        told |= {"status": "busy" if is_busy else "finished", "is_final": True}
        told |= {"result": "busy" if is_busy else "reached", "service_call_id": 500_000 + number}
        rows.append((pk, {**told, "sync_at": None}))
    same = {"cost": "2.50", "hangup_cause": "NORMAL_CLEARING", "changed_at": NOW}
    blank = Call(planned_at=NOW)
    was = {name: getattr(blank, name) for name in (*rows[0][1], *same) if name != "changed_at"}
    began = time.perf_counter()
    with transaction.atomic():
        written = bulk.update_each(Call, rows, list(rows[0][1]), same=same)
    took = time.perf_counter() - began
    assert written == len(ids)
    bulk.update_each(Call, rows, [], same=was)
    return took


def poll(answers: Any) -> float:
    """The whole question about exactly these; the service answers at once."""
    from calls.models import Call  # noqa: PLC0415
    from calls.services import asking, syncing  # noqa: PLC0415
    from tests.calls.makers import NOW, FakeService  # noqa: PLC0415

    Call.objects.exclude(sync_at=None).update(sync_at=None)
    Call.objects.filter(service_order_id__in=[item.id for item in answers]).update(sync_at=NOW)
    service = FakeService()
    service.get = lambda ids=None, *, unread=None: answers  # type: ignore[method-assign]
    with mock.patch.object(asking, "client_for", service):
        began = time.perf_counter()
        changed = syncing.poll_due(now=NOW + timedelta(minutes=3))
        took = time.perf_counter() - began
    assert changed == len(answers)
    return took


def by_bulk_update(ids: list[int]) -> float:
    from calls.models import Call  # noqa: PLC0415
    from tests.calls.makers import NOW  # noqa: PLC0415

    rows = list(Call.objects.filter(service_order_id__in=ids))
    for row in rows:
        row.status, row.is_final, row.cost = "finished", True, 2
        row.finished_at = row.changed_at = NOW
    names = ["status", "is_final", "cost", "finished_at", "changed_at"]
    began = time.perf_counter()
    Call.objects.bulk_update(rows, names, batch_size=500)
    return time.perf_counter() - began


if __name__ == "__main__":
    print(json.dumps(inside(int(sys.argv[1]))))
