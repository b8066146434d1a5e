from datetime import UTC, date, datetime

import pytest
from django.utils import timezone

from calls import people
from calls.models import BlockedPhone, Contact
from tests.calls.contact_makers import make_import
from tests.calls.lists import make_list

NOW = datetime(2026, 11, 23, 9, 0, 0, tzinfo=UTC)
PHONE = "79000000001"


def test_lists_are_told_with_their_first_file_and_what_is_not_over(db):
    done, waiting, gone = make_list(0), make_list(0), make_list(0, removed_at=NOW)
    make_import(done, file_name="первый.csv")
    make_import(done, file_name="второй.csv")
    running = make_import(waiting, state="running")
    make_import(gone)
    told = {row.pk: row for row in people.listed()}
    assert set(told) == {done.pk, waiting.pk}
    assert (told[done.pk].file_name, told[done.pk].open_import) == ("первый.csv", None)
    assert (told[waiting.pk].open_import, told[waiting.pk].open_state) == (running.pk, "running")


def test_tags_are_told_once_in_order(db):
    make_list(0, tags="|ноябрь|Должники|")
    make_list(0, tags="|ноябрь|")
    make_list(0, tags="|забытая|", removed_at=NOW)
    assert people.all_tags() == ["Должники", "ноябрь"]


@pytest.mark.parametrize(
    ("text", "digits"),
    [
        ("8 (900) 000-00-01", PHONE),
        ("+7 900", "7900"),
        ("0001", "0001"),
        ("123", ""),
        ("Должники 2026", ""),
        ("", ""),
    ],
)
def test_what_is_meant_as_a_phone_is_looked_for_by_its_digits(text, digits):
    assert people.digits_of(text) == digits


@pytest.mark.parametrize("digits", [PHONE, "0001", "900000"])
def test_a_person_is_found_once_whatever_lists_they_stand_in(db, digits):
    make_list([{"phone": PHONE, "name": "Анна"}])
    make_list([{"phone": PHONE, "name": "Анна Петрова"}])
    make_list([{"phone": PHONE, "name": "Удалённая"}], removed_at=NOW)
    make_list(["79118888888"])
    (found,) = people.with_digits(digits)
    assert found.phone == PHONE
    assert set(found.names) == {"Анна", "Анна Петрова"}
    assert len(found.contacts) == 2


def test_a_search_does_not_bring_everybody(db):
    make_list(people.MOST_FOUND + 5)
    assert len(people.with_digits("7900")) == people.MOST_FOUND


@pytest.mark.parametrize(
    ("text", "names"), [("анн", ["Анна"]), ("0002", ["Пётр"]), ("", ["Анна", "Пётр"])]
)
def test_contacts_of_a_list_are_found_by_name_or_digits(db, text, names):
    owner = make_list([{"phone": PHONE, "name": "Анна"}, {"phone": "79000000002", "name": "Пётр"}])
    make_list([{"phone": "79000000002", "name": "Анна из другого"}])
    assert [row.name for row in people.contacts(owner, text).order_by("pk")] == names


def test_a_person_is_where_a_list_says_and_has_the_newest_consent(db):
    make_list([{"phone": PHONE, "zone": "Asia/Omsk", "consent_on": date(2026, 3, 1)}])
    make_list([{"phone": PHONE, "zone": "", "consent_on": date(2025, 1, 1)}])
    make_list([{"phone": PHONE, "zone": "Asia/Yakutsk"}], removed_at=NOW)
    known = people.person(PHONE, now=NOW)
    assert (known.zone, known.now.strftime("%H:%M")) == ("Asia/Omsk", "15:00")
    assert known.is_zone_listed
    assert known.consent.consent_on == date(2026, 3, 1)
    assert len(known.contacts) == 2


def test_a_person_nobody_knows_is_told_with_nothing(db, monkeypatch):
    monkeypatch.setattr(people.zones, "zone_of", lambda phone: "")
    known = people.person(PHONE, now=NOW)
    assert (known.names, known.zone, known.now, known.consent, known.blocked) == (
        [],
        "",
        None,
        None,
        None,
    )


def test_a_block_that_is_over_or_for_one_campaign_does_not_count(db):
    BlockedPhone.objects.create(phone=PHONE, expires_at=NOW)
    assert people.person(PHONE, now=timezone.now()).blocked is None
    BlockedPhone.objects.all().delete()
    blocked = BlockedPhone.objects.create(phone=PHONE)
    assert people.person(PHONE, now=NOW).blocked == blocked


def test_a_list_is_told_with_variables_and_rows_in_words(db):
    owner = make_list([{"phone": PHONE, "zone": "Asia/Omsk", "variables": {"сумма": "100"}}])
    make_import(owner, state="uploaded")
    told = people.about(owner, Contact.objects.all())
    (variable,) = told["variables"]
    assert (variable.code, variable.filled) == ("{сумма}", 1)
    (row,) = told["rows"]
    assert (row.zone, row.values) == ("Омск", ["100"])
    assert len(told["open_imports"]) == 1
