import re
from datetime import date

import pytest

from calls.forms.contacts import field_of
from calls.models import BlockedPhone, Campaign, Contact, ContactList, ListImport
from obzvon_site.accounts.models import AuditEvent
from tests.calls.contact_makers import make_import
from tests.calls.lists import counted, make_contact, make_list
from tests.calls.makers import NOW, make_campaign, make_order

PHONE = "79000000001"
INDEX = "/contacts/"


def text_of(answer) -> str:
    return answer.content.decode().replace("\u00a0", " ")


def person_of(phone: str = PHONE) -> str:
    return f"/contacts/people/{phone}/"


def test_lists_are_told_newest_first_with_what_they_lack(manager):
    old = make_list(
        [{"phone": PHONE, "zone": "", "consent_on": None}], name="Старый", created_at=NOW
    )
    make_import(old, file_name="люди.csv")
    make_list(0, name="Новый", tags="|должники|")
    make_list(0, name="Удалённый", removed_at=NOW)
    said = text_of(manager.get(INDEX))
    assert said.index("Новый") < said.index("Старый")
    assert "люди.csv" in said
    assert "?tag=%D0%B4%D0%BE%D0%BB%D0%B6%D0%BD%D0%B8%D0%BA%D0%B8" in said
    assert "Удалённый" not in said
    assert "/contacts/upload/" not in said  # a manager looks


def test_a_file_that_waits_for_its_columns_is_shown_beside_its_list(operator):
    waiting = make_import(make_list(0), state=ListImport.State.UPLOADED)
    said = text_of(operator.get(INDEX))
    assert waiting.get_absolute_url() in said
    assert "Ждёт настройки столбцов" in said


def test_no_lists_yet_and_a_sample_to_begin_with(operator, manager):
    said = text_of(operator.get(INDEX))
    assert "Здесь появятся списки" in said
    assert "samples/contacts.csv" in said
    assert "samples/contacts.csv" not in text_of(manager.get(INDEX))


def test_lists_are_found_by_name_and_by_tag(operator):
    make_list(0, name="Должники ноября", tags="|срочно|")
    make_list(0, name="Опрос")
    for asked in ({"q": "ДОЛЖ"}, {"tag": "срочно"}):
        said = text_of(operator.get(INDEX, asked))
        assert "Должники ноября" in said
        assert "Опрос" not in said
    assert "Ничего не нашлось" in text_of(operator.get(INDEX, {"q": "Сверчок"}))


def test_a_number_leads_to_its_person_from_any_list(operator):
    make_list([{"phone": PHONE, "name": "Анна"}], name="Один")
    make_list([{"phone": PHONE}], name="Два")
    said = text_of(operator.get(INDEX, {"q": "8 (900) 000-00-01"}))
    assert said.count(f'href="{person_of()}"') == 1
    assert "Анна" in said
    assert re.search("Два · Один", said)


def test_a_number_of_no_list_is_said_to_be_so(operator):
    said = text_of(operator.get(INDEX, {"q": "79118888888"}))
    assert "В списках такого номера нет" in said
    assert "/calls/?q=79118888888" in said


def test_lists_are_paged_by_key(operator, django_assert_max_num_queries):
    ContactList.objects.bulk_create(ContactList(name=f"Список-{n:03d}-й") for n in range(60))
    with django_assert_max_num_queries(8):
        first = text_of(operator.get(INDEX))
    after = re.search(r"after=([\w-]+)", first)[1]
    second = text_of(operator.get(INDEX, {"after": after}))
    assert "Список-059-й" in first
    assert "Список-000-й" in second
    assert len(re.findall(r"Список-\d+-й", second)) == 10


def test_a_list_shows_its_people_files_variables_and_campaigns(operator):
    found = make_list([{"phone": PHONE, "name": "Анна", "Сумма": "100"}], name="Ноябрь")
    make_import(found, file_name="ноябрь.csv", added=1, rows=3)
    campaign = make_campaign(name="Обзвон ноября")
    Campaign.objects.filter(pk=campaign.pk).update(contact_list=found)
    said = text_of(operator.get(found.get_absolute_url()))
    assert person_of() in said
    for words in ("Анна", "Москва", "{сумма}", "1 из 1", "ноябрь.csv", "Обзвон ноября"):
        assert words in said, words


def test_people_of_a_list_are_found_and_paged(operator):
    found = make_list(60)
    make_contact(found, phone="79118888888", name="Анна")
    first = text_of(operator.get(found.get_absolute_url()))
    after = re.search(r"after=([\w-]+)", first)[1]
    assert "Анна" in text_of(operator.get(found.get_absolute_url(), {"after": after}))
    for asked in ("анн", "8888"):
        said = text_of(operator.get(found.get_absolute_url(), {"q": asked}))
        assert said.count('scope="row"') == 1
    assert "Ничего не нашлось" in text_of(operator.get(found.get_absolute_url(), {"q": "Пётр"}))


def test_a_manager_sees_a_list_and_changes_nothing(manager):
    found = make_list(1)
    said = text_of(manager.get(found.get_absolute_url()))
    for address in ("change/", "paste/", "remove/", "upload/"):
        assert address not in said
    assert manager.post(f"{found.get_absolute_url()}remove/").status_code == 403
    assert 'action="/contacts/cards/' not in text_of(
        manager.get(person_of(Contact.objects.get().phone))
    )


def test_a_list_is_renamed_and_tagged(operator):
    found = make_list(0)
    answer = operator.post(
        f"{found.get_absolute_url()}change/",
        {"name": "Новое имя", "tags": "ноябрь,  Долги | ноябрь"},
    )
    assert answer["Location"] == found.get_absolute_url()
    found.refresh_from_db()
    assert (found.name, found.tag_list) == ("Новое имя", ["ноябрь", "Долги"])


def test_a_list_without_a_name_keeps_the_old_one_and_what_was_typed(operator):
    found = make_list(0, name="Прежнее")
    answer = operator.post(f"{found.get_absolute_url()}change/", {"name": " ", "tags": "особая"})
    assert answer.status_code == 422
    assert 'value="особая"' in text_of(answer)
    found.refresh_from_db()
    assert found.name == "Прежнее"


def test_pasted_numbers_are_added_and_the_bad_ones_are_shown(operator):
    found = make_list([PHONE])
    text = "8 900 000-00-02\n123\n79000000001"
    answer = operator.post(f"{found.get_absolute_url()}paste/", {"numbers": text})
    added = ListImport.objects.get()
    assert answer["Location"] == added.get_absolute_url()
    assert (added.added, added.bad, added.repeats) == (1, 1, 1)
    said = text_of(operator.get(f"{added.get_absolute_url()}bad/"))
    assert "Цифр в номере: 3" in said
    assert "Номер уже есть в списке" in said


def test_a_paste_without_numbers_says_so_and_keeps_the_text(operator):
    found = make_list(0)
    answer = operator.post(f"{found.get_absolute_url()}paste/", {"numbers": " , ;"})
    assert answer.status_code == 422
    assert "Номеров не видно" in text_of(answer)


def test_a_removed_list_is_gone_at_once(operator):
    found = make_list([PHONE], name="Лишний")
    said = text_of(operator.post(f"{found.get_absolute_url()}remove/", follow=True))
    assert "Список «Лишний» удалён" in said
    assert operator.get(found.get_absolute_url()).status_code == 404
    assert "Ни в одном списке" in text_of(operator.get(person_of()))


def test_a_list_of_which_a_campaign_is_being_made_stays(operator):
    found = make_list(1)
    campaign = make_campaign(name="Готовится")
    Campaign.objects.filter(pk=campaign.pk).update(contact_list=found, state="preparing")
    said = text_of(operator.post(f"{found.get_absolute_url()}remove/", follow=True))
    assert "«Готовится» ещё готовится из этого списка" in said
    assert ContactList.objects.shown().filter(pk=found.pk).exists()


def test_a_person_is_shown_with_lists_calls_and_consent(operator):
    make_list([{"phone": PHONE, "name": "Анна", "zone": "Asia/Omsk", "Сумма": "100"}], name="Долги")
    make_list([{"phone": PHONE, "consent_on": date(2026, 3, 12), "consent_source": "сайт"}])
    call = make_order([PHONE]).calls.get()
    said = text_of(operator.get(person_of()))
    for words in (
        "Анна",
        "Омск, UTC+6",
        "12.03.2026",
        "сайт",
        "Долги",
        "100",
        call.get_absolute_url(),
    ):
        assert words in said, words
    assert call.campaign.name in said


def test_a_person_nobody_knows_has_a_page_that_says_so(operator):
    said = text_of(operator.get(person_of()))
    assert "Ни в одном списке этого номера нет" in said
    assert "ещё не звонили" in said


def test_a_person_has_one_address(operator):
    assert operator.get(person_of("89000000001"))["Location"] == person_of()
    assert operator.get(person_of("123")).status_code == 404


def test_a_blocked_person_is_said_to_be_so(admin, operator):
    BlockedPhone.objects.create(phone=PHONE, reason="просил не звонить")
    said = text_of(admin.get(person_of()))
    assert "просил не звонить" in said
    assert "/remove/" in said
    assert "blacklist/add" not in said
    assert "/blacklist/" in text_of(operator.get(person_of()))


def test_a_card_is_corrected_in_its_list(operator):
    make_list([{"phone": PHONE, "name": "Анна", "Сумма": "100"}])
    contact = Contact.objects.get()
    data = {
        "name": "Анна П.",
        "zone": "Asia/Omsk",
        "consent_on": "2026-03-12",
        field_of("сумма"): "250",
    }
    answer = operator.post(
        f"/contacts/cards/{contact.pk}/",
        {f"c{contact.pk}-{name}": value for name, value in data.items()},
        follow=True,
    )
    contact.refresh_from_db()
    assert (contact.name, contact.zone, contact.variables) == (
        "Анна П.",
        "Asia/Omsk",
        {"сумма": "250"},
    )
    assert contact.consent_on == date(2026, 3, 12)
    assert "Контакт изменён" in text_of(answer)


def test_a_consent_without_its_day_is_not_taken(operator):
    make_list([{"phone": PHONE, "name": "Анна"}])
    contact = Contact.objects.get()
    prefix = f"c{contact.pk}-"
    answer = operator.post(
        f"/contacts/cards/{contact.pk}/",
        {f"{prefix}name": "Мария", f"{prefix}consent_source": "сайт"},
    )
    assert answer.status_code == 422
    assert "без неё согласие не считается" in text_of(answer)
    assert 'value="Мария"' in text_of(answer)
    contact.refresh_from_db()
    assert contact.name == "Анна"


def test_a_person_is_taken_out_of_one_list(operator):
    one = make_list([PHONE], name="Один")
    make_list([PHONE], name="Два")
    contact = one.contacts.get()
    said = text_of(operator.post(f"/contacts/cards/{contact.pk}/remove/", follow=True))
    assert "больше нет в списке «Один»" in said
    assert [row.contact_list.name for row in Contact.objects.all()] == ["Два"]
    assert operator.post(f"/contacts/cards/{contact.pk}/remove/").status_code == 404


def test_personal_data_is_deleted_everywhere_and_calls_stay_numbers(operator):
    make_list([{"phone": PHONE, "name": "Анна"}])
    owner = make_list([{"phone": PHONE, "name": "Анна П."}])
    call = make_order([PHONE]).calls.get()
    said = text_of(operator.post(f"{person_of()}remove/", follow=True))
    assert "Данные удалены" in said
    assert "Анна" not in said
    assert call.get_absolute_url() in said
    assert not Contact.objects.exists()
    owner.refresh_from_db()
    assert owner.total == 0
    assert "Анна" not in str(list(AuditEvent.objects.values_list("details", flat=True)))


def test_what_is_gone_is_not_found(operator):
    gone = make_list([PHONE], removed_at=NOW)
    contact = Contact.objects.get()
    for path in (gone.get_absolute_url(), "/contacts/987654321/"):
        assert operator.get(path).status_code == 404
    for path in (
        f"{gone.get_absolute_url()}change/",
        f"{gone.get_absolute_url()}paste/",
        f"{gone.get_absolute_url()}remove/",
        f"/contacts/cards/{contact.pk}/",
    ):
        assert operator.post(path, {"name": "x"}).status_code == 404


@pytest.mark.parametrize("name", ["change", "paste", "remove"])
def test_lists_are_changed_by_post_alone(operator, name):
    assert operator.get(f"{make_list(0).get_absolute_url()}{name}/").status_code == 405
    assert operator.post(INDEX).status_code == 405


def test_a_page_of_contacts_costs_few_queries(operator, django_assert_max_num_queries):
    found = counted(make_list(60))
    with django_assert_max_num_queries(12):
        operator.get(found.get_absolute_url())
