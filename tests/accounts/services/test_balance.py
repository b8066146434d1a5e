from datetime import timedelta
from decimal import Decimal

from django.urls import reverse
from django.utils import timezone

from obzvon_site.accounts.services import balance
from obzvon_site.common.secrets import Unreadable
from obzvon_site.provider.errors import Unreachable, WrongKey
from tests.accounts.makers import NOW, balance_of
from tests.factories import make_account


def test_an_answer_is_kept_with_its_time(db, service):
    account = make_account(balance_error="было плохо")
    service.answer = balance_of("12480.50")
    balance.refresh(account, now=NOW)
    assert account.balance == Decimal("12480.50")
    assert account.balance_at == account.balance_asked_at == NOW
    assert account.balance_error == ""


def test_a_failure_keeps_the_old_balance_and_says_why(db, service):
    earlier = NOW - timedelta(minutes=10)
    account = make_account(balance=Decimal(7), balance_at=earlier)
    service.answer = WrongKey("Invalid api key")
    balance.refresh(account, now=NOW)
    assert account.balance == Decimal(7)
    assert account.balance_at == earlier
    assert account.balance_asked_at == NOW
    assert "Invalid api key" in account.balance_error


def test_a_key_that_does_not_open_is_explained(db, service):
    account = make_account()
    service.answer = Unreadable("no")
    balance.refresh(account, now=NOW)
    assert "Введите ключ заново" in account.balance_error


def test_an_older_answer_does_not_replace_a_newer_one(db, service):
    account = make_account(balance=Decimal(5), balance_at=NOW, balance_asked_at=NOW)
    service.answer = balance_of("999")
    balance.refresh(account, now=NOW - timedelta(seconds=1))
    assert account.balance == Decimal(5)
    assert account.balance_asked_at == NOW


def test_only_active_accounts_not_asked_lately_are_due(db, service):
    due = make_account()
    make_account(balance_asked_at=NOW - timedelta(seconds=20))
    make_account(is_active=False)
    assert balance.refresh_due(now=NOW) == 1
    due.refresh_from_db()
    assert due.balance == Decimal("100.00")


def test_one_bad_account_does_not_stop_the_others(db, service, monkeypatch, caplog):
    first, second = make_account(name="А"), make_account(name="Б")
    real = balance.refresh

    def refresh(account, *, now):
        if account == first:
            raise RuntimeError("surprise")
        real(account, now=now)

    monkeypatch.setattr(balance, "refresh", refresh)
    assert balance.refresh_due(now=NOW) == 2
    second.refresh_from_db()
    assert second.balance is not None
    assert "could not be refreshed" in caplog.text


def test_nothing_is_known_while_the_service_is_away(db, service):
    account = make_account()
    service.answer = Unreachable()
    balance.refresh(account, now=NOW)
    assert account.balance is None
    assert account.balance_error


def test_the_widget_shows_the_default_account_and_names_the_others(db):
    other = make_account(name="А")
    main = make_account(name="Б", is_default=True, balance=Decimal(1), balance_at=NOW)
    widget = balance.widget(now=NOW)
    assert (widget.account, widget.others, widget.is_stale) == (main, (other,), False)


def test_there_is_no_widget_without_accounts(db):
    make_account(is_active=False)
    assert balance.widget(now=NOW) is None


def test_a_silent_service_keeps_neither_a_page_nor_other_accounts_waiting_long(monkeypatch, admin):
    account = make_account()
    asked = []

    def client_for(_account, *, subject, deadline):
        asked.append((subject, deadline))
        raise Unreadable("a key")

    monkeypatch.setattr(balance, "client_for", client_for)
    admin.post(reverse("accounts:account-check", args=[account.pk]))
    balance.refresh_due(now=timezone.now() + balance.DUE)
    assert asked == [("balance", 10), ("balance", 10)]
