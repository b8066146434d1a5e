"""From files to contacts, whatever stands in the files and whatever happens meanwhile."""

import io
import zipfile
from datetime import date, timedelta

import pytest

from calls.models import BlockedPhone, Call, Campaign, Contact, ListImport
from calls.services import importing, lists
from calls.services.imports import storing
from obzvon_site.accounts.models import AuditEvent
from tests.calls.makers import NOW, make_call
from tests.calls.services.imports.makers import (
    bad,
    contacts,
    counts_hold,
    done,
    many,
    small_pieces,
    started,
    upload,
)
from tests.factories import make_account

pytestmark = pytest.mark.django_db
GOOD = "Телефон;Имя;Сумма\n+7 (912) 345-67-89;Иван;100\n89123456780;Анна;2500\n"


def clock():
    return NOW


def test_a_plain_file():
    imported = done(GOOD, name="C:\\Документы\\Должники_ноябрь.csv")
    assert imported.state == "done"
    assert (imported.rows, imported.added, imported.bad, imported.repeats) == (2, 2, 0, 0)
    made = imported.contact_list
    assert made.name == "Должники ноябрь"
    ivan = contacts(made)["79123456789"]
    assert (ivan.name, ivan.variables, ivan.line) == ("Иван", {"сумма": "100"}, 2)
    assert made.variables == {"сумма": {"filled": 2, "longest": 4}}
    assert counts_hold(made)
    assert imported.share == 1
    verbs = list(AuditEvent.objects.order_by("pk").values_list("verb", flat=True))
    assert verbs == ["list.uploaded", "list.import_started"]


def test_the_file_is_deleted_when_it_is_read_since_people_are_in_it():
    imported = started(GOOD)
    path = storing.Path(imported.file.path)
    assert path.is_file()
    importing.run(imported, clock=clock)
    assert not path.exists()


@pytest.mark.parametrize("encoding", ["cp1251", "koi8-r", "cp866", "utf-16", "utf-8-sig"])
def test_encodings(encoding):
    rows = "".join(f"8912345{n:04d};Щукин Юлий Эдуардович;Ёлкино\n" for n in range(30))
    imported = done(("Телефон;Имя;Село\n" + rows).encode(encoding))
    assert imported.added == 30
    assert contacts(imported.contact_list)["79123450000"].name == "Щукин Юлий Эдуардович"


def test_lines_may_end_in_returns_alone():
    imported = done(GOOD.replace("\n", "\r"))
    assert imported.added == 2
    assert contacts(imported.contact_list)["79123456780"].line == 3


def test_a_file_without_a_header():
    imported = done("79123456789,Иван\n79123456780,Анна\n")
    assert (imported.has_header, imported.added) == (False, 2)
    assert imported.columns == ["Столбец A", "Столбец B"]


def test_how_a_file_is_read_may_be_switched():
    imported = upload("79123456789;Иван, Пётр\n79123456780;Анна, Яна\n")
    assert imported.separator == ";"
    importing.reread(imported, separator=",", has_header=True, encoding="cp1251")
    imported.refresh_from_db()
    assert (imported.separator, imported.has_header, imported.encoding) == (",", True, "cp1251")
    assert len(imported.columns) == 2
    importing.reread(imported, encoding="no such", separator="#")
    assert (imported.separator, imported.encoding) == (";", "cp1251")


def test_what_has_been_started_is_not_switched():
    with pytest.raises(importing.TooLate):
        importing.reread(started(GOOD), separator=",")


def test_every_row_that_gave_no_contact_is_told_with_its_line():
    text = "Телефон;Имя\n79123456789;а\n\n8 912 345 67 89;б\n12;в\n;г\nabc;д\n79123456780;е\n"
    imported = done(text)
    assert (imported.rows, imported.added, imported.bad, imported.repeats) == (6, 2, 3, 1)
    assert bad(imported) == [
        (4, "repeat", 2),
        (5, "count", None),
        (6, "empty", None),
        (7, "signs", None),
    ]
    assert imported.bad_rows.first().cells == ["8 912 345 67 89", "б"]


def test_repeats_are_found_across_pieces_with_the_line_that_was_first(monkeypatch):
    small_pieces(monkeypatch)
    imported = done(many(50) + "8 912 000 00 07;снова\n" + many(3))
    assert imported.added == 50
    assert bad(imported) == [
        (51, "repeat", 8),
        (52, "repeat", 1),
        (53, "repeat", 2),
        (54, "repeat", 3),
    ]
    assert counts_hold(imported.contact_list)


def test_a_second_file_for_a_list_says_what_is_in_it_already():
    first = done(GOOD)
    second = done(
        "79123456789;Пётр\n79991112233;Яна\n79991112233;Яна\n", contact_list=first.contact_list
    )
    assert second.contact_list == first.contact_list
    assert bad(second) == [(1, "in_list", None), (3, "repeat", 2)]
    assert contacts(first.contact_list)["79123456789"].name == "Иван"
    assert counts_hold(first.contact_list)


def test_zones_and_consents_are_counted():
    common = importing.Common(consent_on=date(2026, 1, 1), consent_source="договор")
    imported = done("тел;город\n79123456789;Омск\n79123456780;\n", common=common)
    found = contacts(imported.contact_list)
    assert found["79123456789"].zone == "Asia/Omsk"
    assert found["79123456780"].consent_on == date(2026, 1, 1)
    assert imported.contact_list.without_consent == 0
    assert counts_hold(imported.contact_list)


def test_blocked_and_lately_called_are_counted_at_the_end():
    rehearsed = make_call(now=NOW - timedelta(days=2)).phone
    real = make_account(base_url="https://calls.example/apiCalls", use_duty_phone=True)
    phone, refused, old = (
        make_call(now=NOW - timedelta(days=days), account=real).phone for days in (2, 2, 8)
    )
    Campaign.objects.filter(account=real).update(purpose="service")
    Call.objects.filter(phone=refused).update(stage="refused")
    Call.objects.filter(phone=old).update(sent_at=NOW - timedelta(days=8))
    BlockedPhone.objects.create(phone="79123456789", source="hand")
    BlockedPhone.objects.create(phone="79123456780", source="hand", expires_at=NOW)
    imported = done(f"{GOOD}{phone};\n{refused};\n{rehearsed};\n{old};\n")
    assert (imported.blocked, imported.lately) == (1, 1)


def test_the_second_upload_of_a_file_is_recognised():
    first = done(GOOD)
    again = upload(GOOD, name="other.csv")
    assert importing.same_file(again) == first
    lists.remove(first.contact_list, actor=None, now=NOW)
    assert importing.same_file(again) is None
    assert importing.same_file(upload(GOOD + "\n")) is None


def test_a_preview_shows_what_the_columns_give():
    imported = upload(GOOD + "12;x;\n89123456789;y;\n")
    told = importing.preview(imported)
    assert [(column.title, column.role) for column in told.columns] == [
        ("Телефон", "phone"),
        ("Имя", "name"),
        ("Сумма", "variable"),
    ]
    assert told.columns[2].samples == ["100", "2500"]
    assert [row.problem for row in told.rows[:2]] == ["В номере не 11 цифр", "Номер повторяется"]
    assert [(row.line, row.phone, row.name) for row in told.rows[2:]] == [
        (2, "79123456789", "Иван"),
        (3, "79123456780", "Анна"),
    ]
    assert (told.checked, told.bad) == (4, 2)
    other = importing.preview(imported, importing.Mapping(name=0))
    assert (other.bad, other.rows[0].phone, other.columns[0].role) == (0, "", "name")
    assert not Contact.objects.exists()


def test_start_needs_a_phone_and_happens_once():
    imported = upload(GOOD)
    with pytest.raises(importing.NotReady, match="столбец с номерами"):
        start(imported, importing.Mapping())
    start(imported)
    with pytest.raises(importing.TooLate):
        start(imported)


def start(imported, mapping=None):
    mapping = mapping or importing.Mapping(phone=0)
    importing.start(imported, mapping=mapping, common=importing.Common(), actor=None, now=NOW)


def test_a_switch_that_comes_after_the_start_changes_nothing(monkeypatch):
    """The file was looked into for a while, and meanwhile somebody pressed «Load»."""
    late = upload("тел;имя\n" + many(3))
    first = ListImport.objects.get(pk=late.pk)
    look = importing._look

    def slowly(imported, **asked):
        look(imported, **asked)
        importing.start(
            first,
            mapping=importing.Mapping.from_json(first.mapping),
            common=importing.Common(),
            actor=None,
            now=NOW,
        )

    monkeypatch.setattr(importing, "_look", slowly)
    with pytest.raises(importing.TooLate):
        importing.reread(late, separator=",")
    kept = ListImport.objects.get(pk=late.pk)
    assert (kept.state, kept.separator, kept.mapping) == ("running", ";", first.mapping)


def test_a_cell_longer_than_anybodys_is_no_server_error():
    imported = upload('тел;имя\n79000000001;"' + "а" * 140_000 + '"\n79000000002;Анна\n')
    assert imported.state == "uploaded"


def test_a_zip_of_very_many_parts_is_refused_without_reading_their_names():
    with pytest.raises(importing.NotAList, match="слишком много частей"):
        upload(zip_of(10_001), name="a.xlsx")


def zip_of(parts: int) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for number in range(parts):
            archive.writestr(f"{number}", b"")
    return packed.getvalue()
