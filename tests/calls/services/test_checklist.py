import pytest

from calls.models import ChecklistItem
from calls.services import checklist
from tests.calls.reviews import make_line

pytestmark = pytest.mark.django_db


def texts() -> list[str]:
    return [line.text for line in checklist.active()]


def test_lines_are_added_at_the_end_and_moved_one_place():
    for text in ("один", "два", "три"):
        checklist.add(text, 1)
    last = ChecklistItem.objects.get(text="три")
    checklist.move(last, -1)
    assert texts() == ["один", "три", "два"]
    checklist.move(last, -1)
    checklist.move(last, -1)  # it is the first already
    assert texts() == ["три", "один", "два"]
    checklist.move(last, 1)
    assert texts() == ["один", "три", "два"]


def test_a_line_put_away_is_passed_over_and_comes_back():
    first, second, third = (make_line(text) for text in ("один", "два", "три"))
    checklist.put_away(second)
    assert texts() == ["один", "три"]
    checklist.move(third, -1)
    assert texts() == ["три", "один"]
    second.refresh_from_db()
    checklist.move(second, -1)  # nobody sees it
    checklist.bring_back(second)
    assert set(texts()) == {"три", "один", "два"}
    checklist.put_away(first)
    assert [line.text for line in checklist.shown_with({str(first.pk)})].count("один") == 1


def test_the_lines_to_begin_with_are_offered_once():
    assert checklist.begin() == 6
    assert checklist.begin() == 0
    assert len(texts()) == 6
