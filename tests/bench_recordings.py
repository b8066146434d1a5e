"""The archive with 10,000 recordings: how long its list, its search and the review queue take.

``archive(show)`` for both databases; run as a module inside one of them it prints a line of JSON.
Times are of a request through the test client: the database, the view and the template.
"""

import json
import random
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from tests.bench_import import Show, postgres, sqlite
from tests.installation import ROOT

RECORDINGS = 10_000
TIMES = 60  # requests of each kind
LIMIT = 200.0  # milliseconds
WORDS = (
    *("здравствуйте", "договор", "оплата", "счёт", "задолженность", "перезвоните", "менеджер"),
    *("доставка", "заказ", "адрес", "завтра", "сегодня", "утром", "вечером", "согласен"),
    *("отказываюсь", "жалоба", "вежливо", "скидка", "гарантия", "возврат"),
)
TAGS = ("жалоба", "вежливо", "перезвонить", "спор", "образец")


def archive(show: Show, recordings: int = RECORDINGS) -> None:
    for name, database in (("SQLite", sqlite), ("PostgreSQL", postgres)):
        with database() as environment:
            if not environment:
                print(f"{name} is left out: no server here")
                continue
            command = [sys.executable, "-m", "tests.bench_recordings", str(recordings)]
            done = subprocess.run(
                command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
            )
            if done.returncode:
                raise RuntimeError(done.stderr)
            told = json.loads(done.stdout.splitlines()[-1])
        for what, milliseconds in told.items():
            show(f"{name}: archive of {recordings:,}, {what}, p95 ms", milliseconds, "200")
            show(f"{name}: the same / limit", milliseconds / LIMIT, "<= 1")


def inside(recordings: int) -> dict[str, float]:
    """Fill the database that the environment names, and ask."""
    import django  # noqa: PLC0415  # the settings are those of the environment

    django.setup()
    from django.conf import settings  # noqa: PLC0415
    from django.test import Client  # noqa: PLC0415

    settings.ALLOWED_HOSTS = ["testserver"]
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.STORAGES["staticfiles"]["BACKEND"] = (
        "django.contrib.staticfiles.storage.StaticFilesStorage"
    )
    fill(recordings)
    counted()
    from tests.factories import make_user  # noqa: PLC0415

    client = Client(headers={"host": "testserver"})
    manager = make_user(role="manager")
    client.force_login(manager)
    told = {what: p95(client, "/recordings/", asked) for what, asked in questions().items()}
    reviewed(make_user(role="manager"))
    for what, asked in queues().items():
        told[what] = p95(client, "/review/", asked, before=let_go)
    return told


def questions() -> dict[str, list[dict[str, str]]]:
    """What people ask: the parameters of each request."""
    chance = random.Random(7)
    words = [" ".join(chance.sample(WORDS, 2)) for _ in range(TIMES)]
    digits = [f"{chance.randrange(10**4):04d}" for _ in range(TIMES)]
    return {
        "list": [{}] * TIMES,
        "list, filtered": [{"state": "new", "longer": "60", "outcome": "finished"}] * TIMES,
        "search by words": [{"q": text} for text in words],
        "search by digits": [{"q": text} for text in digits],
        "search for what is not there": [{"q": f"нет {text}"} for text in words],
    }


def queues() -> dict[str, list[dict[str, str]]]:
    """The next call to review, of all that has been recorded."""
    narrow = {"outcome": "reached", "answered": "yes", "longer": "60"}
    samples = [{"sample": "5", "seed": str(seed)} for seed in range(1, TIMES + 1)]
    asked = {
        "review, next call": [{}] * TIMES,
        "review, next call, filtered": [narrow] * TIMES,
        "review, next call, sample of 5 %": samples,
        "review, next call, both": [{**narrow, **sample} for sample in samples],
        "review, second opinion": [{"opinion": "second"}] * TIMES,
        "review, nothing is left": [{**narrow, "shorter": "30"}] * TIMES,
    }
    return {what: [{**one, "period": "all"} for one in each] for what, each in asked.items()}


def let_go() -> None:
    """Nobody holds a recording: who does gets it again, without a look at the queue."""
    from calls.models import Recording  # noqa: PLC0415

    Recording.objects.exclude(leased_by=None).update(leased_by=None, leased_until=None)


def p95(
    client: Any,
    address: str,
    questions: list[dict[str, str]],
    before: Callable[[], None] = lambda: None,
) -> float:
    """Milliseconds within which 95 of 100 pages come."""
    spent = []
    for parameters in [questions[0], *questions]:  # the first one warms up
        before()
        began = time.perf_counter()
        answer = client.get(address, parameters)
        spent.append((time.perf_counter() - began) * 1000)
        assert answer.status_code == 200
    return statistics.quantiles(spent[1:], n=20)[-1]


def talk(chance: random.Random) -> str:
    """A minute's talk: half of its words are common ones, the others are hardly said twice."""
    rare = (f"{chance.choice(WORDS)[:4]}{chance.choice(WORDS)[:4]}" for _ in range(75))
    return " ".join([*chance.choices(WORDS, k=75), *rare])


def fill(recordings: int) -> None:
    """Calls of ten campaigns, each with a recording, tags, and the text of a minute's talk."""
    from django.utils import timezone  # noqa: PLC0415

    from calls.models import Call, Campaign, Recording, Tag  # noqa: PLC0415
    from calls.services import searching  # noqa: PLC0415
    from tests.factories import make_account  # noqa: PLC0415

    chance, now = random.Random(6), timezone.now()
    account = make_account(name="Замер")
    campaigns = [
        Campaign.objects.create(
            account=account, name=f"Обзвон {number}", message="text", text="-", payload={}
        )
        for number in range(10)
    ]
    tags = [Tag.objects.create(name=name) for name in TAGS]
    calls = Call.objects.bulk_create(
        [
            Call(
                campaign=chance.choice(campaigns),
                phone=f"79{number:09d}",
                stage="accepted",
                status="finished",
                result="reached",
                is_final=True,
                has_recording=True,
                planned_at=now,
                ivr_answers=f"|{chance.randrange(4)}|",
            )
            for number in range(recordings)
        ],
        batch_size=500,
    )
    made = Recording.objects.bulk_create(
        [
            Recording(
                call=call,
                campaign=call.campaign,
                account=account,
                at=now - timedelta(minutes=number),
                file=f"recordings/{call.pk}.mp3",
                content_type="audio/mpeg",
                size=500_000,
                seconds=chance.randrange(5, 300),
                peaks=bytes(800),
                words=searching.kept(f"{call.phone} {call.campaign.name} {talk(chance)}"),
            )
            for number, call in enumerate(calls)
        ],
        batch_size=500,
    )
    through = Recording.tags.through
    through.objects.bulk_create(
        [
            through(recording_id=row.pk, tag_id=chance.choice(tags).pk)
            for row in made
            if chance.random() < 0.3
        ],
        batch_size=500,
    )


def reviewed(reviewer: Any) -> None:
    """A third of them, at random, and the newest hundred."""
    from django.utils import timezone  # noqa: PLC0415

    from calls.models import Recording, Review  # noqa: PLC0415

    chance, now = random.Random(8), timezone.now()
    newest = Recording.objects.order_by("-at").values_list("pk", flat=True)
    Review.objects.bulk_create(
        [
            Review(
                recording_id=pk,
                reviewer=reviewer,
                state="done",
                mark=chance.randrange(1, 6),
                changed_at=now,
                ended_at=now,
            )
            for place, pk in enumerate(newest)
            if place < 100 or chance.random() < 1 / 3
        ],
        batch_size=500,
    )
    counted()


def counted() -> None:
    """PostgreSQL looks at its tables by itself after a while; SQLite is never told to."""
    from django.db import connection  # noqa: PLC0415

    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")


if __name__ == "__main__":
    print(json.dumps(inside(int(sys.argv[1]))))
