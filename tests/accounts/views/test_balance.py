import re
from datetime import timedelta
from decimal import Decimal

from django.utils import timezone

from obzvon_site.accounts.models import ApiAccount
from tests.factories import KEY, make_account

URL = "/balance/"


def shown(client) -> str:
    return re.sub(r"[ \n]+", " ", client.get(URL).content.decode()).strip()


def fresh(**fields):
    now = timezone.now()
    asked = {"balance_at": now, "balance_asked_at": now}
    fields = {"balance": Decimal("12480.50"), **asked, **fields}
    return make_account(**fields)


def test_the_balance_and_its_worth_in_calls(operator):
    fresh(minute_price=Decimal("3.00"))
    page = shown(operator)
    assert page.startswith('<div id="balance"')
    assert "12\u00a0480,50\u00a0₽" in page
    assert "≈ 4\u00a0160 звон" in page
    assert "every 60s, obz:balance from:body" in page


def test_every_page_comes_with_the_balance(operator):
    fresh()
    page = operator.get("/profile/").content.decode()
    assert 'id="balance"' in page
    assert "12\u00a0480,50\u00a0₽" in page


def test_after_spending_the_bar_asks_soon(operator):
    account = fresh()
    ApiAccount.objects.filter(pk=account.pk).ask_balance_soon()
    assert "every 5s, obz:balance from:body" in shown(operator)


def test_a_low_balance_warns(operator):
    fresh(balance=Decimal("84.10"))
    assert "is-low" in shown(operator)
    assert "мало, пополните" in shown(operator)


def test_a_stale_balance_says_of_when_it_is_and_why(operator, settings):
    at = timezone.now() - timedelta(minutes=10)
    fresh(balance_at=at, balance_error="Сервис звонков не отвечает.")
    page = shown(operator)
    assert f"данные на {timezone.localtime(at):%H:%M}" in page
    assert "Сервис звонков не отвечает." in page


def test_the_other_accounts_are_named(operator):
    fresh(name="Главная", is_default=True)
    fresh(name="Запасная", balance=Decimal("7"))
    page = shown(operator)
    assert page.index("Главная") < page.index("Запасная")
    assert "7,00\u00a0₽" in page


def test_before_the_first_answer_nothing_is_claimed(operator):
    make_account()
    assert "узнаём…" in shown(operator)


def test_without_accounts_an_admin_is_led_to_add_one(admin):
    assert "/settings/accounts/new/" in shown(admin)


def test_without_accounts_an_operator_sees_nothing(operator):
    assert "<a " not in shown(operator)
    assert "₽" not in shown(operator)


def test_an_operator_is_not_led_to_the_settings(operator):
    fresh()
    assert "/settings/accounts/" not in shown(operator)


def test_a_manager_sees_no_balance(manager):
    fresh()
    answer = manager.get(URL)
    assert answer.status_code == 403
    assert "12\u00a0480" not in answer.content.decode()
    assert "12\u00a0480" not in manager.get("/profile/").content.decode()


def test_nobody_is_sent_to_the_login(client, db):
    assert client.get(URL).status_code == 302


def test_the_balance_is_only_read(operator):
    assert operator.post(URL).status_code == 405


def test_an_unchanged_balance_is_not_sent_again(operator):
    fresh()
    tag = operator.get(URL).headers["ETag"]
    assert operator.get(URL, headers={"if-none-match": tag}).status_code == 304


def test_the_key_is_not_in_the_fragment(operator):
    fresh()
    assert KEY not in shown(operator)


def test_the_fragment_asks_the_database_little(operator, django_assert_max_num_queries):
    fresh()
    with django_assert_max_num_queries(6):
        operator.get(URL)
