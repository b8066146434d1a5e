"""An old webhook address is forgotten when nothing can be reported to it any more."""

from datetime import timedelta

import pytest

from calls.models import Call
from calls.services import addresses, folding, ledger
from obzvon_site.accounts.models import OldWebhookAddress
from obzvon_site.accounts.services import hooks
from tests.calls.makers import NOW, api_call, make_call, news

pytestmark = pytest.mark.django_db


def end(call: Call) -> None:
    folding.fold(call, api_call(call, news("finished", after=5)), now=NOW)
    call.campaign.refresh_from_db()
    assert call.campaign.is_over


def test_it_is_kept_for_a_retry_that_is_planned_after_the_renewal():
    call = make_call()
    later = call.created_at + timedelta(minutes=1)
    hooks.renew(call.campaign.account, actor=None, now=later)
    retry = Call(
        campaign=call.campaign, phone=call.phone, attempt=2, planned_at=later, created_at=later
    )
    ledger.plan(call.campaign, [retry], now=later)
    folding.fold(call, api_call(call, news("finished", after=5)), now=NOW)
    assert Call.objects.get(pk=call.pk).is_final
    assert addresses.forget_old(now=later + timedelta(days=8)) == 0
    assert OldWebhookAddress.objects.exists()


def test_it_is_kept_for_a_week_and_until_the_calls_from_before_have_ended():
    call = make_call()
    now = call.created_at + timedelta(minutes=1)
    hooks.renew(call.campaign.account, actor=None, now=now)
    assert addresses.forget_old(now=now + timedelta(days=8)) == 0
    end(call)
    assert addresses.forget_old(now=now + timedelta(days=6)) == 0
    assert addresses.forget_old(now=now + timedelta(days=8)) == 1
    assert not OldWebhookAddress.objects.exists()
