"""Orders of one pass side by side: as many at once as the account allows, each rung once."""

import threading
from collections import Counter
from datetime import timedelta

import pytest
from django.db import OperationalError

from calls.models import Call, Order
from calls.services import dispatch, outcomes, sending
from obzvon_site.accounts.models import Exchange
from tests.calls.makers import NOW, counts_hold, created, make_campaign, stages
from tests.factories import make_account

pytestmark = pytest.mark.django_db
PATIENCE = 10  # seconds; nothing here waits so long unless it is broken


class Crowd:
    """A service that answers nobody until so many ask at once."""

    def __init__(self, number: int) -> None:
        self.barrier = threading.Barrier(number, timeout=PATIENCE)
        self.rung: Counter[str] = Counter()
        self.lock = threading.Lock()
        self.at_once = self.most = 0

    def __call__(self, _account, **_how):
        return self

    def connect(self):
        pass

    def create(self, order, *, begin):
        begin()
        with self.lock:
            self.rung.update(order.phones)
            self.at_once += 1
            self.most = max(self.most, self.at_once)
            ids = {phone: sum(self.rung.values()) for phone in order.phones}
        self.barrier.wait()
        with self.lock:
            self.at_once -= 1
        return created(ids)


def test_as_many_orders_go_at_once_as_the_account_allows(monkeypatch):
    crowd = Crowd(4)
    monkeypatch.setattr(dispatch, "client_for", crowd)
    campaign = make_campaign(
        8, account=make_account(use_duty_phone=True, phones_per_order=1, connections=4)
    )
    assert dispatch.dispatch_due(clock=lambda: NOW) == 8
    assert crowd.most == 4
    assert crowd.rung == Counter(campaign.calls.values_list("phone", flat=True))
    assert set(stages(campaign)) == {"accepted"}
    assert counts_hold(campaign)


def test_a_slow_account_does_not_hold_back_another(monkeypatch):
    slow, quick = (make_account(use_duty_phone=True, phones_per_order=1) for _ in "ab")
    waits, goes = make_campaign(1, account=slow), make_campaign(3, account=quick)
    is_answered, numbers = threading.Event(), iter(range(1, 10))

    class Service(Crowd):
        def create(self, order, *, begin):
            begin()
            self.rung.update(order.phones)
            if order.phones == (slow_phone,):
                assert is_answered.wait(PATIENCE)
            elif sum(self.rung.values()) == 4:
                is_answered.set()
            return created({order.phones[0]: next(numbers)})

    slow_phone = waits.calls.get().phone
    monkeypatch.setattr(dispatch, "client_for", Service(1))
    assert dispatch.dispatch_due(clock=lambda: NOW) == 4
    assert {*stages(waits), *stages(goes)} == {"accepted"}


def test_threads_touch_no_database_and_the_exchanges_are_kept():
    """The real client and its note; nobody listens at the address."""
    account = make_account(use_duty_phone=True, connections=2, phones_per_order=1)
    make_campaign(2, account=account)
    dispatch.dispatch_due(clock=lambda: NOW)
    subjects = set(Exchange.objects.values_list("subject", "outcome"))
    assert subjects == {(order.subject, "not_sent") for order in Order.objects.all()}


def test_what_concurrent_calls_allow_is_kept_with_many_connections(monkeypatch):
    crowd = Crowd(1)
    monkeypatch.setattr(dispatch, "client_for", crowd)
    account = make_account(use_duty_phone=True, phones_per_order=1, connections=32)
    campaign = make_campaign(9, account=account)
    type(campaign).objects.update(concurrent=5)
    assert dispatch.dispatch_due(clock=lambda: NOW) == 5
    assert Call.objects.filter(stage="planned").count() == 4


def test_an_order_that_waited_longer_than_its_lease_is_not_begun(service):
    taken = dispatch.take(make_campaign(1).account, now=NOW)
    heard = sending.ask(taken, lambda: NOW + timedelta(hours=1))
    assert not heard.is_begun
    assert service.orders == []


class Answering(Crowd):
    """Answers at once; the numbers it gives are its own."""

    def create(self, order, *, begin):
        begin()
        with self.lock:
            self.rung.update(order.phones)
            return created({phone: int(phone) for phone in order.phones})


def pass_of(monkeypatch, service, number=1, **fields):
    account = make_account(use_duty_phone=True, phones_per_order=1, connections=4, **fields)
    monkeypatch.setattr(dispatch, "client_for", service)
    return make_campaign(number, account=account)


def test_answers_that_came_are_written_whatever_happens_to_the_pass(monkeypatch):
    is_asked = threading.Event()

    class Asked(Answering):
        def create(self, order, *, begin):
            is_asked.set()
            return super().create(order, begin=begin)

    campaign = pass_of(monkeypatch, Asked(1), 3)
    real = dispatch.Pass._hear

    def fail(self):
        if self._sent:
            assert is_asked.wait(PATIENCE)
            raise RuntimeError("a bug")
        real(self)

    monkeypatch.setattr(dispatch.Pass, "_hear", fail)
    with pytest.raises(RuntimeError, match="a bug"):
        dispatch.dispatch_due(clock=lambda: NOW)
    assert sorted(stages(campaign)) == ["accepted", "planned", "planned"]
    assert counts_hold(campaign)


def test_orders_that_nobody_has_begun_wait_in_line_again_when_a_pass_breaks(monkeypatch):
    """One thread for all: the second order's turn never comes."""
    is_asked, may_answer = threading.Event(), threading.Event()

    class Slow(Answering):
        def create(self, order, *, begin):
            is_asked.set()
            assert may_answer.wait(PATIENCE)
            return super().create(order, begin=begin)

    campaign = pass_of(monkeypatch, Slow(1), 2)
    real, own_pool = dispatch.Pass._end, sending.pool

    def end(self):
        for lane in self._lanes.values():
            lane.pool.shutdown(wait=False, cancel_futures=True)
        may_answer.set()
        real(self)

    def fail(self):
        if self._flying and not self._sent:
            return wait_for_connection(self)
        assert is_asked.wait(PATIENCE)
        raise RuntimeError("a bug")

    def wait_for_connection(self):
        for lane in self._lanes.values():
            lane.is_ready, lane.well = True, 5
        self._flying.clear()

    monkeypatch.setattr(sending, "pool", lambda _threads: own_pool(1))
    monkeypatch.setattr(dispatch.Pass, "_end", end)
    monkeypatch.setattr(dispatch.Pass, "_hear", fail)
    with pytest.raises(RuntimeError, match="a bug"):
        dispatch.dispatch_due(clock=lambda: NOW)
    assert sorted(stages(campaign)) == ["accepted", "planned"]
    assert sorted(Order.objects.values_list("state", flat=True)) == ["answered", "not_sent"]
    assert counts_hold(campaign)


@pytest.mark.parametrize("tries", [1, 2, 5])
def test_an_answer_waits_for_the_database(monkeypatch, tries):
    campaign = pass_of(monkeypatch, Answering(1))
    real, failed = outcomes._close, []

    def away(*given):
        if len(failed) < tries:
            failed.append(given)
            raise OperationalError("the server is starting up")
        return real(*given)

    monkeypatch.setattr(dispatch, "WRITE_AGAIN", 0)
    monkeypatch.setattr(outcomes, "all_created", away)
    monkeypatch.setattr(outcomes, "_close", away)
    assert dispatch.dispatch_due(clock=lambda: NOW) == 1
    assert len(failed) == tries
    assert stages(campaign) == ["accepted"]
    assert counts_hold(campaign)


def test_an_answer_that_can_never_be_written_comes_into_doubt(monkeypatch):
    campaign = pass_of(monkeypatch, Answering(1))

    def away(*_given):
        raise OperationalError("no such disk")

    monkeypatch.setattr(dispatch, "WRITE_AGAIN", 0)
    monkeypatch.setattr(outcomes, "all_created", away)
    with monkeypatch.context() as patch:
        patch.setattr(outcomes, "_close", away)
        assert dispatch.dispatch_due(clock=lambda: NOW) == 1
    assert stages(campaign) == ["sending"]
    assert dispatch.expire_leases(now=NOW + dispatch.LEASE + timedelta(seconds=1)) == 1
    assert stages(campaign) == ["unknown"]


class Watch:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self):
        return self.now


def test_when_its_time_is_over_a_pass_waits_for_a_slow_account_but_the_others_go_on(monkeypatch):
    """Twenty quick calls go out after the end of the pass, since one slow one is still out."""
    watch, may_answer = Watch(), threading.Event()
    slow, quick = (make_account(use_duty_phone=True, phones_per_order=1) for _ in "ab")
    waits, goes = make_campaign(1, account=slow), make_campaign(20, account=quick)
    slow_phone = waits.calls.get().phone

    class Service(Answering):
        def create(self, order, *, begin):
            if order.phones == (slow_phone,):
                watch.now = NOW + timedelta(seconds=dispatch.PASS_SECONDS + 1)
                assert may_answer.wait(PATIENCE)
            answer = super().create(order, begin=begin)
            if sum(self.rung.values()) == 20:
                may_answer.set()
            return answer

    monkeypatch.setattr(dispatch, "client_for", Service(1))
    assert dispatch.dispatch_due(clock=watch) == 21
    assert {*stages(waits), *stages(goes)} == {"accepted"}


def test_a_pass_ends_though_everybody_goes_on_having_something_to_send(monkeypatch):
    watch = Watch()

    class Service(Answering):
        def create(self, order, *, begin):
            watch.now += timedelta(seconds=3)
            return super().create(order, begin=begin)

    campaign = pass_of(monkeypatch, Service(1), 40)
    assert 0 < dispatch.dispatch_due(clock=watch) < 40
    assert "sending" not in stages(campaign)


def test_a_pass_meets_an_account_that_gets_something_to_send_meanwhile(monkeypatch):
    watch, met = Watch(), []
    late = make_account(use_duty_phone=True, phones_per_order=1)
    first = make_campaign(1)
    real = dispatch.take_some

    def take_some(account, most, *, now):
        found = real(account, most, now=now)
        if not met:
            met.append(make_campaign(1, account=late))
            watch.now += timedelta(seconds=2)
        return found

    monkeypatch.setattr(dispatch, "client_for", Answering(1))
    monkeypatch.setattr(dispatch, "take_some", take_some)
    assert dispatch.dispatch_due(clock=watch) == 2
    assert {*stages(first), *stages(met[0])} == {"accepted"}


def test_a_clock_that_is_set_back_does_not_keep_a_pass_going(monkeypatch):
    watch = Watch()

    class Service(Answering):
        def create(self, order, *, begin):
            watch.now = NOW - timedelta(hours=1)
            return super().create(order, begin=begin)

    pass_of(monkeypatch, Service(1), 50)
    assert dispatch.dispatch_due(clock=watch) < 50


def test_an_order_for_which_no_thread_can_be_had_rings_once(monkeypatch):
    """It stands in line for the only thread, which would send what waits for its turn again."""
    is_called_off = threading.Event()
    real_start, real_write = threading.Thread.start, dispatch.Pass._write

    class Slow(Answering):
        def create(self, order, *, begin):
            assert is_called_off.wait(PATIENCE)
            return super().create(order, begin=begin)

    def start(self):
        if any(thread.name.startswith("sender") for thread in threading.enumerate()):
            raise RuntimeError("can't start new thread")
        real_start(self)

    def write(self, lane, found):
        real_write(self, lane, found)
        is_called_off.set()

    service = Slow(1)
    campaign = pass_of(monkeypatch, service, 2)
    monkeypatch.setattr(dispatch.Lane, "burst", property(lambda lane: min(lane.room, 2)))
    monkeypatch.setattr(dispatch.Pass, "_write", write)
    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", start)
        dispatch.dispatch_due(clock=lambda: NOW)
    assert sorted(stages(campaign)) == ["accepted", "planned"]
    dispatch.dispatch_due(clock=lambda: NOW)
    assert service.rung == Counter(campaign.calls.values_list("phone", flat=True))
    assert set(stages(campaign)) == {"accepted"}
    assert counts_hold(campaign)
