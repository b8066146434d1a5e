"""Drafts keep what was typed, and become the start of the next campaign."""

import pytest

from calls.models import Campaign, CampaignDraft, CampaignPreset
from calls.services import drafts
from obzvon_site.accounts.models import AuditEvent
from tests.calls.lists import make_list
from tests.calls.makers import NOW, make_campaign
from tests.factories import make_phone, make_user

pytestmark = pytest.mark.django_db
ANSWERS = {
    "list": {"name": ["Ноябрь"], "contact_list": ["7"], "numbers": ["7900"]},
    "message": {"message": ["text"], "text": ["Компания «Ромашка»"]},
    "time": {"purpose": ["service"], "start": ["planned"], "starts_at": ["x"], "ends_at": ["y"]},
    "check": {"budget": ["1000"]},
}


def make_draft(**answers) -> CampaignDraft:
    draft = drafts.create(actor=None, now=NOW)
    for step, data in answers.items():
        draft = drafts.save_step(draft, step, data, now=NOW)
    return draft


def test_a_draft_begins_empty_or_with_a_list():
    person = make_user()
    draft = drafts.create(actor=person, now=NOW)
    assert (draft.answers, draft.step, draft.created_by) == ({}, "list", person)
    mine = make_list(1)
    begun = drafts.create(actor=None, now=NOW, contact_list=mine)
    assert begun.answers == {"list": {"contact_list": [str(mine.pk)]}}
    assert begun.launch_token != draft.launch_token


def test_a_step_is_kept_as_it_was_typed_and_names_the_draft():
    draft = make_draft(list={"name": [" Ноябрь "], "contact_list": ["нет такого"]})
    draft.refresh_from_db()
    assert draft.answers["list"] == {"name": [" Ноябрь "], "contact_list": ["нет такого"]}
    assert (draft.name, draft.step) == ("Ноябрь", "list")


def test_saving_one_step_does_not_lose_another_saved_meanwhile():
    opened = make_draft()
    drafts.save_step(opened, "message", {"text": ["а"]}, now=NOW)
    drafts.save_step(opened, "time", {"purpose": ["debt"]}, now=NOW)
    opened.refresh_from_db()
    assert opened.answers == {"message": {"text": ["а"]}, "time": {"purpose": ["debt"]}}
    assert opened.step == "time"


def test_a_step_that_is_none_is_a_mistake_of_the_caller():
    with pytest.raises(ValueError, match="launch"):
        drafts.save_step(make_draft(), "launch", {}, now=NOW)


def test_a_removed_draft_takes_nothing_more():
    draft = make_draft()
    drafts.remove(draft, actor=None)
    with pytest.raises(drafts.Gone) as gone:
        drafts.save_step(draft, "time", {}, now=NOW)
    assert gone.value.campaign is None


def test_a_launched_draft_is_neither_changed_nor_removed_and_says_what_became_of_it():
    draft, campaign = make_draft(), make_campaign()
    CampaignDraft.objects.update(campaign=campaign)
    with pytest.raises(drafts.Gone) as gone:
        drafts.save_step(draft, "time", {}, now=NOW)
    assert gone.value.campaign == campaign
    drafts.remove(draft, actor=None)
    assert CampaignDraft.objects.filter(pk=draft.pk).exists()
    assert not CampaignDraft.objects.open().exists()


def test_removing_is_noted_once():
    draft, person = make_draft(list={"name": ["Ноябрь"]}), make_user()
    drafts.remove(draft, actor=person)
    drafts.remove(draft, actor=person)
    assert AuditEvent.objects.get().deed == "Удалил черновик обзвона"


def test_a_copy_has_the_same_settings_another_name_and_token_and_no_dates():
    mine = make_list(1)
    campaign = make_campaign(name="Ноябрь")
    Campaign.objects.update(answers=ANSWERS, contact_list=mine)
    campaign.refresh_from_db()
    copy = drafts.copy_of(campaign, actor=None, now=NOW)
    assert copy.name == "Ноябрь — копия"
    assert copy.answers == {
        "list": {"name": ["Ноябрь — копия"], "contact_list": [str(mine.pk)]},
        "message": ANSWERS["message"],
        "time": {"purpose": ["service"]},
        "check": ANSWERS["check"],
    }
    assert copy.launch_token != campaign.launch_token


def test_a_copy_of_a_copy_is_called_a_copy_once_and_a_long_name_still_fits():
    again = drafts.copy_of(make_campaign(name="Ноябрь — копия"), actor=None, now=NOW)
    assert again.name == "Ноябрь — копия"
    long = drafts.copy_of(make_campaign(name="а" * 120), actor=None, now=NOW)
    assert len(long.name) == 120
    assert long.name.endswith("а — копия")


def test_a_copy_leaves_out_a_list_that_is_gone():
    mine = make_list(1, removed_at=NOW)
    campaign = make_campaign()
    Campaign.objects.update(answers=ANSWERS, contact_list=mine)
    campaign.refresh_from_db()
    assert "contact_list" not in drafts.copy_of(campaign, actor=None, now=NOW).answers["list"]


def test_a_campaign_launched_without_the_wizard_is_copied_from_its_fields():
    phone = make_phone()
    campaign = make_campaign(
        account=phone.account, outgoing_phone=phone, text="Привет", need_recording=False
    )
    copy = drafts.copy_of(campaign, actor=None, now=NOW)
    assert copy.answers["message"] == {"message": ["text"], "text": ["Привет"], "gender": ["0"]}
    assert copy.answers["time"] == {
        "account": [str(phone.account_id)],
        "caller": [str(phone.pk)],
        "purpose": ["service"],
    }
    assert copy.answers["check"] == {"need_recording": []}


def test_a_preset_keeps_neither_list_nor_dates_and_begins_drafts():
    preset = drafts.save_preset("Напоминание", ANSWERS, actor=None, now=NOW)
    assert preset.answers == {
        "message": ANSWERS["message"],
        "time": {"purpose": ["service"]},
        "check": ANSWERS["check"],
    }
    mine = make_list(1)
    draft = drafts.from_preset(preset, actor=None, now=NOW, contact_list=mine)
    assert draft.answers["time"] == {"purpose": ["service"]}
    assert draft.answers["list"] == {"contact_list": [str(mine.pk)]}


def test_of_two_presets_with_one_name_the_first_stays():
    person = make_user()
    drafts.save_preset("Напоминание", ANSWERS, actor=person, now=NOW)
    with pytest.raises(drafts.NameTaken):
        drafts.save_preset("Напоминание", {}, actor=person, now=NOW)
    assert CampaignPreset.objects.get().answers["check"] == {"budget": ["1000"]}
    assert AuditEvent.objects.get().deed == "Сохранил заготовку обзвона"


def test_removing_a_preset_leaves_its_drafts_and_is_noted_once():
    preset = drafts.save_preset("Напоминание", ANSWERS, actor=None, now=NOW)
    drafts.from_preset(preset, actor=None, now=NOW)
    drafts.remove_preset(preset, actor=None)
    drafts.remove_preset(CampaignPreset(pk=preset.pk), actor=None)
    assert not CampaignPreset.objects.exists()
    assert CampaignDraft.objects.count() == 1
    assert AuditEvent.objects.filter(verb="preset.removed").count() == 1
