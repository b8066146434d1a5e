import pytest
from django.db.models import ProtectedError

from obzvon_site.accounts.models import ApiAccount, AuditEvent, OutgoingPhone
from obzvon_site.accounts.services import phones
from obzvon_site.provider.errors import NotOffered
from tests.accounts.makers import NOW, service_phone
from tests.factories import make_account, make_phone

HAND, SERVICE = OutgoingPhone.Source.HAND, OutgoingPhone.Source.SERVICE


def test_numbers_are_taken_from_the_service(db, service):
    account = make_account()
    service.answer = [service_phone("74950000001"), service_phone("74950000002", False)]
    assert phones.take_from_service(account, actor=None, now=NOW) == 2
    rows = OutgoingPhone.objects.order_by("phone")
    assert [(row.phone, row.is_confirmed, row.source) for row in rows] == [
        ("74950000001", True, SERVICE),
        ("74950000002", False, SERVICE),
    ]
    assert rows[0].seen_at == NOW
    assert AuditEvent.objects.get().details == {"count": 2}


def test_a_number_typed_by_hand_keeps_its_label_and_is_confirmed(db, service):
    account = make_account()
    make_phone(account, phone="74950000001", label="Продажи", is_confirmed=None)
    service.answer = [service_phone("+7 (495) 000-00-01")]
    phones.take_from_service(account, actor=None, now=NOW)
    row = OutgoingPhone.objects.get()
    assert (row.label, row.is_confirmed, row.source) == ("Продажи", True, HAND)


def test_a_taken_number_no_longer_named_is_unconfirmed(db, service):
    account = make_account()
    gone = make_phone(account, source=SERVICE)
    mine = make_phone(account, source=HAND)
    elsewhere = make_phone(source=SERVICE)
    service.answer = []
    assert phones.take_from_service(account, actor=None, now=NOW) == 0
    for row in (gone, mine, elsewhere):
        row.refresh_from_db()
    assert (gone.is_confirmed, mine.is_confirmed, elsewhere.is_confirmed) == (False, True, True)


def test_what_is_not_a_number_is_left_out(db, service):
    service.answer = [service_phone("12345"), service_phone("74950000001")]
    assert phones.take_from_service(make_account(), actor=None, now=NOW) == 1


def test_taking_twice_makes_no_copies(db, service):
    account = make_account()
    service.answer = [service_phone("74950000001")]
    phones.take_from_service(account, actor=None, now=NOW)
    phones.take_from_service(account, actor=None, now=NOW)
    assert OutgoingPhone.objects.count() == 1


def test_a_service_without_the_list_changes_nothing(db, service):
    phone = make_phone(source=SERVICE)
    service.answer = NotOffered()
    with pytest.raises(NotOffered):
        phones.take_from_service(phone.account, actor=None, now=NOW)
    phone.refresh_from_db()
    assert phone.is_confirmed
    assert not AuditEvent.objects.exists()


def test_a_removed_default_leaves_the_account_without_one(db):
    phone = make_phone()
    ApiAccount.objects.update(default_phone=phone)
    phones.remove(phone, actor=None)
    assert ApiAccount.objects.get().default_phone is None


def test_a_number_in_use_stays(db, monkeypatch):
    phone = make_phone()

    def delete(self):
        raise ProtectedError("used", set())

    monkeypatch.setattr(OutgoingPhone, "delete", delete)
    with pytest.raises(phones.InUse):
        phones.remove(phone, actor=None)
    assert not AuditEvent.objects.exists()


def test_a_new_label_is_noted(db):
    phone = make_phone(label="Старая")
    phones.relabel(phone, "Новая", actor=None)
    assert OutgoingPhone.objects.get().label == "Новая"
    assert AuditEvent.objects.get().details == {"before": "Старая", "after": "Новая"}
