"""``manage.py doctor``: lines for people, an object for scripts, an exit code for both."""

import json
import logging
import os
import socket
import subprocess
import sys
from io import StringIO

import pytest
from django.core.management import call_command

from obzvon_site.doctor import examine
from obzvon_site.doctor.findings import bad, ok, warning
from tests.installation import ROOT


def run(*arguments: str) -> tuple[str, int]:
    out = StringIO()
    try:
        call_command("doctor", *arguments, stdout=out, no_color=True)
    except SystemExit as ended:
        return out.getvalue(), ended.code
    return out.getvalue(), 0


def say(monkeypatch, *findings):
    monkeypatch.setattr(examine, "reachable", lambda: ok("database.reachable", "База есть."))
    monkeypatch.setattr(examine, "database", lambda now: iter(findings))
    monkeypatch.setattr(examine, "WITH_DATABASE", ())
    monkeypatch.setattr(examine, "WITHOUT_DATABASE", ())


def test_each_check_is_a_line_and_warnings_are_no_failure(monkeypatch):
    say(monkeypatch, warning("disk.free", "Мало места.", "Освободите."))
    text, code = run()
    assert code == 0
    assert "Мало места. Освободите." in text
    assert "предупреждений: 1" in text.splitlines()[-1]


def test_anything_bad_ends_with_1(monkeypatch):
    say(monkeypatch, bad("disk.data", "Нельзя писать.", "Дайте права."))
    text, code = run()
    assert code == 1
    assert "[плохо]" in text


@pytest.mark.parametrize(("level", "is_told"), [("INFO", False), ("DEBUG", True)])
def test_tries_of_the_network_stand_between_findings_only_for_debugging(
    monkeypatch, caplog, level, is_told
):
    def unreachable(_now):
        log = logging.getLogger("urllib3.connectionpool")
        log.warning("Retrying (Retry(total=1, connect=1))")
        log.error("unforeseen")
        yield bad("account.key", "Сервис не отвечает.", "Проверьте адрес.")

    say(monkeypatch)
    monkeypatch.setattr(examine, "WITH_DATABASE", (unreachable,))
    caplog.set_level(level)
    assert "Сервис не отвечает." in run()[0]
    assert ("Retrying" in caplog.text) == is_told
    assert "unforeseen" in caplog.text
    assert logging.getLogger("urllib3").level == logging.NOTSET


def test_scripts_get_codes(monkeypatch):
    say(monkeypatch, bad("disk.data", "Нельзя писать.", "Дайте права."))
    text, code = run("--json")
    told = json.loads(text)
    assert (code, told["ok"]) == (1, False)
    assert told["findings"][1] == {
        "code": "disk.data",
        "state": "bad",
        "sentence": "Нельзя писать.",
        "advice": "Дайте права.",
    }


def test_a_check_that_fails_hides_no_other(monkeypatch):
    def broken(now):
        yield ok("first", "Первое.")
        raise ZeroDivisionError

    say(monkeypatch)
    monkeypatch.setattr(examine, "WITHOUT_DATABASE", (broken, lambda now: iter([ok("x", "Да.")])))
    told = json.loads(run("--json")[0])["findings"]
    assert [one["code"] for one in told] == ["database.reachable", "first", "broken.failed", "x"]


@pytest.mark.parametrize("code", ["database.reachable", "database.migrations"])
def test_without_a_usable_database_the_rest_is_still_looked_at(monkeypatch, code):
    say(monkeypatch, bad(code, "Нет.", "Сделайте."))
    monkeypatch.setattr(examine, "WITH_DATABASE", (lambda now: iter([ok("never", "")]),))
    monkeypatch.setattr(examine, "WITHOUT_DATABASE", (lambda now: iter([ok("x", "Да.")]),))
    told = [one["code"] for one in json.loads(run("--json")[0])["findings"]]
    assert told == ["database.reachable", code, "database.skipped", "x"]


def test_every_subject_is_asked_on_a_real_installation(db, tmp_path, settings):
    settings.DATA_DIR = tmp_path
    told = json.loads(run("--json")[0])["findings"]
    assert not [one for one in told if one["code"].endswith(".failed")]
    subjects = {one["code"].partition(".")[0] for one in told}
    wanted = {"database", "engine", "workers", "accounts", "address", "disk", "secrets", "build"}
    assert wanted <= subjects


@pytest.mark.slow
def test_a_server_that_is_silent_or_away_is_a_sentence(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        for port in (silent.getsockname()[1], 9):
            done = subprocess.run(
                [sys.executable, "manage.py", "doctor"],
                cwd=ROOT,
                env={
                    **os.environ,
                    "DJANGO_SETTINGS_MODULE": "obzvon_site.settings",
                    "DATA_DIR": str(tmp_path),
                    "DATABASE_URL": f"postgres://someone:swordfish@127.0.0.1:{port}/obzvon",
                },
                capture_output=True,
                text=True,
                timeout=60,
                check=False,
            )
            assert done.returncode == 1
            assert "База данных не отвечает" in done.stdout
            assert "swordfish" not in done.stdout + done.stderr
            assert "Traceback" not in done.stderr
