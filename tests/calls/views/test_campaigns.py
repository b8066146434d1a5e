import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from calls.models import Call, Campaign
from calls.rules.hours import Hours
from calls.services import dispatch, ledger, rules_in_force
from tests.calls.makers import NOW, make_campaign, make_order

LIST = "/campaigns/"


def text_of(answer) -> str:
    return re.sub(r"\s+", " ", answer.content.decode()).replace("\u00a0", " ")


def progress_of(campaign: Campaign) -> str:
    return reverse("calls:campaign-progress", args=[campaign.pk])


def fail(campaign: Campaign, number: int, error: str = "Номер не обслуживается") -> None:
    """Let the service refuse some calls and finish the others."""
    campaign.refresh_from_db()
    for place, call in enumerate(campaign.calls.order_by("pk")):
        ledger.move(call, Call.Stage.SENDING, now=timezone.now())
        if place < number:
            ledger.move(call, Call.Stage.REFUSED, now=timezone.now(), error=error)
        else:
            ledger.move(call, Call.Stage.ACCEPTED, now=timezone.now())
            ledger.report(
                call, now=timezone.now(), event=None, status="finished", is_final=True, cost=2
            )
    campaign.refresh_from_db()


def test_a_campaign_shows_its_progress_and_its_calls(operator):
    campaign = make_campaign(["79000000001", "79000000002"], name="Долги — ноябрь")
    said = text_of(operator.get(campaign.get_absolute_url()))
    for text in ("Долги — ноябрь", "0 из 2", "+7 (900) 000-00-01", "+7 (900) 000-00-02"):
        assert text in said


def test_progress_polls_only_while_the_campaign_runs(operator):
    campaign = make_campaign(3, now=timezone.now())
    part = operator.get(progress_of(campaign)).content.decode().strip()
    assert part.startswith('<section id="campaign-progress"')
    assert 'hx-trigger="every 5s"' in part
    fail(campaign, 1)
    answer = operator.get(progress_of(campaign))
    assert "hx-trigger" not in answer.content.decode()
    assert "3 из 3" in text_of(answer)
    assert "obz:balance" in answer["HX-Trigger"]


def test_calls_in_doubt_are_not_said_to_be_going_on(operator):
    order = make_order(3)
    dispatch.expire_leases(now=NOW + timedelta(minutes=5))
    part = operator.get(progress_of(order.campaign)).content.decode()
    assert "Проверяем, ушли ли <b>3</b>" in part
    assert "Идут <b>0</b>" in part


def test_the_page_holds_the_bytes_of_its_progress(operator):
    campaign = make_campaign(3)
    part = operator.get(progress_of(campaign)).content.decode().strip()
    assert part in operator.get(campaign.get_absolute_url()).content.decode()
    fail(campaign, 2)
    part = operator.get(progress_of(campaign)).content.decode().strip()
    assert part in operator.get(campaign.get_absolute_url()).content.decode()


def test_unchanged_progress_answers_304(operator):
    campaign = make_campaign(3)
    tag = operator.get(progress_of(campaign))["ETag"]
    assert operator.get(progress_of(campaign), headers={"If-None-Match": tag}).status_code == 304
    Campaign.objects.update(waiting=2, live=1)
    assert operator.get(progress_of(campaign), headers={"If-None-Match": tag}).status_code == 200


def test_short_progress_stays_short(operator):
    campaign = make_campaign(3)
    part = operator.get(progress_of(campaign), {"short": "1"}).content.decode()
    assert "?short=1" in part
    assert "campaign-stop" not in part


def test_progress_costs_few_queries(operator, django_assert_max_num_queries):
    campaign = make_campaign(30)
    Campaign.objects.update(hours=rules_in_force.preset("service").hours.as_json())
    with django_assert_max_num_queries(7):  # one of them for the rules as they are now
        operator.get(progress_of(campaign))


def test_a_page_says_that_the_rules_leave_no_hour(operator):
    campaign = make_campaign(3)
    hours = rules_in_force.preset("service").hours
    Campaign.objects.update(hours=hours.as_json())
    rules_in_force.change(
        "service",
        hours=hours.within(Hours((None,) * 7, None)),
        limits=rules_in_force.preset("service").limits,
        ground="",
        actor=None,
        now=NOW,
    )
    assert "По нынешним правилам звонить некому" in text_of(operator.get(progress_of(campaign)))


def test_a_part_that_failed_is_told_by_its_reasons(operator):
    campaign = make_campaign(20)
    fail(campaign, 2)
    said = text_of(operator.get(campaign.get_absolute_url()))
    assert "Отправлено 18 из 20, не отправлено: 2." in said
    assert "Номер не обслуживается" in said
    assert "Повторить эти 2" in said


def test_only_those_who_call_are_offered_to_retry_and_to_stop(manager):
    campaign = make_campaign(2)
    assert "campaign-stop" not in text_of(manager.get(campaign.get_absolute_url()))
    fail(campaign, 1)
    said = text_of(manager.get(campaign.get_absolute_url()))
    assert "Номер не обслуживается" in said
    assert "campaign-retry" not in said


def test_why_nothing_is_sent_is_said_with_a_way_on(operator, manager):
    campaign = make_campaign(2)
    Campaign.objects.update(hold_reason="На балансе 84,10 ₽: пополните.")
    said = text_of(operator.get(campaign.get_absolute_url()))
    assert "На балансе 84,10 ₽: пополните." in said
    assert "Продолжить" in said
    assert "Ждёт" in said
    assert "Продолжить" not in text_of(manager.get(campaign.get_absolute_url()))


def test_its_rows_refresh_and_stop_when_final(operator):
    campaign = make_campaign(2)
    page = operator.get(campaign.get_absolute_url()).content.decode()
    address = re.search(r'id="journal-rows"\s+hx-get="([^"]+)"', page)[1]
    part = operator.get(address.replace("&amp;", "&")).content.decode().strip()
    assert part in page
    fail(campaign, 1)
    page = operator.get(campaign.get_absolute_url()).content.decode()
    assert "every" not in page[page.index('id="journal-rows"') :]


def test_a_campaigns_page_costs_few_queries(operator, django_assert_max_num_queries):
    campaign = make_campaign(60)
    with django_assert_max_num_queries(13):
        operator.get(campaign.get_absolute_url())


def test_the_list_shows_campaigns_the_newest_first(operator):
    make_campaign(1, name="Первый")
    make_campaign(1, name="Второй")
    said = text_of(operator.get(LIST))
    assert said.index("Второй") < said.index("Первый")
    assert "0 из 1" in said


def test_the_list_asks_again_while_one_runs(operator):
    campaign = make_campaign(1)
    page = operator.get(LIST).content.decode()
    assert f'hx-get="/campaigns/rows/?ids={campaign.pk}"' in page
    part = operator.get("/campaigns/rows/", {"ids": campaign.pk}).content.decode().strip()
    assert part.startswith('<div id="campaigns-rows"')
    assert part in page
    fail(campaign, 0)
    assert (
        "hx-trigger" not in operator.get("/campaigns/rows/", {"ids": campaign.pk}).content.decode()
    )


def test_the_list_costs_few_queries(operator, django_assert_max_num_queries):
    for _ in range(5):
        make_campaign(1)
    with django_assert_max_num_queries(8):
        operator.get(LIST)


@pytest.mark.parametrize("odd", ["", "²", "x-y", "9" * 30])
def test_odd_numbers_of_campaigns_show_nothing(operator, odd):
    make_campaign(1)
    answer = operator.get("/campaigns/rows/", {"ids": odd})
    assert answer.status_code == 200
    assert "campaign-row" not in answer.content.decode()


def test_an_empty_list_shows_the_way_to_those_who_may_go(operator, manager):
    assert "/calls/new/" in text_of(operator.get(LIST))
    assert "/calls/new/" not in text_of(manager.get(LIST))


def test_a_campaign_that_is_not_there_is_not_found(operator):
    assert operator.get("/campaigns/987/").status_code == 404
    assert operator.get(f"/campaigns/{'9' * 30}/").status_code == 404
