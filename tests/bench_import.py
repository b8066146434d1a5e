"""Import of contacts: rows per second and memory beside other ways, on both databases."""

import itertools
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import requests

from calls.services.imports import sheet
from tests.calls.services.imports.books import xlsx
from tests.installation import ROOT, two_free_ports, wait_for
from tests.postgres import running_postgres

ROWS = 1_000_000
INVALID, REPEATED = 0.03, 0.05
Show = Callable[[str, float, str], None]
NOTATIONS = (
    "+7{0}{1}{2}{3}",
    "8{0}{1}{2}{3}",
    "7{0}{1}{2}{3}",
    "+7 ({0}) {1}-{2}-{3}",
    "8 ({0}) {1}-{2}-{3}",
    "8-{0}-{1}-{2}-{3}",
    "+7 {0} {1} {2} {3}",
    "8 {0} {1} {2}{3}",
)
WRONG = ("", "12345", "+1 202 555 01 99", "нет номера", "791234567890123")
NAMES = ("Иванов Иван", "Петрова Анна", "Сидоров Пётр Ильич", "ООО «Ромашка»", "Ким")


def write_csv(path: Path, rows: int) -> None:
    """The same file every time: 3 % invalid, 5 % repeats in another notation, 8 notations."""
    chance = random.Random(4)
    tails = random.Random(5).sample(range(1_000_000_000), rows)
    notations = itertools.cycle(NOTATIONS)
    with path.open("w", encoding="utf-8") as file:
        file.write("Телефон;ФИО;Сумма\n")
        for number in range(rows):
            draw = chance.random()
            if draw < INVALID:
                phone = chance.choice(WRONG)
            else:
                again = draw < INVALID + REPEATED and number > 0
                digits = f"9{tails[chance.randrange(number) if again else number]:09d}"
                parts = digits[:3], digits[3:6], digits[6:8], digits[8:]
                phone = next(notations).format(*parts)
            file.write(f"{phone};{NAMES[number % 5]};{number % 100_000}\n")


def imports(show: Show, rows: int = ROWS) -> None:
    """Every method in the same minutes, each in a process of its own and an empty table."""
    with tempfile.TemporaryDirectory(prefix="obzvon-bench-") as folder:
        whole, tenth = Path(folder) / "whole.csv", Path(folder) / "tenth.csv"
        write_csv(whole, rows)
        write_csv(tenth, rows // 10)
        for name, database in (("SQLite", sqlite), ("PostgreSQL", postgres)):
            with database() as environment:
                if environment:
                    compare(show, name, environment, whole, tenth)
                else:
                    print(f"{name} is left out: no server here")


def compare(show: Show, name: str, env: dict[str, str], whole: Path, tenth: Path) -> None:
    small = method("ours", tenth, env)
    ours = method("ours", whole, env)
    rows = ours["rows"]
    ready = method("ready", whole, env)
    bulk = method("bulk", whole, env)
    rate, limit = rows / ours["seconds"], ready["contacts"] / ready["seconds"]
    show(f"{name}: import of {rows:,} rows, rows/s", rate, "60000 (PostgreSQL)")
    show(f"{name}: ready rows, the limit, rows/s", limit, "–")
    show(f"{name}: import / ready rows", rate / limit, ">= 0.40 (SQLite)")
    show(f"{name}: import / bulk_create(2000)", bulk["seconds"] / ours["seconds"], ">= 2")
    if name == "PostgreSQL":
        staged = method("staged", whole, env)
        show(f"{name}: staged COPY, rows/s", rows / staged["seconds"], "–")
        show(f"{name}: import / staged COPY", staged["seconds"] / ours["seconds"], ">= 0.50")
    show(f"{name}: memory over start, all rows, MB", ours["memory"], "<= 150")
    show(f"{name}: the same for a tenth of them, MB", small["memory"], "–")


def method(name: str, path: Path, env: dict[str, str]) -> dict[str, float]:
    """Run one method on empty tables."""
    emptied(env)
    command = [sys.executable, "-m", "tests.bench_import_methods", name, str(path)]
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{name} ended by {done.returncode}: {done.stderr}")
    return dict(json.loads(done.stdout.splitlines()[-1]))


def emptied(env: dict[str, str]) -> None:
    """A database with tables and nothing in them."""
    subprocess.run(
        [sys.executable, "manage.py", "flush", "--noinput", "-v", "0"],
        cwd=ROOT,
        env=env,
        check=True,
    )


@contextmanager
def sqlite() -> Iterator[dict[str, str]]:
    with tempfile.TemporaryDirectory(prefix="obzvon-bench-") as folder:
        yield prepared({"DATA_DIR": folder})


@contextmanager
def postgres() -> Iterator[dict[str, str]]:
    with tempfile.TemporaryDirectory(prefix="obzvon-bench-") as folder, running_postgres() as url:
        yield prepared({"DATA_DIR": folder, "DATABASE_URL": url}) if url else {}


def prepared(settings: dict[str, str]) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    env = {**kept, "DJANGO_SETTINGS_MODULE": "obzvon_site.settings", **settings}
    command = [sys.executable, "manage.py", "migrate", "-v", "0"]
    subprocess.run(command, cwd=ROOT, env=env, check=True)
    return env


def workbook(show: Show, rows: int = 100_000) -> None:
    """A workbook read into rows for import, beside its reader alone; whole processes."""
    with tempfile.TemporaryDirectory(prefix="obzvon-bench-") as folder:
        book, target = Path(folder) / "book.xlsx", Path(folder) / "book.csv"
        write_xlsx(book, rows)
        alone = (
            "import sys, python_calamine as c\n"
            "s = c.load_workbook(sys.argv[1]).get_sheet_by_index(0)\n"
            "print(sum(1 for _ in s.iter_rows()))"
        )
        most = str(1024**3)
        pairs = [
            (
                took(sys.executable, "-c", alone, str(book)),
                took(sys.executable, "-I", sheet.__file__, str(book), "", str(target), most),
            )
            for _ in range(5)
        ]
    reader, ours = (sorted(times)[2] for times in zip(*pairs, strict=True))
    show(f"XLSX of {rows:,} rows: read for import, rows/s", rows / ours, "–")
    show("XLSX: read for import / its reader alone", reader / ours, ">= 0.50")


def write_xlsx(path: Path, rows: int) -> None:
    """Cells as texts and numbers, as most programs write them."""
    source = ((f"+7912{n:07d}", NAMES[n % 5], n, f"№ {n}") for n in range(rows))
    with path.open("wb") as file:
        file.write(xlsx(А=[["Телефон", "ФИО", "Сумма", "Договор"], *map(list, source)]))


def took(*command: str) -> float:
    began = time.monotonic()
    subprocess.run(command, check=True, capture_output=True)
    return time.monotonic() - began


def journal(show: Show, rows: int = ROWS) -> None:
    """How a page of the journal is served while a worker imports."""
    with tempfile.TemporaryDirectory(prefix="obzvon-bench-") as folder:
        file = Path(folder) / "whole.csv"
        write_csv(file, rows)
        for name, database in (("SQLite", sqlite), ("PostgreSQL", postgres)):
            with database() as environment:
                if environment:
                    before, meanwhile = served(environment, file)
                    show(f"{name}: journal before an import, p95, ms", percentile(before), "–")
                    show(f"{name}: journal during one, p95, ms", percentile(meanwhile), "300")


def percentile(times: list[float]) -> float:
    return sorted(times)[int(len(times) * 0.95)] * 1000


def served(env: dict[str, str], file: Path) -> tuple[list[float], list[float]]:
    """Seconds of each request for the journal, one after another: 200, then through an import."""
    port = two_free_ports()
    methods = [sys.executable, "-m", "tests.bench_import_methods"]
    static = [sys.executable, "manage.py", "collectstatic", "--noinput", "-v", "0"]
    subprocess.run(static, cwd=ROOT, env=env, check=True)
    told = subprocess.run(
        [*methods, "journal", str(file)], cwd=ROOT, env=env, check=True, capture_output=True
    )
    command = [sys.executable, "-m", "gunicorn", "obzvon_site.wsgi:application", "--threads", "8"]
    web = subprocess.Popen(
        [*command, "--bind", f"127.0.0.1:{port}", "--worker-class", "gthread"],
        cwd=ROOT,
        env=env,
        stderr=subprocess.DEVNULL,
    )
    try:
        session = requests.Session()
        session.cookies.set("sessionid", told.stdout.decode().split()[-1])
        page = f"http://127.0.0.1:{port}/calls/"
        wait_for(lambda: answered(session, page), seconds=30)
        before = [asked(session, page) for _ in range(200)]
        importer = [*methods, "ours", str(file)]
        worker = subprocess.Popen(importer, cwd=ROOT, env=env, stdout=subprocess.DEVNULL)
        meanwhile = []
        while worker.poll() is None:
            meanwhile.append(asked(session, page))
        return before, meanwhile
    finally:
        web.terminate()
        web.wait()


def asked(session: requests.Session, page: str) -> float:
    began = time.monotonic()
    session.get(page, timeout=30).raise_for_status()
    return time.monotonic() - began


def answered(session: requests.Session, page: str) -> bool:
    try:
        return session.get(page, timeout=5, allow_redirects=False).status_code == 200
    except requests.RequestException:
        return False
