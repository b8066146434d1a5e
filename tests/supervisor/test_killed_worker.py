"""A worker killed in the middle of twenty calls: nobody is lost, nobody is called twice."""

import os
import re
import signal

import pytest
import requests

from tests.installation import PASSWORD, Installation, running_installation, wait_for

pytestmark = pytest.mark.slow
PHONES = [f"79003000{number:03d}" for number in range(11, 31)]


class Operator(requests.Session):
    """Somebody at a browser without scripts."""

    def __init__(self, installation: Installation) -> None:
        super().__init__()
        self.url = installation.url
        self.send_form("/login/", username="operator", password=PASSWORD)

    def send_form(self, path: str, **fields: str) -> requests.Response:
        page = self.get(self.url + path, timeout=15).text
        hidden = dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', page))
        answer = self.post(self.url + path, data={**hidden, **fields}, timeout=15)
        answer.raise_for_status()
        return answer

    def launch(self, phones: list[str]) -> str:
        """Call, and return the campaign's address."""
        account = re.search(
            r'name="account".*?value="(\d+)"',
            self.get(self.url + "/calls/new/", timeout=15).text,
            re.S,
        )
        answer = self.send_form(
            "/calls/new/",
            numbers="\n".join(phones),
            message="text",
            text="Здравствуйте! Это проверка.",
            gender="0",
            account=account[1],
            caller="duty",
        )
        assert "/campaigns/" in answer.url, answer.text
        return answer.url


@pytest.mark.parametrize("kills", [1, 6])
def test_all_twenty_become_final_and_each_was_called_once(tmp_path, kills):
    with running_installation(tmp_path, OBZVON_EMULATOR_SPEED="10") as installation:
        operator = Operator(installation)
        campaign = operator.launch(PHONES)
        for _ in range(kills):
            kill_workers(installation)
        all_end_well(installation, operator, campaign)


def test_a_worker_killed_between_the_request_and_its_answer_leaves_doubt_that_is_cleared(tmp_path):
    slow = "drip:create,seconds=60"  # the calls are made, and the answer takes a minute
    fast = {"OBZVON_EMULATOR_SPEED": "10", "OBZVON_EMULATOR_FAULTS": slow}
    with running_installation(tmp_path, **fast) as installation:
        operator = Operator(installation)
        campaign = operator.launch(PHONES)
        wait_for(lambda: counts(installation), seconds=30)
        kill_workers(installation)
        all_end_well(installation, operator, campaign)


def all_end_well(installation: Installation, operator: Operator, campaign: str) -> None:
    """Every call becomes final, and the service was asked for each number once."""
    wait_for(
        lambda: "20 из 20" in operator.get(f"{campaign}progress/", timeout=15).text,
        seconds=90,
        else_say=lambda: operator.get(f"{campaign}progress/", timeout=15).text,
    )
    assert counts(installation) == dict.fromkeys(PHONES, 1)


def counts(installation: Installation) -> dict[str, int]:
    """How often the service was asked to call each number."""
    return requests.get(f"{installation.emulator_url}/control/counts", timeout=10).json()


def kill_workers(installation: Installation) -> None:
    """Kill -9 every worker there is, and wait until new ones have come."""
    workers = wait_for(lambda: installation.pids("embedded_worker"), seconds=15)
    for pid in workers:
        os.kill(pid, signal.SIGKILL)
    wait_for(lambda: set(installation.pids("embedded_worker")) - set(workers), seconds=15)
