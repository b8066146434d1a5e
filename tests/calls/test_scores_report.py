"""Scores by campaign, manager and reviewer, and agreement, against counts by hand."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from calls import scores_report
from calls.models import Review
from calls.scores_report import Period
from tests.calls.makers import make_campaign, make_recording
from tests.factories import make_user

pytestmark = pytest.mark.django_db
MOSCOW = ZoneInfo("Europe/Moscow")
AT = datetime(2026, 11, 20, 12, tzinfo=MOSCOW)
MONTH = Period(date(2026, 11, 1), date(2026, 11, 30))


def review(recording, reviewer, mark=4, *, at=AT, score=None, answers=None, state="done") -> Review:
    return Review.objects.create(
        recording=recording,
        reviewer=reviewer,
        state=state,
        mark=mark,
        score=score,
        answers=answers or {},
        changed_at=at,
        ended_at=at,
    )


@pytest.fixture
def people():
    return make_user(role="manager", username="anna"), make_user(role="manager", username="boris")


def done():
    return scores_report.done_in(MONTH)


def test_only_ended_reviews_of_the_days_count(people):
    anna, boris = people
    for at in (
        AT,
        datetime(2026, 11, 1, tzinfo=MOSCOW),
        datetime(2026, 11, 30, 23, 59, tzinfo=MOSCOW),
    ):
        review(make_recording(), anna, at=at)
    review(make_recording(), anna, at=datetime(2026, 10, 31, 23, 59, tzinfo=MOSCOW))
    review(make_recording(), anna, at=datetime(2026, 12, 1, tzinfo=MOSCOW))
    review(make_recording(), boris, state="draft")
    review(make_recording(), boris, state="skipped")
    assert done().count() == 3


def test_totals_and_averages(people):
    anna, _ = people
    for mark, score in ((5, 100), (2, 50), (4, None)):
        review(make_recording(), anna, mark, score=score)
    total = scores_report.totals(done())
    assert (total.count, total.mark, total.checklist, total.low) == (3, Decimal("3.7"), 0.75, 1)


def test_no_reviews_have_no_average():
    total = scores_report.totals(done())
    assert (total.count, total.mark, total.checklist) == (0, None, None)


def test_lines_by_campaign_manager_and_reviewer(people):
    anna, boris = people
    one = make_recording(manager_phone="79990000001")
    other = make_recording()
    review(one, anna, 5)
    review(one, boris, 3)
    review(other, anna, 1)
    assert [(line.name, line.count, line.mark) for line in scores_report.by_campaign(done())] == [
        (one.campaign.name, 2, Decimal("4.0")),
        (other.campaign.name, 1, Decimal("1.0")),
    ]
    assert [(line.name, line.count) for line in scores_report.by_manager_phone(done())] == [
        ("79990000001", 2)
    ]
    assert [(line.name, line.count, line.low) for line in scores_report.by_reviewer(done())] == [
        ("anna", 2, 1),
        ("boris", 1, 0),
    ]


def test_agreement_of_two(people):
    anna, boris = people
    for mine, theirs in ((5, 5), (4, 5), (1, 5)):
        recording = make_recording()
        review(recording, anna, mine, answers={"1": "yes", "2": "no", "3": "yes"})
        review(recording, boris, theirs, answers={"1": "yes", "2": "yes"})
    lines, apart = scores_report.agreement(done())
    [line] = lines
    assert line.names == ("anna", "boris")
    assert (line.calls, line.same, line.near) == (3, 1, 2)
    assert (line.answers, line.equal) == (6, 3)
    assert [one.marks for one in apart] == [(1, 5)]


def test_three_reviewers_are_three_pairs(people):
    third = make_user(role="manager", username="vera")
    recording = make_recording()
    for person in (*people, third):
        review(recording, person, 4)
    lines, apart = scores_report.agreement(done())
    assert len(lines) == 3
    assert not apart


def test_reviews_without_a_mark_say_nothing_of_agreement(people):
    anna, boris = people
    recording = make_recording()
    review(recording, anna, 4)
    review(recording, boris, None)
    assert scores_report.agreement(done()) == ([], [])


def test_the_number_of_queries_does_not_grow(people, django_assert_num_queries):
    anna, boris = people
    for _ in range(5):
        recording = make_recording(campaign=make_campaign())
        review(recording, anna, 5)
        review(recording, boris, 1)
    with django_assert_num_queries(2):
        scores_report.agreement(done())


def test_days_are_days_of_the_screens():
    start, end = Period(date(2026, 11, 24), date(2026, 11, 24)).bounds
    assert end - start == timedelta(days=1)
    assert start == datetime(2026, 11, 24, tzinfo=MOSCOW)
