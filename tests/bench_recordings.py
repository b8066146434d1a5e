"""The archive with 10,000 recordings: how long its list and its search take.

``archive(show)`` for both databases; run as a module inside one of them it prints a line of JSON.
Times are of a request through the test client: the database, the view and the template.
"""

import json
import random
import statistics
import subprocess
import sys
import time
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
    from django.db import connection  # noqa: PLC0415
    from django.test import Client  # noqa: PLC0415

    settings.ALLOWED_HOSTS = ["testserver"]
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.STORAGES["staticfiles"]["BACKEND"] = (
        "django.contrib.staticfiles.storage.StaticFilesStorage"
    )
    fill(recordings)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    from tests.factories import make_user  # noqa: PLC0415

    client = Client(headers={"host": "testserver"})
    client.force_login(make_user(role="manager"))
    return {what: p95(client, addresses) for what, addresses in questions().items()}


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


def p95(client: Any, questions: list[dict[str, str]]) -> float:
    """Milliseconds within which 95 of 100 pages come."""
    spent = []
    for parameters in [questions[0], *questions]:  # the first one warms up
        began = time.perf_counter()
        answer = client.get("/recordings/", parameters)
        spent.append((time.perf_counter() - began) * 1000)
        assert answer.status_code == 200
    return statistics.quantiles(spent[1:], n=20)[-1]


def fill(recordings: int) -> None:
    """Calls of ten campaigns, each with a recording, tags, and the text of a minute's talk."""
    from django.utils import timezone  # noqa: PLC0415

    from calls.models import Call, Campaign, Recording, Tag  # noqa: PLC0415
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
                words=f"{call.phone} {call.campaign.name} "
                + " ".join(chance.choices(WORDS, k=150)),
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


if __name__ == "__main__":
    print(json.dumps(inside(int(sys.argv[1]))))
