"""A plan is looked over before it is launched: whom it calls, when, and what is wrong with it."""

import uuid
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from calls.ivr.document import Document, Sound
from calls.models import BlockedPhone, Campaign, ContactList, ListImport
from calls.rules.hours import ANY_TIME, Hours
from calls.rules.limits import Limits
from calls.rules.purposes import PRESETS
from calls.services import blocking, planning, publishing, rules_in_force
from calls.services.planning import MessagePlan, review
from tests.calls.lists import make_list, make_plan, text_message
from tests.calls.makers import NOW, make_campaign, make_order, make_phones
from tests.calls.scenarios import make_record, make_scenario, make_version
from tests.factories import make_account, make_phone

pytestmark = pytest.mark.django_db
NIGHT = datetime(2026, 11, 23, 22, 0, tzinfo=UTC)  # 1:00 in Moscow on a Tuesday
HOUR = timedelta(hours=1)
REAL = "https://calls.example/apiCalls"
NEVER = Hours((None,) * 7, None)


def real_account(**fields):
    return make_account(base_url=REAL, use_duty_phone=True, **fields)


def problems(plan, now=NOW) -> str:
    return " ".join(review(plan, now=now).problems)


def warnings(plan, now=NOW) -> str:
    return " ".join(review(plan, now=now).warnings)


def test_a_good_plan_has_nothing_against_it():
    found = review(make_plan(3, account=real_account()), now=NOW)
    assert (found.problems, found.warnings, found.is_ready) == ([], [], True)
    assert (found.total, found.to_call, found.aside) == (3, 3, 0)
    assert found.starts_at == NOW


def test_contacts_set_aside_are_told_by_reason():
    phone = make_phones(1)[0]
    blocking.block([phone], source=BlockedPhone.Source.HAND)
    rows = [phone, {"consent_on": None}, {"сумма": "5"}, {"сумма": ""}]
    found = review(make_plan(rows, text="Компания «Ромашка»: {сумма}"), now=NOW)
    assert dict(found.set_aside) == {"blocked": 1, "no_consent": 1, "no_value": 1}
    assert dict(found.lacking) == {"сумма": 1}
    assert (found.total, found.to_call, found.aside) == (4, 1, 3)


def test_whoever_was_called_in_a_rehearsal_is_set_aside_in_rehearsals_alone():
    phone = make_order(1).calls.get().phone
    rehearsal = make_plan([phone], skip_called_days=7)
    assert dict(review(rehearsal, now=NOW).set_aside) == {"called_lately": 1}
    plan = make_plan([phone], account=real_account(), skip_called_days=7)
    assert review(plan, now=NOW).to_call == 1


def test_a_waived_consent_and_a_purpose_that_needs_none_set_nobody_aside():
    rows = [{"consent_on": None}]
    assert review(make_plan(rows, consent_waiver="договор № 5"), now=NOW).to_call == 1
    assert review(make_plan(rows, purpose="emergency"), now=NOW).to_call == 1


def test_zones_say_how_many_live_there_and_whether_it_is_open():
    rows = [{"zone": "Asia/Kamchatka"}, {"zone": "Europe/Moscow"}, {"zone": ""}]
    evening = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)  # 18:00 in Moscow, 3:00 in Kamchatka
    shares = review(make_plan(rows), now=evening).zones
    assert [(share.zone, share.number, share.is_open) for share in shares] == [
        ("Europe/Moscow", 1, True),
        ("Asia/Kamchatka", 1, False),
        ("", 1, False),
    ]
    assert shares[1].opens_at == datetime(2026, 11, 23, 21, 0, tzinfo=UTC)


def test_it_begins_when_the_first_zone_opens_and_not_before_it_is_planned():
    plan = make_plan(1)
    assert review(plan, now=NIGHT).starts_at == datetime(2026, 11, 24, 6, 0, tzinfo=UTC)
    later = replace(plan, starts_at=NIGHT + timedelta(days=1))
    assert review(later, now=NIGHT).starts_at == datetime(2026, 11, 25, 6, 0, tzinfo=UTC)
    past = replace(plan, starts_at=NOW - HOUR)
    assert review(past, now=NOW).starts_at == NOW


def test_advertising_is_refused_with_its_law():
    assert "38-ФЗ" in problems(make_plan(purpose="advertising"))


def test_a_purpose_that_is_not_offered_is_none():
    assert "Выберите цель" in problems(make_plan(account=real_account(), purpose="own"))
    assert "Выберите цель" in problems(replace(make_plan(), purpose="нет"))


def test_an_empty_list_and_a_removed_one_and_one_set_aside_as_a_whole_are_told_apart():
    assert "нет ни одного контакта" in problems(make_plan(0))
    assert "отложены" in problems(make_plan([{"consent_on": None}]))
    gone = make_plan(1)
    ContactList.objects.update(removed_at=NOW)
    assert "удалён" in problems(gone)


def test_without_hours_only_an_emulator_is_called():
    assert problems(make_plan(hours=None)) == ""
    assert "Задайте часы" in problems(make_plan(account=real_account(), hours=None))


def test_hours_that_never_open_are_refused():
    assert "звонить некогда" in problems(make_plan(hours=NEVER))


def test_hours_wider_than_the_purpose_allows_are_named_and_refused():
    plan = make_plan(account=real_account(), hours=ANY_TIME)
    assert "Часы шире разрешённых (понедельник" in problems(plan)
    narrow = Hours(((600, 660),) * 7, None)
    assert problems(replace(plan, hours=narrow)) == ""


def test_hours_and_limits_are_compared_with_what_is_in_force():
    narrow = Hours(((600, 660),) * 7, (600, 660))
    rules_in_force.change(
        "service", hours=narrow, limits=Limits(1, 1, 1), ground="так надо", actor=None, now=NOW
    )
    said = problems(make_plan(account=real_account()))
    assert "Часы шире" in said
    assert "Попыток на человека больше" in said


def test_more_attempts_than_the_purpose_allows_are_refused():
    plan = make_plan(account=real_account(), limits=Limits())
    assert "Попыток на человека больше" in problems(plan)
    assert problems(replace(plan, limits=Limits(1, 1, 1))) == ""


def test_a_campaign_that_ends_before_it_can_begin_is_refused():
    ends = datetime(2026, 11, 24, 5, 0, tzinfo=UTC)
    said = problems(make_plan(ends_at=ends), now=NIGHT)
    assert "раньше, чем сможет начаться" in said
    assert "24 ноября, 09:00" in said


def test_hours_in_which_nobody_can_be_rung_are_refused():
    morning = Hours(((600, 660),) * 5 + (None,) * 2, None)
    assert "никому из списка" in problems(make_plan([{"zone": ""}], hours=morning))


def test_unknown_variables_are_named_with_those_there_are():
    plan = make_plan([{"сумма": "5"}], text="Компания «Ромашка»: {сума}")
    assert "В списке нет {сума}. Есть: {имя}, {сумма}." in problems(plan)


def test_variables_in_a_scenario_are_refused_since_nothing_is_put_in_them():
    tree = Document(opening=Sound(text="Банк. Долг {сумма} рублей"))
    account = make_account()
    scenario = publishing.create("Долг", tree, account=account, actor=None, now=NOW)
    version = publishing.publish(scenario, actor=None, now=NOW)
    message = MessagePlan(kind=Campaign.Message.SCENARIO, scenario_version=version)
    assert "{сумма} прозвучит как есть" in problems(make_plan(account=account, messages=(message,)))


def test_two_messages_must_differ_and_more_than_two_are_too_many():
    one, other = text_message(), text_message("Компания «Лютик»: заказ готов")
    assert "Сообщения одинаковы" in problems(make_plan(messages=(one, one)))
    assert problems(make_plan(messages=(one, other))) == ""
    assert "одно сообщение или два" in problems(make_plan(messages=()))
    assert "одно сообщение или два" in problems(make_plan(messages=(one, other, one)))


def test_nothing_to_hear_is_refused_once():
    found = review(make_plan(messages=(text_message("  "),)), now=NOW)
    assert len(found.problems) == 1
    assert found.forecast is None


def test_a_record_must_be_usable_and_of_the_same_account():
    account = make_account()

    def with_record(**fields):
        record = make_record(fields.pop("account", account), **fields)
        message = MessagePlan(kind=Campaign.Message.RECORD, record=record)
        return make_plan(account=account, messages=(message,))

    assert problems(with_record()) == ""
    assert "не принят" in problems(with_record(moderation="rejected"))
    assert "другую учётную запись" in problems(with_record(account=make_account()))
    waiting = review(with_record(moderation="waiting", name="Долг"), now=NOW)
    assert waiting.is_ready
    assert "«Долг» на модерации" in " ".join(waiting.warnings)


def test_an_account_that_is_off_and_a_number_of_another_one_are_refused():
    assert "выключена" in problems(make_plan(account=make_account(is_active=False)))
    assert "другой учётной записи" in problems(make_plan(outgoing_phone=make_phone()))
    bad = make_phone(is_confirmed=False)
    said = problems(make_plan(account=bad.account, outgoing_phone=bad))
    assert "не подтверждён" in said


def test_a_text_that_names_nobody_is_warned_of():
    assert "кто звонит" in warnings(make_plan(text="Здравствуйте! Ваш заказ готов."))
    for named in ("Компания: заказ готов", "Это «Ромашка»", "ООО Лютик", "В магазине Роза"):
        assert "кто звонит" not in warnings(make_plan(text=named))
    assert "кто звонит" in warnings(make_plan(text="Ипотека одобрена"))


def test_of_a_recorded_file_nobody_knows_what_it_says():
    account = make_account()
    message = MessagePlan(kind=Campaign.Message.RECORD, record=make_record(account))
    assert warnings(make_plan(account=account, messages=(message,))) == ""


def test_a_scenario_is_warned_of_by_its_opening():
    version = make_version(make_scenario(text="Нажмите один"))
    account = version.scenario.account
    message = MessagePlan(kind=Campaign.Message.SCENARIO, scenario_version=version)
    assert "кто звонит" in warnings(make_plan(account=account, messages=(message,)))


def test_people_without_a_zone_are_warned_of_with_the_hours_left_for_them():
    assert "2 ч в день" in warnings(make_plan([{"zone": ""}, {}]))
    ten = Hours(((600, 1200),) * 7, (600, 1200))
    assert "позвонить ему нельзя" in warnings(make_plan([{"zone": ""}, {}], hours=ten))
    assert warnings(make_plan([{"zone": ""}], hours=None)) == ""


def test_a_list_that_is_being_filled_is_warned_of():
    plan = make_plan(1)
    ListImport.objects.create(
        contact_list=plan.contact_list, state="running", format="csv", file_name="x", sha256="x"
    )
    assert "ещё загружается" in warnings(plan)


def test_too_little_money_is_warned_of():
    poor = make_account(use_duty_phone=True, balance=Decimal("0.01"))
    assert "этого не хватит" in warnings(make_plan(10, account=poor))
    some = make_account(use_duty_phone=True, balance=Decimal(4))
    assert "может не хватить" in warnings(make_plan(10, account=some))
    said = warnings(make_plan(10, budget=Decimal(4)))
    assert "Бюджета 4,00\xa0₽ может не хватить" in said


def test_an_end_that_comes_too_soon_is_warned_of():
    plan = make_plan(3, calls_per_minute=1, ends_at=NOW + timedelta(minutes=2))
    assert "можем не успеть" in warnings(plan)
    assert warnings(replace(plan, ends_at=NOW + HOUR)) == ""


def test_samples_are_of_real_contacts_the_longest_and_the_lacking_first():
    rows = [{"сумма": "5"}, {"сумма": "6"}, {"сумма": "7000"}, {}, {"сумма": "8"}, {"сумма": "9"}]
    found = planning.samples(make_plan(rows, text="К оплате {Сумма} ₽"), 4)
    assert [sample.text for sample in found] == [
        "К оплате 7000 ₽",
        "К оплате 5 ₽",
        "К оплате {Сумма} ₽",
        "К оплате 6 ₽",
    ]
    assert [sample.lacking for sample in found] == [(), (), ("сумма",), ()]


def test_samples_of_two_texts_are_told_apart_and_other_messages_have_none():
    record = MessagePlan(kind=Campaign.Message.RECORD)
    plan = make_plan(2, messages=(text_message("а"), text_message("б")))
    assert [(one.variant, one.text) for one in planning.samples(plan, 1)] == [
        ("a", "а"),
        ("b", "б"),
    ]
    assert planning.samples(replace(plan, messages=(record,))) == []


def test_a_sample_says_when_its_text_is_too_long():
    mine = make_list([{"адрес": "у" * 30}])
    assert planning.samples_of(mine, "a" * 1000 + "{адрес}")[0].is_too_long


def test_samples_look_at_the_first_contacts_only(monkeypatch):
    monkeypatch.setattr(planning, "LOOKED_AT", 2)
    mine = make_list([{"а": "1"}, {"а": "2"}, {"а": "3000"}])
    assert [sample.text for sample in planning.samples_of(mine, "{а}")] == ["1", "2"]


def test_unknown_variables_of_a_text():
    mine = make_list([{"сумма": "5"}])
    assert planning.unknown_variables(mine, "{Имя} {СУММА} {дата}") == ["дата"]


def test_a_review_asks_the_database_as_often_for_many_as_for_few(django_assert_max_num_queries):
    rows = [{"zone": zone, "а": "1"} for zone in ("", "Asia/Omsk", "Europe/Moscow")] * 3 + [{}]
    plan = make_plan(rows, text="Банк: {а}", skip_called_days=7)
    with django_assert_max_num_queries(8):
        review(plan, now=NOW)


def test_what_a_campaign_has_cost_stands_beside_its_forecast():
    campaign = make_campaign(4)
    assert planning.actual(campaign) is None
    told = {"low": "10.00", "high": "30.00", "answered": 0.6}
    Campaign.objects.update(forecast=told, waiting=2, finished=1, busy=1, answered=1, cost=8)
    campaign.refresh_from_db()
    found = planning.actual(campaign)
    assert (found.low, found.high, found.cost) == (Decimal(10), Decimal(30), Decimal(8))
    assert (found.expected, found.answered) == (Decimal(16), 0.5)


def test_before_the_first_call_has_ended_nothing_is_expected():
    Campaign.objects.filter(pk=make_campaign(4).pk).update(
        forecast={"low": "10", "high": "30", "answered": 0.6}
    )
    found = planning.actual(Campaign.objects.get())
    assert (found.expected, found.answered) == (None, None)


def test_purposes_of_the_presets_can_all_be_planned():
    for purpose in ("service", "debt", "survey", "emergency"):
        token = uuid.uuid4()
        plan = make_plan(account=real_account(), purpose=purpose, launch_token=token)
        assert plan.hours == PRESETS[purpose].hours
        assert problems(plan) == ""
