"""Tasks: whose, until when, done with one press and taken back."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from calls.models import FollowUp
from obzvon_site.accounts.models import User
from tests.calls.makers import NOW
from tests.calls.reviews import make_heard
from tests.factories import make_user

PAGE = "/tasks/"


def text_of(answer) -> str:
    return re.sub(r"\s+", " ", answer.content.decode()).replace("\u00a0", " ")


@pytest.fixture
def ask(operator):
    boss, recording = make_user(role="manager"), make_heard()

    def asked(text: str, days: int = 1, assignee=None) -> FollowUp:
        return FollowUp.objects.create(
            recording=recording,
            text=text,
            assignee=assignee or User.objects.get(username="operator"),
            due=timezone.localdate() + timedelta(days=days),
            created_by=boss,
            created_at=NOW,
        )

    return asked


def test_one_sees_ones_own_and_may_see_all(operator, ask):
    ask("Моё")
    ask("Чужое", assignee=make_user())
    assert "Моё" in text_of(operator.get(PAGE))
    assert "Чужое" not in text_of(operator.get(PAGE))
    assert "Чужое" in text_of(operator.get(f"{PAGE}?whose=all"))


def test_what_is_late_is_marked_and_first(operator, ask):
    ask("Потом", 5)
    ask("Сейчас", 0)
    ask("Давно", -1)
    said = text_of(operator.get(PAGE))
    assert said.index("Давно") < said.index("Сейчас") < said.index("Потом")
    assert said.count("Просрочена") == 1


def test_done_with_one_press_and_taken_back_with_another(operator, ask):
    task = ask("Перезвонить")
    answer = operator.post(f"{PAGE}{task.pk}/done/", {"whose": "all"})
    assert answer["Location"] == f"{PAGE}?whose=all&undo={task.pk}"
    task.refresh_from_db()
    assert task.done_by.username == "operator"
    said = text_of(operator.get(answer["Location"]))
    assert "Сделано: Перезвонить" in said
    assert "Задач нет" in said
    assert "Перезвонить" in text_of(operator.get(f"{PAGE}?show=done"))
    assert "уже отметили" in text_of(operator.post(f"{PAGE}{task.pk}/done/", follow=True))
    operator.post(f"{PAGE}{task.pk}/reopen/")
    task.refresh_from_db()
    assert task.done_at is None
    assert "Сделано: Перезвонить" not in text_of(operator.get(answer["Location"]))


def test_from_the_page_of_the_call_one_stays_there(operator, ask):
    task = ask("Перезвонить")
    answer = operator.post(f"{PAGE}{task.pk}/done/", {"at": "call"})
    assert answer["Location"] == task.recording.get_absolute_url()


def test_the_sidebar_counts_what_is_open(operator, ask):
    task = ask("Перезвонить")
    assert "ждут вас" in text_of(operator.get("/profile/"))
    operator.post(f"{PAGE}{task.pk}/done/")
    assert "ждут вас" not in text_of(operator.get("/profile/"))


def test_many_cost_as_many_queries_as_few(operator, ask, django_assert_max_num_queries):
    for number in range(10):
        ask(f"Задача {number}")
    with django_assert_max_num_queries(8):
        operator.get(f"{PAGE}?whose=all")
