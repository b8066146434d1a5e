from decimal import Decimal

import pytest

from obzvon_site.accounts.models import ApiAccount, AuditEvent
from obzvon_site.accounts.services import api_accounts
from obzvon_site.provider.errors import WrongKey
from tests.accounts.makers import balance_of
from tests.factories import KEY, make_account, make_phone

LIST = "/settings/accounts/"
NEW = "/settings/accounts/new/"
FRESH = "N" * 56 + "3f9a"
CHANGES = {
    "name": "Основная",
    "minute_price": "2,50",
    "sms_price": "4.10",
    "synthesis_price": "0.40",
    "low_balance": "300",
    "calls_per_minute": "60",
    "phones_per_order": "20",
    "connections": "8",
}
ADDED = {**CHANGES, "base_url": "https://a.example/apiCalls/", "key": FRESH}
HTMX = {"hx-request": "true"}


def page_of(account: ApiAccount) -> str:
    return f"{LIST}{account.pk}/"


def test_the_list_shows_masked_keys_and_balances(admin):
    make_account(name="Основная", balance=Decimal("12.50"))
    page = admin.get(LIST).content.decode()
    assert "Основная" in page
    assert "••••test" in page
    assert "12,50\u00a0₽" in page
    assert KEY not in page


def test_the_empty_list_says_what_to_do(admin):
    assert NEW in admin.get(LIST).content.decode()


def test_an_account_is_added_checked_and_made_the_default(admin, service):
    service.answer = balance_of("55.00")
    answer = admin.post(NEW, ADDED)
    account = ApiAccount.objects.get()
    assert answer.url == page_of(account)
    assert account.base_url == "https://a.example/apiCalls"
    assert account.api_key() == FRESH
    assert account.minute_price == Decimal("2.50")
    assert account.balance == Decimal("55.00")
    assert account.is_default


@pytest.mark.parametrize(
    "change",
    [
        {"name": ""},
        {"base_url": "ftp://a.example/apiCalls"},
        {"base_url": "https://user:word@a.example/"},
        {"base_url": "https://a.example/apiCalls?x=1"},
        {"base_url": "не адрес"},
        {"key": ""},
        {"key": "ключ по-русски"},
        {"key": "two words here"},
        {"minute_price": "-1"},
        {"minute_price": "дорого"},
        {"calls_per_minute": "0"},
        {"phones_per_order": "100000"},
        {"connections": "33"},
        {"connections": "0"},
    ],
)
def test_a_bad_account_is_not_added_and_its_key_does_not_come_back(admin, service, change):
    answer = admin.post(NEW, ADDED | change)
    assert answer.status_code == 422
    assert FRESH not in answer.content.decode()
    assert not ApiAccount.objects.exists()
    assert service.asked == 0


def test_a_name_is_taken_once(admin, service):
    make_account(name="Основная")
    assert admin.post(NEW, ADDED).status_code == 422


def test_a_wrong_key_is_kept_and_explained_in_the_services_words(admin, service):
    service.answer = WrongKey("Неверный apiKey")
    page = admin.post(NEW, ADDED, follow=True).content.decode()
    assert "Неверный apiKey" in page
    assert FRESH not in page


def test_settings_are_changed(admin):
    account = make_account()
    phone = make_phone(account)
    data = {**CHANGES, "default_phone": phone.pk, "use_duty_phone": "on"}
    assert admin.post(page_of(account), data).url == page_of(account)
    account.refresh_from_db()
    assert (account.name, account.minute_price) == ("Основная", Decimal("2.50"))
    assert account.default_phone == phone
    assert account.use_duty_phone
    assert account.api_key() == KEY
    assert AuditEvent.objects.get().verb == "account.changed"


def test_the_settings_form_cannot_move_the_key_elsewhere(admin):
    account = make_account(base_url="https://a.example/apiCalls")
    data = {**CHANGES, "base_url": "https://evil.example/", "sealed_key": "x", "is_default": "on"}
    admin.post(page_of(account), data)
    account.refresh_from_db()
    assert account.base_url == "https://a.example/apiCalls"
    assert account.api_key() == KEY
    assert not account.is_default


def test_anothers_number_cannot_be_the_default(admin):
    account = make_account()
    data = {**CHANGES, "default_phone": make_phone().pk}
    assert admin.post(page_of(account), data).status_code == 422


def test_bad_settings_are_not_saved(admin):
    account = make_account(name="Старая")
    answer = admin.post(page_of(account), CHANGES | {"minute_price": "x"})
    assert answer.status_code == 422
    assert ">Старая</h1>" in answer.content.decode()
    account.refresh_from_db()
    assert account.name == "Старая"


def test_the_page_never_shows_the_key(admin):
    page = admin.get(page_of(make_account())).content.decode()
    assert "••••test" in page
    assert KEY not in page


def test_a_key_is_replaced_and_checked(admin, service):
    account = make_account(base_url="https://a.example/apiCalls")
    data = {"base_url": account.base_url, "key": FRESH}
    assert admin.post(f"{page_of(account)}key/", data).url == page_of(account)
    account.refresh_from_db()
    assert account.api_key() == FRESH
    assert service.asked == 1
    assert FRESH not in admin.get(page_of(account)).content.decode()


def test_an_address_without_its_key_is_refused(admin, service):
    account = make_account(base_url="https://a.example/apiCalls")
    data = {"base_url": "https://b.example/apiCalls", "key": ""}
    assert admin.post(f"{page_of(account)}key/", data).status_code == 422
    account.refresh_from_db()
    assert account.base_url == "https://a.example/apiCalls"
    assert service.asked == 0


def test_a_check_shows_the_balance_and_tells_the_top_bar(admin, service):
    account = make_account()
    service.answer = balance_of("77.00")
    answer = admin.post(f"{page_of(account)}check/", headers=HTMX)
    assert answer.content.decode().strip().startswith('<div id="account-check"')
    assert "77,00\u00a0₽" in answer.content.decode()
    assert "obz:balance" in answer.headers["HX-Trigger"]


def test_a_failed_check_shows_the_services_own_words(admin, service):
    service.answer = WrongKey("Неверный apiKey")
    answer = admin.post(f"{page_of(make_account())}check/", headers=HTMX)
    assert "Неверный apiKey" in answer.content.decode()


def test_without_scripts_a_check_leads_back(admin, service):
    account = make_account()
    assert admin.post(f"{page_of(account)}check/").url == page_of(account)


def test_another_account_becomes_the_default(admin):
    make_account(is_default=True)
    second = make_account()
    assert admin.post(f"{page_of(second)}default/").url == page_of(second)
    assert ApiAccount.objects.default() == second


def test_an_account_is_put_out_of_use_and_back(admin):
    account = make_account()
    admin.post(f"{page_of(account)}active/", {"is_active": "0"})
    assert not ApiAccount.objects.get().is_active
    admin.post(f"{page_of(account)}active/", {"is_active": "1"})
    assert ApiAccount.objects.get().is_active


@pytest.mark.parametrize("part", ["", "key/", "check/", "default/", "active/"])
def test_only_admins_touch_accounts(operator, manager, client, service, part):
    url = page_of(make_account()) + part
    assert operator.post(url).status_code == 403
    assert manager.post(url).status_code == 403
    assert client.post(url).status_code == 302
    assert service.asked == 0


@pytest.mark.parametrize("url", [LIST, NEW])
def test_only_admins_see_accounts(operator, manager, url):
    assert operator.get(url).status_code == 403
    assert manager.get(url).status_code == 403


@pytest.mark.parametrize("part", ["key/", "check/", "default/", "active/"])
def test_deeds_are_posts(admin, part):
    assert admin.get(page_of(make_account()) + part).status_code == 405


def test_an_account_that_is_not_there(admin, service):
    for part in ("", "key/", "check/", "default/", "active/"):
        assert admin.post(f"{LIST}987654/{part}").status_code == 404


def test_the_key_is_in_no_audit_event(admin, service):
    admin.post(NEW, ADDED)
    account = ApiAccount.objects.get()
    admin.post(f"{page_of(account)}key/", {"base_url": account.base_url, "key": KEY})
    api_accounts.set_active(account, False, actor=None)
    page = admin.get("/settings/audit/").content.decode()
    assert AuditEvent.objects.count() == 3
    assert KEY not in page
    assert FRESH not in page
