"""The way from an account to the service keeps every exchange, without the key."""

import pytest
import responses

from obzvon_site.accounts.clients import client_for
from obzvon_site.accounts.models import Exchange
from obzvon_site.common.secrets import Unreadable
from tests.factories import KEY, make_account

pytestmark = pytest.mark.django_db


def test_an_exchange_is_kept_with_its_subject_and_without_the_key():
    account = make_account()
    with responses.RequestsMock() as service:
        service.post(f"{account.base_url}/userInfo", json={"balance": 5, "echo": KEY})
        client_for(account, subject="balance").user_info()
    kept = Exchange.objects.get()
    assert (kept.account, kept.method, kept.subject) == (account, "userInfo", "balance")
    assert (kept.outcome, kept.http_status) == (Exchange.Outcome.DONE, 200)
    assert '"balance": 5' in kept.answer
    assert KEY not in kept.request + kept.answer


def test_a_key_that_does_not_open_is_an_error_before_anything_is_sent():
    with pytest.raises(Unreadable):
        client_for(make_account(sealed_key="broken"))
    assert not Exchange.objects.exists()
