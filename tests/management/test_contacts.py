"""``manage.py contacts``: lists from scripts."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from calls.models import BadRow, Contact, ContactList, ListImport
from tests.calls.services.imports.books import xlsx
from tests.factories import make_user

pytestmark = pytest.mark.django_db
GOOD = "Телефон;Имя;Сумма\n79000000001;Анна;100\n8 900 000-00-02;Пётр;200\n123;Олег;3\n"


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "Должники.csv"
    path.write_text(GOOD)
    return path


def run(*arguments) -> tuple[dict, bool]:
    """What the command wrote as JSON, and whether it ended well."""
    out = StringIO()
    try:
        call_command("contacts", *map(str, arguments), "--json", stdout=out)
    except SystemExit as ended:
        return json.loads(out.getvalue()), ended.code == 0
    return json.loads(out.getvalue()), True


def test_a_file_becomes_a_list(file):
    said, is_well = run("import", file)
    assert is_well
    assert said["ok"] is True
    assert (said["rows"], said["added"], said["bad"], said["state"]) == (3, 2, 1, "done")
    found = ContactList.objects.get(pk=said["list"])
    assert found.name == "Должники"
    assert dict(found.contacts.values_list("phone", "name")) == {
        "79000000001": "Анна",
        "79000000002": "Пётр",
    }


def test_it_speaks_to_people_too(file):
    out = StringIO()
    call_command("contacts", "import", str(file), stdout=out)
    assert "added: 2" in out.getvalue()


def test_columns_zone_and_consent_may_be_named(file):
    said, _ = run(
        *("import", file, "--name", "Октябрь", "--name-column", "Сумма", "--zone", "UTC+5"),
        *("--consent-on", "2026-10-01", "--consent-source", "сайт"),
    )
    found = Contact.objects.get(phone="79000000001")
    assert (found.contact_list.name, found.name, found.zone) == (
        "Октябрь",
        "100",
        "Asia/Yekaterinburg",
    )
    assert (found.consent_on.isoformat(), found.consent_source) == ("2026-10-01", "сайт")
    assert said["list"] == found.contact_list_id


def test_a_consent_of_a_day_to_come_is_none(file):
    said, is_well = run("import", file, "--consent-on", "2099-12-31")
    assert not is_well
    assert "2099-12-31" in said["errors"][0]
    assert not Contact.objects.exists()


def test_the_same_file_is_recognised_and_loaded_again_only_on_demand(file):
    first, _ = run("import", file)
    said, is_well = run("import", file)
    assert not is_well
    assert "уже загружен" in said["errors"][0]
    assert said["list"] == first["list"]
    assert ContactList.objects.count() == 1
    again, is_well = run("import", file, "--again", "--list", first["list"])
    assert is_well
    assert (again["added"], again["repeats"]) == (0, 2)
    assert BadRow.objects.filter(reason="in_list").count() == 2


def test_the_work_may_be_left_to_the_workers(file):
    said, _ = run("import", file, "--no-wait")
    assert said["state"] == "running"
    assert ListImport.objects.get().state == ListImport.State.RUNNING


def test_it_is_noted_who_did_it(file):
    user = make_user(username="ivan")
    run("import", file, "--user", "ivan")
    assert ListImport.objects.get().created_by == user


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--user", "nobody"], "Нет человека с логином «nobody»"),
        (["--list", "такого нет"], "Нет списка «такого нет»"),
        (["--phone-column", "Факс"], "Нет столбца «Факс»"),
        (["--zone", "Марс"], "«Марс» не распознан"),
        (["--encoding", "latin-2"], "--encoding: «latin-2» не подходит. Можно: utf-8  cp1251"),
        (["--separator", "§"], r"--separator: «§» не подходит. Можно: ;  ,  \t  |."),
        (["--sheet", "Декабрь"], "--sheet: у такого файла этого не выбирают"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_left_behind(file, arguments, words):
    said, is_well = run("import", file, *arguments)
    assert not is_well
    assert words in said["errors"][0]
    assert not Contact.objects.exists()
    assert not ContactList.objects.shown().exists()


def test_how_a_text_is_to_be_read_may_be_said_by_other_names(tmp_path):
    path = tmp_path / "Должники.csv"
    path.write_bytes("Телефон\tИмя\n79000000001\tАнна\n".encode("cp1251"))
    said, is_well = run("import", path, "--encoding", "Windows-1251", "--separator", r"\t")
    assert is_well, said
    assert Contact.objects.get().name == "Анна"


def test_a_sheet_is_called_by_its_name_or_nothing_is_loaded(tmp_path):
    path = tmp_path / "Месяцы.xlsx"
    path.write_bytes(xlsx(Ноябрь=[["79123456789"]], Декабрь=[["79123456780"]]))
    said, is_well = run("import", path, "--sheet", "Декабр")
    assert not is_well
    assert "«Декабр» не подходит. Можно: Ноябрь  Декабрь." in said["errors"][0]
    said, is_well = run("import", path, "--encoding", "utf-8")
    assert not is_well
    assert "--encoding: у такого файла" in said["errors"][0]
    assert not Contact.objects.exists()
    said, is_well = run("import", path, "--sheet", "Декабрь")
    assert is_well, said
    assert Contact.objects.get().phone == "79123456780"


def test_a_file_that_is_no_list_is_refused(tmp_path):
    path = tmp_path / "photo.csv"
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + b"\x00" * 100)
    said, is_well = run("import", path)
    assert not is_well
    assert said["errors"]
    assert not ContactList.objects.exists()


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(CommandError, match=r"none\.csv"):
        call_command("contacts", "import", str(tmp_path / "none.csv"))
