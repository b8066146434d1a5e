from obzvon_site.accounts import tasks
from obzvon_site.accounts.models import ApiAccount
from tests.accounts.makers import make_exchange
from tests.factories import make_account


def test_every_five_seconds_due_balances_are_asked(db, service):
    task, seconds = tasks.PERIODIC["accounts.balance"]
    make_account()
    assert (task.func(), seconds) == (1, 5)
    assert ApiAccount.objects.get().balance is not None


def test_every_hour_old_exchanges_are_forgotten(db, settings):
    task, seconds = tasks.PERIODIC["accounts.retention"]
    settings.EXCHANGE_DAYS = 0
    make_exchange()
    assert (task.func(), seconds) == (1, 3600)
