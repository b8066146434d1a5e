"""A campaign as fast as the real emulator takes it: counted to the last call, each rung once."""

import pytest

from calls.models import Campaign
from calls.rules.retries import Retries, Rule
from tests.bench_campaign import SPEED, quiet_webhooks, run
from tests.emulator import running_emulator


@pytest.mark.slow
@pytest.mark.django_db
def test_two_thousand_calls_and_their_retries_are_counted_and_rung_once_each():
    again = Retries({"busy": Rule(2, 1), "no_answer": Rule(1, 2)})
    with running_emulator(speed=SPEED) as emulator, quiet_webhooks():
        told = run(emulator, 2000, retries=again)  # it compares counters, recount and emulator
    campaign = Campaign.objects.get()
    assert campaign.is_over
    assert told["calls"] - 2000 == campaign.retried > 300
