import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from calls.models import BadRow, Contact, ContactList, ListImport
from calls.services import importing
from calls.services.imports import previewing
from obzvon_site.common import uploads
from tests.calls.contact_makers import make_bad_row, make_import
from tests.calls.lists import make_list
from tests.calls.makers import NOW

UPLOAD = "/contacts/upload/"
HTMX = {"HTTP_HX_REQUEST": "true"}
CSV = (
    "Телефон;Имя;Сумма\n79000000001;Анна;100\n123;Пётр;5\n79000000002;Мария;7\n79000000001;Ещё;1\n"
)


def text_of(answer) -> str:
    return answer.content.decode().replace("\u00a0", " ")


def file_of(text: str | bytes = CSV, name: str = "Долги_ноябрь.csv") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, text.encode() if isinstance(text, str) else text)


def uploaded(client, text: str | bytes = CSV, **data) -> ListImport:
    answer = client.post(UPLOAD, {"file": file_of(text), **data})
    assert answer.status_code == 302, text_of(answer)
    return ListImport.objects.latest("pk")


def at(imported: ListImport, name: str = "") -> str:
    return f"{imported.get_absolute_url()}{name}"


def posted(imported: ListImport, **changes) -> dict[str, str]:
    """What the page of columns would send."""
    data = {"encoding": imported.encoding, "separator": imported.separator}
    if imported.has_header:
        data["has_header"] = "on"
    held = {
        column: name
        for name, column in imported.mapping.items()
        if name != "variables" and column is not None
    }
    names = {column: name for name, column in imported.mapping["variables"].items()}
    for place in range(len(imported.columns)):
        data[f"what{place}"] = held.get(place) or ("variable" if place in names else "")
        data[f"name{place}"] = names.get(place, "")
    return {**data, **changes}


def test_an_uploaded_file_waits_for_its_columns_in_a_list_named_after_it(operator):
    imported = uploaded(operator)
    assert imported.state == ListImport.State.UPLOADED
    assert imported.contact_list.name == "Долги ноябрь"
    assert not Contact.objects.exists()


def test_a_list_may_be_named_at_once_or_be_an_old_one(operator):
    assert uploaded(operator, name="Своё имя").contact_list.name == "Своё имя"
    old = make_list(0, name="Старый")
    imported = uploaded(operator, contact_list=old.pk, name="не нужно")
    assert imported.contact_list == old
    assert ContactList.objects.get(pk=old.pk).name == "Старый"


def test_the_old_list_that_was_asked_for_is_chosen(operator):
    old = make_list(0)
    said = text_of(operator.get(UPLOAD, {"list": old.pk}))
    assert re.search(rf'<option value="{old.pk}"\s+selected', said)
    assert operator.get(UPLOAD, {"list": "x²"}).status_code == 200


def test_an_upload_by_script_is_told_where_to_go(operator):
    answer = operator.post(UPLOAD, {"file": file_of()}, **HTMX)
    assert answer["HX-Redirect"] == ListImport.objects.get().get_absolute_url()


@pytest.mark.parametrize(
    ("file", "said"),
    [
        (None, "Выберите файл"),
        (file_of(b""), "Файл пустой"),
        (file_of(b"\x89PNG\r\n\x1a\n" + b"\0" * 100, "фото.csv"), "Это картинка"),
        (file_of(b"%PDF-1.7 " + b"x" * 100, "договор.xlsx"), "Это документ PDF"),
    ],
)
def test_a_wrong_file_is_refused_on_the_same_page_with_what_was_typed(operator, file, said):
    data = {"name": "Моё имя", **({"file": file} if file else {})}
    answer = operator.post(UPLOAD, data)
    assert answer.status_code == 422
    assert said in text_of(answer)
    assert 'value="Моё имя"' in text_of(answer)
    assert not ContactList.objects.exists()


def test_a_file_that_is_too_large_is_refused(operator, settings):
    settings.LIST_MEGABYTES = 1
    answer = operator.post(UPLOAD, {"file": file_of("79000000001\n" * 100_000)}, **HTMX)
    assert answer.status_code == 422
    assert "можно до 1 МБ" in text_of(answer)
    assert text_of(answer).lstrip().startswith("<form")  # the part, not the page


def test_a_huge_body_is_refused_though_its_file_was_never_kept(operator, monkeypatch, settings):
    settings.LIST_MEGABYTES = settings.UPLOAD_MEGABYTES = 1
    monkeypatch.setattr(uploads, "_FORMS", 0)
    answer = operator.post(UPLOAD, {"file": file_of("79000000001\n" * 100_000), "name": "Моё имя"})
    assert answer.status_code == 422
    assert "можно до 1 МБ" in text_of(answer)
    assert "Выберите файл" not in re.sub(r'data-none="[^"]*"', "", text_of(answer))
    assert 'value="Моё имя"' in text_of(answer)


def test_the_columns_are_guessed_and_shown_with_what_stands_in_them(operator):
    said = text_of(operator.get(at(uploaded(operator))))
    assert re.search(r'<option value="phone"\s+selected', said)
    assert re.search(r'<option value="variable"\s+selected', said)
    assert 'value="сумма"' in said
    for sample in ("79000000001", "Анна", "Пётр", "100"):
        assert sample in said
    # The bad row comes first, with the reason.
    table = said[said.index("ct-preview") :]
    assert table.index(">123<") < table.index("Анна")
    assert "В номере не 11 цифр" in table
    assert re.search(r"Загрузить (2 строки|строк: 2)", said)


def test_a_file_seen_before_is_recognised_with_a_way_to_its_list(operator):
    first = uploaded(operator)
    ListImport.objects.filter(pk=first.pk).update(state=ListImport.State.DONE)
    said = text_of(operator.get(at(uploaded(operator))))
    assert "Этот файл уже загружен" in said
    assert f'href="{first.contact_list.get_absolute_url()}">Открыть тот список' in said


def test_another_encoding_reads_the_file_anew_and_keeps_the_common_values(operator):
    imported = uploaded(operator, CSV.encode("koi8-r"))
    ListImport.objects.filter(pk=imported.pk).update(encoding="cp866")
    imported.refresh_from_db()
    data = posted(imported, encoding="koi8-r", consent_source="сайт", consent_on="2026-03-12")
    said = text_of(operator.post(at(imported, "preview/"), data, **HTMX))
    assert said.lstrip().startswith('<div id="contact-import-preview"')
    assert "Анна" in said
    assert 'value="сайт"' in said
    assert 'value="2026-03-12"' in said
    imported.refresh_from_db()
    assert (imported.encoding, imported.columns) == ("koi8-r", ["Телефон", "Имя", "Сумма"])


def test_another_column_is_tried_and_nothing_is_kept(operator):
    imported = uploaded(operator)
    kept = imported.mapping
    said = text_of(
        operator.post(at(imported, "preview/"), posted(imported, what1="", what2="zone"))
    )
    assert "Часовой пояс не распознан" in said
    assert '<html lang="ru"' in said  # a browser without scripts gets the page
    imported.refresh_from_db()
    assert imported.mapping == kept


def test_no_header_makes_the_first_line_a_row(operator):
    imported = uploaded(operator)
    data = posted(imported)
    del data["has_header"]
    operator.post(at(imported, "preview/"), data, **HTMX)
    imported.refresh_from_db()
    assert not imported.has_header
    assert imported.columns == ["Столбец A", "Столбец B", "Столбец C"]


def test_a_started_file_becomes_contacts(operator):
    imported = uploaded(operator)
    data = posted(imported, name2="Долг", zone="Asia/Omsk")
    assert operator.post(at(imported, "start/"), data)["Location"] == at(imported)
    importing.run_due()
    imported.refresh_from_db()
    assert (imported.state, imported.added, imported.bad, imported.repeats) == ("done", 2, 1, 1)
    anna = Contact.objects.get(phone="79000000001")
    assert (anna.name, anna.zone, anna.variables) == ("Анна", "Asia/Omsk", {"долг": "100"})
    said = text_of(operator.get(at(imported)))
    assert "Загружен" in said
    assert "/bad/" in said


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"what0": ""}, "Укажите столбец с номерами"),
        ({"what1": "phone"}, "оставьте один"),
        ({"name2": " "}, "Назовите переменную"),
        ({"name2": "{сумма}"}, "без фигурных скобок"),
        ({"what1": "variable", "name1": "СУММА"}, "Такая переменная уже есть"),
        ({"consent_source": "сайт"}, "без неё согласие не считается"),
        ({"consent_on": "вчера"}, "Дата согласия"),
    ],
)
def test_a_wrong_choice_is_told_and_everything_typed_stays(operator, changes, said):
    imported = uploaded(operator)
    data = posted(imported, consent_document="оферта № 7", **changes)
    answer = operator.post(at(imported, "start/"), data)
    assert answer.status_code == 422
    assert said in text_of(answer)
    assert 'value="оферта № 7"' in text_of(answer)
    imported.refresh_from_db()
    assert imported.state == ListImport.State.UPLOADED


def test_a_second_start_changes_nothing(operator):
    imported = uploaded(operator)
    operator.post(at(imported, "start/"), posted(imported))
    said = text_of(operator.post(at(imported, "start/"), posted(imported, what0=""), follow=True))
    assert "уже загружают или отменили" in said
    assert ListImport.objects.get().mapping["phone"] == 0


def test_a_preview_of_what_has_been_started_leads_to_its_progress(operator):
    imported = uploaded(operator)
    operator.post(at(imported, "start/"), posted(imported))
    answer = operator.post(at(imported, "preview/"), posted(imported, encoding="cp866"), **HTMX)
    assert answer["HX-Redirect"] == at(imported)


def test_progress_polls_only_while_rows_are_read(operator):
    imported = make_import(state="running", rows=500, cursor=250, length=1000)
    said = text_of(operator.get(at(imported, "progress/")))
    assert said.lstrip().startswith('<section id="contact-import-progress"')
    assert 'hx-trigger="every 2s"' in said
    assert "25 %" in said
    ListImport.objects.update(state="done", added=3, bad=2, repeats=1, blocked=4, lately=5)
    said = text_of(operator.get(at(imported, "progress/")))
    assert "hx-trigger" not in said
    numbers = [int(number) for number in re.findall(r"<dd>(\d+)</dd>", said)]
    assert numbers == [3, 2, 1, 4, 5]


def test_a_running_import_is_canceled_and_what_was_added_stays(operator):
    imported = make_import(make_list(1), state="running", added=1)
    said = text_of(operator.post(at(imported, "cancel/"), follow=True))
    assert "в нём осталось" in said
    assert Contact.objects.count() == 1
    assert "уже закончилась" in text_of(operator.post(at(imported, "cancel/"), follow=True))


def test_a_file_that_is_not_wanted_goes_with_the_list_made_for_it(operator):
    imported = uploaded(operator)
    said = text_of(operator.post(at(imported, "cancel/"), follow=True))
    assert "Файл не загружен" in said
    assert not ContactList.objects.shown().exists()
    old = make_list(0)
    make_import(old)
    operator.post(at(uploaded(operator, contact_list=old.pk), "cancel/"))
    assert list(ContactList.objects.shown()) == [old]


def test_a_failed_import_says_why_and_goes_on_from_where_it_stopped(operator):
    imported = make_import(state="failed", error="Диск переполнен.", line=1234, cursor=77)
    said = text_of(operator.get(at(imported)))
    assert "Диск переполнен." in said
    assert "до строки 1 234" in said
    operator.post(at(imported, "retry/"))
    imported.refresh_from_db()
    assert (imported.state, imported.cursor, imported.error) == ("running", 77, "")
    assert "уже идёт" in text_of(operator.post(at(imported, "retry/"), follow=True))


def test_a_manager_looks_at_imports_and_does_nothing(manager, operator):
    waiting, running = uploaded(operator), make_import(state="running")
    said = text_of(manager.get(at(waiting)))
    assert "Ждёт настройки столбцов" in said
    assert "start/" not in said
    assert "cancel/" not in text_of(manager.get(at(running)))
    assert manager.get(UPLOAD).status_code == 403
    for name in ("start/", "cancel/", "retry/", "preview/"):
        assert manager.post(at(running, name)).status_code == 403
    row = make_bad_row(running)
    assert "hx-post" not in text_of(manager.get(at(running, "bad/")))
    assert manager.post(f"/contacts/bad/{row.pk}/").status_code == 403


def test_bad_rows_are_shown_by_line_and_by_reason(operator):
    imported = make_import()
    make_bad_row(imported, "signs", line=9, cells=["абв", "Семён"])
    make_bad_row(imported, "count", line=4, cells=["123", "Пётр"])
    make_bad_row(imported, "repeat", line=12, first_line=2, cells=["79000000001", "Ещё"])
    said = text_of(operator.get(at(imported, "bad/")))
    assert said.index("Строка 4") < said.index("Строка 9") < said.index("Строка 12")
    assert "первый раз — в строке 2" in said
    only = text_of(operator.get(at(imported, "bad/"), {"reason": "signs"}))
    assert "Семён" in only
    assert "Пётр" not in only


def test_many_bad_rows_are_paged_in_the_order_of_the_file(operator):
    imported = make_import()
    rows = [BadRow(source=imported, line=n, reason="count", cells=[str(n)]) for n in range(1, 121)]
    BadRow.objects.bulk_create(rows)
    seen, query = [], {}
    while True:
        said = text_of(operator.get(at(imported, "bad/"), query))
        seen += [int(number) for number in re.findall(r'nw">Строка (\d+)<', said)]
        if not (after := re.search(r'after=([\w-]+)" rel="next"', said)):
            break
        query = {"after": after[1]}
    assert seen == list(range(1, 121))


def test_a_corrected_row_becomes_a_contact_and_is_struck(operator):
    imported = make_import()
    row = make_bad_row(imported, cells=["123", "Анна"])
    answer = operator.post(
        f"/contacts/bad/{row.pk}/", {f"r{row.pk}-cell0": "8 900 000-00-05"}, **HTMX
    )
    said = text_of(answer)
    assert f'<li id="bad-row-{row.pk}" class="is-mended"' in said
    assert 'id="bad-summary"' in said
    assert "hx-swap-oob" in said
    assert Contact.objects.get().name == "Анна"
    again = operator.post(f"/contacts/bad/{row.pk}/", {f"r{row.pk}-cell0": "79000000006"}, **HTMX)
    assert "is-mended" in text_of(again)
    assert Contact.objects.count() == 1


def test_a_row_that_is_still_bad_says_why_in_place(operator):
    imported = make_import(make_list(["79000000001"]))
    row = make_bad_row(imported, cells=["123", "Анна"])
    for typed, why in (("1234", "Цифр в номере: 4"), ("79000000001", "уже есть в списке")):
        data = {f"r{row.pk}-cell0": typed}
        answer = operator.post(f"/contacts/bad/{row.pk}/", data, **HTMX)
        assert answer.status_code == 422
        assert why in text_of(answer)
        assert f'value="{typed}"' in text_of(answer)
        plain = operator.post(f"/contacts/bad/{row.pk}/", data)
        assert plain.status_code == 422
        assert why in text_of(plain)


def test_without_scripts_a_corrected_row_leads_back(operator):
    imported = make_import()
    row = make_bad_row(imported)
    data = {f"r{row.pk}-cell0": "79000000005"}
    said = text_of(operator.post(f"/contacts/bad/{row.pk}/", data, follow=True))
    assert "исправлена: контакт в списке" in said


def test_the_cell_at_fault_is_the_one_to_correct(operator):
    imported = make_import(mapping={"phone": 0, "zone": 1, "variables": {}})
    row = make_bad_row(imported, "zone", cells=["79000000001", "Europe/Atlantis"])
    said = text_of(operator.get(at(imported, "bad/")))
    assert f'name="r{row.pk}-cell1"' in said
    assert f'name="r{row.pk}-cell0"' not in said


def test_bad_rows_are_downloaded_as_a_file_that_may_be_uploaded_again(operator):
    imported = make_import(make_list(0, name="Долги"))
    make_bad_row(imported, line=4, cells=["123", "=1+1"])
    answer = operator.get(at(imported, "bad/file/"))
    text = b"".join(answer.streaming_content).decode()
    assert text.splitlines() == [
        "\ufeffТелефон;Имя;Строка;Ошибка",
        "123;'=1+1;4;Цифр в номере: 3, нужно 11: +7 и ещё 10",
    ]
    assert answer["Content-Disposition"].startswith("attachment")
    again = uploaded(operator, text)
    assert again.columns == ["Телефон", "Имя", "Строка", "Ошибка"]


def test_what_is_gone_or_asked_wrongly_is_refused(operator):
    imported = make_import(make_list(0, removed_at=NOW))
    row = make_bad_row(imported)
    for name in ("", "progress/", "bad/", "bad/file/"):
        assert operator.get(at(imported, name)).status_code == 404
    for name in ("start/", "cancel/", "retry/", "preview/"):
        assert operator.get(at(imported, name)).status_code == 405
        assert operator.post(at(imported, name)).status_code == 404
    assert operator.post(f"/contacts/bad/{row.pk}/").status_code == 404
    assert operator.get(f"/contacts/bad/{row.pk}/").status_code == 405
    assert operator.post(at(imported, "progress/")).status_code == 405


def test_a_long_file_is_counted_about(operator, monkeypatch):
    monkeypatch.setattr(previewing, "CHECKED", 100)
    monkeypatch.setattr("calls.arrivals.CHECKED", 100)
    text = "Телефон\n" + "".join(f"7900{n:07d}\n" for n in range(5000))
    said = text_of(operator.get(at(uploaded(operator, text))))
    assert "Загрузить ≈ 5 000 строк" in said
