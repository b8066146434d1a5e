"""Drafts of campaigns for tests: answers as the wizard's forms post them."""

from typing import Any

from calls.models import CampaignDraft, ContactList
from tests.calls.lists import make_list

TEXT = "Компания «Лавка». К оплате {сумма} рублей."


def make_answers(contact_list: ContactList | None = None, **steps: Any) -> dict[str, Any]:
    """Answers that make a plan. ``time={…}`` and the like add to a step."""
    contact_list = contact_list or make_list([{"сумма": "100"}, {"сумма": "2500"}])
    answers: dict[str, Any] = {
        "list": {"name": ["Ноябрь"], "contact_list": [str(contact_list.pk)]},
        "message": {"message": ["text"], "text": [TEXT]},
        "time": {"purpose": ["service"]},
        "check": {"need_recording": ["on"]},
    }
    return answers | {step: {**answers[step], **fields} for step, fields in steps.items()}


def make_draft(contact_list: ContactList | None = None, **steps: Any) -> CampaignDraft:
    """A draft that may be launched; keywords add to its steps."""
    answers = make_answers(contact_list, **steps)
    return CampaignDraft.objects.create(answers=answers, name="Ноябрь")
