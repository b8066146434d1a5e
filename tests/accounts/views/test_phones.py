import pytest

from obzvon_site.accounts.models import OutgoingPhone
from obzvon_site.accounts.services import phones
from obzvon_site.provider.errors import NotOffered, WrongKey
from tests.accounts.makers import service_phone
from tests.factories import make_account, make_phone

LIST = "/settings/phones/"
NEW = "/settings/phones/new/"
TAKE = "/settings/phones/take/"


def test_the_list_shows_numbers_as_people_write_them(admin):
    make_phone(phone="74950000001", label="Продажи", is_confirmed=False)
    page = admin.get(LIST).content.decode()
    assert "+7 (495) 000-00-01" in page
    assert "Продажи" in page
    assert "Не подтверждён" in page


def test_an_operator_sees_numbers_and_no_buttons(operator):
    phone = make_phone()
    page = operator.get(LIST).content.decode()
    assert phone.phone[-2:] in page
    assert TAKE not in page
    assert NEW not in page
    assert "remove" not in page


def test_the_empty_list_says_what_to_do(admin, operator):
    assert NEW in admin.get(LIST).content.decode()
    assert NEW not in operator.get(LIST).content.decode()


def test_a_number_is_added_in_any_notation(admin):
    account = make_account()
    data = {"account": account.pk, "phone": "8 (495) 000-00-01", "label": "Продажи"}
    assert admin.post(NEW, data).url == LIST
    row = OutgoingPhone.objects.get()
    assert (row.phone, row.label, row.source) == ("74950000001", "Продажи", "hand")


@pytest.mark.parametrize("phone", ["", "12345", "74950000001"])
def test_a_bad_or_known_number_is_not_added(admin, phone):
    known = make_phone(phone="74950000001")
    assert admin.post(NEW, {"account": known.account.pk, "phone": phone}).status_code == 422
    assert OutgoingPhone.objects.count() == 1


def test_the_same_number_may_stand_in_two_accounts(admin):
    make_phone(phone="74950000001")
    data = {"account": make_account().pk, "phone": "74950000001"}
    assert admin.post(NEW, data).status_code == 302


def test_a_label_is_changed(admin):
    phone = make_phone()
    assert admin.post(f"{LIST}{phone.pk}/", {"label": "Поддержка"}).url == LIST
    assert OutgoingPhone.objects.get().label == "Поддержка"


def test_a_label_may_be_taken_off_but_not_be_endless(admin):
    phone = make_phone(label="Старая")
    assert admin.post(f"{LIST}{phone.pk}/", {"label": "x" * 41}).status_code == 422
    assert OutgoingPhone.objects.get().label == "Старая"
    admin.post(f"{LIST}{phone.pk}/", {"label": ""})
    assert OutgoingPhone.objects.get().label == ""


def test_a_number_is_removed(admin):
    phone = make_phone()
    assert admin.post(f"{LIST}{phone.pk}/remove/").url == LIST
    assert not OutgoingPhone.objects.exists()


def test_a_number_in_use_is_not_removed_and_says_why(admin, monkeypatch):
    def remove(phone, *, actor):
        raise phones.InUse(phone.phone)

    monkeypatch.setattr(phones, "remove", remove)
    phone = make_phone()
    page = admin.post(f"{LIST}{phone.pk}/remove/", follow=True).content.decode()
    assert "уже звонили" in page


def test_numbers_are_taken_from_the_service(admin, service):
    service.answer = [service_phone("74950000001")]
    answer = admin.post(TAKE, {"account": make_account().pk}, follow=True)
    assert "Сервис назвал 1 номер" in answer.content.decode()
    assert OutgoingPhone.objects.get().source == "service"


@pytest.mark.parametrize(
    ("error", "words"),
    [(NotOffered(), "Добавьте номера вручную"), (WrongKey("Неверный apiKey"), "Неверный apiKey")],
)
def test_a_service_that_gives_no_numbers_is_explained(admin, service, error, words):
    service.answer = error
    answer = admin.post(TAKE, {"account": make_account().pk}, follow=True)
    assert words in answer.content.decode()


def test_taking_for_no_account_is_refused(admin, service):
    assert admin.post(TAKE, {"account": "987"}).status_code == 422
    assert admin.post(TAKE, {}).status_code == 422
    assert service.asked == 0


def test_only_admins_change_numbers(operator, manager, service):
    phone = make_phone()
    urls = [NEW, TAKE, f"{LIST}{phone.pk}/", f"{LIST}{phone.pk}/remove/"]
    for url in urls:
        assert operator.post(url).status_code == 403
        assert manager.post(url).status_code == 403
    assert manager.get(LIST).status_code == 403
    assert service.asked == 0


def test_deeds_are_posts(admin):
    phone = make_phone()
    assert admin.get(TAKE).status_code == 405
    assert admin.get(f"{LIST}{phone.pk}/remove/").status_code == 405
    assert admin.post(LIST).status_code == 405


def test_a_number_that_is_not_there(admin):
    assert admin.get(f"{LIST}987654/").status_code == 404
    assert admin.post(f"{LIST}987654/remove/").status_code == 404
