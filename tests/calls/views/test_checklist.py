import pytest

from calls.models import ChecklistItem
from tests.calls.reviews import make_line

PAGE = "/review/checklist/"


def texts(client) -> list[str]:
    rows = ChecklistItem.objects.filter(is_active=True)
    assert client.get(PAGE).status_code == 200
    return [row.text for row in rows]


def test_the_first_lines_are_offered_and_not_forced(manager):
    assert "Начать с готовых" in manager.get(PAGE).content.decode()
    assert texts(manager) == []
    manager.post(f"{PAGE}begin/")
    assert len(texts(manager)) == 6
    assert "Начать с готовых" not in manager.get(PAGE).content.decode()
    manager.post(f"{PAGE}begin/")
    assert len(texts(manager)) == 6


def test_lines_are_added_changed_moved_and_put_away(manager):
    for text in ("один", "два"):
        manager.post(f"{PAGE}add/", {"text": text, "weight": 2})
    first, second = ChecklistItem.objects.order_by("pk")
    manager.post(f"{PAGE}{second.pk}/move/", {"where": "up"})
    assert texts(manager) == ["два", "один"]
    manager.post(f"{PAGE}{second.pk}/move/", {"where": "down"})
    assert texts(manager) == ["один", "два"]
    assert manager.get(f"{PAGE}{first.pk}/").status_code == 200
    manager.post(f"{PAGE}{first.pk}/", {"text": "раз", "weight": 3})
    first.refresh_from_db()
    assert (first.text, first.weight) == ("раз", 3)
    manager.post(f"{PAGE}{first.pk}/away/")
    assert texts(manager) == ["два"]
    assert "раз" in manager.get(PAGE).content.decode()
    manager.post(f"{PAGE}{first.pk}/back/")
    assert set(texts(manager)) == {"два", "раз"}


@pytest.mark.parametrize("sent", [{"text": "", "weight": 1}, {"text": "а", "weight": 11}])
def test_a_line_needs_words_and_a_weight_of_ten_at_most(manager, sent):
    assert manager.post(f"{PAGE}add/", sent).status_code == 422
    line = make_line()
    assert manager.post(f"{PAGE}{line.pk}/", sent).status_code == 422
    assert ChecklistItem.objects.get() == line
