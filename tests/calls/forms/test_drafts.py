"""The steps of the wizard as one whole: answers in, a plan or named faults out."""

from decimal import Decimal

import pytest
from django.http import QueryDict

from calls.forms.drafts import FILLED, NotPlanned, Wizard, plan_of
from calls.models import Campaign, CampaignDraft, ListImport
from calls.rules.hours import Hours
from calls.rules.limits import Limits
from calls.rules.purposes import PRESETS
from calls.rules.retries import Rule
from tests.calls.drafts import make_answers
from tests.calls.lists import make_list
from tests.factories import make_account, make_phone

PLAIN = {"text": ["Здравствуйте!"]}
PLACE = "list.id_contact_list"
pytestmark = pytest.mark.django_db


def drafted(**answers) -> CampaignDraft:
    """A draft with these answers; what is not said stands as in an untouched form."""
    return CampaignDraft.objects.create(answers=answers)


def good(contact_list=None, **more) -> dict:
    """Answers that make a plan, and no more than that. ``time={…}`` and the like add to a step."""
    answers = make_answers(contact_list, **more)
    if "check" not in more:
        del answers["check"]
    return answers


def faults(**more) -> dict[str, str]:
    """step.field → sentence of what is wrong with good answers changed so."""
    with pytest.raises(NotPlanned) as caught:
        plan_of(drafted(**good(**more)))
    return {f"{fault.step}.{fault.place}": fault.sentence for fault in caught.value.faults}


@pytest.fixture(autouse=True)
def account():
    return make_account(is_default=True, use_duty_phone=True)


@pytest.fixture
def real(account):
    """An account that rings real people."""
    account.base_url = "https://calls.example.com/apiCalls"
    account.save()
    return account


def test_few_answers_and_the_defaults_make_a_plan(real):
    draft = drafted(**good())
    plan = plan_of(draft)
    assert plan.launch_token == draft.launch_token
    assert (plan.name, plan.account, plan.purpose) == ("Ноябрь", real, "service")
    assert plan.hours == PRESETS["service"].hours
    assert plan.limits == PRESETS["service"].limits
    assert plan.retries.rules == {"busy": Rule(2, 15), "no_answer": Rule(2, 120, True)}
    assert (plan.starts_at, plan.ends_at, plan.budget, plan.pilot_size) == (None,) * 4
    assert plan.guards.as_json() == {"answered": 20, "errors": 30, "of": 50}
    assert plan.need_recording
    assert plan.outgoing_phone is None
    assert plan.consent_waiver == ""
    assert plan.answers == draft.answers


def test_a_draft_without_answers_says_what_each_step_lacks():
    with pytest.raises(NotPlanned) as caught:
        plan_of(drafted())
    places = {(fault.step, fault.place) for fault in caught.value.faults}
    assert places == {
        ("list", "id_contact_list"),
        ("message", "id_text"),
        ("time", "id_purpose"),
    }


def test_a_campaign_has_a_name_before_anybody_thinks_of_one():
    answers = good()
    del answers["list"]["name"]
    assert plan_of(drafted(**answers)).name.startswith("Обзвон ")
    assert "list.id_name" in faults(list={"name": [" "]})


def test_what_is_asked_for_reaches_the_plan(real):
    phone = make_phone(real)
    plan = plan_of(
        drafted(
            **good(
                time={
                    "caller": [str(phone.pk)],
                    "limit_day": ["1"],
                    "calls_per_minute": ["30"],
                    "concurrent": ["5"],
                    "skip_called_days": ["7"],
                    "consent": ["waived"],
                    "consent_waiver": ["Договор № 14 от 3 марта"],
                    "no_key_times": ["1"],
                    "busy_times": ["0"],
                },
                check={
                    "budget": ["20 000"],
                    "day_budget": ["5000,50"],
                    "pilot_size": ["100"],
                    "guard_answered": [],
                    "need_recording": [],
                },
            )
        )
    )
    assert plan.outgoing_phone == phone
    assert plan.limits == Limits(1, 7, 20)
    assert (plan.calls_per_minute, plan.concurrent, plan.skip_called_days) == (30, 5, 7)
    assert plan.consent_waiver == "Договор № 14 от 3 марта"
    assert set(plan.retries.rules) == {"no_answer", "no_key"}
    assert (plan.budget, plan.day_budget) == (Decimal(20_000), Decimal("5000.50"))
    assert (plan.pilot_size, plan.need_recording) == (100, False)
    assert plan.guards.answered is None


def test_a_box_left_unticked_is_not_the_default(account):
    form = Wizard(drafted()).form("check")
    kept = form.kept(QueryDict("budget=10&go=next&csrfmiddlewaretoken=x"))
    assert kept["need_recording"] == []
    assert kept["budget"] == ["10"]
    assert "go" not in kept
    assert "csrfmiddlewaretoken" not in kept
    plan = plan_of(drafted(**good(check=kept)))
    assert not plan.need_recording


@pytest.mark.parametrize("step", FILLED)
def test_signs_that_no_database_keeps_are_left_out(step):
    post = QueryDict("", mutable=True)
    post.setlist("name", ["a\0b\ud800c"])
    assert Wizard(drafted()).form(step).kept(post)["name"] == ["abc"]


def test_an_account_on_the_emulator_may_call_at_any_time(account):
    assert plan_of(drafted(**good())).hours is None
    assert plan_of(drafted(**good(time={"any_time": []}))).hours == PRESETS["service"].hours


def test_no_real_account_calls_at_any_time(real):
    assert plan_of(drafted(**good(time={"any_time": ["on"]}))).hours == PRESETS["service"].hours


def own_hours(start: str, end: str) -> dict:
    days = ("mon", "tue", "wed", "thu", "fri")
    hours = {f"hours_{day}_from": [start] for day in days}
    hours |= {f"hours_{day}_to": [end] for day in days}
    return {"hours_kind": ["own"], **hours}


def test_hours_may_be_narrowed(real):
    plan = plan_of(drafted(**good(time=own_hours("12:00", "15:00"))))
    assert plan.hours == Hours(((720, 900),) * 5 + (None,) * 2, None)


def test_hours_may_not_be_widened(real):
    found = faults(time=own_hours("07:00", "23:00"))
    assert set(found) == {"time.id_hours"}
    assert "понедельник" in found["time.id_hours"]
    assert "9:00–21:00" in found["time.id_hours"]
    assert "законам о тишине" in found["time.id_hours"]


def test_own_hours_begin_with_those_of_the_purpose(real):
    form = Wizard(drafted(**good(time={"hours_kind": ["own"]}))).form("time")
    assert form["hours"].value()[0] == "09:00"
    form = Wizard(drafted(**good(time={"purpose": ["debt"], **own_hours("12:00", "15:00")})))
    assert form.form("time")["hours"].value()[0] == "12:00"


def test_limits_may_not_be_raised(real):
    found = faults(time={"purpose": ["debt"], "limit_day": ["2"]})
    assert set(found) == {"time.id_limit_day"}
    assert "230-ФЗ" in found["time.id_limit_day"]
    assert "Не больше 1 в день" in found["time.id_limit_day"]


def test_advertising_is_refused_with_its_law():
    assert "38-ФЗ" in faults(time={"purpose": ["advertising"]})["time.id_purpose"]


def test_ones_own_number_is_no_purpose_of_a_campaign():
    assert "time.id_purpose" in faults(time={"purpose": ["own"]})


def test_an_emergency_asks_for_its_ground():
    assert "time.id_ground" in faults(time={"purpose": ["emergency"], "ground": ["надо"]})
    ground = ["Приказ МЧС № 5 от 1 ноября"]
    plan = plan_of(drafted(**good(time={"purpose": ["emergency"], "ground": ground})))
    assert plan.ground == ground[0]


def test_calling_without_consent_asks_for_a_ground():
    assert "time.id_consent_waiver" in faults(time={"consent": ["waived"], "consent_waiver": [" "]})


def test_a_purpose_that_needs_no_consent_needs_no_waiver():
    time = {
        "purpose": ["emergency"],
        "ground": ["Приказ МЧС № 5 от 1 ноября"],
        "consent": ["waived"],
    }
    assert plan_of(drafted(**good(time=time))).consent_waiver == ""


def test_a_start_that_has_passed_is_no_start():
    time = {"start": ["planned"], "starts_at": ["2020-01-01T10:00"]}
    assert "прошло" in faults(time=time)["time.id_starts_at"]
    assert "time.id_starts_at" in faults(time={"start": ["planned"]})


def test_a_moment_is_forgotten_when_one_starts_at_once():
    time = {"start": ["now"], "starts_at": ["2020-01-01T10:00"]}
    assert plan_of(drafted(**good(time=time))).starts_at is None


def test_the_end_follows_the_start():
    time = {
        "start": ["planned"],
        "starts_at": ["2099-01-02T10:00"],
        "ends_at": ["2099-01-01T10:00"],
    }
    assert "раньше начала" in faults(time=time)["time.id_ends_at"]


def test_a_campaign_is_not_faster_than_its_account(account):
    found = faults(time={"calls_per_minute": [str(account.calls_per_minute + 1)]})
    assert set(found) == {"time.id_calls_per_minute"}


def test_a_number_of_another_account_is_refused():
    other = make_phone(make_account())
    assert "time.id_caller" in faults(time={"caller": [str(other.pk)]})


def test_numbers_that_are_none_are_told_so():
    found = faults(time={"busy_times": ["много"], "limit_day": ["0"], "busy_after": ["-1"]})
    assert set(found) == {"time.id_busy_times", "time.id_limit_day", "time.id_busy_after"}


def test_a_day_costs_no_more_than_the_campaign():
    found = faults(check={"budget": ["100"], "day_budget": ["200"]})
    assert set(found) == {"check.id_day_budget"}


def test_a_text_asks_only_for_what_the_list_has():
    found = faults(message={"text": ["Долг {сума}, {имя}!"]})
    assert found["message.id_text"].startswith("В списке нет {сума}. Есть: {имя}, {сумма}.")


def test_two_messages_are_compared():
    message = {"compare": ["on"], "b-message": ["text"], "b-text": ["Другой текст"]}
    first, second = plan_of(drafted(**good(message=message))).messages
    assert (first.kind, second.text) == (Campaign.Message.TEXT, "Другой текст")


def test_the_second_message_is_asked_for_only_when_two_are_compared():
    message = {"compare": ["on"], "b-message": ["text"], "b-text": [""]}
    assert "message.id_b-text" in faults(message=message)
    assert len(plan_of(drafted(**good(message={**message, "compare": []}))).messages) == 1


def test_two_equal_messages_are_not_compared():
    text = good()["message"]["text"]
    message = {"compare": ["on"], "b-message": ["text"], "b-text": text}
    assert "одинаковы" in faults(message=message)["message.id_compare"]


def test_a_list_that_is_gone_or_empty_is_told_so():
    gone = make_list(1)
    answers = good(contact_list=gone)
    gone.delete()
    with pytest.raises(NotPlanned) as caught:
        plan_of(drafted(**answers))
    assert "больше нет" in caught.value.faults[0].sentence
    assert "ни одного контакта" in faults(contact_list=make_list(0), message=PLAIN)[PLACE]


def test_a_list_is_waited_for_until_it_has_somebody():
    coming = make_list(0)
    ListImport.objects.create(contact_list=coming, state=ListImport.State.RUNNING, format="csv")
    assert "ещё загружается" in faults(contact_list=coming, message=PLAIN)[PLACE]


def test_pasted_numbers_are_no_list_yet():
    found = faults(list={"contact_list": ["paste"], "numbers": ["79161234567"]}, message=PLAIN)
    assert set(found) == {"list.id_numbers"}
    assert "list.id_numbers" in faults(list={"contact_list": ["paste"], "numbers": ["12"]})


def test_the_rail_says_how_each_step_stands():
    draft = drafted(**good(time={"limit_day": ["999"]}))
    rail = Wizard(draft).rail("message")
    assert [(step.key, step.state) for step in rail] == [
        ("list", "done"),
        ("message", "done"),
        ("time", "bad"),
        ("check", "todo"),
        ("launch", "todo"),
    ]
    assert [step.key for step in rail if step.is_current] == ["message"]


def test_untouched_defaults_are_as_good_as_posted_ones():
    draft = drafted(**good())
    posted = {step: Wizard(draft).form(step).defaults() for step in FILLED}
    answers = {step: {**posted[step], **good().get(step, {})} for step in FILLED}
    answers["list"] = draft.answers["list"]
    second = drafted(**answers)
    first_plan, second_plan = plan_of(draft), plan_of(second)
    assert first_plan.retries == second_plan.retries
    assert first_plan.guards == second_plan.guards
    assert first_plan.hours == second_plan.hours
