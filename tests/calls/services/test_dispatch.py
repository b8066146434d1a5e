"""Sending: once, in order, at the account's pace; every trouble has its own end."""

from datetime import timedelta

import pytest

from calls.models import BlockedPhone, Call, Campaign, CampaignEvent, Order
from calls.services import blocking, dispatch, folding, outcomes
from obzvon_site.accounts.models import ApiAccount
from obzvon_site.provider import errors
from tests.calls.makers import (
    NOW,
    api_call,
    counts_hold,
    created,
    make_campaign,
    make_order,
    stages,
)
from tests.factories import make_account

pytestmark = pytest.mark.django_db


def at(moment=NOW):
    return lambda: moment


def run(moment=NOW) -> int:
    return dispatch.dispatch_due(clock=at(moment))


def test_each_phone_is_asked_for_once_and_accepted(service):
    campaign = make_campaign(3)
    assert run() == 1
    assert sorted(service.rung) == sorted(campaign.calls.values_list("phone", flat=True))
    assert set(stages(campaign)) == {"accepted"}
    assert run() == 0
    assert len(service.orders) == 1
    assert counts_hold(campaign)


def test_the_order_is_committed_as_sending_before_the_service_is_asked(service, monkeypatch):
    campaign = make_campaign(1)
    seen = []

    def create(order, *, begin):
        seen.append((stages(campaign), Order.objects.get().state))
        return created(dict.fromkeys(order.phones, 1))

    monkeypatch.setattr(service, "create", create)
    run()
    assert seen == [(["sending"], "sending")]


def test_the_answer_is_matched_by_phone_and_not_by_position(service, monkeypatch):
    campaign = make_campaign(["79000000001", "79000000002"])
    answer = created({"79000000002": 12, "79000000001": 11})
    monkeypatch.setattr(service, "create", lambda _order, begin: answer)
    run()
    assert dict(campaign.calls.values_list("phone", "service_order_id")) == {
        "79000000001": 11,
        "79000000002": 12,
    }


def test_the_documents_own_answer_names_no_phone(service, monkeypatch):
    campaign = make_campaign(1)
    monkeypatch.setattr(service, "create", lambda _order, begin: created({"": 77}))
    run()
    assert campaign.calls.get().service_order_id == 77
    assert Order.objects.get().state == "answered"


def test_a_refused_phone_keeps_the_services_words(service):
    campaign = make_campaign(["79000000001", "79000000002"])
    service.refused = {"79000000002": "Номер недоступен"}
    run()
    call = campaign.calls.get(phone="79000000002")
    assert (call.stage, call.is_final) == ("refused", True)
    assert "Номер недоступен" in call.error
    assert counts_hold(campaign)


def test_an_id_of_nobody_knows_which_phone_is_not_the_last_ones_that_waits():
    """A webhook has told of the first, and its name in the answer cannot be read."""
    order = make_order(["79000000001", "79000000002"])
    first, second = order.calls.order_by("pk")
    folding.fold(first, api_call(first, number=11), now=NOW)
    outcomes.created(order, created({"": 11}), at())
    second.refresh_from_db()
    assert (second.stage, second.service_order_id) == ("unknown", None)


def test_when_money_ends_in_the_middle_of_an_order_the_rest_wait_with_one_reason(service):
    campaign = make_campaign(["79000000001", "79000000002", "79000000003", "79000000004"])
    other = make_campaign(["79000000005"], account=campaign.account)
    service.refused = {f"7900000000{n}": "Недостаточно средств" for n in (2, 3, 5)}
    service.refused["79000000004"] = "Недостаточно цифр в номере"
    assert run() == 1
    assert stages(campaign) == ["accepted", "planned", "planned", "refused"]
    assert stages(other) == ["planned"]
    reasons = {row.hold_reason for row in Campaign.objects.filter(hold_kind="balance")}
    assert len(reasons) == 1
    assert "Недостаточно средств" in reasons.pop()
    assert CampaignEvent.objects.filter(kind="held").count() == 2
    assert counts_hold(campaign)


def test_a_phone_missing_from_the_answer_is_in_doubt(service):
    campaign = make_campaign(["79000000001", "79000000002"])
    service.silent = {"79000000002"}
    run()
    assert stages(campaign) == ["accepted", "unknown"]
    assert Order.objects.get().state == "unknown"
    assert counts_hold(campaign)


def test_an_unknown_outcome_is_never_sent_again(service):
    campaign = make_campaign(2)
    service.trouble = errors.OutcomeUnknown()
    run()
    service.trouble = None
    for minutes in (1, 10, 600):
        run(NOW + timedelta(minutes=minutes))
    assert len(service.orders) == 1
    assert set(stages(campaign)) == {"unknown"}
    assert counts_hold(campaign)


def test_a_mistake_of_ours_while_asking_is_an_unknown_outcome(service):
    campaign = make_campaign(1)
    service.trouble = RuntimeError("a bug")
    run()
    assert stages(campaign) == ["unknown"]


def test_what_never_left_waits_and_is_sent_later(service):
    campaign = make_campaign(2)
    service.trouble = errors.Unreachable()
    run()
    assert set(stages(campaign)) == {"planned"}
    assert run(NOW + timedelta(seconds=0.5)) == 0
    service.trouble = None
    assert run(NOW + timedelta(seconds=1)) == 1
    campaign.refresh_from_db()
    assert campaign.hold_reason == ""  # it was never held
    assert set(stages(campaign)) == {"accepted"}
    assert counts_hold(campaign)


@pytest.mark.parametrize(
    "trouble", [errors.WrongKey(), errors.NoMoney("мало денег"), errors.NotOffered()]
)
def test_what_a_person_must_mend_holds_the_account_with_one_reason(service, trouble):
    account = make_account(use_duty_phone=True)
    campaigns = [make_campaign(1, account=account) for _ in range(2)]
    service.trouble = trouble
    run()
    assert run(NOW + timedelta(hours=1)) == 0
    assert len(service.orders) == 1
    for campaign in campaigns:
        campaign.refresh_from_db()
        assert campaign.hold_reason
        assert campaign.hold_until is None
        assert stages(campaign) == ["planned"]


@pytest.mark.parametrize(
    "trouble", [errors.OnModeration(), errors.NotFound("нет ролика"), errors.Refused("нельзя")]
)
def test_a_refused_message_holds_its_own_campaign_alone(service, monkeypatch, trouble):
    account = make_account(use_duty_phone=True)
    bad, good = [make_campaign(1, account=account, text=text) for text in ("плохой", "хороший")]
    real = service.create

    def create(order, *, begin):
        if order.message["record"]["text"] == "плохой":
            raise trouble
        return real(order)

    monkeypatch.setattr(service, "create", create)
    run()
    assert stages(bad) == ["planned"]
    assert stages(good) == ["accepted"]
    bad.refresh_from_db()
    assert bad.is_held
    assert bad.hold_until is None
    is_moderated = isinstance(trouble, errors.OnModeration)
    assert ("создайте новый" in bad.hold_reason) is not is_moderated


def test_a_passing_trouble_does_not_let_go_what_waits_for_a_person(service):
    account = make_account(use_duty_phone=True)
    waits = make_campaign(1, account=account)
    Campaign.objects.update(hold_reason="Не прошло модерацию", hold_until=None)
    make_campaign(1, account=account)
    service.trouble = errors.Unreachable()
    run()
    waits.refresh_from_db()
    assert (waits.hold_reason, waits.hold_until) == ("Не прошло модерацию", None)


def test_campaigns_of_an_account_take_turns(service):
    account = make_account(use_duty_phone=True, phones_per_order=2, calls_per_minute=5)
    big = make_campaign(8, account=account)
    small = make_campaign(1, account=account)
    run()
    assert stages(small) == ["accepted"]
    assert stages(big).count("accepted") == 4


def test_too_fast_waits_as_long_as_the_service_says(service):
    campaign = make_campaign(1)
    service.trouble = errors.TooFast(retry_after=90)
    run()
    assert stages(campaign) == ["planned"]
    service.trouble = None
    assert run(NOW + timedelta(seconds=89)) == 0
    assert run(NOW + timedelta(seconds=90)) == 1


BAD_TEXT = errors.BadRequest("Плохой текст", fields={"record.text": "Плохой текст"})


@pytest.mark.parametrize("trouble", [BAD_TEXT, errors.BadRequest("Плохой текст")])
def test_a_bad_request_ends_the_only_call_with_the_services_words(service, trouble):
    campaign = make_campaign(1)
    service.trouble = trouble
    run()
    assert stages(campaign) == ["refused"]
    assert "Плохой текст" in campaign.calls.first().error
    assert counts_hold(campaign)
    assert campaign.is_over


def test_a_bad_request_ends_the_second_attempt_of_the_only_person_too(service):
    campaign = make_campaign(1)
    Campaign.objects.update(total=2, retried=1)
    service.trouble = BAD_TEXT
    run()
    assert stages(campaign) == ["refused"]


BAD_BOTH = errors.BadRequest("", fields={"phones.0": "Номер", "record.text": "Плохой текст"})
# These name no phone of the order.
BAD_NAMES = errors.BadRequest("", fields=dict.fromkeys(("0", "phones.²"), "Плохой текст"))


@pytest.mark.parametrize("size", [1, 2])
@pytest.mark.parametrize(
    "trouble", [BAD_TEXT, BAD_BOTH, BAD_NAMES, errors.BadRequest("Плохой текст")]
)
def test_a_bad_message_holds_its_campaign_and_not_one_call_is_ended(service, trouble, size):
    account = make_account(use_duty_phone=True, phones_per_order=size, connections=1)
    bad = make_campaign(5, account=account)
    service.trouble = trouble
    run()
    bad.refresh_from_db()
    assert stages(bad) == ["planned"] * 5
    assert bad.is_held
    assert "Плохой текст" in bad.hold_reason
    assert "остановите обзвон и создайте новый" in bad.hold_reason
    assert len(service.orders) == 1
    assert counts_hold(bad)
    service.trouble = None
    good = make_campaign(1, account=account)
    run()
    assert stages(good) == ["accepted"]


def test_a_bad_text_of_one_person_ends_his_call_alone(service):
    campaign = make_campaign(2)
    first, second = campaign.calls.order_by("pk")
    Call.objects.filter(pk=first.pk).update(text="Плохой текст")
    Campaign.objects.update(text="{имя}")
    Call.objects.filter(pk=second.pk).update(text="Хороший текст")
    service.trouble = BAD_TEXT
    dispatch.send(dispatch.take(campaign.account, now=NOW), clock=at())
    service.trouble = None
    run()
    assert stages(campaign) == ["refused", "accepted"]


@pytest.mark.parametrize("field", ["phones", "phone", "phones.0"])
def test_a_bad_phone_that_is_ordered_alone_ends_its_call_alone(service, field):
    account = make_account(use_duty_phone=True, phones_per_order=1, connections=1)
    campaign = make_campaign(2, account=account)
    service.trouble = errors.BadRequest("", fields={field: "Неверный номер"})
    dispatch.send(dispatch.take(account, now=NOW), clock=at())
    service.trouble = None
    run()
    assert stages(campaign) == ["refused", "accepted"]


def test_when_each_phone_is_bad_each_call_ends(service):
    campaign = make_campaign(2)
    fields = {"phones.0": "Неверный номер", "phones.1": "Неверный номер"}
    service.trouble = errors.BadRequest("", fields=fields)
    run()
    assert stages(campaign) == ["refused", "refused"]
    assert counts_hold(campaign)


def test_when_one_phone_is_bad_the_others_go_without_it(service):
    campaign = make_campaign(["79000000001", "79000000002", "79000000003"])
    service.trouble = errors.BadRequest("", fields={"phones.1": "Неверный номер"})
    dispatch.send(dispatch.take(campaign.account, now=NOW), clock=at())
    assert stages(campaign) == ["planned", "refused", "planned"]
    service.trouble = None
    run()
    assert stages(campaign) == ["accepted", "refused", "accepted"]
    assert service.orders[-1].phones == ("79000000001", "79000000003")
    assert counts_hold(campaign)


def test_what_the_document_forbids_is_refused_before_it_is_sent(service):
    campaign = make_campaign(1)
    service.trouble = errors.Invalid("phones", "В номере ошибка")
    run()
    assert stages(campaign) == ["refused"]
    assert campaign.calls.get().error == "В номере ошибка"


def test_a_key_that_cannot_be_read_holds_and_says_why(service, monkeypatch):
    campaign = make_campaign(1)
    ApiAccount.objects.update(sealed_key="spoiled")
    monkeypatch.undo()
    run()
    campaign.refresh_from_db()
    assert stages(campaign) == ["planned"]
    assert "Ключ API не читается" in campaign.hold_reason


def test_a_call_blocked_since_the_launch_is_not_sent(service):
    campaign = make_campaign(["79000000001", "79000000002"])
    blocking.block(["79000000001"], source=BlockedPhone.Source.KEY)
    run()
    assert service.rung == ["79000000002"]
    assert stages(campaign) == ["blocked", "accepted"]
    assert counts_hold(campaign)


def test_when_all_are_blocked_nothing_is_sent(service):
    campaign = make_campaign(["79000000001"])
    blocking.block(["79000000001"], source=BlockedPhone.Source.KEY)
    assert run() == 0
    assert stages(campaign) == ["blocked"]


def test_an_order_holds_at_most_as_many_phones_as_the_account_allows(service):
    make_campaign(5, account=make_account(use_duty_phone=True, phones_per_order=2))
    run()
    assert [len(order.phones) for order in service.orders] == [2, 2, 1]


def test_the_pace_of_the_account_is_kept(service):
    account = make_account(use_duty_phone=True, calls_per_minute=3)
    make_campaign(5, account=account)
    run()
    assert len(service.rung) == 3
    run(NOW + timedelta(seconds=59))
    assert len(service.rung) == 3
    run(NOW + timedelta(seconds=61))
    assert len(service.rung) == 5


def test_calls_planned_for_later_are_not_sent_now(service):
    make_campaign(1, planned_at=NOW + timedelta(hours=1))
    assert run() == 0
    assert run(NOW + timedelta(hours=1)) == 1


def test_the_order_goes_from_the_chosen_number_with_its_own_webhook_address(service):
    campaign = make_campaign(1, need_recording=True)
    run()
    order = service.orders[0]
    assert order.outgoing_phone is None
    assert order.need_recording
    assert order.webhook_url == campaign.account.status_webhook_url(Order.objects.get().token)


def test_one_accounts_trouble_does_not_stop_another(service, monkeypatch):
    make_campaign(1)
    make_campaign(1)
    real, calls = dispatch.take_some, []

    def first_fails(account, most, *, now):
        calls.append(account)
        if len(calls) == 1:
            raise RuntimeError("a bug")
        return real(account, most, now=now)

    monkeypatch.setattr(dispatch, "take_some", first_fails)
    assert run() == 1
