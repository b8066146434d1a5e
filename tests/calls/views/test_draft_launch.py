"""The last button of the wizard: one campaign of a draft, whoever presses and how often."""

import re

import pytest
from django.urls import reverse

from calls.models import Campaign, CampaignDraft, CampaignEvent, ContactList
from calls.views import draft_parts
from tests.calls.drafts import TEXT, make_draft
from tests.calls.lists import counted, make_contact, make_list
from tests.factories import make_account

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def account():
    return make_account(is_default=True, use_duty_phone=True, balance=1000)


def path(draft: CampaignDraft, step: str) -> str:
    return reverse("calls:campaign-draft", args=[draft.pk, step])


def shown(client, draft: CampaignDraft) -> dict[str, str]:
    """What the page as it is now sends back with its button."""
    page = client.get(path(draft, "launch"), follow=True).content.decode()
    return sent_back(page)


def sent_back(page: str) -> dict[str, str]:
    return dict(re.findall(r'name="(shown-\w+)" value="([^"]*)"', page))


def launch(client, draft: CampaignDraft, told: dict[str, str] | None = None):
    """Press the button of a page; of a fresh one, if none is given."""
    told = shown(client, draft) if told is None else told
    return client.post(path(draft, "launch"), {"go": "launch", **told}, follow=True)


def list_of(draft: CampaignDraft) -> ContactList:
    return ContactList.objects.get(pk=draft.answers["list"]["contact_list"][0])


def test_the_button_says_how_many_and_for_how_much(operator):
    page = operator.get(path(make_draft(), "launch")).content.decode()
    assert re.search(r"Запустить 2\s+звонка\s+на ≈ [\d\xa0,]+\xa0₽", page)


def test_launching_makes_one_campaign_of_the_draft(operator):
    draft = make_draft()
    answer = launch(operator, draft)
    campaign = Campaign.objects.get()
    assert answer.redirect_chain[-1][0] == campaign.get_absolute_url()
    assert campaign.launch_token == draft.launch_token
    assert campaign.contact_list_id == int(draft.answers["list"]["contact_list"][0])


def test_a_second_press_leads_to_the_same_campaign(operator):
    draft = make_draft()
    launch(operator, draft)
    answer = launch(operator, draft)
    assert Campaign.objects.count() == 1
    assert "уже запущен" in answer.content.decode()


def test_another_operator_who_presses_too_is_told_so(operator, admin):
    draft = make_draft()
    launch(operator, draft)
    answer = launch(admin, draft)
    assert Campaign.objects.count() == 1
    assert "уже запущен" in answer.content.decode()


def test_a_launched_draft_is_no_draft_any_more(operator):
    draft = make_draft()
    launch(operator, draft)
    answer = operator.post(path(draft, "message"), {"text": "Иначе"})
    assert answer["Location"] == Campaign.objects.get().get_absolute_url()
    assert CampaignDraft.objects.get().answers["message"]["text"] == [TEXT]


def test_a_draft_with_faults_is_not_launched(operator):
    draft = make_draft(message={"text": [""]})
    answer = launch(operator, draft)
    assert answer.status_code == 422
    assert f'href="{path(draft, "message")}#id_text"' in answer.content.decode()
    assert not Campaign.objects.exists()


def test_what_changed_meanwhile_stops_the_launch_with_a_sentence(operator):
    contact_list = make_list(0)
    make_contact(contact_list, consent_on=None, сумма="1")
    ContactList.objects.update(total=1, variables={"сумма": {"filled": 1, "longest": 1}})
    answer = launch(operator, make_draft(contact_list))
    assert answer.status_code == 422
    assert "Звонить некому" in answer.content.decode()
    assert not Campaign.objects.exists()


def test_a_list_that_has_grown_since_the_page_was_drawn_is_not_launched(operator):
    draft = make_draft()
    told = shown(operator, draft)
    make_contact(list_of(draft), сумма="7")
    counted(list_of(draft))
    answer = launch(operator, draft, told)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert re.search(r"теперь 3 звон\w+, до [\d,]+\xa0₽", page)
    assert not Campaign.objects.exists()
    launch(operator, draft, sent_back(page))
    assert Campaign.objects.get()


def test_a_large_list_is_counted_at_once_where_the_launch_was_refused(operator, monkeypatch):
    draft = make_draft()
    monkeypatch.setattr(draft_parts, "AT_ONCE", 1)
    page = launch(operator, draft, {}).content.decode()
    assert sent_back(page)["shown-calls"] == "2"
    part = operator.get(reverse("calls:campaign-draft-ready", args=[draft.pk])).content.decode()
    assert sent_back(part) == sent_back(page)


def test_a_price_that_has_risen_since_is_told_and_not_launched(operator, account):
    draft = make_draft()
    told = shown(operator, draft)
    account.synthesis_price *= 10
    account.save()
    assert launch(operator, draft, told).status_code == 422
    assert not Campaign.objects.exists()


def test_a_draft_that_somebody_changed_since_is_not_launched(operator, admin):
    draft = make_draft()
    told = shown(operator, draft)
    text = f"{TEXT[:-1]}!"  # as long and as dear as before
    admin.post(path(draft, "message"), {"message": "text", "text": text})
    assert launch(operator, draft, told).status_code == 422
    assert not Campaign.objects.exists()


@pytest.mark.parametrize("missing", ["shown-calls", "shown-high", "shown-answers"])
def test_a_press_that_does_not_say_what_was_shown_launches_nothing(operator, missing):
    draft = make_draft()
    told = shown(operator, draft)
    assert told.pop(missing)
    assert launch(operator, draft, told).status_code == 422
    assert not Campaign.objects.exists()


def test_fewer_calls_than_the_button_said_are_launched(operator):
    draft = make_draft()
    told = shown(operator, draft)
    list_of(draft).contacts.first().delete()
    counted(list_of(draft))
    launch(operator, draft, told)
    assert CampaignEvent.objects.get().details["to_call"] == 1


def test_a_launched_draft_is_not_removed(operator):
    draft = make_draft()
    launch(operator, draft)
    answer = operator.post(reverse("calls:campaign-draft-remove", args=[draft.pk]))
    assert answer.status_code == 404
    assert CampaignDraft.objects.exists()


def test_a_campaign_is_copied_into_a_draft(operator):
    draft = make_draft(time={"ends_at": ["2099-01-01T10:00"]})
    launch(operator, draft)
    answer = operator.post(reverse("calls:campaign-copy", args=[Campaign.objects.get().pk]))
    copy = CampaignDraft.objects.latest("pk")
    assert answer["Location"] == copy.get_absolute_url()
    assert copy.answers["message"]["text"] == [TEXT]
    assert not copy.answers["time"].get("ends_at")
