"""The promises of `make run` that scripts rely on."""

import os
import signal
import socket
import stat
from pathlib import Path

import pytest
import requests

from tests.installation import running_installation, start, two_free_ports, wait_for

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_everything_answers_and_everything_stops(tmp_path, number):
    with running_installation(tmp_path) as installation:
        assert f"obzvon ready: {installation.url}/" in installation.lines
        assert requests.get(f"{installation.url}/healthz", timeout=5).json() == {"status": "ok"}
        assert "Password of each" in "\n".join(installation.lines)
        pids = installation.pids("")
        assert installation.stop(number) < 10
        assert not any(Path(f"/proc/{pid}").exists() for pid in pids)
        assert installation.process.returncode == 0


def test_what_dies_is_started_again(tmp_path):
    with running_installation(tmp_path) as installation:
        for what in ("gunicorn", "embedded_worker calls", "obzvon_site.provider.emulator"):
            old = set(installation.pids(what))
            assert old
            os.kill(min(old), signal.SIGKILL)
            wait_for(lambda what=what, old=old: set(installation.pids(what)) - old, seconds=15)
        wait_for(lambda: answers(f"{installation.url}/healthz"), seconds=15)


def test_behind_a_proxy_that_speaks_tls_it_becomes_ready(tmp_path):
    """As deploy/obzvon.env.example sets it up; and where OBZVON_HOSTS lacks 127.0.0.1."""
    public = {"PUBLIC_URL": "https://calls.example.com", "OBZVON_BEHIND_PROXY": "true"}
    for hosts in ("calls.example.com,127.0.0.1", "calls.example.com"):
        with running_installation(tmp_path, OBZVON_HOSTS=hosts, **public) as installation:
            assert f"obzvon ready: {installation.url}/" in installation.lines


def test_secrets_are_made_once_and_readable_by_the_owner_alone(tmp_path):
    with running_installation(tmp_path):
        first = {name: (tmp_path / name).read_text() for name in ("secret-key", "field-key")}
        modes = {stat.S_IMODE((tmp_path / name).stat().st_mode) for name in first}
        assert modes == {0o600}
    with running_installation(tmp_path) as again:
        assert first == {name: (tmp_path / name).read_text() for name in first}
        assert "Password of each" not in "\n".join(again.lines)


def test_a_port_in_use_is_one_clear_sentence(tmp_path):
    port = two_free_ports()
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", port))
        taken.listen()
        process = start(tmp_path, port)
        output, _ = process.communicate(timeout=30)
    assert process.returncode != 0
    assert f"Port {port} is in use" in output
    assert "Traceback" not in output


def test_a_data_folder_that_cannot_be_used_is_one_clear_sentence(tmp_path):
    (tmp_path / "file").write_text("not a folder")
    process = start(tmp_path / "file" / "data", two_free_ports())
    output, _ = process.communicate(timeout=30)
    assert process.returncode != 0
    assert "choose another with DATA_DIR" in output
    assert "Traceback" not in output


def answers(url: str) -> bool:
    try:
        return requests.get(url, timeout=2).ok
    except requests.RequestException:
        return False
