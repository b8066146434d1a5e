"""The blacklist keeps the first reason and remembers who took a number off."""

import pytest

from calls.models import BlockedPhone
from calls.services import blocking
from obzvon_site.accounts.models import AuditEvent
from tests.factories import make_user

pytestmark = pytest.mark.django_db
HAND = BlockedPhone.Source.HAND


def test_a_number_blocked_twice_keeps_its_first_reason():
    blocking.block(["79000000001"], source=HAND, reason="первая")
    assert blocking.block(["79000000001"], source=HAND, reason="вторая") == []
    assert BlockedPhone.objects.get().reason == "первая"


def test_many_numbers_are_looked_up_at_once(django_assert_num_queries):
    blocking.block([f"7900000{n:04d}" for n in range(5)], source=HAND)
    with django_assert_num_queries(2):
        found = blocking.blocked_among(f"7900000{n:04d}" for n in range(1000))
    assert len(found) == 5


def test_unblocking_leaves_the_reason_in_the_audit():
    blocking.block(["79000000001"], source=HAND, reason="просил", actor=make_user())
    blocked = BlockedPhone.objects.get()
    blocking.unblock(blocked, actor=make_user(), reason="передумал")
    assert not BlockedPhone.objects.exists()
    assert set(AuditEvent.objects.values_list("verb", flat=True)) == {
        "blacklist.added",
        "blacklist.removed",
    }
