"""A launch makes all of its calls or none, and the same form launches once."""

from datetime import timedelta

import pytest

from calls.ivr.document import Document, Sound
from calls.models import BlockedPhone, Call, CallEvent, Campaign
from calls.services import blocking, launching
from calls.services.launching import NotReady, launch
from obzvon_site.accounts.models import AuditEvent
from tests.calls.makers import NOW, counts_hold, make_campaign, make_request, stages
from tests.calls.scenarios import document, key, make_record, make_scenario, make_version
from tests.factories import make_account, make_phone, make_user

pytestmark = pytest.mark.django_db


def test_a_launch_plans_one_call_a_phone_with_a_line_on_its_timeline():
    campaign = launch(make_request(["79000000001", "79000000002"]), actor=None, now=NOW)
    assert stages(campaign) == ["planned", "planned"]
    assert (campaign.total, campaign.waiting, campaign.state) == (2, 2, "running")
    assert set(CallEvent.objects.values_list("kind", flat=True)) == {"planned"}
    assert counts_hold(campaign)


def test_the_same_token_launches_once():
    request = make_request(2)
    first, second = (launch(request, actor=None, now=NOW) for _ in range(2))
    assert first == second
    assert Call.objects.count() == 2


def test_of_two_launches_at_the_same_moment_one_finds_the_others_campaign(monkeypatch):
    request = make_request(2)
    real = launching._speech

    def somebody_is_faster(wanted):
        monkeypatch.setattr(launching, "_speech", real)
        launch(request, actor=None, now=NOW)
        return real(wanted)

    monkeypatch.setattr(launching, "_speech", somebody_is_faster)
    campaign = launch(request, actor=None, now=NOW)
    assert Campaign.objects.get() == campaign
    assert Call.objects.count() == 2


def test_a_repeated_phone_is_called_once():
    campaign = make_campaign(["79000000001", "79000000001"])
    assert campaign.total == 1


def test_a_blocked_phone_is_shown_and_never_sent():
    blocking.block(["79000000001"], source=BlockedPhone.Source.HAND, reason="просил")
    campaign = make_campaign(["79000000001", "79000000002"])
    assert stages(campaign) == ["blocked", "planned"]
    call = campaign.calls.get(phone="79000000001")
    assert call.is_final
    assert "просил" in call.error
    assert counts_hold(campaign)


def test_a_campaign_of_blocked_phones_alone_is_over_at_once():
    blocking.block(["79000000001"], source=BlockedPhone.Source.HAND)
    assert make_campaign(["79000000001"]).is_over


def test_a_planned_launch_waits_for_its_time():
    later = NOW + timedelta(hours=2)
    campaign = make_campaign(1, planned_at=later)
    assert campaign.calls.get().planned_at == later
    assert not Call.objects.due(NOW).exists()
    assert Call.objects.due(later).exists()


def test_a_phone_of_another_account_is_refused():
    with pytest.raises(NotReady, match="другой учётной записи"):
        launch(make_request(1, outgoing_phone=make_phone()), actor=None, now=NOW)
    assert not Campaign.objects.exists()


def test_a_switched_off_account_is_refused():
    with pytest.raises(NotReady, match="выключена"):
        launch(make_request(1, account=make_account(is_active=False)), actor=None, now=NOW)


@pytest.mark.parametrize(
    "fields",
    [{"text": ""}, {"text": "ю" * 1025}, {"message_kind": "record"}, {"message_kind": "scenario"}],
)
def test_nothing_to_hear_is_refused(fields):
    with pytest.raises(NotReady):
        launch(make_request(1, **fields), actor=None, now=NOW)


def test_no_phones_are_refused():
    with pytest.raises(NotReady, match="хотя бы один номер"):
        launch(make_request([]), actor=None, now=NOW)


def test_the_message_is_frozen_as_it_goes_to_the_service():
    campaign = make_campaign(1, text="Добрый день", gender=1)
    assert campaign.payload["record"] == {"text": "Добрый день", "gender": 1}


def test_launching_stopping_and_going_on_are_remembered():
    olga = make_user()
    campaign = launch(make_request(["79000000001", "79000000002"]), actor=olga, now=NOW)
    Campaign.objects.update(hold_reason="деньги")
    launching.resume(campaign, actor=olga)
    launching.resume(campaign, actor=olga)
    launching.take_back(campaign, actor=olga, now=NOW)
    launching.take_back(campaign, actor=olga, now=NOW)
    events = AuditEvent.objects.filter(actor=olga).order_by("pk")
    assert [event.verb for event in events] == [
        "campaign.launched",
        "campaign.resumed",
        "campaign.taken_back",
    ]
    assert events[0].details["count"] == events[2].details["count"] == 2


def test_taking_back_ends_what_has_not_gone_out():
    campaign = make_campaign(3)
    assert launching.take_back(campaign, actor=make_user(), now=NOW) == 3
    assert set(stages(campaign)) == {"taken_back"}
    assert counts_hold(campaign)
    assert campaign.is_over
    assert launching.take_back(campaign, actor=None, now=NOW) == 0


def test_resuming_clears_the_reason():
    campaign = make_campaign(1)
    Campaign.objects.update(hold_reason="деньги")
    assert not Campaign.objects.sendable(NOW).exists()
    launching.resume(campaign, actor=None)
    assert Campaign.objects.sendable(NOW).exists()


def test_resuming_lets_go_all_of_the_account_that_the_same_reason_holds():
    account = make_account()
    first, second, third = [make_campaign(1, account=account) for _ in range(3)]
    stranger = make_campaign(1)
    Campaign.objects.exclude(pk=third.pk).update(hold_reason="деньги")
    Campaign.objects.filter(pk=third.pk).update(hold_reason="модерация")
    launching.resume(first, actor=None)
    assert set(Campaign.objects.sendable(NOW)) == {first, second}
    assert stranger not in Campaign.objects.sendable(NOW)


def test_a_draft_is_launched_as_a_version_would_be():
    account = make_account()
    record = make_record(account)
    tree = document(key(1, sound=Sound("record", record=record.pk)))
    request = make_request(1, account=account, message_kind="scenario", text="", draft=tree)
    campaign = launch(request, actor=None, now=NOW)
    version = make_version(make_scenario(document=tree, account=account))
    published = make_request(
        1, account=account, message_kind="scenario", text="", scenario_version=version
    )
    assert campaign.payload == launch(published, actor=None, now=NOW).payload
    assert campaign.scenario_version is None
    assert list(campaign.plays.all()) == [record]


@pytest.mark.parametrize(
    "fields", [{"stage": "waiting", "service_id": None}, {"moderation": "rejected"}]
)
def test_a_draft_with_a_record_that_cannot_be_played_is_refused(fields):
    account = make_account()
    tree = Document(opening=Sound("record", record=make_record(account, **fields).pk))
    with pytest.raises(NotReady, match="ещё не готов"):
        launch(
            make_request(1, account=account, message_kind="scenario", draft=tree),
            actor=None,
            now=NOW,
        )
    assert not Campaign.objects.exists()
