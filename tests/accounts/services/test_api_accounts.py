from decimal import Decimal

from obzvon_site.accounts.models import ApiAccount, AuditEvent
from obzvon_site.accounts.services import api_accounts
from tests.factories import KEY, make_account, make_phone


def defaults() -> list[ApiAccount]:
    return list(ApiAccount.objects.filter(is_default=True))


def test_the_first_account_becomes_the_default(db):
    fresh = ApiAccount(name="Первая", base_url="https://a.example/apiCalls")
    account = api_accounts.add(fresh, key=KEY, actor=None)
    assert defaults() == [account]
    assert account.api_key() == KEY
    assert KEY not in str(AuditEvent.objects.get().details)


def test_the_second_account_does_not(db):
    first = make_account(is_default=True)
    fresh = ApiAccount(name="Вторая", base_url="https://b.example/apiCalls")
    api_accounts.add(fresh, key=KEY, actor=None)
    assert defaults() == [first]


def test_a_change_is_noted_with_what_was_before(db):
    account = make_account(minute_price=Decimal("3.00"))
    phone = make_phone(account, phone="74950000001")
    account.minute_price, account.default_phone = Decimal("2.50"), phone
    api_accounts.change(account, ["minute_price", "default_phone"], actor=None)
    account.refresh_from_db()
    assert account.minute_price == Decimal("2.50")
    assert AuditEvent.objects.get().details == {
        "changed": {"minute_price": ["3.00", "2.50"], "default_phone": ["None", "74950000001"]}
    }


def test_no_change_is_not_noted(db):
    api_accounts.change(make_account(), ["name", "minute_price"], actor=None)
    assert not AuditEvent.objects.exists()


def test_one_default_takes_the_place_of_another(db):
    make_account(is_default=True)
    second = make_account()
    assert api_accounts.make_default(second, actor=None)
    assert defaults() == [second]


def test_an_account_put_out_of_use_meanwhile_does_not_become_the_default(db):
    first = make_account(is_default=True)
    second = make_account()
    ApiAccount.objects.filter(pk=second.pk).update(is_active=False)
    assert not api_accounts.make_default(second, actor=None)
    assert defaults() == [first]
    assert not AuditEvent.objects.exists()


def test_an_account_out_of_use_is_no_longer_the_default(db):
    account = make_account(is_default=True)
    assert api_accounts.set_active(account, False, actor=None)
    account.refresh_from_db()
    assert (account.is_active, account.is_default) == (False, False)


def test_the_second_of_two_who_put_it_out_of_use_changes_nothing(db):
    account = make_account()
    assert api_accounts.set_active(account, False, actor=None)
    assert not api_accounts.set_active(account, False, actor=None)
    assert AuditEvent.objects.count() == 1


def test_an_account_comes_back_into_use(db):
    account = make_account(is_active=False)
    assert api_accounts.set_active(account, True, actor=None)
    account.refresh_from_db()
    assert account.is_active
