"""The page of the scores report."""

import re

import pytest
from django.utils import timezone

from tests.calls.makers import make_recording
from tests.calls.test_scores_report import review
from tests.factories import make_user

pytestmark = pytest.mark.django_db
PAGE = "/recordings/scores/"


def text_of(answer) -> str:
    return re.sub(r"\s+", " ", answer.content.decode()).replace("\u00a0", " ")


def test_no_reviews_say_what_to_do(manager):
    assert "Проверок за эти дни нет" in text_of(manager.get(PAGE))


def test_the_days_shown_stand_in_the_form(manager):
    said = text_of(manager.get(PAGE))
    assert f'value="{timezone.localdate():%Y-%m-%d}"' in said


def test_the_last_thirty_days_are_shown(manager):
    anna = make_user(role="manager", username="anna")
    recording = make_recording(manager_phone="79990000001")
    review(recording, anna, 4, at=timezone.now(), score=75)
    said = text_of(manager.get(PAGE))
    assert "Закончена 1 проверка" in said
    assert "75 %" in said
    assert "+7 (999) 000-00-01" in said
    assert "Согласие не измерить" in said


def test_agreement_and_what_is_apart(manager):
    anna, boris = make_user(username="anna"), make_user(username="boris")
    recording = make_recording()
    review(recording, anna, 1, at=timezone.now())
    review(recording, boris, 5, at=timezone.now())
    said = text_of(manager.get(PAGE))
    assert "anna · boris" in said
    assert f"Звонок № {recording.call_id}" in said


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("first=2026-11-20&last=2026-11-01", "Поменяйте их местами"),
        ("first=2020-01-01&last=2026-11-01", "Больше года"),
        ("last=0001-01-05", "от 2000 до 2100"),
        ("first=0001-01-01&last=0001-01-05", "от 2000 до 2100"),
        ("first=9999-12-01&last=9999-12-31", "от 2000 до 2100"),
    ],
)
def test_wrong_days_are_said(manager, query, words):
    answer = manager.get(f"{PAGE}?{query}")
    assert answer.status_code == 422
    assert words in text_of(answer)


def test_nonsense_instead_of_a_day_shows_the_usual_days(manager):
    assert manager.get(f"{PAGE}?first=x").status_code == 422
