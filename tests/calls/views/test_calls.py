import re
import uuid
from datetime import datetime, timedelta
from decimal import Decimal
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest

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


@pytest.fixture
def real(account):
    """An account that rings real people. It is noon in Moscow on a Monday, 21:00 on Kamchatka."""
    return make_account(
        base_url="https://service.example/apiCalls", use_duty_phone=True, balance="1000"
    )


@pytest.fixture
def noon(monkeypatch):
    clock = datetime(2026, 11, 23, 12, 0, tzinfo=ZoneInfo("Europe/Moscow"))
    monkeypatch.setattr("django.utils.timezone.now", lambda: clock)
    return clock


MOSCOW, KAMCHATKA, YAKUTIA = "74951234567", "74152123456", "74112123456"


def test_the_check_tells_who_has_to_wait_and_till_when(operator, real, noon):
    said = text_of(operator.post(CHECK, filled(real, numbers=f"{MOSCOW} {KAMCHATKA}")))
    assert "1 номер: у абонента не время для звонков, уйдёт 24 ноября, 00:00." in said
    assert "Звоним пн–пт 9:00–21:00, сб–вс и праздники 10:00–20:00 по времени абонента" in said
    assert "до 3 в день, до 7 в неделю, до 20 в месяц" in said
    assert "126-ФЗ «О связи»" in said
    assert "data-submit" in said


def test_the_first_and_the_last_to_wait_are_told_apart(operator, real, noon):
    said = text_of(operator.post(CHECK, filled(real, numbers=f"{YAKUTIA} {KAMCHATKA}")))
    assert re.search(r"2 .*у абонентов не время для звонков, уйдут 24 ноября, 00:00", said)
    assert "Последние — 24 ноября, 10:00" in said


def test_the_check_counts_those_called_too_often(operator, real, noon):
    Campaign.objects.all().delete()
    for hours in (1, 2, 3):
        campaign = make_campaign([MOSCOW], account=real, now=noon)
        campaign.calls.update(stage="accepted", sent_at=noon - timedelta(hours=hours))
    said = text_of(operator.post(CHECK, filled(real, numbers=MOSCOW)))
    assert "1 номеру уже звонили столько раз, сколько можно" in said
    assert "Не раньше 24 ноября, 00:00" in said


def test_nobody_waits_for_the_emulator(operator, account, noon):
    said = text_of(operator.post(CHECK, filled(account, numbers=f"{MOSCOW} {KAMCHATKA}")))
    assert "не время" not in said
    assert "по времени абонента" not in said


def test_the_time_looked_at_is_the_planned_one(operator, real, noon):
    fields = {"numbers": f"{MOSCOW} {KAMCHATKA}", "planned_at": "2026-11-24T10:00"}
    assert "не время" not in text_of(operator.post(CHECK, filled(real, **fields)))


def test_advertising_is_refused_with_the_law(operator, account):
    for path in (CHECK, NEW):
        said = text_of(operator.post(path, filled(account, purpose="advertising")))
        if path == NEW:
            assert "38-ФЗ «О рекламе», статья 18, часть 2" in said
    assert not Campaign.objects.exists()


def test_a_call_is_launched_for_its_purpose(operator, real):
    operator.post(NEW, filled(real, purpose="debt"))
    campaign = Campaign.objects.get()
    assert campaign.purpose == "debt"
    said = text_of(operator.get(NEW, {"again": campaign.calls.get().pk}))
    assert '<option value="debt" selected>' in said


def test_a_ground_is_asked_for_many_real_people_and_launches_them(operator, real):
    data = filled(real, numbers=f"{MOSCOW} {KAMCHATKA}")
    assert "data-needs-waiver" in text_of(operator.post(CHECK, data))
    answer = operator.post(NEW, data)
    assert answer.status_code == 422
    assert "Назовите основание" in text_of(answer)
    assert "<div data-waiver>" in text_of(answer)
    assert not Campaign.objects.exists()
    operator.post(NEW, {**data, "consent_waiver": "Договор № 14"})
    assert Campaign.objects.get().consent_waiver == "Договор № 14"


def test_the_ground_is_out_of_sight_where_none_is_needed(operator, account, real):
    assert "<div data-waiver hidden>" in text_of(operator.get(NEW))
    many = f"{MOSCOW} {KAMCHATKA}"
    for used, numbers in ((account, many), (real, MOSCOW)):
        data = filled(used, numbers=numbers, text="")
        assert "data-needs-waiver" not in text_of(operator.post(CHECK, data))
        assert "<div data-waiver hidden>" in text_of(operator.post(NEW, data))


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


@pytest.mark.parametrize("odd", ["²", "9" * 40, "x", "-1", ""])
@pytest.mark.parametrize("name", ["again", "record", "scenario", "account"])
def test_odd_prefills_are_passed_over(operator, account, name, odd):
    assert operator.get(NEW, {name: odd}).status_code == 200


def test_calling_nobody_again_is_not_found(operator, account):
    assert operator.get(NEW, {"again": 987}).status_code == 404


def test_a_record_in_the_address_is_chosen(operator, account):
    record = make_record(account)
    form = operator.get(NEW, {"record": record.pk}).context["form"]
    assert (form["message"].value(), form["record"].value()) == ("record", record.pk)
