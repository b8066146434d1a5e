"""What people decide of calls in doubt: nothing is sent, and only a real number is believed."""

from datetime import timedelta

import pytest

from calls.models import Order
from calls.services import dispatch, doubts
from obzvon_site.accounts.models import AuditEvent
from obzvon_site.provider import errors
from tests.calls.makers import NOW, api_call, counts_hold, make_call, make_order, news, stages
from tests.factories import make_user

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(minutes=15)


def doubtful(number: int = 1) -> Order:
    order = make_order(number)
    dispatch.expire_leases(now=NOW + timedelta(minutes=2))
    order.refresh_from_db()
    return order


def test_an_order_is_overdue_after_its_time_only():
    doubtful()
    assert not doubts.overdue(NOW + timedelta(minutes=9)).exists()
    assert doubts.overdue(NOW + timedelta(minutes=10)).exists()


def test_what_a_person_did_not_find_is_lost_and_never_sent(service):
    order = doubtful(2)
    user = make_user()

    assert doubts.never_made(order, actor=user, now=LATER) == 2

    order.refresh_from_db()
    assert (order.state, order.ask_at) == ("lost", None)
    assert set(stages(order.campaign)) == {"lost"}
    assert str(user) in order.calls.first().error
    assert dispatch.dispatch_due(clock=lambda: LATER) == 0
    assert AuditEvent.objects.get(verb="doubt.never_made").actor == user
    assert counts_hold(order.campaign)


def test_nobody_decides_before_the_service_has_had_its_time():
    order = doubtful()
    with pytest.raises(doubts.NotDecided, match="Рано"):
        doubts.never_made(order, actor=make_user(), now=NOW + timedelta(minutes=5))
    assert stages(order.campaign) == ["unknown"]


def test_of_two_people_the_slower_is_told():
    order = doubtful()
    doubts.never_made(order, actor=make_user(), now=LATER)
    with pytest.raises(doubts.NotDecided, match="уже нечего решать"):
        doubts.never_made(order, actor=make_user(username="second"), now=LATER)


def test_a_number_of_a_call_made_while_our_clock_had_jumped_is_believed(service):
    order = doubtful()
    call = order.calls.get()
    made = NOW - timedelta(minutes=50)
    service.listed = [api_call(call, news("finished"), number=700777, created_at=made)]
    doubts.was_made(call, 700777, actor=make_user(), now=LATER)
    call.refresh_from_db()
    assert call.stage == "accepted"


@pytest.mark.parametrize("is_lost", [False, True])
def test_a_call_that_was_made_is_followed_again(service, is_lost):
    order = doubtful()
    if is_lost:
        doubts.never_made(order, actor=make_user(username="hasty"), now=LATER)
    call = order.calls.get()
    service.listed = [api_call(call, news("finished", after=5), number=700777)]

    doubts.was_made(call, 700777, actor=make_user(), now=LATER)

    call.refresh_from_db()
    assert (call.stage, call.status, call.service_order_id) == ("accepted", "finished", 700777)
    assert service.asked == [[700777]]
    assert counts_hold(order.campaign)
    assert AuditEvent.objects.filter(verb="doubt.was_made").count() == 1


def test_the_order_is_closed_with_its_last_doubt(service):
    order = doubtful()
    call = order.calls.get()
    service.listed = [api_call(call, news("started", after=5), number=700777)]
    doubts.was_made(call, 700777, actor=make_user(), now=LATER)
    order.refresh_from_db()
    assert (order.state, order.ask_at) == ("answered", None)


@pytest.mark.parametrize(
    ("entry", "why"),
    [
        ({"number": 5}, "не знает"),
        ({"phone": "79990000000"}, "на другой телефон"),
        ({"created_at": NOW - timedelta(hours=3)}, "в другое время"),
    ],
)
def test_a_number_of_another_call_is_not_believed(service, entry, why):
    order = doubtful()
    call = order.calls.get()
    given = {"number": 700777, **entry}
    service.listed = [api_call(call, news("finished", after=5), **given)]
    with pytest.raises(doubts.NotDecided, match=why):
        doubts.was_made(call, 700777, actor=make_user(), now=LATER)
    assert stages(order.campaign) == ["unknown"]


def test_a_number_that_another_call_has_is_not_believed(service):
    order = doubtful()
    call = order.calls.get()
    make_call(service_id=700777, account=order.campaign.account)
    service.listed = [api_call(call, news("finished", after=5), number=700777)]
    with pytest.raises(doubts.NotDecided, match="уже записан"):
        doubts.was_made(call, 700777, actor=make_user(), now=LATER)


def test_a_silent_service_confirms_nothing(service):
    order = doubtful()
    service.trouble = errors.OutcomeUnknown(method="get")
    with pytest.raises(doubts.NotDecided, match="не подтвердил"):
        doubts.was_made(order.calls.get(), 700777, actor=make_user(), now=LATER)
    assert stages(order.campaign) == ["unknown"]


def test_asking_at_once_touches_only_what_is_in_doubt():
    order = doubtful()
    assert doubts.ask_now(order, now=LATER)
    order.refresh_from_db()
    assert order.ask_at == LATER
    doubts.never_made(order, actor=make_user(), now=LATER)
    assert not doubts.ask_now(order, now=LATER)
