import re
from decimal import Decimal

import pytest

from calls.models import Call, Campaign
from tests.calls.makers import make_call, make_campaign
from tests.calls.scenarios import make_record
from tests.factories import make_account

HOME = "/"
DAY = "/overview/day/"
RUNNING = "/overview/running/"


def text_of(answer) -> str:
    return re.sub(r"\s+", " ", answer.content.decode()).replace("\u00a0", " ")


def test_the_day_is_told_in_numbers(operator):
    make_call()
    Call.objects.update(status="finished", is_final=True, cost=Decimal("4.07"))
    make_call()
    Call.objects.filter(status="").update(status="canceled", is_final=True)
    said = text_of(operator.get(HOME))
    assert "50 %" in said
    assert "4,07 ₽" in said


def test_the_chart_has_a_twin_table(operator):
    make_call()
    Call.objects.update(status="finished", is_final=True)
    said = text_of(operator.get(HOME))
    assert '<rect class="is-ok"' in said
    assert "Таблицей" in said


def test_a_day_without_calls_says_so_instead_of_an_empty_chart(operator):
    said = text_of(operator.get(HOME))
    assert "Сегодня звонков ещё не было" in said
    assert 'class="chart"' not in said


def test_the_balance_is_for_those_who_may_see_it(operator, manager):
    make_account(is_default=True, balance=Decimal("12480.50"))
    assert "12 480,50 ₽" in text_of(operator.get(DAY))
    assert "12 480,50 ₽" not in text_of(manager.get(DAY))


def test_running_campaigns_are_shown_and_those_that_are_done_are_not(operator):
    make_campaign(3, name="Идёт")
    Campaign.objects.filter(pk=make_campaign(1, name="Вчерашний").pk).update(state="done")
    said = text_of(operator.get(RUNNING))
    assert "0 из 3" in said
    assert "Вчерашний" not in said
    Campaign.objects.update(state="done")
    assert "никому не звоним" in text_of(operator.get(RUNNING))


@pytest.mark.parametrize(("address", "root"), [(DAY, "div"), (RUNNING, "section")])
def test_a_widget_is_asked_for_alone_and_is_the_pages_own(operator, address, root):
    make_campaign(2)
    part = operator.get(address).content.decode().strip()
    name = address.strip("/").replace("/", "-")
    assert part.startswith(f'<{root} id="{name}"')
    assert f'hx-get="{address}"' in part
    assert part in operator.get(HOME).content.decode()


@pytest.mark.parametrize("address", [DAY, RUNNING])
def test_an_unchanged_widget_answers_304(operator, address):
    tag = operator.get(address)["ETag"]
    assert operator.get(address, headers={"If-None-Match": tag}).status_code == 304
    assert operator.post(address).status_code == 405


def test_a_newcomer_is_led_to_the_first_call(operator):
    said = text_of(operator.get(HOME))
    assert "Четыре шага" in said
    assert said.count("is-done") == 0
    account = make_account(use_duty_phone=True)
    assert text_of(operator.get(HOME)).count("is-done") == 2
    make_record(account)
    assert text_of(operator.get(HOME)).count("is-done") == 3
    make_campaign(1, account=account)
    assert "Четыре шага" not in text_of(operator.get(HOME))


def test_a_step_of_somebody_else_is_no_link(operator, admin):
    address = 'href="/settings/accounts/"'
    steps = re.compile(r'<ol class="steps">.*</ol>')
    assert address not in steps.search(text_of(operator.get(HOME)))[0]
    assert "делает администратор" in text_of(operator.get(HOME))
    assert address in steps.search(text_of(admin.get(HOME)))[0]


def test_those_who_do_not_call_are_not_led_to_it(manager):
    assert "Четыре шага" not in text_of(manager.get(HOME))


def test_the_page_costs_few_queries(operator, django_assert_max_num_queries):
    make_campaign(30)
    with django_assert_max_num_queries(10):
        operator.get(HOME)
    with django_assert_max_num_queries(7):
        operator.get(DAY)
    with django_assert_max_num_queries(5):
        operator.get(RUNNING)


def test_a_page_has_at_most_three_pollers_with_the_balance(operator):
    make_campaign(2)
    assert operator.get(HOME).content.decode().count("hx-get=") <= 3
