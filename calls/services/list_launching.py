"""From a plan to a campaign that is being prepared: everything it will need is frozen here."""

import json
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from hashlib import blake2b
from typing import Any, Self

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from calls.models import (
    Campaign,
    CampaignDraft,
    CampaignEvent,
    Contact,
    ContactList,
    Variant,
)
from calls.services import foreseeing, launching, objections, planning
from calls.services.launching import NotReady, Speech
from calls.services.plans import LETTERS, MessagePlan, Plan
from obzvon_site.accounts.models import AuditEvent, User
from obzvon_site.common import money


@dataclass(frozen=True, slots=True)
class _Part:
    """One message of the plan, compiled."""

    message: MessagePlan
    speech: Speech
    seconds: int

    def as_fields(self) -> dict[str, Any]:
        """The fields in which a campaign and a variant keep what is heard."""
        return {
            "message": self.message.kind,
            "record": self.message.record,
            "text": self.message.text,
            "gender": self.message.gender,
            "scenario_version": self.message.scenario_version,
            "payload": self.speech.payload,
            "listen_seconds": self.seconds,
        }


@dataclass(frozen=True, slots=True)
class Shown:
    """What stands on the button that launches: who presses it agrees to this and to no more."""

    calls: int
    high: Decimal | None  # roubles at most; None: no price stands there
    answers: str  # a digest of what was answered in the wizard

    @classmethod
    def of(cls, plan: Plan, found: planning.Review) -> Self:
        """What the button of a plan says."""
        told = json.dumps(plan.answers, sort_keys=True)
        digest = blake2b(told.encode(), digest_size=8).hexdigest()
        return cls(found.to_call, found.forecast.high if found.forecast else None, digest)

    def covers(self, other: Self) -> bool:
        """Whether ``other`` is the same campaign, and neither larger nor dearer."""
        return (
            self.answers == other.answers
            and other.calls <= self.calls
            and not other._is_dearer(self.high)
        )

    def _is_dearer(self, high: Decimal | None) -> bool:
        """By the figures that people read: a forecast moves a little with each call that ends."""
        if self.high is None or high is None:
            return self.high is not None
        return self.high > high and money.roughly(self.high) != money.roughly(high)


def launch_plan(
    plan: Plan, *, actor: User | None, now: datetime, shown: Shown | None = None
) -> Campaign:
    """Write the campaign; ``preparing`` makes its calls. All of it or nothing.

    The same token, also at the same moment and by another person, is the same campaign.
    Raises launching.NotReady with what ``planning.review`` finds, or when it would be more than
    was ``shown`` to whoever launches it.
    """
    if campaign := Campaign.objects.filter(launch_token=plan.launch_token).first():
        return campaign
    # Asked for first: who comes into the list while it is looked over was not looked over.
    last = Contact.objects.filter(contact_list=plan.contact_list).order_by("-pk").first()
    found = planning.review(plan, now=now)
    if found.problems:
        raise NotReady(found.problems)
    if shown is not None and not shown.covers(Shown.of(plan, found)):
        raise NotReady([_more_than_shown(found)])
    parts = [_compiled(plan, message) for message in plan.messages]
    try:
        with transaction.atomic():
            return _write(plan, parts, found, actor, now, until=last.pk if last else 0)
    except IntegrityError:
        # Two have pressed the button at once, and the other one was first.
        return Campaign.objects.get(launch_token=plan.launch_token)


def _more_than_shown(found: planning.Review) -> str:
    words = ngettext(
        "Пока вы смотрели, список или ответы изменились: теперь %(count)d звонок, до %(price)s. "
        "Проверьте и нажмите ещё раз.",
        "Пока вы смотрели, список или ответы изменились: теперь %(count)d звонков, до %(price)s. "
        "Проверьте и нажмите ещё раз.",
        found.to_call,
    )
    price = found.forecast.high if found.forecast else Decimal(0)
    return words % {"count": found.to_call, "price": money.shown(price)}


def _compiled(plan: Plan, message: MessagePlan) -> _Part:
    speech = launching.speech_of(objections.request_of(plan, message))
    return _Part(message, speech, foreseeing.opening_seconds(message))


def _write(
    plan: Plan,
    parts: list[_Part],
    found: planning.Review,
    actor: User | None,
    now: datetime,
    *,
    until: int,
) -> Campaign:
    # Its row is locked with this: whoever removes the list waits, and sees the campaign then.
    if not ContactList.objects.shown().filter(pk=plan.contact_list.pk).update(used_at=now):
        raise NotReady([_("Список «%(name)s» удалён.") % {"name": plan.contact_list.name}])
    told = found.forecast
    campaign = Campaign.objects.create(
        state=Campaign.State.PREPARING,
        launch_token=plan.launch_token,
        account=plan.account,
        name=plan.name,
        contact_list=plan.contact_list,
        list_name=plan.contact_list.name,
        prepare_until=until,
        call_price=told.call_high if told else None,
        forecast=told.as_json() if told else {},
        created_by=actor,
        changed_at=now,
        **parts[0].as_fields(),
        **_rules(plan),
    )
    campaign.plays.set({record for part in parts for record in part.speech.records})
    if len(parts) > 1:
        Variant.objects.bulk_create(
            Variant(campaign=campaign, letter=letter, **part.as_fields())
            for letter, part in zip(LETTERS, parts, strict=True)
        )
    CampaignDraft.objects.filter(launch_token=plan.launch_token, campaign=None).update(
        campaign=campaign, changed_at=now
    )
    _tell(campaign, plan, found, actor, now)
    return campaign


def _rules(plan: Plan) -> dict[str, Any]:
    """Everything the campaign keeps to, as its columns hold it."""
    return {
        "outgoing_phone": plan.outgoing_phone,
        "need_recording": plan.need_recording,
        "planned_at": plan.starts_at,
        "ends_at": plan.ends_at,
        "answers": plan.answers,
        "skip_called_days": plan.skip_called_days,
        "purpose": plan.purpose,
        "hours": plan.hours.as_json() if plan.hours else None,
        "limits": plan.limits.as_json(),
        "retries": plan.retries.as_json(),
        "consent_waiver": plan.consent_waiver,
        "calls_per_minute": plan.calls_per_minute,
        "concurrent": plan.concurrent,
        "budget": plan.budget,
        "day_budget": plan.day_budget,
        "pilot_size": plan.pilot_size,
        "guards": plan.guards.as_json(),
    }


def _tell(
    campaign: Campaign, plan: Plan, found: planning.Review, actor: User | None, now: datetime
) -> None:
    """What was promised and on what grounds, in the history and in the audit log."""
    grounds = {"ground": plan.ground, "consent_waiver": plan.consent_waiver}
    given = {name: text for name, text in grounds.items() if text}
    CampaignEvent.objects.create(
        campaign=campaign,
        kind=CampaignEvent.Kind.LAUNCHED,
        at=now,
        actor=actor,
        details={
            "list": plan.contact_list.name,
            "to_call": found.to_call,
            "set_aside": dict(found.set_aside),
            **given,
        },
    )
    AuditEvent.note(
        actor,
        "campaign.launched",
        campaign,
        count=found.to_call,
        account=str(plan.account),
        list=plan.contact_list.name,
        purpose=plan.purpose,
        **given,
    )
