"""Recordings to review and checklists for tests."""

from datetime import timedelta
from typing import Any

from calls.models import Call, ChecklistItem, Recording
from tests.calls.makers import NOW, make_call, make_recording


def make_heard(minutes: int = 0, *, call: Call | None = None, **fields: Any) -> Recording:
    """A kept recording of a finished call, so many minutes after NOW.

    Fields of the call have «call_» before them.
    """
    of_call = {
        "status": "finished",
        "is_final": True,
        "answered_at": NOW + timedelta(minutes=minutes, seconds=-68),
        "finished_at": NOW + timedelta(minutes=minutes),
    }
    names = [name for name in fields if name.startswith("call_")]
    of_call |= {name.removeprefix("call_"): fields.pop(name) for name in names}
    call = call or make_call()
    Call.objects.filter(pk=call.pk).update(**of_call)
    call.refresh_from_db()
    return make_recording(call, seconds=fields.pop("seconds", 68), **fields)


def make_line(text: str = "Поздоровался", weight: int = 1, **fields: Any) -> ChecklistItem:
    place = fields.pop("place", ChecklistItem.objects.count() + 1)
    return ChecklistItem.objects.create(text=text, weight=weight, place=place, **fields)
