"""What a call says of itself."""

from datetime import timedelta

import pytest
from django.utils import timezone

from calls.models import Call, Campaign
from tests.calls.makers import NOW, make_call, make_campaign


@pytest.mark.parametrize(
    ("stage", "status", "counter", "outcome"),
    [
        ("planned", "", "waiting", "planned"),
        ("sending", "", "waiting", "sending"),
        ("unknown", "", "doubtful", "unknown"),
        ("refused", "", "failed", "refused"),
        ("lost", "", "failed", "lost"),
        ("blocked", "", "failed", "blocked"),
        ("taken_back", "", "failed", "taken_back"),
        ("accepted", "", "live", "queued"),
        ("accepted", "created", "live", "created"),
        ("accepted", "answered", "live", "answered"),
        ("accepted", "teleported", "live", "other"),
        ("accepted", "finished", "finished", "finished"),
        ("accepted", "busy", "busy", "busy"),
        ("accepted", "canceled", "canceled", "canceled"),
    ],
)
def test_each_call_is_in_one_counter_and_has_one_word(stage, status, counter, outcome):
    call = Call(stage=stage, status=status)
    assert (call.counter, call.outcome) == (counter, outcome)


@pytest.mark.parametrize("field", ["waiting", "live", "doubtful", "failed", "finished"])
def test_a_counter_is_a_field_of_the_campaign(field):
    assert getattr(Campaign(**{field: 7}), field) == 7


@pytest.mark.parametrize(
    ("answered", "finished", "seconds"),
    [(None, None, None), (NOW, None, None), (None, NOW, None), (NOW, NOW, 0)],
)
def test_a_talk_has_two_ends(answered, finished, seconds):
    assert Call(answered_at=answered, finished_at=finished).talk_seconds == seconds
    call = Call(answered_at=NOW, finished_at=NOW + timedelta(seconds=68))
    assert call.talk_seconds == 68


def test_clocks_that_disagree_make_no_negative_talk():
    assert Call(answered_at=NOW, finished_at=NOW - timedelta(seconds=3)).talk_seconds == 0


@pytest.mark.parametrize(
    ("fields", "seconds"),
    [
        ({"status": "answered"}, 3),
        ({"status": "started", "changed": 3600}, 3),
        ({"stage": "planned"}, 3),
        ({"stage": "planned", "changed": 300}, 10),
        ({"stage": "planned", "planned": 3600}, 60),
        ({"is_final": True}, None),
        ({"is_final": True, "recording_at": NOW}, 5),
    ],
)
def test_a_page_asks_the_rarer_the_less_happens(fields, seconds):
    now = timezone.now()
    changed = now - timedelta(seconds=fields.pop("changed", 0))
    planned = now + timedelta(seconds=fields.pop("planned", 0))
    assert Call(changed_at=changed, planned_at=planned, **fields).poll_seconds == seconds


def test_due_calls_come_oldest_first(db):
    later = make_campaign(1, planned_at=NOW).calls.get()
    sooner = make_campaign(1, planned_at=NOW - timedelta(hours=1)).calls.get()
    make_campaign(1, planned_at=NOW + timedelta(seconds=1))
    assert list(Call.objects.due(NOW)) == [sooner, later]


def test_only_what_did_not_go_out_may_be_ordered_again(db):
    stages = dict.fromkeys(Call.Stage.values)
    for stage in stages:
        call = make_campaign(1).calls.get()
        Call.objects.filter(pk=call.pk).update(stage=stage)
    assert {call.stage for call in Call.objects.retryable()} == {"refused", "lost"}


def test_only_known_calls_are_asked_about(db):
    call = make_call()
    assert list(Call.objects.to_ask(NOW + timedelta(minutes=1))) == [call]
    Call.objects.update(service_order_id=None)
    assert not Call.objects.to_ask(NOW + timedelta(minutes=1)).exists()


def test_only_recordings_with_an_address_are_fetched(db):
    call = make_call()
    Call.objects.update(recording_at=NOW)
    assert not Call.objects.to_fetch(NOW).exists()
    Call.objects.update(recording_url="http://service/r.mp3")
    assert list(Call.objects.to_fetch(NOW)) == [call]
    assert not Call.objects.to_fetch(NOW - timedelta(seconds=1)).exists()
