"""The checklist of reviews: its lines, their order and weight. Old reviews keep their lines."""

from collections.abc import Collection

from django.db import transaction
from django.utils.translation import gettext as _

from calls.models import ChecklistItem


def active() -> list[ChecklistItem]:
    return list(ChecklistItem.objects.filter(is_active=True))


def shown_with(answered: Collection[str]) -> list[ChecklistItem]:
    """The lines of today, and those of older days that a review has answered."""
    rows = ChecklistItem.objects.all()
    return [row for row in rows if row.is_active or str(row.pk) in answered]


@transaction.atomic
def add(text: str, weight: int) -> ChecklistItem:
    """A new line, at the end."""
    last = ChecklistItem.objects.select_for_update().order_by("-place").first()
    place = last.place + 1 if last else 1
    return ChecklistItem.objects.create(text=text, weight=weight, place=place)


@transaction.atomic
def move(item: ChecklistItem, step: int) -> None:
    """One place up (-1) or down (1) among the lines of today; at an end nothing changes."""
    rows = list(ChecklistItem.objects.select_for_update().filter(is_active=True))
    here = rows.index(item) if item in rows else -1
    there = here + step
    if here < 0 or not 0 <= there < len(rows):
        return
    rows[here], rows[there] = rows[there], rows[here]
    for place, row in enumerate(rows, start=1):
        row.place = place
    ChecklistItem.objects.bulk_update(rows, ["place"])


def put_away(item: ChecklistItem) -> None:
    """Asked no more. Reviews that have answered it show it as they did."""
    ChecklistItem.objects.filter(pk=item.pk).update(is_active=False)


def bring_back(item: ChecklistItem) -> None:
    ChecklistItem.objects.filter(pk=item.pk).update(is_active=True)


@transaction.atomic
def begin() -> int:
    """The lines most people begin with; only where there are none. Returns how many."""
    if ChecklistItem.objects.exists():
        return 0
    lines = [
        (_("Поздоровался и представился"), 1),
        (_("Понял, зачем звонит абонент"), 2),
        (_("Ответил верно и по делу"), 3),
        (_("Говорил вежливо, не перебивал"), 2),
        (_("Договорился о следующем шаге"), 2),
        (_("Попрощался"), 1),
    ]
    rows = [
        ChecklistItem(text=text, weight=weight, place=place)
        for place, (text, weight) in enumerate(lines, start=1)
    ]
    return len(ChecklistItem.objects.bulk_create(rows))
