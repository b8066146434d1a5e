from datetime import date

import pytest

from calls.forms.imports import ColumnsForm, MendForm, ReadingForm, UploadForm
from calls.models import ListImport
from calls.services.imports.columns import Common, Mapping
from tests.calls.contact_makers import make_bad_row, make_import
from tests.calls.lists import make_list
from tests.calls.makers import NOW

TITLES = ["Телефон", "Имя", "Сумма"]
GUESS = Mapping(phone=0, name=1, variables={"сумма": 2})


def columns(**data: str) -> ColumnsForm:
    kept = {"what0": "phone", "what1": "name", "what2": "variable", "name2": "сумма"}
    return ColumnsForm(TITLES, GUESS, Common(), {**kept, **data})


def test_what_was_guessed_is_chosen(db):
    form = ColumnsForm(TITLES, GUESS, Common(zone="Asia/Omsk"))
    shown = list(form.columns([["79000000001"], ["Анна"]]))
    assert [column.what.value() for column in shown] == ["phone", "name", "variable"]
    assert shown[2].name.value() == "сумма"
    assert shown[0].samples == ["79000000001"]
    assert shown[2].samples == ()
    assert (form.mapping(), form.common()) == (GUESS, Common(zone="Asia/Omsk"))


def test_a_choice_is_a_mapping():
    form = columns(what1="", what2="variable", name2="  ДОЛГ  рублей ")
    assert form.is_valid()
    assert form.mapping() == Mapping(phone=0, variables={"долг рублей": 2})


@pytest.mark.parametrize("what", ["phone", ""])
def test_a_long_heading_stops_nothing_where_it_names_no_variable(what):
    titles = ["Ещё один телефон " * 5, "Имя", "Сумма"]
    name = ColumnsForm(titles, GUESS, Common())["name0"].value()
    assert len(name) <= 60
    assert name == name.strip()
    phone = {"phone": "what0", "": "what1"}[what]
    for typed in (name, titles[0]):
        form = columns(**{"what1": "", "what0": what, phone: "phone", "name0": typed})
        assert form.is_valid(), form.errors


def test_common_values_are_taken_as_they_are_needed():
    form = columns(zone="Asia/Omsk", consent_on="2026-03-12", consent_source="сайт")
    assert form.is_valid()
    assert form.common() == Common("Asia/Omsk", date(2026, 3, 12), "сайт", "")


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({"what0": ""}, "__all__"),
        ({"what1": "phone"}, "__all__"),
        ({"name2": ""}, "name2"),
        ({"name2": "{сумма}"}, "name2"),
        ({"name2": "с" * 61}, "name2"),
        ({"what1": "variable", "name1": "Сумма"}, "name2"),
        ({"what1": "пароль"}, "what1"),
        ({"zone": "Mars/Base"}, "zone"),
        ({"consent_document": "№ 1"}, "consent_on"),
        ({"consent_on": "2099-12-31"}, "consent_on"),
    ],
)
def test_a_wrong_choice_is_told_at_its_place(data, field):
    form = columns(**data)
    assert not form.is_valid()
    assert field in form.errors
    form.mapping()  # a preview is drawn of it all the same


def test_a_file_read_in_another_way_keeps_what_holds_for_all(db):
    imported = make_import(columns=["A", "B"], mapping={"phone": 1, "variables": {"a": 0}})
    before = columns(consent_source="сайт", what0="zone")
    form = before.guessed_anew(imported)
    assert [column.what.value() for column in form.columns([])] == ["variable", "phone"]
    assert form["consent_source"].value() == "сайт"


@pytest.mark.parametrize(
    ("fields", "asked"),
    [
        ({"format": "csv"}, ["encoding", "separator", "has_header"]),
        ({"format": "xlsx", "sheets": ["Один"]}, ["has_header"]),
        ({"format": "xlsx", "sheets": ["Один", "Два"]}, ["sheet", "has_header"]),
    ],
)
def test_only_what_a_format_leaves_open_is_asked(db, fields, asked):
    assert list(ReadingForm(make_import(**fields)).fields) == asked


def test_the_same_reading_is_no_change(db):
    imported = make_import(has_header=True)
    same = {"encoding": "utf-8", "separator": ";", "has_header": "on"}
    assert not ReadingForm(imported, same).has_changed()
    assert ReadingForm(imported, {**same, "separator": ","}).has_changed()


def test_a_removed_list_is_no_place_for_a_file(db):
    gone = make_list(0, removed_at=NOW)
    form = UploadForm({"contact_list": gone.pk}, {})
    assert "contact_list" in form.errors
    assert not UploadForm().has_lists


def test_a_mended_row_keeps_its_other_cells(db):
    row = make_bad_row(make_import(), cells=["123", "Анна"])
    form = MendForm(row, GUESS, TITLES, {f"r{row.pk}-cell0": "79000000001"})
    assert form.is_valid()
    assert form.cells() == ["79000000001", "Анна"]


def test_a_short_row_is_filled_up(db):
    row = make_bad_row(make_import(), "empty", cells=["Анна"])
    form = MendForm(row, Mapping(phone=2), TITLES, {f"r{row.pk}-cell2": "79000000001"})
    assert form.is_valid()
    assert form.cells() == ["Анна", "", "79000000001"]
    assert ListImport.objects.count() == 1
