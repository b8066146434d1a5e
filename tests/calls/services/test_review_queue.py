"""What waits for whom: each filter leaves what it says, and a sample is always the same."""

from datetime import timedelta

import pytest

from calls.models import Recording, Review
from calls.services.review_queue import Filters, sampled, waiting
from tests.calls.makers import NOW, make_call, make_recording
from tests.calls.reviews import make_heard
from tests.factories import make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def olga():
    return make_user(role="manager")


def found(person, **filters) -> list[int]:
    return [row.pk for row in waiting(person, Filters(**filters))]


def review(recording, person, state="done"):
    return Review.objects.create(
        recording=recording, reviewer=person, state=state, changed_at=NOW, ended_at=NOW
    )


def test_newest_first_or_oldest(olga):
    first, second = make_heard(1), make_heard(2)
    assert found(olga) == [second.pk, first.pk]
    assert found(olga, is_oldest_first=True) == [first.pk, second.pk]


def test_only_what_can_be_heard(olga):
    make_heard(state=Recording.State.REMOVED)
    make_heard(state=Recording.State.MISSING)
    assert found(olga) == []


def test_what_somebody_has_reviewed_is_for_second_opinions_of_others(olga):
    elena, recording = make_user(role="manager"), make_heard()
    review(recording, elena)
    assert found(olga) == found(elena) == []
    assert found(olga, is_second=True) == [recording.pk]
    assert found(elena, is_second=True) == []
    review(recording, olga)
    assert found(olga, is_second=True) == []


def test_a_draft_leaves_nobodys_queue_and_what_is_skipped_leaves_ones_own(olga):
    elena, recording = make_user(role="manager"), make_heard()
    mine = review(recording, olga, "draft")
    assert found(olga) == found(elena) == [recording.pk]
    Review.objects.filter(pk=mine.pk).update(state="skipped")
    assert found(olga) == []
    assert found(elena) == [recording.pk]


def test_filters_leave_what_they_say(olga):
    boss = make_user()
    wanted = make_heard(
        manager_phone="79991112233",
        seconds=40,
        call_ivr_answers="|2|10|",
        call_result="no_key",
        call_manager_answered_at=NOW,
    )
    wanted.campaign.created_by = boss
    wanted.campaign.save(update_fields=["created_by"])
    other = make_heard(-60 * 24, seconds=400)
    for filters in (
        {"campaign": wanted.campaign_id},
        {"outcome": "no_key"},
        {"outcome": "manager"},
        {"answered": "yes"},
        {"answer": "2"},
        {"answer": "10"},
        {"shorter": 40},
        {"operator": boss.pk},
        {"manager_phone": "1112233"},
        {"since": NOW - timedelta(hours=1)},
    ):
        assert found(olga, **filters) == [wanted.pk], filters
    for filters in (
        {"answered": "no"},
        {"longer": 41},
        {"until": NOW - timedelta(hours=1)},
        {"campaign": other.campaign_id},
    ):
        assert found(olga, **filters) == [other.pk], filters
    assert found(olga, answer="1") == []  # «10» is another answer


def test_an_answer_told_without_its_way_is_found_too(olga):
    recording = make_heard(call_ivr_digit="7")
    assert found(olga, answer="7") == [recording.pk]


def test_a_sample_is_always_the_same_and_larger_ones_hold_it():
    call = make_call()
    make_recording(call)
    base = Recording.objects.get()
    Recording.objects.all().delete()
    calls = [make_call_row(call, number) for number in range(1, 401)]
    Recording.objects.bulk_create(
        Recording(call_id=pk, campaign=base.campaign, account=base.account, at=NOW, file="x")
        for pk in calls
    )
    rows = Recording.objects.all()
    samples = {
        percent: set(sampled(rows, percent, 1).values_list("pk", flat=True))
        for percent in (1, 10, 50, 100)
    }
    assert set(sampled(rows, 10, 1).values_list("pk", flat=True)) == samples[10]
    assert samples[1] <= samples[10] <= samples[50] <= samples[100]
    assert 15 <= len(samples[10]) <= 70
    assert 150 <= len(samples[50]) <= 250
    assert len(samples[100]) == 400
    assert set(sampled(rows, 10, 2).values_list("pk", flat=True)) != samples[10]


def make_call_row(call, number: int) -> int:
    call.pk, call.phone, call.service_order_id = None, f"7901{number:07d}", number
    call._state.adding = True
    call.save()
    return call.pk
