from datetime import timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from django.db import IntegrityError

from obzvon_site.accounts.models import (
    ApiAccount,
    AuditEvent,
    Exchange,
    OutgoingPhone,
    Tick,
    User,
)
from obzvon_site.common.secrets import Unreadable
from tests.accounts.makers import NOW, make_exchange
from tests.factories import KEY, make_account, make_phone, make_user

ORDER = UUID("12345678-1234-5678-1234-567812345678")


def test_a_key_opens_for_the_client_and_shows_its_tail_to_people(db):
    account = make_account()
    assert account.api_key() == KEY
    assert account.masked_key == "••••test"
    assert KEY not in account.sealed_key


def test_a_key_sealed_elsewhere_is_unreadable(db, settings):
    account = make_account()
    settings.FIELD_KEYS = ["another"]
    with pytest.raises(Unreadable):
        account.api_key()


def test_webhook_addresses_are_built_from_the_public_address(db, settings):
    settings.PUBLIC_URL = "https://calls.example"
    account = make_account(webhook_token="secret")
    start = "https://calls.example/hooks/secret"
    assert account.status_webhook_url(ORDER) == f"{start}/status/{ORDER}/"
    assert account.step_webhook_url() == f"{start}/step/"


def test_webhook_tokens_differ(db):
    assert make_account().webhook_token != make_account().webhook_token


def test_the_default_account_is_offered_first(db):
    make_account(name="А")
    chosen = make_account(name="Б", is_default=True)
    assert ApiAccount.objects.default() == chosen
    assert ApiAccount.objects.active()[0] == chosen


def test_without_a_default_any_working_account_is_offered(db):
    make_account(name="А", is_active=False)
    second = make_account(name="Б")
    assert ApiAccount.objects.default() == second


def test_without_accounts_there_is_no_default(db):
    make_account(is_active=False)
    assert ApiAccount.objects.default() is None


def test_two_accounts_cannot_both_be_the_default(db):
    make_account(is_default=True)
    with pytest.raises(IntegrityError):
        make_account(is_default=True)


@pytest.mark.parametrize(
    ("balance", "price", "calls"),
    [
        (Decimal("100"), Decimal("3"), 33),
        (Decimal("-5"), Decimal("3"), 0),
        (Decimal("100"), Decimal("0"), None),
        (None, Decimal("3"), None),
    ],
)
def test_a_balance_is_worth_so_many_calls(balance, price, calls):
    assert ApiAccount(balance=balance, minute_price=price).calls_worth == calls


def test_a_balance_is_low_below_the_limit_and_not_when_unknown():
    limit = Decimal("500")
    assert ApiAccount(balance=Decimal("499.99"), low_balance=limit).is_low
    assert not ApiAccount(balance=Decimal("500"), low_balance=limit).is_low
    assert not ApiAccount(balance=None, low_balance=limit).is_low


def test_a_balance_goes_stale():
    assert ApiAccount().is_stale(NOW)
    assert not ApiAccount(balance_at=NOW - timedelta(minutes=2)).is_stale(NOW)
    assert ApiAccount(balance_at=NOW - timedelta(minutes=4)).is_stale(NOW)


def test_exchanges_expire_after_the_days_set(db, settings):
    settings.EXCHANGE_DAYS = 14
    old = make_exchange(sent_at=NOW - timedelta(days=15))
    make_exchange(sent_at=NOW - timedelta(days=13))
    assert list(Exchange.objects.expired(NOW)) == [old]


def test_numbers_the_service_refused_are_not_usable(db):
    account = make_account()
    good = make_phone(account)
    unknown = make_phone(account, is_confirmed=None)
    make_phone(account, is_confirmed=False)
    assert set(OutgoingPhone.objects.usable()) == {good, unknown}


def test_the_last_tick_of_each_task_is_found(db):
    Tick.objects.create(name="a", slot=10, seconds=60)
    last = Tick.objects.create(name="a", slot=11, seconds=60)
    other = Tick.objects.create(name="b", slot=5, seconds=2)
    assert list(Tick.objects.latest_each()) == [last, other]
    assert last.at.timestamp() == 660


def test_admins_are_those_who_may_sign_in(db):
    admin = make_user(role="admin")
    make_user(role="admin", is_active=False)
    make_user(role="operator")
    assert list(User.objects.admins()) == [admin]


def test_a_person_knows_their_role_in_words(db):
    assert make_user(role="manager").role == "manager"
    assert make_user(role="manager").role_name == "Менеджер"


def test_an_unknown_deed_is_shown_as_it_is(db):
    assert AuditEvent(verb="account.added").deed == "Добавил учётную запись API"
    assert AuditEvent(verb="x.y").deed == "x.y"


def test_a_person_in_no_group_has_no_role(db):
    person = User.objects.create_user("nobody")
    assert (person.role, person.role_name) == ("", "Без роли")


@pytest.mark.parametrize(
    ("url", "is_emulator"),
    [
        ("http://127.0.0.1:8001/apiCalls", True),
        ("http://[::1]:8001/apiCalls", True),
        ("http://localhost/apiCalls", True),
        ("https://calls.example.com/apiCalls", False),
        ("https://localhost.example.com/apiCalls", False),
        ("http://10.0.0.1/apiCalls", False),
        ("", False),
    ],
)
def test_only_a_service_on_this_machine_is_the_emulator(url, is_emulator):
    assert ApiAccount(base_url=url).is_emulator is is_emulator
