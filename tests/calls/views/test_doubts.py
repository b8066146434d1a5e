from datetime import timedelta

import pytest
from django.utils import timezone

from calls.models import Order
from calls.services import dispatch
from obzvon_site.common.phones import shown
from tests.calls.makers import api_call, make_order, news, stages

pytestmark = pytest.mark.django_db
LIST = "/calls/doubts/"


def text_of(answer) -> str:
    return answer.content.decode().replace("\u00a0", " ")


def doubtful(minutes: int = 15) -> Order:
    then = timezone.now() - timedelta(minutes=minutes)
    order = make_order(1, now=then)
    dispatch.expire_leases(now=then + timedelta(minutes=2))
    order.refresh_from_db()
    return order


def test_an_empty_list_says_so(operator):
    assert "Сомнений нет" in text_of(operator.get(LIST))
    assert "Всё подтверждено" in text_of(operator.get(LIST, {"show": "lost"}))


def test_an_order_in_doubt_stands_with_its_phones(operator):
    order = doubtful()
    said = text_of(operator.get(LIST))
    assert shown(order.calls.get().phone) in said
    assert "Звонков не было" in said


def test_a_fresh_one_may_not_be_decided_yet(operator):
    order = doubtful(minutes=5)
    assert "Звонков не было" not in text_of(operator.get(LIST))
    answer = operator.post(f"{LIST}{order.pk}/never/", follow=True)
    assert "Рано" in text_of(answer)
    assert stages(order.campaign) == ["unknown"]


def test_a_decision_moves_it_to_the_other_list(operator):
    order = doubtful()
    said = text_of(operator.post(f"{LIST}{order.pk}/never/", follow=True))
    assert "не было 1 звонка" in said
    assert shown(order.calls.get().phone) in text_of(operator.get(LIST, {"show": "lost"}))


def test_asking_again(operator):
    order = doubtful()
    said = text_of(operator.post(f"{LIST}{order.pk}/ask/", follow=True))
    assert "Спрашиваем сервис" in said


def test_a_call_that_was_made(operator, service):
    order = doubtful()
    call = order.calls.get()
    said = news("started", after=1)
    service.listed = [api_call(call, said, number=700777, created_at=order.sent_at)]
    said = text_of(operator.post(f"{LIST}calls/{call.pk}/made/", {"number": "700777"}, follow=True))
    assert "Звонок найден" in said
    assert stages(order.campaign) == ["accepted"]


@pytest.mark.parametrize("typed", ["", "семь", "0", "9" * 30])
def test_what_is_no_number_is_kept_and_explained(operator, service, typed):
    order = doubtful()
    answer = operator.post(f"{LIST}calls/{order.calls.get().pk}/made/", {"number": typed})
    assert answer.status_code == 422
    assert 'role="alert"' in text_of(answer)
    assert f'value="{typed}"' in text_of(answer)


def test_the_overview_calls_for_a_decision(operator):
    doubtful()
    assert LIST in text_of(operator.get("/")).split("<main", 1)[1]


def test_managers_do_not_decide(manager):
    order = doubtful()
    assert manager.get(LIST).status_code == 403
    assert manager.post(f"{LIST}{order.pk}/never/").status_code == 403
