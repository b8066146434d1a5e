"""Pasted numbers, and rows that people correct."""

from datetime import date

import pytest

from calls.models import Contact
from calls.services import importing, lists
from tests.calls.makers import NOW
from tests.calls.services.imports.makers import bad, contacts, counts_hold, done

pytestmark = pytest.mark.django_db


def make_list(name="Список"):
    return lists.create(name, actor=None, now=NOW)


def paste(owner, text, **fields):
    return importing.add_numbers(owner, text, actor=None, now=NOW, **fields)


def mend(row, **fields):
    return importing.mend(row, now=NOW, **fields)


def test_pasted_numbers_become_contacts():
    owner = make_list()
    told = paste(owner, "+7 912 345-67-89, Иван\n8 (912) 345-67-80\n12345\n79123456789\n")
    assert (told.state, told.format) == ("done", "paste")
    assert (told.rows, told.added, told.bad, told.repeats) == (4, 2, 1, 1)
    assert bad(told) == [(3, "count", None), (4, "repeat", 1)]
    assert set(contacts(owner)) == {"79123456789", "79123456780"}
    assert counts_hold(owner)


def test_pasted_numbers_may_share_a_consent_and_a_zone():
    common = importing.Common("Asia/Omsk", date(2026, 1, 1), "договор", "№ 5")
    owner = make_list()
    paste(owner, "79123456789", common=common)
    contact = owner.contacts.get()
    assert (contact.zone, contact.consent_on) == ("Asia/Omsk", date(2026, 1, 1))
    assert (contact.consent_source, contact.consent_document) == ("договор", "№ 5")


def test_numbers_that_are_in_the_list_are_told_as_such():
    owner = make_list()
    paste(owner, "79123456789")
    told = paste(owner, "8 912 345 67 89\n79123456780")
    assert (told.added, told.repeats, bad(told)) == (1, 1, [(1, "in_list", None)])


@pytest.mark.parametrize("text", ["", "\n \n", "\0"])
def test_a_paste_without_numbers_is_refused(text):
    with pytest.raises(importing.NotAList, match="Номеров не видно"):
        paste(make_list(), text)


def test_a_removed_list_takes_no_numbers():
    owner = make_list()
    lists.remove(owner, actor=None, now=NOW)
    with pytest.raises(importing.NotAList, match="уже нет"):
        paste(owner, "79123456789")


def test_a_corrected_row_becomes_a_contact_once():
    imported = done("тел;имя;сумма\n7912345678;Иван;100\n79123456780;Анна;5\n")
    row = imported.bad_rows.get()
    contact = mend(row, phone="79123456781")
    assert (contact.phone, contact.name, contact.line) == ("79123456781", "Иван", 2)
    assert contact.variables == {"сумма": "100"}
    assert counts_hold(imported.contact_list)
    row.refresh_from_db()
    assert row.mended_at == NOW
    with pytest.raises(importing.TooLate):
        mend(row, phone="79123456782")


def test_all_cells_may_be_corrected():
    imported = done("тел;имя;город\n79123456789;Иван;Europe/Atlantis\n")
    row = imported.bad_rows.get()
    contact = mend(row, cells=["79123456789", "Иван", "Омск"])
    assert contact.zone == "Asia/Omsk"


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        (["123", "", ""], "Цифр в номере: 3"),
        (["", "", ""], "Введите номер"),
        (["79123456781", "", "Europe/Atlantis"], "Пояс не распознан"),
        (["79123456781", "И" * 201, ""], "Слишком длинное"),
        (["79123456780", "", ""], "уже есть в списке"),
    ],
)
def test_what_is_still_wrong_is_said_and_nothing_changes(cells, words):
    imported = done("тел;имя;город\n1;Иван;Омск\n79123456780;Анна;\n")
    row = imported.bad_rows.get()
    with pytest.raises(importing.NotMended, match=words):
        mend(row, cells=cells)
    row.refresh_from_db()
    assert row.mended_at is None
    assert Contact.objects.count() == 1
    assert counts_hold(imported.contact_list)
