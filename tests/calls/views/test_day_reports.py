from datetime import timedelta

import pytest
from django.utils import timezone

from calls.models import DayReport
from tests.factories import make_account

pytestmark = pytest.mark.django_db
LIST = "/settings/days/"


def text_of(answer) -> str:
    return answer.content.decode().replace("\u00a0", " ")


def test_an_empty_list_says_when_the_first_comes(admin):
    assert "Сверок ещё не было" in text_of(admin.get(LIST))


def test_a_day_is_asked_for(admin):
    account = make_account()
    day = timezone.localdate()
    said = text_of(admin.post(f"{LIST}ask/", {"account": account.pk, "day": str(day)}, follow=True))
    assert "Сверяем" in said
    assert DayReport.objects.get(account=account, day=day).state == "asked"


def test_a_day_to_come_is_refused(admin):
    day = timezone.localdate() + timedelta(days=1)
    answer = admin.post(f"{LIST}ask/", {"account": make_account().pk, "day": str(day)})
    assert answer.status_code == 422
    assert "ещё не наступил" in text_of(answer)
    assert not DayReport.objects.exists()


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("extra", "есть только у сервиса"),
        ("missing", "есть только у нас"),
        ("cost", "цена"),
        ("status", "статус"),
    ],
)
def test_differences_are_told_in_words(admin, kind, words):
    line = {"kind": kind, "call": None, "number": 7, "phone": "79000000001"}
    report = DayReport.objects.create(
        account=make_account(),
        day=timezone.localdate(),
        state="different",
        differing=2000,
        differences=[{**line, "ours": "", "theirs": "2.50"}],
    )
    said = text_of(admin.get(report.get_absolute_url()))
    assert words in said
    assert "+7 (900) 000-00-01" in said
    assert "2 000" in said
    assert "Расходится" in text_of(admin.get(LIST))


def test_operators_do_not_see_it(operator):
    assert operator.get(LIST).status_code == 403
