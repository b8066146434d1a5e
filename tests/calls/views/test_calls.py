import re
import uuid
from datetime import datetime, timedelta
from decimal import Decimal
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from calls.models import Call, Campaign
from calls.services import blocking
from tests.calls.makers import make_call, make_campaign
from tests.calls.scenarios import make_record
from tests.factories import make_account

NEW = "/calls/new/"
CHECK = "/calls/new/check/"


@pytest.fixture
def account(db):
    return make_account(
        use_duty_phone=True, is_default=True, balance="1000", minute_price="3", synthesis_price="0"
    )


@pytest.fixture(autouse=True)
def nudges(monkeypatch) -> list[str]:
    """How often the dispatcher was nudged."""
    given: list[str] = []
    task = SimpleNamespace(enqueue=lambda: given.append("nudge"))
    monkeypatch.setattr("calls.views.calls.dispatch_due", task)
    return given


def filled(account, **fields) -> dict:
    return {
        "launch_token": str(uuid.uuid4()),
        "numbers": "+7 (900) 000-00-01",
        "message": "text",
        "text": "Здравствуйте!",
        "gender": "0",
        "account": account.pk,
        "caller": "duty",
        **fields,
    }


def text_of(answer) -> str:
    return re.sub(r"\s+", " ", answer.content.decode()).replace("\u00a0", " ")


def test_the_form_launches_and_leads_to_the_campaign(operator, account, nudges):
    answer = operator.post(NEW, filled(account))
    campaign = Campaign.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, f"/campaigns/{campaign.pk}/")
    assert [call.phone for call in campaign.calls.all()] == ["79000000001"]
    assert campaign.created_by.username == "operator"
    assert nudges == ["nudge"]


def test_a_used_form_leads_to_the_same_campaign_and_calls_nobody(operator, account, nudges):
    data = filled(account)
    first = operator.post(NEW, data)
    again = operator.post(NEW, {**data, "numbers": "79000000002"}, follow=True)
    assert again.redirect_chain == [(first["Location"], 302)]
    assert "Второй раз не звоним" in text_of(again)
    assert [call.phone for call in Call.objects.all()] == ["79000000001"]
    assert nudges == ["nudge"]


def test_a_used_form_whose_time_has_passed_leads_there_too(operator, account):
    campaign = make_campaign(1, account=account)
    past = filled(
        account, launch_token=str(campaign.launch_token), planned_at="2020-01-01T10:00", numbers=""
    )
    assert operator.post(NEW, past)["Location"] == campaign.get_absolute_url()


def test_with_bad_lines_nothing_is_launched_before_they_were_seen(operator, account):
    data = filled(account, numbers="79000000001\n123\n8 900 000 00 01")
    answer = operator.post(NEW, data)
    assert answer.status_code == 422
    assert not Call.objects.exists()
    said = text_of(answer)
    assert "Готовы 1 из 3" in said
    assert "Строка 2" in said
    assert "повтор строки 1" in said
    assert "Позвонить по 1 номеру" in said
    agreed = re.search(r'name="agreed" value="(\w+)"', said)[1]

    assert operator.post(NEW, {**data, "agreed": agreed}).status_code == 302
    assert [call.phone for call in Call.objects.all()] == ["79000000001"]


def test_a_blocked_number_is_struck_out_with_its_reason_and_not_called(operator, account):
    blocking.block(["79000000002"], source="hand", reason="просил не звонить")
    data = filled(account, numbers="79000000001 79000000002")
    said = text_of(operator.post(CHECK, data))
    assert '<s class="num">+7 (900) 000-00-02</s>' in said
    assert "просил не звонить" in said
    agreed = re.search(r'name="agreed" value="(\w+)"', said)[1]
    operator.post(NEW, {**data, "agreed": agreed})
    assert dict(Call.objects.values_list("phone", "stage")) == {
        "79000000001": "planned",
        "79000000002": "blocked",
    }


def test_an_invalid_form_says_so_and_keeps_what_was_typed(operator, account):
    answer = operator.post(NEW, filled(account, text="", name="Моё название"))
    assert answer.status_code == 422
    assert "Введите текст" in text_of(answer)
    assert "Моё название" in text_of(answer)


def test_what_the_launch_itself_refuses_is_said(operator, account):
    record = make_record(account, service_id=None, moderation="ready")
    answer = operator.post(NEW, filled(account, message="record", record=record.pk))
    assert answer.status_code == 422
    assert not Campaign.objects.exists()


def test_a_manager_may_not_call(manager, account):
    assert manager.get(NEW).status_code == 403
    assert manager.post(NEW, filled(account)).status_code == 403
    assert manager.post(CHECK, filled(account)).status_code == 403
    assert not Campaign.objects.exists()


def test_the_check_is_asked_with_post_alone(operator):
    assert operator.get(CHECK).status_code == 405
    assert operator.put(NEW).status_code == 405


def test_the_check_counts_and_prices(operator, account):
    numbers = "\n".join(f"790000000{number:02d}" for number in range(20))
    text = "я" * 13 * 60  # a minute
    said = text_of(operator.post(CHECK, filled(account, numbers=numbers, text=text)))
    assert re.search(r"20 номеров|Номеров: 20", said)
    assert "60,00 ₽" in said
    assert "Позвонить по 20 номерам · ≈" in said
    assert "На балансе" not in said


def test_the_check_compares_with_the_balance(operator, account):
    account.balance = Decimal("84.10")
    account.save(update_fields=["balance"])
    numbers = "\n".join(f"79000000{number:03d}" for number in range(100))
    said = text_of(operator.post(CHECK, filled(account, numbers=numbers, text="я" * 780)))
    assert "На балансе 84,10 ₽, а обзвон стоит около 300,00 ₽" in said


def test_the_check_warns_of_records_on_moderation(operator, account):
    record = make_record(account, name="Акция", moderation="waiting")
    said = text_of(operator.post(CHECK, filled(account, message="record", record=record.pk)))
    assert "Ролик «Акция» ещё на модерации" in said


@pytest.mark.parametrize(("hour", "is_night"), [(8, True), (9, False), (20, False), (21, True)])
def test_the_check_warns_of_the_night_and_refuses_nothing(operator, account, hour, is_night):
    day = timezone.localtime(timezone.now() + timedelta(days=2)).strftime("%Y-%m-%d")
    said = text_of(operator.post(CHECK, filled(account, planned_at=f"{day}T{hour:02d}:30")))
    assert ("Ночью звонить нельзя" in said) == is_night
    assert "data-submit" in said


def test_the_night_is_of_the_screens_zone(operator, account, monkeypatch):
    moscow = ZoneInfo("Europe/Moscow")
    clock = datetime(2026, 11, 23, 22, 0, tzinfo=moscow)
    monkeypatch.setattr("django.utils.timezone.now", lambda: clock)
    assert "Звонок пойдёт в 22:00" in text_of(operator.post(CHECK, filled(account)))


def test_an_empty_form_is_checked_calmly(operator, account):
    answer = operator.post(CHECK, {})
    assert answer.status_code == 200
    assert text_of(answer).strip().startswith('<section id="call-check"')
    assert "Введите номера" in text_of(answer)


def test_the_page_holds_the_bytes_of_the_fragment(operator, account):
    data = filled(account, numbers="79000000001\n12")
    part = operator.post(CHECK, data).content.decode().strip()
    assert part in operator.post(NEW, data).content.decode()


def test_a_long_list_of_problems_is_cut_and_says_so(operator, account):
    numbers = "79000000001\n" + "\n".join(f"12{number}" for number in range(130))
    said = text_of(operator.post(CHECK, filled(account, numbers=numbers)))
    assert said.count("Строка ") == 100
    assert "и ещё 30" in said


def test_a_check_costs_few_queries(operator, account, django_assert_max_num_queries):
    data = filled(account, numbers="\n".join(f"790000000{number:02d}" for number in range(50)))
    with django_assert_max_num_queries(16):
        operator.post(CHECK, data)


def test_a_phone_in_the_address_is_filled_in(operator, account):
    form = operator.get(NEW, {"phone": "79001234567"}).context["form"]
    assert form["numbers"].value() == "+7 (900) 123-45-67"


def test_calling_again_fills_in_what_was_said_then(operator, account):
    call = make_call(account=account, text="Добрый день!", name="Опрос")
    form = operator.get(NEW, {"again": call.pk}).context["form"]
    assert form["message"].value() == "text"
    assert form["text"].value() == "Добрый день!"
    assert re.sub(r"\D", "", form["numbers"].value()) == call.phone
    assert form["launch_token"].value() != call.campaign.launch_token


def test_retrying_takes_only_those_that_did_not_go_out(operator, account):
    campaign = make_campaign(3, account=account)
    _planned, refused, blocked = campaign.calls.order_by("pk")
    Call.objects.filter(pk=refused.pk).update(stage="refused", is_final=True)
    Call.objects.filter(pk=blocked.pk).update(stage="blocked", is_final=True)
    form = operator.get(NEW, {"retry": campaign.pk}).context["form"]
    assert re.sub(r"\D", "", form["numbers"].value()) == refused.phone


@pytest.mark.parametrize("odd", ["²", "9" * 40, "x", "-1", ""])
@pytest.mark.parametrize("name", ["again", "retry", "record", "scenario", "account"])
def test_odd_prefills_are_passed_over(operator, account, name, odd):
    assert operator.get(NEW, {name: odd}).status_code == 200


def test_calling_nobody_again_is_not_found(operator, account):
    assert operator.get(NEW, {"again": 987}).status_code == 404
    assert operator.get(NEW, {"retry": 987}).status_code == 404


def test_a_record_in_the_address_is_chosen(operator, account):
    record = make_record(account)
    form = operator.get(NEW, {"record": record.pk}).context["form"]
    assert (form["message"].value(), form["record"].value()) == ("record", record.pk)
