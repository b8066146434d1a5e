"""Many news together come to the same as each by itself."""

import random
from datetime import timedelta
from decimal import Decimal

import pytest

from calls.models import BlockedPhone, Call, Campaign
from calls.services import folding, outcomes
from tests.calls.makers import NOW, api_call, counts_hold, created, make_order, news

pytestmark = pytest.mark.django_db
STATUSES = ("created", "started", "answered", "finished", "busy", "canceled", "teleported")


def campaign_of(number: int) -> list[Call]:
    order = make_order(number)
    retries = {"busy": [2, 1, False], "no_answer": [1, 2, False], "early": [1, 1, False]}
    Campaign.objects.filter(pk=order.campaign_id).update(retries=retries, listen_seconds=20)
    ids = {call.phone: 900_000 + call.pk for call in order.calls.all()}
    outcomes.created(order, created(ids), lambda: NOW)
    return list(order.calls.order_by("pk"))


def told(chance: random.Random, call: Call):
    after = chance.randint(1, 90)
    fields = {"answered_at": chance.choice([None, NOW + timedelta(seconds=4)])}
    fields["ivr_answers"] = chance.choice(["", "|1|", "|2|1|"])
    fields["cost"] = chance.choice([None, Decimal("2.50"), Decimal("3.10")])
    fields["to_block"] = chance.random() < 0.1
    fields["recording_url"] = chance.choice(["", "http://service/r.wav"])
    return api_call(call, news(chance.choice(STATUSES), after=after, **fields))


def facts(calls: list[Call]) -> list[dict]:
    """What the rows say, without what tells the two campaigns apart."""
    own = {"id", "campaign_id", "order_id", "phone", "service_order_id", "created_at"}
    places = {call.phone: place for place, call in enumerate(calls)}
    rows = Call.objects.filter(campaign=calls[0].campaign_id).order_by("pk").values()
    lines = [
        [(event.kind, event.at, event.details) for event in call.events.order_by("pk")]
        for call in Call.objects.filter(campaign=calls[0].campaign_id).order_by("attempt", "pk")
    ]
    kept = [
        {"place": places[row["phone"]], **{k: v for k, v in row.items() if k not in own}}
        for row in rows
    ]
    return [*sorted(kept, key=lambda row: (row["place"], row["attempt"])), {"lines": lines}]


@pytest.mark.parametrize("seed", range(8))
def test_together_and_one_by_one_are_the_same(seed):
    together, alone = campaign_of(6), campaign_of(6)
    first, second = random.Random(seed), random.Random(seed)
    for turn in range(4):
        now = NOW + timedelta(minutes=2 * turn + 2)
        rows = [Call.objects.get(pk=call.pk) for call in together]
        result = folding.fold_all([(row, told(first, row)) for row in rows], now=now)
        assert not result.failed
        for call in alone:
            folding.fold(Call.objects.get(pk=call.pk), told(second, call), now=now)
    assert facts(together) == facts(alone)
    for calls in (together, alone):
        assert counts_hold(calls[0].campaign)
    blocked = set(BlockedPhone.objects.values_list("phone", flat=True))
    assert [a.phone in blocked for a in together] == [b.phone in blocked for b in alone]


def test_calls_written_to_since_they_were_read_are_folded_as_they_are_now():
    calls = campaign_of(3)
    answers = [api_call(call, news("finished", after=9)) for call in calls]
    read = [Call.objects.get(pk=call.pk) for call in calls]
    folding.fold(read[1], api_call(calls[1], news("answered", after=5)), now=NOW)
    stale = [Call.objects.get(pk=call.pk) for call in calls]
    folding.fold(stale[1], api_call(calls[1], news("busy", after=20)), now=NOW)
    result = folding.fold_all(zip(stale, answers, strict=True), now=NOW)
    assert not result.failed
    statuses = [Call.objects.get(pk=call.pk).status for call in calls]
    assert statuses == ["finished", "busy", "finished"]
    assert counts_hold(calls[0].campaign)


def test_what_another_report_has_written_meanwhile_is_not_taken_back():
    """A row is written with all that the batch changes in any row, whatever it says itself."""
    first, second = campaign_of(2)
    folding.fold(second, api_call(second, news("started", after=1)), now=NOW)
    stale = Call.objects.get(pk=second.pk)
    wish = news("started", after=1, to_block=True, hangup_cause="CALL_REJECTED")
    folding.fold(stale, api_call(second, wish), now=NOW)
    # Of the second there is nothing new but its cost; of the first all sorts of things.
    answers = [
        api_call(first, news("started", after=1, to_block=True, hangup_cause="X")),
        api_call(stale, news("started", after=1, cost=Decimal("1.00"))),
    ]
    result = folding.fold_all(zip([first, stale], answers, strict=True), now=NOW)
    assert not result.failed
    second.refresh_from_db()
    assert (second.to_block, second.hangup_cause) == (True, "CALL_REJECTED")
    assert second.cost == Decimal("1.00")
