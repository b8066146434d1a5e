"""Looking a plan over before it is launched: whom it calls, for how much, what is wrong with it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from calls.models import Campaign, Contact, ContactList
from calls.rules.purposes import PRESETS, Preset
from calls.rules.texts import Missing, fill, names_in
from calls.rules.zones import ZONES
from calls.services import audience, foreseeing, objections, rules_in_force
from calls.services.audience import REASONS, Audience, Terms
from calls.services.foreseeing import Forecast
from calls.services.objections import Facts
from calls.services.permits import is_harmless
from calls.services.plans import LETTERS, Guards, MessagePlan, Plan
from obzvon_site.common.money import KOPECK
from obzvon_site.provider.limits import LIMITS

__all__ = [
    "REASONS",
    "Actual",
    "Forecast",
    "Guards",
    "MessagePlan",
    "Plan",
    "Review",
    "Sample",
    "ZoneShare",
    "actual",
    "review",
    "samples",
    "samples_of",
    "unknown_variables",
]


LOOKED_AT = 20_000  # contacts of a list from which samples are taken


@dataclass(frozen=True, slots=True)
class ZoneShare:
    """How many of those to call live by one clock."""

    zone: str  # of the tz database; empty: nobody knows
    name: str | Promise
    number: int
    is_open: bool  # they may be rung now
    opens_at: datetime | None  # the next moment they may be; None: not for two weeks


@dataclass(frozen=True)
class Review:
    """What launching a plan would do. ``problems`` forbid it, ``warnings`` do not."""

    total: int  # contacts of the list
    to_call: int
    set_aside: Mapping[str, int]  # reason → contacts, each under its first one only, none is 0
    lacking: Mapping[str, int]  # variable of the texts → contacts set aside that lack it
    zones: tuple[ZoneShare, ...]  # of those to call, from west to east, the unknown last
    starts_at: datetime | None  # the first moment anybody may be rung
    ends_at: datetime | None  # about; None: in more than two months, or nobody can tell
    forecast: Forecast | None  # None while there is nothing to hear
    problems: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    @property
    def is_ready(self) -> bool:
        return not self.problems

    @property
    def aside(self) -> int:
        """Contacts that would not be called."""
        return sum(self.set_aside.values())

    @property
    def without_zone(self) -> int:
        """Of those to call: nobody knows what time it is there."""
        return sum(share.number for share in self.zones if not share.zone)


@dataclass(frozen=True, slots=True)
class Sample:
    """What one contact of the list will hear."""

    phone: str
    name: str
    zone: str
    text: str  # filled; as it was typed where something is missing
    lacking: tuple[str, ...] = ()  # variables it has no value for: it would be set aside
    variant: str = "a"
    is_too_long: bool = False


@dataclass(frozen=True, slots=True)
class Actual:
    """What a campaign has cost so far, beside its forecast."""

    low: Decimal
    high: Decimal
    cost: Decimal
    expected: Decimal | None  # at the end, if it goes on as so far; None: nothing has ended yet
    answered: float | None  # share so far
    forecast_answered: float


def review(plan: Plan, *, now: datetime) -> Review:
    """Look ``plan`` over. Counts in the database: a million contacts take a second or two."""
    preset = _preset(plan.purpose)
    people = audience.count(plan.contact_list, terms_of(plan, preset, now=now), now=now)
    told = foreseeing.forecast(plan, people.to_call)
    zones = list(people.by_zone)
    starts_at = foreseeing.begins_at(plan, zones, now=now)
    ends_at = (
        foreseeing.finishes_at(plan, told, people.to_call, starts_at, zones)
        if told and starts_at
        else None
    )
    facts = Facts(people, told, starts_at, ends_at, now)
    return Review(
        total=people.to_call + people.set_aside.total(),
        to_call=people.to_call,
        set_aside={name: people.set_aside[name] for name in REASONS if people.set_aside[name]},
        lacking=dict(people.lacking),
        zones=_shares(plan, people, now),
        starts_at=starts_at,
        ends_at=ends_at,
        forecast=told,
        problems=objections.problems(plan, preset, facts),
        warnings=objections.warnings(plan, facts),
    )


def terms_of(plan: Plan, preset: Preset | None, *, now: datetime) -> Terms:
    """What decides who of the list is called."""
    return Terms(
        needs_consent=(preset is None or preset.needs_consent) and not plan.consent_waiver,
        called_since=audience.since(plan.skip_called_days, now),
        is_harmless=is_harmless(plan),
        texts=tuple(message.text for message in plan.messages if message.variables),
    )


def samples(plan: Plan, number: int = 5) -> list[Sample]:
    """So many real contacts for each text of the plan, those worth a look first."""
    return [
        replace(sample, variant=letter)
        for letter, message in zip(LETTERS, plan.messages, strict=False)
        if message.kind == Campaign.Message.TEXT
        for sample in samples_of(plan.contact_list, message.text, number)
    ]


def samples_of(contact_list: ContactList, text: str, number: int = 5) -> list[Sample]:
    """The longest texts, some that lack a value, and the first ones of the list.

    Of the first contacts only, so that it is at once there however long the list is.
    """
    every = Contact.objects.filter(contact_list=contact_list).order_by("pk")
    last = every.values_list("pk", flat=True)[LOOKED_AT : LOOKED_AT + 1].first()
    rows = every if last is None else every.filter(pk__lt=last)
    found: dict[int, Contact] = {}
    if names := names_in(text):
        longest = rows.order_by(audience.by_length(contact_list, text), "pk")[:2]
        lacking = rows.filter(audience.lacking_any(contact_list, names))[:2]
        found = {row.pk: row for row in (*longest, *lacking)}
    found |= {row.pk: row for row in rows[:number] if row.pk not in found}
    return [_sample(row, text) for row in list(found.values())[:number]]


def unknown_variables(contact_list: ContactList, text: str) -> list[str]:
    """Variables of ``text`` that no contact of the list has."""
    return audience.unknown(contact_list, names_in(text))


def actual(campaign: Campaign) -> Actual | None:
    """Cost so far and forecast; None for a campaign that has no forecast."""
    told = campaign.forecast
    if not told:
        return None
    ended = campaign.finished + campaign.busy + campaign.canceled
    share = campaign.done / campaign.total if campaign.total else 0
    expected = campaign.cost / Decimal(share) if share and ended else None
    return Actual(
        low=Decimal(told["low"]),
        high=Decimal(told["high"]),
        cost=campaign.cost,
        expected=expected.quantize(KOPECK) if expected is not None else None,
        answered=campaign.answered / ended if ended else None,
        forecast_answered=told["answered"],
    )


def _sample(row: Contact, text: str) -> Sample:
    filled, lacking = text, []
    try:
        filled = fill(text, row.variables, row.name)
    except Missing as error:
        lacking = error.names
    return Sample(
        phone=row.phone,
        name=row.name,
        zone=row.zone,
        text=filled,
        lacking=tuple(lacking),
        is_too_long=not lacking and len(filled) > LIMITS["text"].max,
    )


def _shares(plan: Plan, people: Audience, now: datetime) -> tuple[ZoneShare, ...]:
    """Those to call by zone, from west to east, the unknown last."""
    known = [(zone, name) for zone, name in ZONES.items() if people.by_zone[zone]]
    strange = [(zone, zone) for zone in people.by_zone if zone and zone not in ZONES]
    unknown = [("", _("Пояс неизвестен"))] if people.by_zone[""] else []
    return tuple(
        ZoneShare(
            zone=zone,
            name=name,
            number=people.by_zone[zone],
            is_open=plan.hours is None or plan.hours.is_open(now, zone),
            opens_at=now if plan.hours is None else plan.hours.next_open(now, zone),
        )
        for zone, name in (*known, *strange, *unknown)
    )


def _preset(purpose: str) -> Preset | None:
    """The rules in force for a purpose; None: there is no such purpose."""
    return rules_in_force.preset(purpose) if purpose in PRESETS else None
