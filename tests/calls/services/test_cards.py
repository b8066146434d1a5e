from datetime import date

import pytest
from django.core.exceptions import ObjectDoesNotExist

from calls.models import Contact
from calls.services import cards
from calls.services.cards import Card
from obzvon_site.accounts.models import AuditEvent
from tests.calls.lists import counted, make_contact, make_list

DAY = date(2026, 3, 12)


def card_of(contact: Contact, **fields) -> Card:
    kept = {name: getattr(contact, name) for name in Card.__slots__}
    return Card(**{**kept, **fields})


def test_a_card_replaces_what_the_list_says_and_its_counters_follow(db):
    owner = make_list(0)
    unknown = {"zone": "", "consent_on": None, "name": "Анна"}
    contact = make_contact(owner, **unknown, variables={"сумма": "100", "срок": ""})
    make_contact(owner, variables={"сумма": "5"})
    counted(owner)
    card = Card("Анна П.", "Asia/Omsk", DAY, "сайт", "№ 1", {"сумма": "", "срок": "1 декабря"})
    cards.change(contact.pk, card, actor=None)

    contact.refresh_from_db()
    owner.refresh_from_db()
    assert (contact.name, contact.zone, contact.consent_on) == ("Анна П.", "Asia/Omsk", DAY)
    assert contact.variables == {"сумма": "", "срок": "1 декабря"}
    assert (owner.total, owner.without_zone, owner.without_consent) == (2, 0, 0)
    assert owner.variables["сумма"] == {"filled": 1, "longest": 3}
    assert owner.variables["срок"] == {"filled": 1, "longest": 9}


def test_what_is_taken_away_is_counted_too(db):
    owner = make_list(1)
    cards.change(Contact.objects.get().pk, Card(), actor=None)
    owner.refresh_from_db()
    assert (owner.without_zone, owner.without_consent) == (1, 1)


def test_the_log_says_which_fields_and_not_what_stood_in_them(db):
    contact = make_contact(make_list(0), name="Анна")
    cards.change(contact.pk, card_of(contact, name="Мария"), actor=None)
    event = AuditEvent.objects.get(verb="contact.changed")
    assert event.details == {"fields": ["name"]}
    assert "Анна" not in str(event.details)


def test_a_card_that_says_the_same_leaves_no_trace(db):
    contact = make_contact(make_list(0), name="Анна")
    cards.change(contact.pk, card_of(contact), actor=None)
    assert not AuditEvent.objects.exists()


def test_somebody_who_is_gone_is_not_changed(db):
    with pytest.raises(ObjectDoesNotExist):
        cards.change(987, Card(), actor=None)
