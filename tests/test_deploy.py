"""What `deploy/` names exists: settings, commands, flags, files; and it fits together."""

import os
import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml
from django.core.management import get_commands, load_command_class
from gunicorn.config import Config

from calls.services import dispatch
from obzvon_site.accounts.clients import DEADLINE
from obzvon_site.common.engine import QUEUES
from obzvon_site.management.commands import up

ROOT = Path(__file__).resolve().parent.parent
DEPLOY = ROOT / "deploy"
UNITS = sorted((DEPLOY / "systemd").glob("*.service"))
# Not ours: Python's, pip's, PostgreSQL's.
FOREIGN = re.compile(r"PYTHON|PIP_|POSTGRES_")
# A pass that is asked to stop: the answer to what was asked, then tries to write it down.
PASS_ENDS = DEADLINE + dispatch.WRITES * dispatch.WRITE_AGAIN


def settings_known() -> set[str]:
    table = (ROOT / "docs/configuration.md").read_text()
    return set(re.findall(r"^\| `([A-Z][A-Z_]+)`", table, re.MULTILINE))


def compose() -> dict:
    return yaml.safe_load((DEPLOY / "docker/compose.yaml").read_text())


def containers() -> list[dict]:
    return list(compose()["services"].values())


def units() -> dict[str, dict[str, list[str]]]:
    """Unit → name of a line → its values, in order."""
    found: dict[str, dict[str, list[str]]] = {}
    for path in UNITS:
        lines = path.read_text().replace("\\\n", " ").splitlines()
        pairs = [line.split("=", 1) for line in lines if "=" in line and not line.startswith("#")]
        found[path.name] = {}
        for name, value in pairs:
            found[path.name].setdefault(name, []).append(value)
    return found


def commands() -> list[list[str]]:
    """Every command line in deploy/, as its words, from the interpreter on."""
    found = [
        shlex.split(line)
        for unit in units().values()
        for name in ("ExecStartPre", "ExecStart")
        for line in unit.get(name, [])
    ]
    found += [service["command"] for service in containers() if "command" in service]
    docker = (DEPLOY / "docker/Dockerfile").read_text().replace("\\\n", " ")
    found += [yaml.safe_load(words) for words in re.findall(r"^\s*CMD (\[.*\])$", docker, re.M)]
    found += [
        ["python", *shlex.split(words)]
        for words in re.findall(r"python (manage\.py [^&\n]+)", docker)
    ]
    return found


def test_there_is_something_to_look_at():
    assert len(UNITS) == 4
    assert len(commands()) >= 12


@pytest.mark.parametrize("words", commands(), ids=" ".join)
def test_every_command_and_its_flags_exist(words, monkeypatch):
    assert Path(words[0]).name == "python"
    words = [word.replace("%i", "calls") for word in words[1:]]
    if words[0] == "manage.py":
        assert words[1] in get_commands()
        command = load_command_class(get_commands()[words[1]], words[1])
        command.create_parser("manage.py", words[1]).parse_args(words[2:])
    elif words[:2] == ["-m", "gunicorn"]:
        parsed = Config().parser().parse_args(words[2:])
        assert parsed.args == ["obzvon_site.wsgi:application"]
    else:
        assert (ROOT / words[0]).is_file()


@pytest.mark.parametrize(
    "path",
    [*UNITS, DEPLOY / "obzvon.env.example", DEPLOY / "docker/Dockerfile"],
    ids=lambda path: path.name,
)
def test_every_setting_is_a_documented_one(path):
    named = set(re.findall(r"^#?(?:ENV |Environment=)?\s*([A-Z][A-Z_]+)=", path.read_text(), re.M))
    assert {name for name in named if not is_known(name)} == set()


def test_every_setting_of_the_containers_is_a_documented_one():
    named = {name for service in containers() for name in service.get("environment", {})}
    assert named
    assert {name for name in named if not is_known(name)} == set()


def is_known(name: str) -> bool:
    return bool(FOREIGN.match(name)) or name.removesuffix("_FILE") in settings_known()


def test_each_queue_has_a_worker_among_the_containers():
    worked = {
        queue
        for service in containers()
        if "worker" in service.get("command", [])
        for queue in service["command"][-1].split(",")
    }
    assert worked == set(QUEUES)


def test_whatever_a_container_needs_is_there():
    told = compose()
    for name, service in told["services"].items():
        assert set(service.get("secrets", [])) <= set(told["secrets"]), name
        assert set(service.get("depends_on", {})) <= set(told["services"]), name
        for mount in service.get("volumes", []):
            source = mount.split(":")[0]
            if source.startswith("."):
                assert (DEPLOY / "docker" / source).is_file(), source
            else:
                assert source.startswith("/") or source in told["volumes"], source
    ours = [service for service in containers() if service["image"] == "obzvon"]
    assert len(ours) == 5
    assert all("media:/data/media" in service["volumes"] for service in ours)


def test_nginx_follows_web_containers_that_were_made_anew():
    """Else an upgrade of them leaves it with addresses where nobody is."""
    upstream = (DEPLOY / "docker/obzvon-upstream.conf").read_text()
    assert re.search(r"^resolver 127\.0\.0\.11 ", upstream, re.MULTILINE)
    assert re.search(r"^\s+zone ", upstream, re.MULTILINE)
    assert "server web:8000 resolve;" in upstream
    version = compose()["services"]["nginx"]["image"].removeprefix("nginx:")
    assert tuple(map(int, version.split("."))) >= (1, 28)


def test_a_worker_is_given_the_time_that_its_orders_may_take():
    grace = [
        service["stop_grace_period"]
        for service in containers()
        if "worker" in service.get("command", [])
    ]
    assert len(grace) == len(QUEUES)
    seconds = [int(value.removesuffix("s")) for value in grace]
    seconds += map(int, units()["obzvon-worker@.service"]["TimeoutStopSec"])
    assert min(seconds) > PASS_ENDS
    assert up.WORKER_STOP_SECONDS > DEADLINE
    assert int(units()["obzvon.service"]["TimeoutStopSec"][0]) > up.WORKER_STOP_SECONDS + 8


@pytest.mark.parametrize("name", [path.name for path in UNITS])
def test_units_are_hardened_and_kept_alive(name):
    unit = units()[name]
    assert unit["NoNewPrivileges"] == ["yes"]
    assert unit["ProtectSystem"] == ["strict"]
    assert unit["User"] == ["obzvon"]
    assert unit["StateDirectory"] == ["obzvon"]  # DATA_DIR, the one folder that may be written
    if "migrate" not in name:
        assert (unit["Restart"], unit["KillSignal"]) == (["always"], ["SIGTERM"])


def test_the_address_of_webhooks_passes_what_we_take_and_nothing_much_larger():
    conf = (DEPLOY / "nginx/obzvon.conf").read_text()
    hooks = conf.split("location /hooks/ {")[1].split("}")[0]
    assert "client_max_body_size 2m;" in hooks
    assert "non_idempotent" in hooks
    for header in ("Host $host", "X-Forwarded-Proto $scheme", "X-Forwarded-For $remote_addr"):
        assert f"proxy_set_header {header};" in conf
        assert "proxy_set_header" not in hooks  # else those above would be lost there


@pytest.mark.slow
@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="no systemd here")
def test_systemd_understands_the_units(tmp_path):
    for path in UNITS:
        text = path.read_text().replace("/opt/obzvon/.venv/bin/python", "/bin/true")
        (tmp_path / path.name.replace("@", "@calls")).write_text(text.replace("%i", "calls"))
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *tmp_path.iterdir()],
        capture_output=True,
        text=True,
        check=False,
    )
    ours = [line for line in done.stderr.splitlines() if str(tmp_path) in line or "obzvon" in line]
    assert [line for line in ours if "obzvon.env" not in line] == []


@pytest.mark.slow
@pytest.mark.skipif(not shutil.which("nginx"), reason="no nginx here")
@pytest.mark.skipif(not shutil.which("openssl"), reason="no openssl here")
@pytest.mark.parametrize("upstream", ["nginx/obzvon-upstream.conf", "docker/obzvon-upstream.conf"])
def test_nginx_understands_its_file(tmp_path, upstream):
    key, certificate = tmp_path / "privkey.pem", tmp_path / "fullchain.pem"
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=x"),
            *("-keyout", key, "-out", certificate),
        ],
        check=True,
        capture_output=True,
    )
    conf = (DEPLOY / "nginx/obzvon.conf").read_text()
    conf = conf.replace("/etc/letsencrypt/live/calls.example.com", str(tmp_path))
    (tmp_path / "obzvon.conf").write_text(conf)
    servers = (DEPLOY / upstream).read_text().replace("web:8000 resolve", "127.0.0.1:8000")
    (tmp_path / "upstream.conf").write_text(servers)
    (tmp_path / "nginx.conf").write_text(
        f"pid {tmp_path}/pid; error_log {tmp_path}/log; events {{}} http {{ access_log off;"
        f" include {tmp_path}/upstream.conf; include {tmp_path}/obzvon.conf; }}"
    )
    done = subprocess.run(
        ["nginx", "-t", "-c", tmp_path / "nginx.conf"],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "LC_ALL": "C"},
    )
    assert done.returncode == 0, done.stderr
