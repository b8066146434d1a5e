"""Workbooks, files that are no list, files that mean harm, and any cells at all."""

import io
import zipfile
from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from calls.models import ContactList
from calls.services import importing
from calls.services.imports import storing
from tests.calls.makers import NOW
from tests.calls.services.imports.books import ods, xls, xlsx
from tests.calls.services.imports.makers import (
    bad,
    contacts,
    counts_hold,
    done,
    small_pieces,
    upload,
)

pytestmark = pytest.mark.django_db


def clock():
    return NOW


def start(imported, mapping):
    importing.start(imported, mapping=mapping, common=importing.Common(), actor=None, now=NOW)


def test_a_workbook_its_numbers_and_its_days():
    book = xlsx(
        Пустой=[],
        Люди=[
            ["Телефон", "Имя", "Сумма", "Дата согласия"],
            [79123456789, "Иван", 1500.5, date(2026, 11, 1)],
            ["8 (912) 345-67-80", "Анна", 200, "1.11.26"],
            [],
            [12, "", 0, ""],
        ],
    )
    imported = done(book, name="people.xlsx")
    assert (imported.format, imported.sheets, imported.sheet) == (
        "xlsx",
        ["Пустой", "Люди"],
        "Люди",
    )
    found = contacts(imported.contact_list)
    assert found["79123456789"].variables == {"сумма": "1500.5"}
    assert found["79123456780"].variables == {"сумма": "200"}
    assert {row.consent_on for row in found.values()} == {date(2026, 11, 1)}
    assert bad(imported) == [(5, "count", None)]


def test_another_sheet_may_be_chosen():
    book = xlsx(А=[["79123456789"]], Б=[["тел", "имя"], ["79123456780", "Ян"]])
    imported = upload(book, name="b.xlsx")
    before = imported.table.path
    importing.reread(imported, sheet="Б")
    assert (imported.sheet, imported.columns, imported.has_header) == ("Б", ["тел", "имя"], True)
    assert before == imported.table.path or not storing.Path(before).exists()


def test_an_open_document():
    imported = done(ods([["Номер", "Имя"], ["89123456789", "Иван"]]), name="a.ods")
    assert (imported.format, imported.added) == ("ods", 1)


def test_a_workbook_of_the_old_kind():
    book = xls([["Телефон", "Имя", "Сумма"], [89123456789.0, "Иван", 12.5], ["8 912", "Пётр"]])
    imported = done(book, name="old.xls")
    assert (imported.format, imported.sheet, imported.added) == ("xls", "Sheet", 1)
    assert contacts(imported.contact_list)["79123456789"].variables == {"сумма": "12.5"}
    assert bad(imported) == [(3, "count", None)]


def test_a_workbook_that_asks_for_all_the_memory_hurts_nobody():
    source, target = zipfile.ZipFile(io.BytesIO(xlsx(А=[["79123456789"]]))), io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name in source.namelist():
            raw = source.read(name)
            far = b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
            archive.writestr(name, raw.replace(b"</sheetData>", far))
    with pytest.raises(importing.NotAList, match="слишком большая"):
        upload(target.getvalue(), name="bomb.xlsx")
    assert not ContactList.objects.exists()


def test_a_zip_bomb_is_not_unpacked(monkeypatch):
    monkeypatch.setattr(storing.tables, "UNPACKED", 100_000)
    with pytest.raises(importing.NotAList, match="распаковывается"):
        upload(xlsx(А=[["0" * 500] * 20] * 20), name="bomb.xlsx")


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (b"", "пустой"),
        (b"\x89PNG\r\n\x1a\n\0\0", "картинка"),
        (b"%PDF-1.4", "PDF"),
        (b"MZ\0\1\2\3", "программа"),
        (b"PK\3\4broken", "повреждён"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1broken", "повреждён"),
        (xlsx(), "повреждён"),
        (xlsx(А=[]), "ни одной строки"),
        ("x" * 3_000_000, "длиннее"),
        (";;;\n;;\n", "ни одной строки"),
    ],
)
def test_what_is_no_list_is_said_and_leaves_nothing(raw, words, settings):
    with pytest.raises(importing.NotAList, match=words):
        upload(raw, name="x.csv")
    assert not ContactList.objects.exists()
    folder = storing.Path(settings.MEDIA_ROOT)
    assert [path for path in folder.rglob("*") if path.is_file()] == []


def test_a_file_that_is_too_large_is_refused_before_it_is_read(settings):
    settings.LIST_MEGABYTES = 500

    class Huge:
        size = 2 * 1024**3

    with pytest.raises(importing.NotAList, match="Файл 2,0 ГБ, а можно до 500 МБ"):
        importing.receive(Huge(), name="big.csv", actor=None, now=NOW)


def test_a_file_that_hides_its_size_is_refused_while_it_is_read(settings):
    settings.LIST_MEGABYTES = 1

    class Endless:
        def read(self, size):
            return b"79123456789\n" * (size // 12)

    with pytest.raises(importing.NotAList, match="а можно до 1 МБ"):
        importing.receive(Endless(), name="big.csv", actor=None, now=NOW)


CELLS = st.text(st.sampled_from('79123456780;,"\n\r\t+-=абв \ufeff'), max_size=12)


@given(
    st.lists(st.lists(CELLS, min_size=1, max_size=4), max_size=30),
    st.sampled_from(["utf-8", "cp1251", "utf-16"]),
)
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_cells_end_and_every_row_is_counted_once(monkeypatch, rows, encoding):
    small_pieces(monkeypatch)
    text = "79120000001;имя\n" + "\n".join(";".join(cells) for cells in rows)
    imported = upload(text.encode(encoding, "replace"))
    start(
        imported,
        importing.Mapping(phone=0, variables={"а": 1} if len(imported.columns) > 1 else {}),
    )
    assert importing.run(imported, clock=clock)
    imported.refresh_from_db()
    assert imported.state == "done", imported.error
    assert imported.rows == imported.added + imported.bad + imported.repeats
    assert imported.bad_rows.count() == imported.bad + imported.repeats
    assert imported.contact_list.contacts.count() == imported.added
    assert counts_hold(imported.contact_list)
