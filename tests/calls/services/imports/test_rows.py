"""Cells as contacts: the verdict on a number is exactly that of the forms."""

from datetime import date

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from calls.services.imports.columns import Common, Mapping
from calls.services.imports.rows import Maker, day_of_cell, phones_of
from obzvon_site.common.phones import NotAPhone, normalise

TODAY = date(2026, 11, 23)
FULL = Mapping(
    phone=0,
    name=1,
    zone=2,
    consent_on=3,
    consent_source=4,
    consent_document=5,
    variables={"сумма": 6, '"x"': 7},
)


def batch(*rows, mapping=FULL, common=None):
    maker = Maker(mapping, common or Common(), TODAY)
    return maker.batch(range(2, 2 + len(rows)), list(map(list, rows)))


def verdict(text: str) -> str:
    try:
        return normalise(text)
    except NotAPhone as error:
        return error.code


@given(
    st.lists(st.text(st.sampled_from("0123456789 ()-+.–—\t\n\u00a0\u2011\u202f٣８xa"), max_size=18))
)
@example(["+89123456789", "8 912+3456789", " +7 (912) 345-67-89", "٨9123456789", "7\n9123456789"])
def test_numbers_are_judged_as_in_forms(texts):
    wrong: dict[int, str] = {}
    found = phones_of(texts, wrong)
    assert [wrong.get(at) or phone for at, phone in enumerate(found)] == list(map(verdict, texts))


def test_a_full_row():
    told = batch(
        ["8 912 345-67-89", " Иван ", "Омск", "1.11.26", "сайт", "№ 5", "100", 'a"b\\'],
    )
    assert told.made == [
        (
            "79123456789",
            "Иван",
            '{"сумма": "100", "\\"x\\"": "a\\"b\\\\"}',
            "Asia/Omsk",
            "2026-11-01",
            "сайт",
            "№ 5",
            2,
        )
    ]
    assert told.values == [["100"], ['a"b\\']]


def test_a_short_row_ends_in_empty_cells_and_empty_variables_are_left_out():
    told = batch(["79123456789"], ["79123456780", "Аня", "", "", "", "", "", "5"])
    assert [row[2] for row in told.made] == ["{}", '{"\\"x\\"": "5"}']
    assert told.values == [["", ""], ["", "5"]]


def test_what_holds_for_all_fills_only_empty_cells():
    common = Common("Asia/Omsk", date(2026, 1, 2), "договор", "№ 1")
    told = batch(
        ["79123456789"],
        ["79123456780", "", "Камчатский край", "2025-05-05", "сайт", "№ 2"],
        common=common,
    )
    assert [row[3:7] for row in told.made] == [
        ("Asia/Omsk", "2026-01-02", "договор", "№ 1"),
        ("Asia/Kamchatka", "2025-05-05", "сайт", "№ 2"),
    ]


@pytest.mark.parametrize("cell", ["нет", " НЕТ ", "no", "0", "false", "Отказ", "-", "'-", "—"])
def test_a_common_consent_is_not_given_to_those_who_refused(cell):
    rows = (["79123456789", cell], ["79123456780", "да"], ["79123456781"])
    common = Common(consent_on=date(2026, 3, 1), consent_source="сайт", consent_document="№ 1")
    mapping = Mapping(phone=0, consent_source=1)
    refused, *given = [made[4:7] for made in batch(*rows, mapping=mapping, common=common).made]
    assert (refused[0], refused[2]) == (None, "")
    assert given == [("2026-03-01", "да", "№ 1"), ("2026-03-01", "сайт", "№ 1")]


def test_the_number_says_the_zone_where_nothing_else_does():
    assert batch(["84232123456"], mapping=Mapping(phone=0)).made[0][3] == "Asia/Vladivostok"


@pytest.mark.parametrize("place", ["Атлантида", "пос. Омскводхоз", "Заозёрье-16", "с. Утчан"])
def test_a_place_that_nobody_knows_leaves_the_zone_to_the_number(place):
    made = batch(["84232123456", "", place], ["79123456789", "", "UTC+7"]).made
    assert [row[3] for row in made] == ["Asia/Vladivostok", "Asia/Krasnoyarsk"]


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        ([""], "empty"),
        (["  "], "empty"),
        ([], "empty"),
        (["abc"], "signs"),
        (["123"], "count"),
        (["69123456789"], "start"),
        (["79123456789", "", "Europe/Atlantis"], "zone"),
        (["79123456789", "", "МСК+15"], "zone"),
        (["79123456789", "", "+99"], "zone"),
        (["79123456789", "", "", "вчера"], "date"),
        (["79123456789", "", "", "31.02.2026"], "date"),
        (["79123456789", "", "", "24.11.2026"], "date"),
        (["79123456789", "", "", "31.12.2099"], "date"),
        (["79123456789", "И" * 201], "long"),
        (["79123456789", "", "", "", "", "", "1" * 501], "long"),
        (["79123456789", "", "", "", "с" * 121], "long"),
    ],
)
def test_reasons(cells, reason):
    told = batch(cells, ["79000000000"])
    assert [(bad.line, bad.reason, bad.cells) for bad in told.bad] == [
        (2, reason, [cell[:500] for cell in cells])
    ]
    assert [row[0] for row in told.made] == ["79000000000"]


def test_the_number_comes_before_other_faults():
    assert batch(["1", "И" * 201, "Europe/Atlantis", "вчера"]).bad[0].reason == "count"


def test_a_repeat_names_the_line_where_the_number_was_first():
    told = batch(["79123456789"], ["1"], ["8 912 345 67 89", "Пётр"])
    assert [(row.line, row.phone, row.first_line) for row in told.again] == [(4, "79123456789", 2)]
    assert len(told.made) == 1


def test_a_row_at_fault_does_not_make_the_next_one_a_repeat():
    told = batch(["79123456789", "", "Europe/Atlantis"], ["79123456789"])
    assert told.again == []
    assert [row[7] for row in told.made] == [3]


def test_formulas_are_only_texts_and_lose_the_apostrophe_that_made_them_so():
    told = batch(["'+79123456789", "=1+1", "", "", "'=HYPERLINK()", "", "-5", "'тест"])
    assert told.made[0][0] == "79123456789"
    assert told.made[0][1] == "=1+1"
    assert told.made[0][5] == "=HYPERLINK()"
    assert told.values == [["-5"], ["'тест"]]


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2026-11-01", "2026-11-01"),
        ("01.11.2026", "2026-11-01"),
        ("1.11.26", "2026-11-01"),
        ("1/11/2026", "2026-11-01"),
        ("01.11.2026 г.", "2026-11-01"),
        ("01.11.2026 12:30", "2026-11-01"),
        ("2026-11-01T12:30:00", "2026-11-01"),
        ("", ""),
        ("1.11", None),
        ("01.13.2026", None),
        ("01.11.1026", None),
        ("٠١.11.2026", None),
    ],
)
def test_days(text, day):
    assert day_of_cell(text) == day
