from datetime import timedelta

from obzvon_site.accounts.models import Exchange
from obzvon_site.accounts.services import retention
from tests.accounts.makers import NOW, make_exchange
from tests.factories import make_account


def test_old_exchanges_are_forgotten_in_batches(db, settings, monkeypatch):
    settings.EXCHANGE_DAYS = 14
    monkeypatch.setattr(retention, "BATCH", 2)
    account = make_account()
    for _ in range(5):
        make_exchange(account, sent_at=NOW - timedelta(days=20))
    young = make_exchange(account, sent_at=NOW - timedelta(days=1))
    assert retention.forget_exchanges(now=NOW) == 5
    assert list(Exchange.objects.all()) == [young]


def test_nothing_old_is_nothing_to_do(db):
    make_exchange()
    assert retention.forget_exchanges(now=NOW) == 0
