"""Filters of campaigns and of one campaign's calls."""

import pytest

from calls.forms.campaigns import CampaignsForm, PeopleForm
from calls.models import Call, Campaign, CampaignEvent
from tests.calls.makers import make_campaign

pytestmark = pytest.mark.django_db


def found(**data) -> set[str]:
    return set(CampaignsForm(data).apply(Campaign.objects.all()).values_list("name", flat=True))


def test_campaigns_are_found_by_state_and_by_a_part_of_the_name():
    for state in ("running", "paused", "done", "stopped", "preparing"):
        campaign = make_campaign(1, name=f"Долги {state}")
        Campaign.objects.filter(pk=campaign.pk).update(state=state)
    ended = make_campaign(1, name="Остановили вчера")
    Campaign.objects.filter(pk=ended.pk).update(state="done")
    CampaignEvent.objects.create(campaign=ended, kind="stopped")
    held = make_campaign(1, name="Опрос")
    Campaign.objects.filter(pk=held.pk).update(hold_reason="Кончились деньги")
    assert len(found()) == 7
    assert found(state="going") == {"Долги running", "Долги preparing", "Опрос"}
    assert found(state="held") == {"Опрос"}
    assert found(state="paused") == {"Долги paused"}
    assert found(state="done") == {"Долги done"}
    assert found(state="stopped") == {"Долги stopped", "Остановили вчера"}
    assert found(q="ОПРОС") == {"Опрос"}
    assert found(q="долги", state="paused") == {"Долги paused"}
    assert found(q="(") == set()


@pytest.mark.parametrize("data", [{"state": "odd"}, {"q": ""}, {}])
def test_a_filter_that_cannot_be_read_is_not_set(data):
    make_campaign(1)
    form = CampaignsForm(data)
    assert form.apply(Campaign.objects.all()).count() == 1
    assert not form.is_narrowed


def calls_of(campaign: Campaign, **data) -> set[str]:
    return set(PeopleForm(data).apply(campaign.calls.all()).values_list("phone", flat=True))


def test_calls_are_found_by_how_they_went():
    fates = {
        "79000000001": {"stage": "planned", "attempt": 1},
        "79000000002": {"stage": "planned", "attempt": 2},
        "79000000003": {"stage": "accepted", "status": "started"},
        "79000000004": {"stage": "accepted", "status": "finished", "result": "early"},
        "79000000005": {"stage": "accepted", "status": "busy", "result": "busy"},
        "79000000006": {"stage": "expired"},
        "79000000007": {"stage": "unknown"},
    }
    campaign = make_campaign(list(fates))
    for phone, fields in fates.items():
        Call.objects.filter(phone=phone).update(**fields)
    ends = {
        outcome: {phone[-1] for phone in calls_of(campaign, outcome=outcome)}
        for outcome, _label in PeopleForm.OUTCOMES
    }
    assert ends == {
        "": set("1234567"),
        "waiting": {"1", "2"},
        "again": {"2"},
        "live": {"3"},
        "reached": set(),
        "no_key": set(),
        "early": {"4"},
        "no_answer": set(),
        "busy": {"5"},
        "failed": {"6"},
        "unknown": {"7"},
    }


@pytest.mark.parametrize(
    ("said", "whom"),
    [
        ("+7 (900) 000-00-01", {"79000000001"}),
        ("8 900 000 00 02", {"79000000002"}),
        ("00-02", {"79000000002"}),
        ("анна", {"79000000001"}),
        ("Борис 2", {"79000000002"}),
        ("никто", set()),
    ],
)
def test_people_are_found_by_phone_and_by_name(said, whom):
    campaign = make_campaign(["79000000001", "79000000002"])
    Call.objects.filter(phone="79000000001").update(name="Анна Петрова")
    Call.objects.filter(phone="79000000002").update(name="Борис 2")
    assert calls_of(campaign, q=said) == whom
    assert PeopleForm({"q": said}).is_narrowed
