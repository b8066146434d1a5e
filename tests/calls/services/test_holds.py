"""Orders on their way together: what one of them hears does not undo what another has heard."""

from datetime import timedelta

import pytest

from calls.models import Campaign, Order
from calls.services import dispatch, outcomes, sending
from tests.calls.makers import NOW, created, make_campaign, stages

pytestmark = pytest.mark.django_db


def two_orders(service) -> tuple[Campaign, Order, Order]:
    campaign = make_campaign(2)
    campaign.account.phones_per_order = 1
    campaign.account.save()
    first = dispatch.take(campaign.account, now=NOW)
    second = dispatch.take(campaign.account, now=NOW)
    assert first is not None
    assert second is not None
    return campaign, first.order, second.order


def test_an_earlier_orders_success_lifts_no_later_hold(service):
    campaign, _first, second = two_orders(service)
    outcomes.hold(campaign.account, "Ключ не подошёл", now=NOW)

    outcomes.created(second, created({second.calls.get().phone: 1}), lambda: NOW)

    campaign.refresh_from_db()
    assert campaign.hold_reason == "Ключ не подошёл"


def test_a_success_lifts_the_hold_it_was_drawn_under(service):
    campaign = make_campaign(1)
    outcomes.hold(campaign.account, "Отдохнём", now=NOW, until=NOW + timedelta(seconds=1))
    later = NOW + timedelta(seconds=2)
    taken = dispatch.take(campaign.account, now=later)

    outcomes.created(taken.order, created({taken.order.calls.get().phone: 1}), lambda: later)

    campaign.refresh_from_db()
    assert campaign.hold_reason == ""


def test_a_longer_hold_is_not_made_shorter(service):
    campaign = make_campaign(1)
    outcomes.hold(campaign.account, "Долго", now=NOW, until=NOW + timedelta(minutes=5))
    outcomes.hold(campaign.account, "Коротко", now=NOW, until=NOW + timedelta(seconds=20))
    campaign.refresh_from_db()
    assert (campaign.hold_reason, campaign.hold_until) == ("Долго", NOW + timedelta(minutes=5))


def test_an_order_without_a_thread_waits_in_line_again(service, monkeypatch):
    campaign = make_campaign(1)

    class NoThreads:
        calls = 0

        def submit(self, ask, *given):
            NoThreads.calls += 1
            if NoThreads.calls == 1:  # the connection
                from concurrent.futures import Future  # noqa: PLC0415

                done: Future = Future()
                done.set_result(None)
                return done
            raise RuntimeError("can't start new thread")

        def shutdown(self, **_how):
            pass

    monkeypatch.setattr(sending, "pool", lambda _threads: NoThreads())
    assert dispatch.dispatch_due(clock=lambda: NOW) == 0
    assert stages(campaign) == ["planned"]
    assert Order.objects.get().state == "not_sent"
