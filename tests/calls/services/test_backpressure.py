"""In trouble less is sent, then nothing; one call tries, and what follows goes out again."""

from datetime import timedelta

import pytest
import time_machine

from calls.models import CampaignEvent, Channel
from calls.services import backpressure, dispatch, outcomes
from obzvon_site.provider import errors
from tests.calls.makers import NOW, counts_hold, created, make_campaign, stages
from tests.factories import make_account

pytestmark = pytest.mark.django_db
TROUBLE = errors.OutcomeUnknown(detail="HTTP 502")


def later(seconds: float):
    return NOW + timedelta(seconds=seconds)


def run(seconds: float = 0) -> int:
    return dispatch.dispatch_due(clock=lambda: later(seconds))


def account_with(connections=16, **fields):
    return make_account(use_duty_phone=True, connections=connections, **fields)


def channel() -> Channel:
    return Channel.objects.get()


def broken(service, seconds: float = 0, phones: int = 60):
    """A campaign whose service has failed until the channel opened."""
    campaign = make_campaign(phones, account=account_with(phones_per_order=8))
    service.trouble = TROUBLE
    run(seconds)
    return campaign


def test_without_trouble_nothing_is_written(service):
    make_campaign(3, account=account_with(phones_per_order=1))
    run()
    assert not Channel.objects.exists()


def test_a_trouble_halves_the_width_and_each_success_gives_one_back(service):
    account = account_with(connections=8, phones_per_order=1)
    make_campaign(20, account=account)
    taken = dispatch.take(account, now=NOW)
    backpressure.hear(taken.order, TROUBLE, NOW)
    assert channel().width == 4
    for width in (5, 6, 7, 8, 8):
        order = dispatch.take(account, now=later(1)).order
        backpressure.hear(order, None, later(1))
        assert channel().width == width


def test_orders_that_fail_together_narrow_the_way_once():
    account = account_with(connections=16, phones_per_order=1)
    make_campaign(4, account=account)
    orders = [dispatch.take(account, now=NOW).order for _ in range(4)]
    for order in orders:
        backpressure.hear(order, TROUBLE, later(3))
    assert (channel().width, channel().failures) == (8, 4)


def test_no_more_orders_are_taken_than_the_width_by_all_workers_together():
    account = account_with(connections=3, phones_per_order=1)
    make_campaign(9, account=account)
    taken = [dispatch.take(account, now=NOW) for _ in range(4)]
    assert [bool(order) for order in taken] == [True, True, True, False]


def test_after_five_failures_it_opens_and_little_has_come_into_doubt(service):
    campaign = broken(service)
    assert len(service.orders) == backpressure.FAILURES
    # Each order was half as large as the one before.
    assert [len(order.phones) for order in service.orders] == [8, 4, 2, 1, 1]
    assert stages(campaign).count("unknown") == 16
    assert run(4.9) == 0
    assert "Звонки ждут на своих местах" in trouble_at(4)
    assert counts_hold(campaign)


def trouble_at(seconds: float) -> str:
    with time_machine.travel(later(seconds), tick=False):
        return channel().trouble


def test_half_open_one_call_tries_and_its_failure_opens_it_for_longer(service):
    broken(service)
    seconds, sizes = 5.0, []
    for pause in (10, 20, 40, 80, 160, 300, 300):
        before = len(service.orders)
        assert run(seconds) == 1
        sizes += [len(order.phones) for order in service.orders[before:]]
        assert run(seconds + pause - 0.1) == 0
        seconds += pause
    assert sizes == [1] * 7


def test_only_one_probe_is_on_its_way(service):
    campaign = broken(service)
    probe = dispatch.take(campaign.account, now=later(5))
    assert probe.order.size == 1
    assert dispatch.take(campaign.account, now=later(5)) is None
    assert dispatch.take(campaign.account, now=later(30)) is None


def test_the_success_of_the_probe_closes_it(service):
    campaign = broken(service)
    service.trouble = None
    run(5)
    assert stages(campaign).count("planned") == 0
    assert (channel().failures, channel().openings, channel().open_until) == (0, 0, None)
    assert trouble_at(6) == ""


def test_what_went_out_before_it_opened_neither_closes_nor_opens_it(service):
    account = account_with(phones_per_order=1)
    make_campaign(30, account=account)
    early = [dispatch.take(account, now=NOW).order for _ in range(9)]
    for order in early[:7]:
        backpressure.hear(order, TROUBLE, later(1))
    assert (channel().openings, channel().open_until) == (1, later(6))
    backpressure.hear(early[7], None, later(7))
    backpressure.hear(early[8], TROUBLE, later(7))
    assert (channel().openings, channel().open_until) == (1, later(6))


@pytest.mark.parametrize("seconds", [1e20, float("inf")])
def test_a_retry_after_of_ages_is_the_longest_pause(service, seconds):
    campaign = make_campaign(1)
    service.trouble = errors.TooFast(retry_after=seconds)
    run()
    assert len(service.orders) == 1
    run(59 * 60)
    assert len(service.orders) == 1
    service.trouble = None
    run(61 * 60)
    assert stages(campaign) == ["accepted"]


def test_retry_after_is_respected(service):
    make_campaign(2, account=account_with())
    service.trouble = errors.TooFast(retry_after=40)
    run()
    service.trouble = None
    assert (run(39.9), run(40)) == (0, 1)


def test_a_clock_that_jumped_ahead_and_back_does_not_shut_it_for_days(service):
    broken(service, seconds=86_400 * 3)
    service.trouble = None
    assert run(10) > 0
    assert (channel().openings, channel().open_until) == (0, None)


def test_one_accounts_trouble_leaves_another_alone(service, monkeypatch):
    bad, good = (account_with() for _ in "ab")
    make_campaign(1, account=bad)
    going = make_campaign(1, account=good)
    Channel.objects.create(
        account=bad, width=1, failures=9, openings=2, open_until=later(60), changed_at=NOW
    )
    run()
    assert stages(going) == ["accepted"]


def test_many_orders_refused_at_once_hold_the_account_once(service, operator):
    account = account_with(phones_per_order=1)
    campaigns = [make_campaign(8, account=account) for _ in range(2)]
    taken = [dispatch.take(account, now=NOW) for _ in range(16)]
    assert all(taken)
    service.trouble = errors.WrongKey()
    for order in taken:
        dispatch.send(order, clock=lambda: NOW)
    held = CampaignEvent.objects.filter(kind=CampaignEvent.Kind.HELD)
    assert sorted(held.values_list("campaign", flat=True)) == [row.pk for row in campaigns]
    page = operator.get("/").content.decode()
    assert page.count("Ключ API не подошёл") == 1
    assert "Стоят 2 обзвона." in page
    assert {stage for row in campaigns for stage in stages(row)} == {"planned"}


def test_pages_say_what_holds_the_account_back(service, operator, admin):
    campaign = broken(service)
    Channel.objects.update(open_until=None)  # whatever the clock says
    for client, page in (
        (operator, "/"),
        (operator, campaign.get_absolute_url()),
        (admin, campaign.account.get_absolute_url()),
    ):
        assert "Сейчас проверяем одним звонком" in client.get(page).content.decode()


def test_a_revived_sender_with_an_old_lease_changes_nothing(service):
    campaign = make_campaign(2, account=account_with())
    taken = dispatch.take(campaign.account, now=NOW)
    dispatch.expire_leases(now=later(300))
    phones = taken.request.phones
    outcomes.created(taken.order, created(dict.fromkeys(phones, 5)), lambda: later(301))
    outcomes.not_created(taken.order, errors.Unreachable(), lambda: later(301))
    assert set(stages(campaign)) == {"unknown"}
    assert not campaign.calls.exclude(service_order_id=None).exists()
    assert counts_hold(campaign)
