"""The blacklist keeps the first reason and remembers who took a number off."""

from datetime import timedelta

import pytest

from calls.models import BlockedPhone
from calls.services import blocking
from obzvon_site.accounts.models import AuditEvent
from tests.calls.makers import NOW, make_campaign
from tests.factories import make_user

pytestmark = pytest.mark.django_db
HAND = BlockedPhone.Source.HAND
PHONE = "79000000001"
DAY = timedelta(days=1)


def test_a_number_blocked_twice_keeps_its_first_reason():
    blocking.block(["79000000001"], source=HAND, reason="первая")
    assert blocking.block(["79000000001"], source=HAND, reason="вторая") == []
    assert BlockedPhone.objects.get().reason == "первая"


def test_many_numbers_are_looked_up_at_once(django_assert_num_queries):
    blocking.block([f"7900000{n:04d}" for n in range(5)], source=HAND)
    with django_assert_num_queries(1):
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


def test_a_block_that_is_over_holds_no_longer():
    blocking.block([PHONE], source=HAND, expires_at=NOW + DAY, now=NOW)
    assert PHONE in blocking.blocked_among([PHONE], now=NOW)
    assert blocking.blocked_among([PHONE], now=NOW + DAY) == {}


def test_a_longer_block_takes_the_place_of_a_shorter_one_and_never_the_reverse():
    blocking.block([PHONE], source=HAND, reason="день", expires_at=NOW + DAY, now=NOW)
    assert blocking.block([PHONE], source=HAND, reason="навсегда", now=NOW) == [PHONE]
    shorter = NOW + 2 * DAY
    assert blocking.block([PHONE], source=HAND, reason="два", expires_at=shorter, now=NOW) == []
    assert BlockedPhone.objects.get().reason == "навсегда"


def test_a_block_for_one_campaign_leaves_the_others_alone():
    one, other = make_campaign(1), make_campaign(1)
    blocking.block([PHONE], source=HAND, campaign=one)
    assert PHONE in blocking.blocked_among([PHONE], campaign_id=one.pk)
    assert blocking.blocked_among([PHONE], campaign_id=other.pk) == {}
    assert blocking.blocked_among([PHONE]) == {}


def test_a_block_for_all_says_more_than_one_for_a_campaign():
    campaign = make_campaign(1)
    blocking.block([PHONE], source=HAND, reason="везде")
    blocking.block([PHONE], source=HAND, reason="здесь", campaign=campaign)
    found = blocking.blocked_among([PHONE], campaign_id=campaign.pk)
    assert found[PHONE].reason == "везде"


def test_the_sentence_names_the_last_day():
    blocking.block([PHONE], source=HAND, reason="просил", expires_at=NOW + DAY, now=NOW)
    assert "по 24 ноября 2026: просил" in BlockedPhone.objects.get().explanation
