"""A launch makes all of its calls or none, and the same form launches once."""

from datetime import timedelta

import pytest

from calls.ivr.cost import CHARACTERS_A_SECOND
from calls.ivr.document import Document, Sound
from calls.models import BlockedPhone, Call, CallEvent, Campaign
from calls.rules.hours import ANY_TIME, Hours
from calls.rules.limits import Limits
from calls.rules.purposes import DEBT_HOURS, SERVICE_HOURS
from calls.services import blocking, estimating, launching, rules_in_force
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
    real = launching.speech_of

    def somebody_is_faster(wanted):
        monkeypatch.setattr(launching, "speech_of", real)
        launch(request, actor=None, now=NOW)
        return real(wanted)

    monkeypatch.setattr(launching, "speech_of", somebody_is_faster)
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


def test_a_launch_is_remembered():
    olga = make_user()
    launch(make_request(["79000000001", "79000000002"]), actor=olga, now=NOW)
    deed = AuditEvent.objects.get(actor=olga)
    assert (deed.verb, deed.details["count"]) == ("campaign.launched", 2)


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


def real_account():
    return make_account(base_url="https://service.example/apiCalls", use_duty_phone=True)


def test_calls_of_a_real_account_keep_the_rules_of_their_purpose():
    rules_in_force.change(
        "survey",
        hours=DEBT_HOURS,
        limits=Limits(1, 1, 1),
        ground="Договор № 5",
        actor=None,
        now=NOW,
    )
    for purpose, hours, limits in (
        ("service", SERVICE_HOURS, Limits(3, 7, 20)),
        ("debt", DEBT_HOURS, Limits(1, 2, 8)),
        ("survey", DEBT_HOURS, Limits(1, 1, 1)),
        ("emergency", ANY_TIME, Limits()),
    ):
        campaign = make_campaign(1, account=real_account(), purpose=purpose)
        assert campaign.purpose == purpose
        assert Hours.from_json(campaign.hours) == hours
        assert Limits.from_json(campaign.limits) == limits


def test_without_a_purpose_it_is_service():
    assert make_campaign(1, account=real_account()).purpose == "service"
    assert ("цель", "Сервисный обзвон") in AuditEvent.objects.get().facts


def test_nobody_real_is_rung_by_an_emulator_so_nothing_binds_it():
    campaign = make_campaign(1, purpose="debt")
    assert (campaign.purpose, campaign.hours, campaign.limits) == ("debt", None, {})


def test_ones_own_number_is_free_of_rules_but_it_is_one():
    olga, account = make_user(phone="79000000001"), real_account()
    own = make_request(["79000000001"], account=account, purpose="own")
    campaign = launch(own, actor=olga, now=NOW)
    assert (campaign.purpose, campaign.hours, campaign.limits) == ("own", None, {})
    with pytest.raises(NotReady, match="на одном номере"):
        launch(make_request(2, account=account, purpose="own"), actor=olga, now=NOW)


@pytest.mark.parametrize("known", [None, "", "79000000002"])
def test_a_number_that_is_not_ones_own_is_not_free_of_rules(known):
    actor = None if known is None else make_user(phone=known)
    for phones in (["79000000001"], [""]):
        request = make_request(phones, account=real_account(), purpose="own")
        with pytest.raises(NotReady, match="только на свой номер: впишите его в профиль"):
            launch(request, actor=actor, now=NOW)
    assert not Campaign.objects.exists()
    harmless = launch(make_request(["79000000001"], purpose="own"), actor=actor, now=NOW)
    assert harmless.hours is None


GROUND = "Договор № 5"


@pytest.mark.parametrize("purpose", ["service", "debt", "survey"])
@pytest.mark.parametrize("ground", ["", "договор", " " * 20])
def test_many_real_people_are_not_rung_without_a_consent_or_a_ground(purpose, ground):
    fields = {"account": real_account(), "purpose": purpose}
    with pytest.raises(NotReady, match="Впишите, на каком основании звоним"):
        make_campaign(2, consent_waiver=ground, **fields)
    assert not Campaign.objects.exists()
    assert make_campaign(2, consent_waiver=GROUND, **fields).consent_waiver == GROUND


def test_a_ground_stays_in_the_campaign_and_in_the_audit_log():
    make_campaign(2, account=real_account(), consent_waiver=GROUND)
    assert Campaign.objects.get().consent_waiver == GROUND
    assert ("основание", GROUND) in AuditEvent.objects.get().facts


def test_one_person_a_warning_and_an_emulator_need_no_ground():
    account = real_account()
    make_campaign(["79000000001"], account=account, consent_waiver="")
    make_campaign(["79000000001", "79000000001"], account=account, consent_waiver="")
    blocking.block(["79000000002"], source=BlockedPhone.Source.HAND)
    make_campaign(["79000000001", "79000000002"], account=account, consent_waiver="")
    make_campaign(2, account=account, purpose="emergency", consent_waiver="")
    make_campaign(2, consent_waiver="")
    assert all("ground" not in event.details for event in AuditEvent.objects.all())


@pytest.mark.parametrize(
    ("purpose", "words"), [("advertising", "38-ФЗ «О рекламе»"), ("sample", "Выберите цель")]
)
def test_what_is_no_purpose_to_call_for_is_refused(purpose, words):
    with pytest.raises(NotReady, match=words):
        make_campaign(1, purpose=purpose)
    assert not Campaign.objects.exists()


def test_each_call_knows_its_zone():
    campaign = make_campaign(["74951234567", "74152123456", "74112123456", "78001234567"])
    zones = list(campaign.calls.order_by("pk").values_list("zone", flat=True))
    assert zones == ["Europe/Moscow", "Asia/Kamchatka", "", ""]
    assert (campaign.people, campaign.total) == (4, 4)


def test_price_and_length_are_foreseen():
    account = make_account(minute_price="3", synthesis_price="1", use_duty_phone=True)
    campaign = make_campaign(1, account=account, text="ю" * 150)
    price = estimating.of_call(account, text="ю" * 150)
    assert campaign.call_price == price.high > 1
    assert campaign.listen_seconds == round(150 / CHARACTERS_A_SECOND)
    trial = document(text="ю" * 300)
    own = make_campaign(
        1, account=account, message_kind="scenario", text="", draft=trial, purpose="own"
    )
    assert own.listen_seconds == round(300 / CHARACTERS_A_SECOND)
    assert own.call_price > campaign.call_price
