import re
import uuid
from datetime import datetime
from decimal import Decimal
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest
from django.contrib.auth import get_user
from django.contrib.auth.models import Permission
from django.test import Client
from django.utils import timezone

from calls.ivr.document import Document, Sound, Step
from calls.models import Call, Campaign
from calls.rules.hours import Hours
from calls.rules.limits import Limits
from calls.rules.purposes import PRESETS
from calls.services import blocking
from obzvon_site.accounts.models import User
from obzvon_site.accounts.roles import permissions_of
from tests.calls.scenarios import document, key, make_record, make_scenario
from tests.factories import make_account, make_phone

HTMX = {"HTTP_HX_REQUEST": "true"}
PHONE, MOSCOW = "79000000001", "74951234567"


@pytest.fixture
def account(db):
    prices = {"minute_price": "3", "sms_price": "4.10", "synthesis_price": "0.40"}
    return make_account(use_duty_phone=True, balance=Decimal(1000), **prices)


@pytest.fixture
def scenario(account):
    return make_scenario(key(1), account=account, name="Опрос")


@pytest.fixture(autouse=True)
def nudges(monkeypatch) -> list[str]:
    """How often the dispatcher was nudged."""
    given: list[str] = []
    task = SimpleNamespace(enqueue=lambda: given.append("nudge"))
    monkeypatch.setattr("calls.views.trial.dispatch_due", task)
    return given


@pytest.fixture(autouse=True)
def noon(monkeypatch):
    set_clock(monkeypatch, 12)


def set_clock(monkeypatch, hour: int) -> None:
    clock = datetime(2026, 11, 23, hour, 30, tzinfo=ZoneInfo("Europe/Moscow"))
    monkeypatch.setattr("django.utils.timezone.now", lambda: clock)


def path(scenario) -> str:
    return f"/scenarios/{scenario.pk}/call-me/"


def filled(**fields) -> dict:
    data = {"launch_token": str(uuid.uuid4()), "phone": "+7 (900) 000-00-01", "caller": "duty"}
    return data | fields


def text_of(answer) -> str:
    return re.sub(r"\s+", " ", answer.content.decode().replace("\u00a0", " ")).strip()


def test_before_anything_the_price_is_said(operator, scenario):
    said = text_of(operator.get(path(scenario), **HTMX))
    assert said.startswith('<div id="scenario-call-me"')
    price = re.search(r'Звонок с ответом: <b class="num nw">(\d+,\d\d–\d+,\d\d ₽)</b>', said)[1]
    assert said.index("Звонок с ответом") < said.index("<form")
    assert re.search(rf"Позвонить мне · <span[^>]*>{price}</span>", said)
    assert 'name="launch_token"' in said
    assert "is-warn" not in said


def test_one_way_through_has_one_price(operator, account):
    alone = make_scenario(account=account, document=Document(opening=Sound(text="я" * 13 * 60)))
    assert ">3,40 ₽</b>" in text_of(operator.get(path(alone)))


def test_the_persons_phone_and_the_accounts_caller_are_filled_in(operator, account):
    User.objects.update(phone=PHONE)
    number = make_phone(account, label="Главный")
    account.use_duty_phone, account.default_phone = False, number
    account.save()
    said = text_of(operator.get(path(make_scenario(account=account))))
    assert 'value="+7 (900) 000-00-01"' in said
    assert f'<option value="{number.pk}" selected>' in said


def test_the_draft_is_called_and_the_answer_says_whom(operator, scenario, nudges):
    answer = operator.post(path(scenario), filled(), **HTMX)
    campaign = Campaign.objects.get()
    call = campaign.calls.get()
    said = text_of(answer)
    assert answer.status_code == 200
    assert said.startswith('<div id="scenario-call-me"')
    assert "Звоним на +7 (900) 000-00-01." in said
    assert f'href="/calls/{call.pk}/"' in said
    assert f'href="/campaigns/{campaign.pk}/"' in said
    assert (campaign.name, campaign.message, call.phone) == (
        "Пробный звонок: Опрос",
        "scenario",
        PHONE,
    )
    assert campaign.payload["record"]["text"] == "Нажмите клавишу"
    assert campaign.payload["ivrs"][0]["digit"] == 1
    assert campaign.scenario_version is None
    assert campaign.created_by.username == "operator"
    assert nudges == ["nudge"]
    assert not scenario.versions.exists()


@pytest.fixture
def real(account):
    """The account rings real people."""
    account.base_url = "https://service.example/apiCalls"
    account.save(update_fields=["base_url"])
    return account


def test_ones_own_number_is_called_at_any_hour(operator, scenario, real, monkeypatch):
    User.objects.update(phone=PHONE)
    set_clock(monkeypatch, 23)
    assert "Сейчас 23:30. Звонок пойдёт сразу" in text_of(operator.get(path(scenario)))
    assert "Звоним на" in text_of(operator.post(path(scenario), filled(), **HTMX))
    campaign = Campaign.objects.get()
    assert (campaign.purpose, campaign.hours, campaign.limits) == ("own", None, {})
    assert campaign.call_price > 0


@pytest.mark.parametrize("known", ["", "79000000009"])
def test_another_number_keeps_the_rules_and_does_not_become_ones_own(
    operator, scenario, real, known
):
    User.objects.update(phone=known)
    operator.post(path(scenario), filled(phone=MOSCOW))
    campaign = Campaign.objects.get()
    assert campaign.purpose == "service"
    assert Hours.from_json(campaign.hours) == PRESETS["service"].hours
    assert Limits.from_json(campaign.limits) == PRESETS["service"].limits
    assert campaign.calls.get().zone == "Europe/Moscow"
    assert get_user(operator).phone == known


def test_another_number_that_has_to_wait_is_called_once_one_has_read_so(
    operator, scenario, real, monkeypatch, nudges
):
    set_clock(monkeypatch, 23)
    assert "пойдёт сразу" not in text_of(operator.get(path(scenario)))
    data = filled(phone=MOSCOW)
    answer = operator.post(path(scenario), data, **HTMX)
    said = text_of(answer)
    assert answer.status_code == 422
    assert "не время для звонков, уйдёт 24 ноября, 09:00" in said
    assert "Этот номер — не тот, что в вашем" in said
    assert "пойдёт сразу" not in said
    assert (Call.objects.count(), nudges) == (0, [])
    agreed = re.search(r'name="agreed" value="(\w+)"', said)[1]
    other = operator.post(path(scenario), data | {"agreed": agreed, "phone": "74957654321"})
    assert (other.status_code, Call.objects.count()) == (422, 0)
    said = text_of(operator.post(path(scenario), data | {"agreed": agreed}, **HTMX))
    assert "Позвоним на +7 (495) 123-45-67, когда будет можно." in said
    assert Campaign.objects.get().purpose == "service"


def test_another_number_rung_too_often_has_to_wait(operator, scenario, real):
    for _ in range(3):
        operator.post(path(scenario), filled(phone=MOSCOW))
    Call.objects.update(stage="accepted", sent_at=timezone.now())
    answer = operator.post(path(scenario), filled(phone=MOSCOW))
    assert (answer.status_code, Call.objects.count()) == (422, 3)
    assert "уже звонили столько раз, сколько можно" in text_of(answer)


def test_without_scripts_the_call_leads_to_its_campaign(operator, scenario):
    answer = operator.post(path(scenario), filled())
    assert answer.url == Campaign.objects.get().get_absolute_url()
    assert operator.get(answer.url).status_code == 200
    assert operator.get(f"/calls/{Call.objects.get().pk}/").status_code == 200


def test_the_same_form_calls_once(operator, scenario, nudges):
    data = filled()
    first = operator.post(path(scenario), data, **HTMX)
    again = operator.post(path(scenario), data | {"phone": "79000000002"}, **HTMX)
    assert text_of(again) == text_of(first)
    assert operator.post(path(scenario), data).url == Campaign.objects.get().get_absolute_url()
    assert [call.phone for call in Call.objects.all()] == [PHONE]
    assert nudges == ["nudge"]


@pytest.mark.parametrize("known", ["", "79000000009"])
def test_the_phone_is_remembered(operator, scenario, known):
    User.objects.update(phone=known)
    operator.post(path(scenario), filled())
    assert get_user(operator).phone == PHONE


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"phone": ""}, "Введите номер телефона"),
        ({"phone": "123"}, "нужно 11"),
        ({"caller": "777"}, ""),
        ({"launch_token": "x"}, ""),
    ],
)
def test_a_form_with_mistakes_calls_nobody_and_says_why(operator, scenario, nudges, fields, words):
    answer = operator.post(path(scenario), filled(**fields), **HTMX)
    assert answer.status_code == 422
    assert text_of(answer).startswith('<div id="scenario-call-me"')
    assert 'role="alert"' in text_of(answer)
    assert words in text_of(answer)
    assert not Call.objects.exists()
    assert (nudges, get_user(operator).phone) == ([], "")


def test_a_blocked_phone_is_not_called(operator, scenario):
    blocking.block([PHONE], source="hand", reason="просил не звонить")
    answer = operator.post(path(scenario), filled(), **HTMX)
    assert answer.status_code == 422
    assert "просил не звонить. Звонить нельзя." in text_of(answer)
    assert not Call.objects.exists()


def test_a_caller_of_another_account_is_refused(operator, scenario):
    stranger = make_phone()
    assert operator.post(path(scenario), filled(caller=stranger.pk)).status_code == 422
    assert not Call.objects.exists()


def test_a_draft_with_errors_has_no_button_and_is_not_called(operator, account):
    wrong = make_scenario(Step("a", sound=Sound("record")), key(1), key(1), account=account)
    said = text_of(operator.get(path(wrong)))
    assert "В черновике 3 ошибки" in said
    assert "<form" not in said
    assert "<button" not in said
    answer = operator.post(path(wrong), filled(), **HTMX)
    assert (answer.status_code, Call.objects.count()) == (422, 0)


def test_one_error_is_told_of_as_one(operator, account):
    wrong = make_scenario(account=account, document=document(text=""))
    assert "В черновике 1 ошибка" in text_of(operator.get(path(wrong)))


def test_what_the_launch_itself_refuses_is_said(operator, scenario, account):
    account.is_active = False
    account.save()
    answer = operator.post(path(scenario), filled(), **HTMX)
    assert answer.status_code == 422
    assert "Учётная запись API выключена" in text_of(answer)
    assert get_user(operator).phone == ""


def test_a_record_on_moderation_is_told_of(operator, account):
    record = make_record(account, name="Акция", moderation="waiting")
    plays = make_scenario(account=account, document=Document(Sound("record", record=record.pk)))
    said = text_of(operator.get(path(plays)))
    assert "Ролик «Акция» ещё на модерации" in said
    assert "Позвонить мне" in said
    operator.post(path(plays), filled())
    assert list(Campaign.objects.get().plays.all()) == [record]


@pytest.mark.parametrize(("hour", "is_late"), [(8, True), (9, False), (20, False), (21, True)])
def test_a_late_hour_is_told_of(operator, scenario, monkeypatch, hour, is_late):
    set_clock(monkeypatch, hour)
    said = text_of(operator.get(path(scenario)))
    assert (f"Сейчас {hour:02d}:30" in said) == is_late
    assert "Позвонить мне" in said


@pytest.mark.parametrize(("balance", "lacks"), [("0.50", True), ("1000", False), (None, False)])
def test_a_balance_below_the_price_is_told_of(operator, scenario, account, balance, lacks):
    account.balance = balance
    account.save()
    assert ("На балансе 0,50 ₽, а звонок стоит" in text_of(operator.get(path(scenario)))) == lacks


def test_both_rights_are_needed(manager, operator, scenario):
    assert manager.get(path(scenario)).status_code == 403
    for missing in ("calls.change_scenario", "calls.add_campaign"):
        client, person = Client(), User.objects.create_user(missing, password="pass-word-1")
        names = {name.split(".")[1] for name in permissions_of("operator") - {missing}}
        person.user_permissions.set(Permission.objects.filter(codename__in=names))
        client.force_login(person)
        assert client.get(path(scenario)).status_code == 403
        assert client.post(path(scenario), filled()).status_code == 403
    assert operator.put(path(scenario)).status_code == 405
    assert not Call.objects.exists()


def test_a_scenario_that_was_put_away_is_not_called(operator, scenario):
    scenario.archived_at = scenario.created_at
    scenario.save()
    assert operator.get(path(scenario)).status_code == 404
    assert operator.post(path(scenario), filled()).status_code == 404
