import re
from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from calls.models import Call, Campaign
from calls.views.journal import MOST_ROWS
from tests.calls.makers import make_call, make_campaign
from tests.calls.scenarios import key, make_scenario, make_version
from tests.factories import make_account

JOURNAL = "/calls/"
ROWS = "/calls/rows/"


def text_of(answer) -> str:
    return re.sub(r"\s+", " ", answer.content.decode()).replace("\u00a0", " ")


def ended(campaign: Campaign, **fields) -> None:
    campaign.calls.update(**{"stage": "accepted", "status": "finished", "is_final": True, **fields})
    Campaign.objects.filter(pk=campaign.pk).update(state="done")


def polled(page: str) -> str:
    """The address that the rows of a page ask."""
    address = re.search(r'id="journal-rows"\s+hx-get="([^"]+)"', page)
    return address[1].replace("&amp;", "&") if address else ""


def test_the_journal_shows_calls_the_newest_first(operator):
    first = make_campaign(["79000000001"], name="Утро")
    second = make_campaign(["79000000002"], name="Вечер")
    said = text_of(operator.get(JOURNAL))
    assert said.index("+7 (900) 000-00-02") < said.index("+7 (900) 000-00-01")
    for text in (first.name, second.name, "Готовим"):
        assert text in said


def test_a_line_tells_the_outcome_the_answer_the_length_and_the_price(operator):
    call = make_call()
    now = timezone.now()
    ended(
        call.campaign,
        ivr_answers="|2|1|",
        cost=Decimal("4.07"),
        answered_at=now,
        finished_at=now + timedelta(seconds=25),
    )
    said = text_of(operator.get(JOURNAL))
    for text in ("Состоялся", "2 → 1", "0:25", "4,07 ₽"):
        assert text in said


def test_answers_are_told_in_the_words_of_the_scenario(operator):
    version = make_version(make_scenario(key(1, label="Оплачу сегодня")))
    account = version.scenario.account
    account.use_duty_phone = True
    account.save(update_fields=["use_duty_phone"])
    call = make_call(account=account, message_kind="scenario", scenario_version=version)
    Call.objects.filter(pk=call.pk).update(ivr_answers="|1|")
    assert "1 · Оплачу сегодня" in text_of(operator.get(JOURNAL))


def test_an_empty_journal_shows_the_way(operator, manager):
    said = text_of(operator.get(JOURNAL))
    assert "Здесь появятся звонки" in said
    assert 'class="btn btn-p" href="/calls/new/"' in said
    assert 'class="btn btn-p" href="/calls/new/"' not in text_of(manager.get(JOURNAL))


def test_filters_that_leave_nothing_offer_to_be_reset(operator):
    make_campaign(1)
    said = text_of(operator.get(JOURNAL, {"q": "5555555555"}))
    assert "Ничего не нашлось" in said
    assert "Сбросить фильтры" in said


def test_filters_narrow_and_stay_chosen(operator):
    make_campaign(["79000000001"])
    ended(make_campaign(["79000000002"]))
    page = operator.get(JOURNAL, {"outcome": "finished", "period": "all"})
    said = text_of(page)
    assert "+7 (900) 000-00-02" in said
    assert "+7 (900) 000-00-01" not in said
    assert 'value="finished" selected' in said


def test_pages_hold_every_call_once(operator):
    calls = make_campaign(120)
    Call.objects.update(created_at=timezone.now())  # all at one moment: the id decides
    seen, cursor = [], ""
    while True:
        page = operator.get(JOURNAL, {"after": cursor} if cursor else {}).context["page"]
        seen += [call.pk for call in page.rows]
        cursor = page.next_cursor
        if not cursor:
            break
    assert seen == sorted(calls.calls.values_list("pk", flat=True), reverse=True)


@pytest.mark.parametrize("odd", ["x", "²", "%00", "WzEsMl0"])
def test_a_broken_cursor_is_page_one(operator, odd):
    make_campaign(1)
    assert operator.get(JOURNAL, {"after": odd}).context["page"].is_first


def test_the_running_campaign_stands_on_top(operator):
    ended(make_campaign(1, name="Вчерашний"))
    assert 'id="campaign-progress"' not in text_of(operator.get(JOURNAL))
    running = make_campaign(2, name="Долги — ноябрь")
    said = text_of(operator.get(JOURNAL))
    assert f'hx-get="/campaigns/{running.pk}/progress/?short=1"' in said
    assert "0 из 2" in said


def test_a_page_has_at_most_three_pollers_with_the_balance(operator):
    make_campaign(2)
    assert operator.get(JOURNAL).content.decode().count("hx-get=") <= 3


def test_the_page_holds_the_bytes_of_its_rows(operator):
    make_campaign(3)
    page = operator.get(JOURNAL, {"period": "week", "outcome": "waiting"}).content.decode()
    part = operator.get(polled(page)).content.decode().strip()
    assert part.startswith('<div id="journal-rows"')
    assert part in page


def test_rows_are_asked_for_as_often_as_the_liveliest_wants(operator):
    make_campaign(2, now=timezone.now())
    page = operator.get(JOURNAL).content.decode()
    assert 'hx-trigger="every 5s"' in page[page.index('id="journal-rows"') :]
    for campaign in Campaign.objects.all():
        ended(campaign)
    page = operator.get(JOURNAL).content.decode()
    assert 'hx-trigger="every 15s"' in page[page.index('id="journal-rows"') :]


def test_later_pages_stop_asking_when_all_on_them_is_final(operator):
    ended(make_campaign(60))
    cursor = operator.get(JOURNAL).context["page"].next_cursor
    page = operator.get(JOURNAL, {"after": cursor}).content.decode()
    assert polled(page) == ""


def test_new_calls_are_announced_and_nothing_jumps(operator):
    make_campaign(["79000000001"])
    address = polled(operator.get(JOURNAL).content.decode())
    assert "показать" not in text_of(operator.get(address))
    make_campaign(["79000000002", "79000000003"])
    said = text_of(operator.get(address))
    assert re.search(r"(2 новых звонка|Новых звонков: 2) — показать", said)
    assert "+7 (900) 000-00-02" not in said


def test_an_empty_journal_announces_new_calls_too(operator):
    address = polled(operator.get(JOURNAL).content.decode())
    make_campaign(1)
    assert "1 новый звонок — показать" in text_of(operator.get(address))


def test_only_new_calls_that_pass_the_filters_are_announced(operator):
    make_campaign(["79000000001"])
    address = polled(operator.get(JOURNAL, {"q": "0000001"}).content.decode())
    make_campaign(["79000000002"])
    assert "показать" not in text_of(operator.get(address))


def test_a_row_is_refreshed_in_place(operator):
    campaign = make_campaign(1)
    address = polled(operator.get(JOURNAL).content.decode())
    ended(campaign)
    said = text_of(operator.get(address))
    assert "Состоялся" in said
    assert f'id="call-row-{campaign.calls.get().pk}"' in said


def test_unchanged_rows_answer_304(operator):
    make_campaign(1)
    address = polled(operator.get(JOURNAL).content.decode())
    tag = operator.get(address)["ETag"]
    assert operator.get(address, headers={"If-None-Match": tag}).status_code == 304


@pytest.mark.parametrize("odd", ["", "²", "x-y", "9" * 30, "1,2", "-"])
def test_odd_numbers_of_rows_show_nothing(operator, odd):
    answer = operator.get(ROWS, {"ids": odd, "since": odd})
    assert answer.status_code == 200
    assert "call-row" not in answer.content.decode()


def test_no_more_rows_are_given_than_a_page_has(operator):
    campaign = make_campaign(MOST_ROWS + 5)
    ids = "-".join(str(call.pk) for call in campaign.calls.all())
    said = operator.get(ROWS, {"ids": ids}).content.decode()
    assert said.count('id="call-row-') == MOST_ROWS


def test_the_journal_costs_as_many_queries_for_many_as_for_none(
    operator, django_assert_max_num_queries
):
    with django_assert_max_num_queries(10):
        operator.get(JOURNAL)
    make_campaign(60)
    with django_assert_max_num_queries(11):  # one more: how the running campaign goes
        operator.get(JOURNAL)


def test_rows_cost_few_queries(operator, django_assert_max_num_queries):
    make_campaign(50)
    address = polled(operator.get(JOURNAL).content.decode())
    with django_assert_max_num_queries(6):
        operator.get(address)


def test_a_recording_can_be_played_in_its_row(operator, db):
    call = make_call()
    ended(call.campaign, has_recording=True)
    said = text_of(operator.get(JOURNAL))
    assert f'data-listen="/calls/{call.pk}/recording/"' in said


def test_what_people_typed_is_never_markup(operator):
    make_campaign(1, name="<script>alert(1)</script>")
    assert "<script>alert" not in operator.get(JOURNAL, {"q": "<script>"}).content.decode()


@pytest.mark.parametrize("address", [JOURNAL, ROWS])
def test_the_journal_is_looked_at_with_get_alone(operator, address):
    assert operator.post(address).status_code == 405


def test_another_accounts_calls_are_in_the_same_journal(operator):
    make_campaign(["79000000001"], account=make_account(use_duty_phone=True, name="Второй"))
    assert "+7 (900) 000-00-01" in text_of(operator.get(JOURNAL))
