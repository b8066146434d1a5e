import pytest

from calls import bad_rows
from calls.services.imports.columns import Mapping
from tests.calls.contact_makers import make_bad_row, make_import
from tests.calls.makers import NOW

MAPPING = Mapping(phone=0, name=1, zone=2, consent_on=3)


@pytest.mark.parametrize(
    ("reason", "cells", "places"),
    [
        ("count", ["123", "Анна"], [0]),
        ("repeat", ["79000000001", "Анна"], [0]),
        ("zone", ["79000000001", "Анна", "Europe/Atlantis"], [2]),
        ("date", ["79000000001", "", "", "32.01.2026"], [3]),
        ("long", ["79000000001", "я" * 300, "", ""], [1]),
        ("long", ["79000000001", "короткое"], [0]),
    ],
)
def test_the_cells_at_fault_are_those_of_the_reason(db, reason, cells, places):
    row = make_bad_row(make_import(), reason, cells=cells)
    assert bad_rows.guilty(row, MAPPING) == places


@pytest.mark.parametrize(
    ("reason", "text", "said"),
    [
        ("count", "7900", "Цифр в номере: 4, нужно 11"),
        ("signs", "доб. 12", "лишние знаки"),
        ("empty", "", "Нет номера"),
        ("repeat", "79000000001", "Номер повторяется"),
        ("zone", "79000000001", "Часовой пояс не распознан"),
    ],
)
def test_a_reason_says_what_exactly_is_wrong(db, reason, text, said):
    row = make_bad_row(make_import(), reason, cells=[text])
    assert said in bad_rows.explained(row, MAPPING)


def test_what_is_corrected_is_counted_apart(db):
    source = make_import()
    make_bad_row(source)
    make_bad_row(source, "signs")
    make_bad_row(source, "signs")
    make_bad_row(source, "zone", mended_at=NOW)
    make_bad_row(make_import())
    tally = bad_rows.tally(source)
    assert (tally.all, tally.mended, tally.left) == (4, 1, 3)
    assert [(group.code, group.number) for group in bad_rows.reasons(source)] == [
        ("signs", 2),
        ("count", 1),
    ]


def test_a_filter_nobody_knows_is_no_filter(db):
    source = make_import()
    make_bad_row(source)
    make_bad_row(source, "signs")
    assert bad_rows.rows(source, "signs").count() == 1
    assert bad_rows.rows(source, "бог весть").count() == bad_rows.rows(source, "").count() == 2


def test_the_table_is_the_file_with_the_line_and_the_reason_behind(db):
    source = make_import()
    make_bad_row(source, line=7, cells=["123"])
    make_bad_row(source, line=3, cells=["", "Анна", "лишнее"], reason="empty")
    make_bad_row(source, line=5, mended_at=NOW)
    assert list(bad_rows.table(source)) == [
        ["Телефон", "Имя", "Строка", "Ошибка"],
        ["", "Анна", "3", "Нет номера"],
        ["123", "", "7", "Цифр в номере: 3, нужно 11: +7 и ещё 10"],
    ]
