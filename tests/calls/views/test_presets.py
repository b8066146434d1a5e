"""Settings of campaigns kept for the next ones."""

import pytest
from django.urls import reverse

from calls.models import CampaignDraft, CampaignPreset
from tests.calls.drafts import TEXT, make_draft
from tests.factories import make_account

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def account():
    return make_account(is_default=True, use_duty_phone=True)


def save(client, draft: CampaignDraft, name: str, **more):
    url = reverse("calls:campaign-preset-save", args=[draft.pk])
    return client.post(url, {"name": name}, **more)


def test_a_preset_keeps_all_but_the_list_and_begins_the_next_draft(operator):
    draft = make_draft(time={"limit_day": ["1"]})
    answer = save(operator, draft, "Оплата", follow=True)
    assert "Заготовка «Оплата» сохранена" in answer.content.decode()
    preset = CampaignPreset.objects.get()
    assert "contact_list" not in preset.answers.get("list", {})
    operator.post(reverse("calls:campaign-new"), {"preset": preset.pk})
    begun = CampaignDraft.objects.latest("pk")
    assert begun.answers["message"]["text"] == [TEXT]
    assert begun.answers["time"]["limit_day"] == ["1"]


def test_a_preset_is_offered_by_its_name(operator):
    save(operator, make_draft(), "Оплата")
    page = operator.get(reverse("calls:campaign-new")).content.decode()
    assert "<b>Оплата</b>" in page


def test_a_name_that_is_taken_is_told_so_and_the_first_one_stays(operator):
    save(operator, make_draft(), "Оплата")
    answer = save(operator, make_draft(message={"text": ["Другое"]}), "Оплата")
    assert answer.status_code == 422
    assert "Такая заготовка уже есть" in answer.content.decode()
    assert CampaignPreset.objects.get().answers["message"]["text"] == [TEXT]


@pytest.mark.parametrize("name", ["", " ", "я" * 121])
def test_a_preset_has_a_name(operator, name):
    assert save(operator, make_draft(), name).status_code == 422
    assert not CampaignPreset.objects.exists()


def test_a_preset_is_offered_no_more(operator):
    save(operator, make_draft(), "Оплата")
    url = reverse("calls:campaign-preset-remove", args=[CampaignPreset.objects.get().pk])
    assert operator.get(url).status_code == 405
    assert "удалена" in operator.post(url, follow=True).content.decode()
    assert not CampaignPreset.objects.exists()
    assert operator.post(url).status_code == 404
