import re
from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from calls.campaign_progress import speeds
from calls.models import Call, Campaign, CampaignMinute
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


def test_what_waits_for_a_person_is_told_first(operator, manager):
    held = make_campaign(3, name="Долги")
    Campaign.objects.filter(pk=held.pk).update(hold_reason="Бюджет исчерпан.", hold_kind="budget")
    waiting = make_campaign(1, name="Опрос")
    later = timezone.now() + timedelta(minutes=5)
    Campaign.objects.filter(pk=waiting.pk).update(hold_reason="Сервис молчит.", hold_until=later)
    said = text_of(operator.get(DAY))
    assert "Долги</a></b> стоит: сделано 0 из 3. Бюджет исчерпан." in said
    assert "Изменить бюджет" in said
    assert "Опрос" not in said  # it goes on by itself
    assert "Изменить бюджет" not in text_of(manager.get(DAY))


def test_a_low_balance_is_an_alert_for_those_who_may_see_it(operator, manager):
    make_account(is_default=True, balance=Decimal(120), low_balance=Decimal(500))
    assert "На балансе 120,00 ₽, меньше 500,00 ₽" in text_of(operator.get(DAY))
    assert "меньше 500,00 ₽" not in text_of(manager.get(DAY))


def test_how_fast_campaigns_go_costs_one_question(operator, django_assert_num_queries):
    now = timezone.now()
    minute = now.replace(second=0, microsecond=0) - timedelta(minutes=2)
    for number in (60, 120):
        campaign = make_campaign(500, now=now)
        CampaignMinute.objects.create(campaign=campaign, minute=minute, ended=number)
    changed = minute + timedelta(minutes=2)
    Campaign.objects.update(changed_at=changed)
    said = text_of(operator.get(RUNNING))
    assert "30 в минуту" in said
    assert "60 в минуту" in said
    with django_assert_num_queries(2):
        assert len(speeds(Campaign.objects.all(), now)) == 2


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
    with django_assert_max_num_queries(15):
        operator.get(HOME)
    with django_assert_max_num_queries(10):
        operator.get(DAY)
    with django_assert_max_num_queries(6):
        operator.get(RUNNING)


def test_a_page_has_at_most_three_pollers_with_the_balance(operator):
    make_campaign(2)
    assert operator.get(HOME).content.decode().count("hx-get=") <= 3
