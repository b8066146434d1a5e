"""What has come of a campaign: funnel, columns, causes, comparison, answers."""

from datetime import UTC, datetime, timedelta

import pytest

from calls import campaign_report
from calls.campaign_chart import COLUMNS, chart
from calls.campaign_report import comparison, failures, funnel, report, set_aside, walks
from calls.models import AnswerCount, Call, Campaign, CampaignMinute, Variant
from calls.rules.shares import Share
from tests.calls import scenarios
from tests.calls.makers import make_campaign
from tests.calls.scenarios import key, make_scenario, make_version

NOON = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)  # 12:00 in Moscow

pytestmark = pytest.mark.django_db


def make_variant(letter: str, **fields) -> Variant:
    fields = {"message": "text", "payload": {}, "listen_seconds": 10, "people": 500, **fields}
    return Variant(letter=letter, **fields)


# The funnel


def steps(campaign: Campaign, *variants: Variant) -> list[tuple[str, int, int | None]]:
    return [(step.name, step.count, step.percent) for step in funnel(campaign, variants)]


def test_the_funnel_goes_from_ended_calls_to_the_manager():
    campaign = Campaign(message="scenario", listen_seconds=10)
    campaign.payload = {"ivrs": [{"managerPhone": "79000000001"}]}
    campaign.finished, campaign.busy, campaign.canceled = 60, 20, 20
    campaign.answered, campaign.listened, campaign.keyed, campaign.connected = 60, 45, 30, 3
    assert steps(campaign) == [
        ("Звонков закончено", 100, None),
        ("Дозвонились", 60, 60),
        ("Дослушали", 45, 75),
        ("Ответили", 30, 67),
        ("Соединили с менеджером", 3, 10),
    ]
    assert [step.width for step in funnel(campaign)] == [1000, 600, 450, 300, 30]


def test_steps_that_cannot_be_are_left_out():
    plain = Campaign(message="record", payload={}, finished=4, answered=3, listened=3)
    assert [name for name, *_rest in steps(plain)] == ["Звонков закончено", "Дозвонились"]
    measured = make_variant("a")
    assert steps(plain, measured)[-1] == ("Дослушали", 3, 100)


def test_who_answers_before_the_end_is_no_share_of_those_who_listened():
    early = Campaign(message="scenario", payload={}, listen_seconds=9, finished=10)
    early.answered, early.listened, early.keyed = 8, 2, 6
    assert steps(early)[-1] == ("Ответили", 6, None)


def test_before_the_first_end_there_are_no_shares():
    assert steps(Campaign(message="text", payload={})) == [
        ("Звонков закончено", 0, None),
        ("Дозвонились", 0, None),
    ]


# Columns


def make_minutes(campaign: Campaign, *moments: datetime, **fields) -> None:
    values = {"ended": 3, "answered": 2, "failed": 1, **fields}
    for moment in moments:
        CampaignMinute.objects.create(campaign=campaign, minute=moment, **values)


def test_an_hour_is_drawn_by_fives_of_minutes_with_the_quiet_ones():
    campaign = make_campaign(1)
    make_minutes(campaign, NOON, NOON + timedelta(minutes=1), NOON + timedelta(minutes=58))
    drawn = chart(campaign)
    assert (drawn.minutes, len(drawn.columns), drawn.top) == (5, 12, 8)
    first, second, *_between, last = drawn.columns
    assert first.parts == (("ok", 4), ("warn", 2), ("bad", 2))
    assert (second.total, last.total) == (0, 4)
    assert f"{first.at:%H:%M} {last.at:%H:%M}" == "12:00 12:55"
    assert first.tick == "12:00"
    assert drawn.format == "H:i"


@pytest.mark.parametrize(
    ("length", "minutes"),
    [
        (timedelta(minutes=30), 1),
        (timedelta(minutes=31), 5),
        (timedelta(hours=7), 15),
        (timedelta(hours=24), 60),
        (timedelta(days=6), 360),
        (timedelta(days=20), 1440),
    ],
)
def test_there_are_enough_columns_and_not_too_many(length, minutes):
    campaign = make_campaign(1)
    make_minutes(campaign, NOON, NOON + length)
    drawn = chart(campaign)
    assert drawn.minutes == minutes
    assert len(drawn.columns) <= COLUMNS
    assert drawn.columns[-1].total == 4


def test_marks_tell_the_day_where_there_is_more_than_one():
    campaign = make_campaign(1)
    make_minutes(campaign, NOON, NOON + timedelta(hours=24))
    marks = [column.tick for column in chart(campaign).columns if column.tick]
    assert marks == ["23.11 12:00", "23.11 17:00", "23.11 22:00", "24.11 03:00", "24.11 08:00"]


def test_of_months_the_latest_days_are_drawn():
    campaign = make_campaign(1)
    make_minutes(campaign, NOON, NOON + timedelta(days=90))
    drawn = chart(campaign)
    assert (drawn.minutes, len(drawn.columns)) == (1440, COLUMNS)
    assert sum(column.total for column in drawn.columns) == 4
    assert drawn.format == "d.m"


def test_minutes_in_which_nothing_ended_are_not_drawn():
    campaign = make_campaign(1)
    make_minutes(campaign, NOON, ended=0, answered=0, failed=0, sent=5)
    assert chart(campaign).columns == []


# Causes


def test_failures_are_grouped_by_cause_the_most_frequent_first():
    campaign = make_campaign(8)
    calls = list(campaign.calls.order_by("pk"))
    refused = [call.pk for call in calls[:4]]
    Call.objects.filter(pk__in=refused).update(stage="refused", error="Номер не обслуживается")
    Call.objects.filter(pk=refused[0]).update(is_retried=True)
    for call in calls[4:6]:
        said = f"Номер в чёрном списке: {call.phone}"
        Call.objects.filter(pk=call.pk).update(stage="blocked", error=said)
    Call.objects.filter(pk=calls[6].pk).update(stage="taken_back")
    campaign.failed = 7
    found = failures(campaign)
    assert [(row.reason, row.number, row.repeatable) for row in found.shown] == [
        ("Номер не обслуживается", 4, 3),
        ("В чёрном списке", 2, 0),
        ("Отменён", 1, 0),
    ]
    assert (found.repeatable, found.others) == (3, 0)


def test_rare_causes_are_told_together(monkeypatch):
    monkeypatch.setattr(campaign_report, "CAUSES_SHOWN", 2)
    campaign = make_campaign(6)
    for number, call in enumerate(campaign.calls.order_by("pk")):
        error = f"Причина {min(number, 3)}"
        Call.objects.filter(pk=call.pk).update(stage="refused", error=error)
    campaign.failed = 6
    found = failures(campaign)
    assert [row.number for row in found.shown] == [3, 1]
    assert found.others == 2


def test_where_nothing_failed_no_calls_are_read(django_assert_num_queries):
    campaign = make_campaign(3)
    with django_assert_num_queries(0):
        assert failures(campaign).shown == []


def test_those_who_are_not_called_are_told_by_reason():
    campaign = Campaign(set_aside={"no_consent": 3, "blocked": 40, "of_tomorrow": 1})
    assert [(str(name), number) for name, number in set_aside(campaign)] == [
        ("В чёрном списке", 40),
        ("Нет согласия на звонки", 3),
        ("of_tomorrow", 1),
    ]


# The comparison


def test_messages_are_compared_by_those_who_took_the_call():
    rows = [
        make_variant("b", ended=1500, answered=1000, listened=310),
        make_variant("a", ended=1400, answered=1000, listened=240),
    ]
    found = comparison(rows)
    assert [rival.variant.letter for rival in found.rivals] == ["a", "b"]
    assert [rival.goal for rival in found.rivals] == [Share(240, 1000), Share(310, 1000)]
    assert [rival.answered for rival in found.rivals] == [Share(1000, 1400), Share(1000, 1500)]
    assert not found.is_by_keys
    assert (found.winner.variant.letter, found.loser.variant.letter) == ("b", "a")


def test_scenarios_are_compared_by_answers_and_managers():
    rows = [
        make_variant("a", message="scenario", answered=100, keyed=20, connected=2, listened=90),
        make_variant("b", message="scenario", answered=100, keyed=0, connected=12, listened=90),
    ]
    found = comparison(rows)
    assert found.is_by_keys
    assert [rival.goal.count for rival in found.rivals] == [20, 12]
    assert found.winner is None
    assert found.loser is None
    assert found.verdict.missing


def test_a_text_beside_a_scenario_is_compared_by_listening():
    found = comparison([make_variant("a", message="scenario"), make_variant("b")])
    assert not found.is_by_keys


def test_one_message_is_compared_with_nothing():
    assert comparison([]) is None
    assert comparison([make_variant("a")]) is None


# Answers


def make_walked(**fields) -> Campaign:
    version = make_version(make_scenario(key(1, label="Оплачу"), key(2, label="Позже")))
    campaign = scenarios.make_campaign(version, answered=10, finished=12, **fields)
    for answers, number in (("|1|", 6), ("|2|", 1), ("|9|", 1), ("|2|1|", 0)):
        AnswerCount.objects.create(campaign=campaign, answers=answers, number=number)
    return campaign


def test_answers_are_told_by_the_labels_of_steps():
    (walk,) = walks(make_walked())
    assert [(row.title, row.part.count) for row in walk.ways.rows] == [
        ("Оплачу", 6),
        ("Позже", 1),
        ("Промолчали или положили трубку", 2),
        ("Ответили другое", 1),
    ]
    assert walk.ways.rows[0].part.thousandths == 600


def test_each_scenario_of_a_comparison_has_its_own_answers():
    campaign = make_walked()
    other = make_version(make_scenario(key(3, label="Да"), name="Второй"))
    variants = [
        Variant(letter="a", scenario_version=campaign.scenario_version, answered=10, payload={}),
        Variant(letter="b", scenario_version=other, answered=4, payload={}),
        Variant(letter="c", message="text", payload={}),
    ]
    AnswerCount.objects.create(campaign=campaign, variant="b", answers="|3|", number=3)
    first, second = walks(campaign, variants)
    assert (first.letter, second.letter) == ("a", "b")
    assert [(row.title, row.part.count) for row in second.ways.rows] == [
        ("Да", 3),
        ("Промолчали или положили трубку", 1),
    ]


def test_a_text_has_no_answers(django_assert_num_queries):
    campaign = make_campaign(1)
    with django_assert_num_queries(0):
        assert walks(campaign) == []


@pytest.mark.parametrize("people", [3, 60])
def test_a_report_costs_the_same_for_few_and_many(people, django_assert_num_queries):
    campaign = make_campaign(people)
    Call.objects.filter(pk=campaign.calls.first().pk).update(stage="refused", error="Нет")
    campaign.failed = 1
    make_minutes(campaign, *(NOON + timedelta(minutes=number) for number in range(people)))
    with django_assert_num_queries(3):  # variants, minutes, causes
        report(campaign)
