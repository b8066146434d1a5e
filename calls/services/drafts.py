"""Campaigns in the wizard, and the settings people keep for the next ones.

``answers`` are what the forms of each step posted: {step: {field: [values]}}.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from calls.models import Campaign, CampaignDraft, CampaignPreset, ContactList
from calls.rules.purposes import OFFERED
from obzvon_site.accounts.models import AuditEvent, User

STEPS = ("list", "message", "time", "check")
LIST_FIELD = "contact_list"  # of the step «list»: the primary key of a list
NAME_FIELD = "name"  # of the step «list»: what the campaign is called
NAME_MAX = 120
# What belongs to one campaign and not to the next one like it.
OF_ONE_LIST = (LIST_FIELD, "numbers", NAME_FIELD)
OF_ONE_TIME = ("start", "starts_at", "ends_at")

Answers = dict[str, dict[str, list[str]]]


class NameTaken(Exception):
    """Another preset is called so."""


class Gone(Exception):
    """The draft has been removed, or launched: ``campaign`` is what became of it."""

    def __init__(self, campaign: Campaign | None) -> None:
        super().__init__("the draft is gone")
        self.campaign = campaign


def create(
    *, actor: User | None, now: datetime, contact_list: ContactList | None = None
) -> CampaignDraft:
    """An empty draft, or one that begins with a list."""
    return _begin({}, "", actor, now, contact_list)


def save_step(
    draft: CampaignDraft, step: str, data: Mapping[str, Sequence[str]], *, now: datetime
) -> CampaignDraft:
    """Keep what was typed at a step, right or wrong; the other steps stay. Raises Gone."""
    if step not in STEPS:
        raise ValueError(f"no step of the wizard: {step}")
    with transaction.atomic():
        # As it is now: another step may have been saved since the page was opened.
        row = CampaignDraft.objects.select_for_update(of=("self",)).filter(pk=draft.pk).first()
        if row is None or row.campaign_id is not None:
            raise Gone(row.campaign if row else None)
        row.answers = {**row.answers, step: {name: list(data[name]) for name in data}}
        row.step, row.changed_at = step, now
        if step == "list":
            row.name = _first(row.answers, "list", NAME_FIELD)[:NAME_MAX].strip()
        row.save(update_fields=["answers", "step", "name", "changed_at"])
    return row


def copy_of(campaign: Campaign, *, actor: User | None, now: datetime) -> CampaignDraft:
    """A draft that would make a campaign like this one: its dates are not taken over."""
    answers = _without(campaign.answers or _answers_of(campaign), "time", OF_ONE_TIME)
    used = campaign.contact_list
    kept = used if used is not None and used.removed_at is None else None
    suffix = _(" — копия")
    name = campaign.name[: NAME_MAX - len(suffix)].removesuffix(suffix) + suffix
    return _begin(answers, name, actor, now, kept)


def from_preset(
    preset: CampaignPreset,
    *,
    actor: User | None,
    now: datetime,
    contact_list: ContactList | None = None,
) -> CampaignDraft:
    """A draft with a preset's settings."""
    return _begin(preset.answers, "", actor, now, contact_list)


def save_preset(
    name: str, answers: Mapping[str, Any], *, actor: User | None, now: datetime
) -> CampaignPreset:
    """Keep settings without their list and dates. Raises NameTaken, also for the loser of two."""
    kept = _without(_without(answers, "list", OF_ONE_LIST), "time", OF_ONE_TIME)
    try:
        with transaction.atomic():
            preset = CampaignPreset.objects.create(
                name=name, answers=kept, created_by=actor, created_at=now
            )
            AuditEvent.note(actor, "preset.saved", preset)
    except IntegrityError as error:
        raise NameTaken(name) from error
    return preset


def remove_preset(preset: CampaignPreset, *, actor: User | None) -> None:
    """Offer it no more; drafts that were begun from it stay."""
    with transaction.atomic():
        gone, _rows = CampaignPreset.objects.filter(pk=preset.pk).delete()
        if gone:
            AuditEvent.note(actor, "preset.removed", preset)


def remove(draft: CampaignDraft, *, actor: User | None) -> None:
    """Throw a draft away; one that was launched stays with its campaign."""
    with transaction.atomic():
        gone, _rows = CampaignDraft.objects.open().filter(pk=draft.pk).delete()
        if gone:
            AuditEvent.note(actor, "draft.removed", draft)


def _begin(
    answers: Mapping[str, Any],
    name: str,
    actor: User | None,
    now: datetime,
    contact_list: ContactList | None,
) -> CampaignDraft:
    """A draft with answers under another name and with another list, or none."""
    kept = _without(answers, "list", OF_ONE_LIST)
    chosen = dict(kept.get("list", {}))
    if name:
        chosen[NAME_FIELD] = [name]
    if contact_list is not None:
        chosen[LIST_FIELD] = [str(contact_list.pk)]
    if chosen:
        kept["list"] = chosen
    return CampaignDraft.objects.create(
        name=name, answers=kept, created_by=actor, created_at=now, changed_at=now
    )


def _without(answers: Mapping[str, Any], step: str, names: Sequence[str]) -> Answers:
    """The answers without some fields of a step; a step without answers is not there."""
    rest = {
        key: {name: list(values) for name, values in fields.items()}
        for key, fields in answers.items()
    }
    for name in names:
        rest.get(step, {}).pop(name, None)
    return {key: fields for key, fields in rest.items() if fields}


def _first(answers: Mapping[str, Any], step: str, name: str) -> str:
    return str((answers.get(step, {}).get(name) or [""])[0])


def _answers_of(campaign: Campaign) -> Answers:
    """What the wizard's forms would hold, for a campaign that was launched without them."""
    said = {
        "message": campaign.message,
        "record": campaign.record_id,
        "text": campaign.text,
        "gender": campaign.gender,
        "version": campaign.scenario_version_id,
    }
    called = {
        "account": campaign.account_id,
        "caller": campaign.outgoing_phone_id or "duty",
        "purpose": campaign.purpose if campaign.purpose in OFFERED else "",
    }
    answers = {"message": _posted(said), "time": _posted(called)}
    answers["check"] = {"need_recording": ["on"] if campaign.need_recording else []}
    return answers


def _posted(values: Mapping[str, Any]) -> dict[str, list[str]]:
    return {name: [str(value)] for name, value in values.items() if value not in (None, "")}
