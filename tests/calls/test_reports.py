from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from calls import reports
from calls.ivr.document import Step, Trigger
from calls.models import Call, CallEvent
from calls.services import answering
from tests.calls.makers import make_call, make_campaign
from tests.calls.scenarios import key, make_scenario, make_version

NOON = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)  # 12:00 in Moscow

pytestmark = pytest.mark.django_db


def at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def make_at(moment: datetime, status: str = "finished", **fields) -> Call:
    call = make_call()
    is_final = status in {"finished", "busy", "canceled"}
    Call.objects.filter(pk=call.pk).update(
        created_at=moment, status=status, is_final=is_final, **fields
    )
    return call


# The day


def test_a_day_begins_at_midnight_of_the_screens():
    assert reports.day_start(NOON) == datetime(2026, 11, 22, 21, 0, tzinfo=UTC)
    late = datetime(2026, 11, 23, 21, 30, tzinfo=UTC)  # 00:30 of the next day in Moscow
    assert reports.day_start(late) == datetime(2026, 11, 23, 21, 0, tzinfo=UTC)


def test_today_counts_what_ended_and_what_it_cost():
    make_at(NOON, "finished", cost=Decimal("4.07"))
    make_at(NOON, "busy", cost=Decimal("0.00"))
    make_at(NOON, "canceled")
    make_at(NOON, "answered")
    make_at(NOON - timedelta(hours=13), "finished", cost=Decimal(100))  # yesterday
    assert reports.today(NOON) == reports.Today(4, 3, 1, Decimal("4.07"))
    assert reports.today(NOON).answered_percent == 33


def test_a_day_without_calls_has_no_percentage():
    assert reports.today(NOON) == reports.Today(0, 0, 0, Decimal(0))
    assert reports.today(NOON).answered_percent is None


def test_hours_are_of_the_screens_and_all_of_them_are_there():
    make_at(NOON, "finished")
    make_at(NOON + timedelta(minutes=59), "busy")
    make_at(NOON + timedelta(hours=1), "canceled")
    make_at(NOON + timedelta(hours=1), "started")
    hours = reports.by_hour(NOON)
    assert [hour.hour for hour in hours] == list(range(24))
    assert hours[12] == reports.Hour(12, finished=1, busy=1, canceled=0, other=0)
    assert hours[13] == reports.Hour(13, finished=0, busy=0, canceled=1, other=1)
    assert sum(hour.total for hour in hours) == 4


def test_each_question_is_one_query(django_assert_num_queries):
    make_at(NOON)
    with django_assert_num_queries(1):
        reports.today(NOON)
    with django_assert_num_queries(1):
        reports.by_hour(NOON)


# The timeline


def titles(call: Call) -> list[str]:
    call.refresh_from_db()
    return [line.title for line in reports.timeline(call)]


def test_a_call_is_told_from_the_queue_to_the_end_with_gaps():
    call = make_call(now=NOON)
    Call.objects.update(
        started_at=at(2),
        answered_at=at(11),
        manager_started_at=at(20),
        manager_answered_at=at(25),
        finished_at=at(60),
        status="finished",
        hangup_cause="NORMAL",
    )
    assert titles(call)[-5:] == [
        "Набираем номер",
        "Абонент ответил",
        "Соединяем с менеджером",
        "Менеджер ответил",
        "Разговор закончен",
    ]
    lines = reports.timeline(call)
    assert lines[0].since_before is None
    assert [line.since_before for line in lines[-4:]] == [9.0, 9.0, 5.0, 35.0]
    assert lines[-1].text == "NORMAL"


@pytest.mark.parametrize(
    ("status", "title", "tone"),
    [
        ("busy", "Занято", "warn"),
        ("canceled", "Разговор не состоялся", "bad"),
        ("teleported", "Звонок закончен", "neutral"),
    ],
)
def test_every_end_has_its_word(status, title, tone):
    call = make_call(now=NOON)
    Call.objects.update(finished_at=at(60), status=status)
    call.refresh_from_db()
    last = reports.timeline(call)[-1]
    assert (last.title, last.tone) == (title, tone)


def test_the_line_never_goes_back_in_time():
    # The service tells whole seconds: it would have dialled before it accepted.
    call = make_call(now=NOON + timedelta(milliseconds=700))
    Call.objects.update(started_at=NOON)
    call.refresh_from_db()
    lines = reports.timeline(call)
    assert lines == sorted(lines, key=lambda line: line.at)
    assert lines[-1].title == "Набираем номер"


def test_a_refusal_tells_its_reason():
    call = make_campaign(1).calls.get()
    CallEvent.objects.create(
        call=call, kind="refused", at=timezone.now(), details={"reason": "Номер не обслуживается"}
    )
    last = reports.timeline(call)[-1]
    assert (last.text, last.tone) == ("Номер не обслуживается", "bad")


# Answers


def answers_of(given: str, *steps: Step, digit: str = "") -> list[tuple[str, str]]:
    version = make_version(make_scenario(*steps))
    account = version.scenario.account
    account.use_duty_phone = True
    account.save(update_fields=["use_duty_phone"])
    call = make_call(account=account, message_kind="scenario", scenario_version=version)
    call.ivr_answers, call.ivr_digit = given, digit
    return [(answer.text, answer.label) for answer in answering.answers(call)]


def menu() -> tuple[Step, ...]:
    words = Step(id="w", label="Согласен", trigger=Trigger("words", words=("да", "Конечно")))
    return (
        key(1, label="Оплачу"),
        key(2, label="Позже", recognize=True, steps=(key(1, id="k21", label="Завтра"), words)),
    )


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("|1|", [("1", "Оплачу")]),
        ("|2|1|", [("2", "Позже"), ("1", "Завтра")]),
        ("|2|конечно|", [("2", "Позже"), ("конечно", "Согласен")]),
        ("|9|1|", [("9", ""), ("1", "")]),
        ("2|1", [("2", "Позже"), ("1", "Завтра")]),
        ("||", []),
        ("", []),
    ],
)
def test_answers_get_the_labels_of_the_menu_they_were_given_in(given, said):
    steps = menu()
    assert answers_of(given, *steps) == said


def test_a_single_key_is_an_answer_too():
    assert answers_of("", *menu(), digit="1") == [("1", "Оплачу")]


def test_answers_without_a_scenario_are_as_they_came():
    call = make_call()
    call.ivr_answers = "|5|"
    assert answering.answers(call) == [answering.Answer("5", "")]


# Lists


def test_a_list_asks_as_often_as_its_liveliest_and_not_below_five():
    now = timezone.now()
    final = Call(is_final=True, planned_at=now)
    live = Call(status="answered", planned_at=now, changed_at=now)
    later = Call(planned_at=now + timedelta(days=1), changed_at=now)

    def seconds(*calls: Call, newest: int | None = None) -> int | None:
        lines = [reports.Line(call, []) for call in calls]
        return reports.Table(lines, newest).poll_seconds

    assert seconds(final) is None
    assert seconds() is None
    assert seconds(final, live, later) == 5
    assert seconds(later) == 60
    assert seconds(later, newest=7) == 15
    assert seconds(final, newest=7) == 15
    assert seconds(live, newest=7) == 5


def test_a_scenario_behind_many_answers_is_read_once(django_assert_num_queries):
    version = make_version(make_scenario(key(1, label="Оплачу")))
    account = version.scenario.account
    account.use_duty_phone = True
    account.save(update_fields=["use_duty_phone"])
    make_campaign(5, account=account, message_kind="scenario", scenario_version=version)
    Call.objects.update(ivr_answers="|1|")
    calls = reports.listed(Call.objects.all())
    with django_assert_num_queries(2):
        table = reports.table(calls)
    assert [line.answers[0].label for line in table.lines] == ["Оплачу"] * 5
