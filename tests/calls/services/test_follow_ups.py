from datetime import timedelta

import pytest

from calls.models import FollowUp
from calls.services import follow_ups
from tests.calls.makers import NOW
from tests.calls.reviews import make_heard
from tests.factories import make_user

pytestmark = pytest.mark.django_db


def test_done_once_and_taken_back():
    operator, manager = make_user(), make_user(role="manager")
    asked = follow_ups.ask_for(
        make_heard(), "Перезвонить", assignee=operator, due=NOW.date(), asked_by=manager, now=NOW
    )
    assert list(follow_ups.open_of(operator)) == [asked]
    assert list(follow_ups.open_of(manager)) == []
    assert follow_ups.done(asked.pk, by=operator, now=NOW)
    assert not follow_ups.done(asked.pk, by=manager, now=NOW + timedelta(hours=1))
    kept = FollowUp.objects.get()
    assert (kept.done_at, kept.done_by) == (NOW, operator)
    assert list(follow_ups.open_of(operator)) == []
    assert follow_ups.reopen(asked.pk)
    assert not follow_ups.reopen(asked.pk)
    assert list(follow_ups.open_of(operator)) == [asked]
