"""Accounts are asked side by side: a silent one keeps only itself waiting."""

import threading
from datetime import timedelta

import pytest
from django.utils import timezone

from calls import tasks
from calls.models import Call
from calls.services import asking, dispatch, intake, syncing
from obzvon_site.accounts.clients import DEADLINE, PATIENCE
from obzvon_site.common import stopping
from obzvon_site.common.secrets import Unreadable
from tests.calls.makers import NOW, FakeService, api_call, make_call, make_order, news
from tests.factories import make_account

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(seconds=9)


class Silent(FakeService):
    """Answers nobody before ``go`` is set."""

    def __init__(self) -> None:
        super().__init__()
        self.go = threading.Event()

    def get(self, ids=None, *, unread=None):
        assert self.go.wait(10), "nothing was done while it was silent"
        return super().get(ids, unread=unread)


class Town:
    """Stands where ``client_for`` stands: a service for each account."""

    def __init__(self, monkeypatch) -> None:
        self.services: dict[int, FakeService | None] = {}  # None: its key does not open
        self.deadlines: list[float] = []
        monkeypatch.setattr(asking, "client_for", self)
        monkeypatch.setattr(asking, "SILENCE", 0.01)

    def __call__(self, account, *, deadline, **_how) -> FakeService:
        self.deadlines.append(deadline)
        if (service := self.services[account.pk]) is None:
            raise Unreadable("no field key opens this secret")
        return service

    def account(self, service: FakeService):
        account = make_account(use_duty_phone=True)
        self.services[account.pk] = service
        return account


@pytest.fixture
def town(monkeypatch) -> Town:
    return Town(monkeypatch)


def called(town: Town, service: FakeService) -> Call:
    """A call of an account of its own, of which the service knows that it has been answered."""
    call = make_call(account=town.account(service))
    service.listed = [api_call(call, news("started"))]
    return call


def in_doubt(town: Town, service: FakeService) -> Call:
    order = make_order(1, account=town.account(service), now=timezone.now() - timedelta(minutes=5))
    service.listed = [api_call(order.calls.get(), created_at=order.sent_at)]
    dispatch.expire_leases(now=timezone.now())
    return order.calls.get()


def test_a_silent_account_keeps_no_other_waiting(town):
    silent, quick = Silent(), FakeService()
    first, second = called(town, silent), called(town, quick)

    def look() -> None:
        if Call.objects.get(pk=second.pk).status == "started":
            silent.go.set()

    assert syncing.poll_due(now=LATER, meanwhile=look) == 2
    assert Call.objects.get(pk=first.pk).status == "started"


@pytest.mark.parametrize(
    ("task", "make"), [(tasks.poll_calls, called), (tasks.reconcile_orders, in_doubt)]
)
def test_webhooks_are_folded_while_the_service_is_silent(town, monkeypatch, task, make):
    silent = Silent()
    call = make(town, silent)

    def fold(*, now) -> int:
        silent.go.set()
        return 0

    monkeypatch.setattr(intake, "fold_due", fold)
    task.func()
    assert len(silent.asked) == 1
    assert Call.objects.get(pk=call.pk).stage == "accepted"


def test_no_more_are_asked_at_once_than_fit_into_memory(town):
    crowd = [Silent() for _ in range(asking.MOST + 2)]
    for service in crowd:
        called(town, service)
    taken = []

    def look() -> None:
        taken.append(len(town.deadlines))
        for service in crowd:
            service.go.set()

    assert syncing.poll_due(now=LATER, meanwhile=look) == len(crowd)
    assert taken[0] == asking.MOST


def test_an_answer_about_few_calls_is_not_waited_for_as_long_as_one_about_thousands(town):
    account = town.account(FakeService())
    for ids in ([1], range(asking.FEW), range(asking.FEW + 1), None):
        asking.Question.to(account, ids, subject="poll")
    assert town.deadlines == [PATIENCE, PATIENCE, DEADLINE, DEADLINE]


def test_who_is_asked_to_stop_asks_nobody_more(town, monkeypatch):
    call = called(town, FakeService())
    in_doubt(town, FakeService())
    monkeypatch.setattr(stopping, "is_asked", lambda: True)
    assert syncing.poll_due(now=LATER) == 0
    assert syncing.reconcile_due(now=timezone.now()) == 0
    assert town.deadlines == []
    assert Call.objects.to_ask(LATER).get() == call


def test_a_mistake_of_ours_stops_no_other_account(town, caplog):
    broken, whole = FakeService(), FakeService()
    first, second = called(town, broken), called(town, whole)
    broken.trouble = KeyError("ours")
    assert syncing.poll_due(now=LATER) == 1
    assert Call.objects.get(pk=second.pk).status == "started"
    assert Call.objects.get(pk=first.pk).sync_at == LATER + syncing.FAILED_ASK
    assert "could not be asked" in caplog.text


@pytest.mark.parametrize("make", [called, in_doubt])
def test_an_account_whose_key_does_not_open_stops_no_other(town, caplog, make):
    locked, other = make(town, FakeService()), make(town, FakeService())
    town.services[locked.campaign.account_id] = None
    assert syncing.poll_due(now=LATER) + syncing.reconcile_due(now=timezone.now()) == 1
    assert Call.objects.get(pk=other.pk).stage == "accepted"
    assert "failed: no field key" in caplog.text
