import dataclasses
import uuid
from datetime import timedelta

import pytest
from django.utils import timezone

from calls.forms.calls import DUTY, NewCallForm
from calls.ivr.document import Sound
from calls.models import Campaign
from calls.services import blocking
from tests.calls.makers import make_campaign
from tests.calls.scenarios import make_record, make_scenario, make_version
from tests.factories import make_account, make_phone

PHONE = "+7 (900) 000-00-01"


def filled(account, **fields) -> dict:
    return {
        "launch_token": str(uuid.uuid4()),
        "numbers": PHONE,
        "message": "text",
        "text": "Здравствуйте!",
        "gender": "0",
        "account": account.pk,
        "caller": DUTY,
        "need_recording": "on",
        **fields,
    }


@pytest.fixture
def account(db):
    return make_account(use_duty_phone=True, is_default=True)


def make_form(account, **fields) -> NewCallForm:
    return NewCallForm(filled(account, **fields), account=account)


def test_a_filled_form_says_what_to_launch(account):
    form = make_form(account)
    assert form.is_valid(), form.errors
    request = form.request()
    assert request.phones == ["79000000001"]
    assert (request.message_kind, request.text) == ("text", "Здравствуйте!")
    assert request.outgoing_phone is None
    assert request.need_recording
    assert request.planned_at is None
    assert request.name == "Здравствуйте!"


def test_what_belongs_to_another_kind_of_message_is_left_out(account):
    record = make_record(account)
    request_of_record = make_form(account, message="record", record=record.pk)
    assert request_of_record.is_valid(), request_of_record.errors
    request = request_of_record.request()
    assert (request.record, request.text, request.scenario_version) == (record, "", None)
    request_of_text = make_form(account, record=record.pk)
    assert request_of_text.is_valid()
    assert request_of_text.request().record is None


def test_a_scenario_goes_out_in_its_latest_version(account):
    version = make_version(make_scenario(account=account))
    form = make_form(account, message="scenario", scenario=version.scenario_id)
    assert form.is_valid(), form.errors
    assert form.request().scenario_version == version


def test_a_draft_is_not_offered(account):
    scenario = make_scenario(account=account)
    assert "scenario" in make_form(account, message="scenario", scenario=scenario.pk).errors


@pytest.mark.parametrize("kind", ["record", "text", "scenario"])
def test_the_message_is_asked_for_beside_its_field(account, kind):
    form = make_form(account, message=kind, text="")
    assert list(form.errors) == [kind]


def test_records_and_numbers_of_another_account_are_refused(account):
    other = make_account()
    record, phone = make_record(other), make_phone(other)
    form = make_form(account, message="record", record=record.pk, caller=str(phone.pk))
    assert set(form.errors) == {"record", "caller"}


def test_an_unconfirmed_number_is_not_offered(account):
    phone = make_phone(account, is_confirmed=False)
    assert "caller" in make_form(account, caller=str(phone.pk)).errors


def test_a_chosen_number_is_called_from(account):
    phone = make_phone(account)
    form = make_form(account, caller=str(phone.pk))
    assert form.is_valid()
    assert form.request().outgoing_phone == phone


def test_the_accounts_own_number_is_chosen_at_first(account):
    account.use_duty_phone, account.default_phone = False, make_phone(account)
    account.save(update_fields=["use_duty_phone", "default_phone"])
    form = NewCallForm(account=account)
    assert form["caller"].value() == str(account.default_phone_id)


def test_a_past_time_is_refused_and_a_later_one_is_of_the_screens_zone(account):
    past = timezone.localtime(timezone.now() - timedelta(minutes=5))
    assert "planned_at" in make_form(account, planned_at=past.strftime("%Y-%m-%dT%H:%M")).errors
    later = timezone.localtime(timezone.now() + timedelta(days=1)).replace(second=0, microsecond=0)
    form = make_form(account, planned_at=later.strftime("%Y-%m-%dT%H:%M"))
    assert form.is_valid()
    assert form.request().planned_at == later


def test_more_numbers_than_at_once_are_refused(account):
    many = "\n".join(f"7900{number:07d}" for number in range(5001))
    assert "5001" in str(make_form(account, numbers=many).errors["numbers"])


def test_numbers_that_may_all_not_be_called_are_refused(account):
    blocking.block(["79000000001"], source="hand", reason="просил не звонить")
    form = make_form(account)
    assert "numbers" in form.errors
    assert list(form.blocked) == ["79000000001"]


def test_blocked_numbers_go_along_to_be_seen_and_are_not_counted(account):
    blocking.block(["79000000001"], source="hand")
    form = make_form(account, numbers="79000000001 79000000002")
    assert form.is_valid()
    assert form.to_call == ["79000000002"]
    assert form.request().phones == ["79000000001", "79000000002"]


def test_bad_numbers_are_agreed_to_once_they_were_seen(account):
    pasted = f"{PHONE}\n123"
    form = make_form(account, numbers=pasted)
    assert form.is_valid()
    assert not form.is_agreed
    again = make_form(account, numbers=pasted, agreed=form.problems_digest)
    assert again.is_valid()
    assert again.is_agreed


def test_agreeing_to_one_list_is_not_agreeing_to_another(account):
    seen = make_form(account, numbers=f"{PHONE}\n123")
    assert seen.is_valid()
    later = make_form(account, numbers=f"{PHONE}\n123\n456", agreed=seen.problems_digest)
    assert later.is_valid()
    assert not later.is_agreed


def test_a_form_without_problems_needs_no_agreement(account):
    form = make_form(account)
    assert form.is_valid()
    assert form.is_agreed


def test_a_used_form_knows_its_campaign(account):
    campaign = make_campaign(1, account=account)
    assert make_form(account).launched_before() is None
    assert make_form(account, launch_token="nonsense").launched_before() is None
    used = make_form(account, launch_token=str(campaign.launch_token))
    assert used.launched_before() == Campaign.objects.get()


def test_records_on_moderation_are_named_in_scenarios_too(account):
    record = make_record(account, name="Ждёт", moderation="waiting")
    form = make_form(account, message="record", record=record.pk)
    assert form.is_valid()
    assert form.on_moderation == [record]

    tree = make_scenario(account=account).document()
    tree = dataclasses.replace(tree, opening=Sound("record", record=record.pk))
    version = make_version(make_scenario(account=account, document=tree))
    form = make_form(account, message="scenario", scenario=version.scenario_id)
    assert form.is_valid(), form.errors
    assert form.on_moderation == [record]


@pytest.mark.parametrize("odd", ["²", "9" * 40, "-1", "x", ""])
def test_an_odd_account_is_an_error_of_the_field(account, odd):
    data = {**filled(account), "account": odd}
    assert "account" in NewCallForm(data, account=account).errors


def test_somebody_called_a_moment_ago_is_called_again_only_on_purpose(account):
    make_campaign(["79000000001"], account=account, now=timezone.now())
    form = make_form(account)
    assert form.is_valid()
    assert form.lately == ["79000000001"]
    assert not form.is_agreed
    again = make_form(account, agreed=form.problems_digest)
    assert again.is_valid()
    assert again.is_agreed
    assert again.request().phones == ["79000000001"]


def test_somebody_called_long_ago_or_never_reached_is_called_without_a_question(account):
    now = timezone.now()
    early = make_campaign(["79000000001"], account=account, now=now)
    early.calls.update(created_at=now - timedelta(hours=1))
    lost = make_campaign(["79000000001"], account=account, now=now)
    lost.calls.update(stage="refused", is_final=True)
    form = make_form(account)
    assert form.is_valid()
    assert form.is_agreed


def test_a_call_states_its_purpose_and_without_one_it_is_service(account):
    form = make_form(account)
    assert form.is_valid(), form.errors
    assert form.request().purpose == "service"
    form = make_form(account, purpose="survey")
    assert form.is_valid(), form.errors
    assert form.request().purpose == "survey"


TWO = "79000000001 79000000002"
GROUND = "Договор № 14 от 3 марта"


@pytest.fixture
def real(db):
    return make_account(base_url="https://service.example/apiCalls", use_duty_phone=True)


@pytest.mark.parametrize("ground", ["", "договор", " " * 20])
def test_many_real_people_are_called_on_a_ground(real, ground):
    form = make_form(real, numbers=TWO, consent_waiver=ground)
    assert list(form.errors) == ["consent_waiver"]
    assert form.needs_waiver
    form = make_form(real, numbers=TWO, consent_waiver=f" {GROUND} ")
    assert form.is_valid(), form.errors
    assert form.request().consent_waiver == GROUND


def test_a_ground_is_not_asked_for_where_none_is_needed(real, account):
    blocking.block(["79000000002"], source="hand")
    three = f"{TWO} 79000000003"
    for used, fields in (
        (real, {}),
        (real, {"numbers": TWO}),
        (real, {"numbers": three, "purpose": "emergency"}),
        (account, {"numbers": three}),
    ):
        form = make_form(used, consent_waiver="да", **fields)
        assert form.is_valid(), form.errors
        assert not form.needs_waiver
        assert form.request().consent_waiver == ""


@pytest.mark.parametrize("purpose", ["advertising", "own", "sample"])
def test_what_nobody_may_call_for_is_refused(account, purpose):
    form = make_form(account, purpose=purpose)
    assert not form.is_valid()
    assert ("38-ФЗ" in str(form.errors["purpose"])) == (purpose == "advertising")
