"""What a campaign says and keeps to, and what was done to it, as people read it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from calls.models import Call, Campaign, CampaignEvent, Variant
from calls.rules.hours import ANY_TIME, Hours
from calls.rules.limits import Limits
from calls.rules.purposes import PRESETS
from calls.rules.retries import Retries, Rule
from calls.rules.words import hours_in_words, limits_in_words
from calls.services.steering import GOING
from obzvon_site.common.money import shown
from obzvon_site.common.phones import shown as phone_shown

Kind = CampaignEvent.Kind
Text = str | Promise
LINES = 60  # of a history: nobody reads further
TONES: Mapping[str, str] = {
    Kind.HELD: "warn",
    Kind.PILOT: "warn",
    Kind.PAUSED: "warn",
    Kind.STOPPED: "bad",
    Kind.DONE: "ok",
}
# fields that a person changes on the way
FIELDS = {
    "budget": gettext_lazy("бюджет"),
    "day_budget": gettext_lazy("бюджет на день"),
    "calls_per_minute": gettext_lazy("звонков в минуту"),
    "concurrent": gettext_lazy("одновременно"),
}

OF_MONEY = ("budget", "day_budget")


@dataclass(frozen=True, slots=True)
class Line:
    """A line of what a campaign keeps to."""

    name: Text
    text: Text
    note: Text = ""


@dataclass(frozen=True, slots=True)
class Deed:
    """A line of a campaign's history."""

    at: datetime
    title: Text
    text: str
    who: str  # empty: the system itself
    tone: str


def rules(campaign: Campaign) -> list[Line]:
    """Purpose and law, hours, limits, retries, money, pace, guards: what is set of them."""
    return [rule for rule in _rules(campaign) if rule.text]


def _rules(campaign: Campaign) -> Iterator[Line]:
    purpose = PRESETS.get(campaign.purpose)
    if purpose is not None:
        yield Line(_("Цель"), purpose.name, purpose.law)
    hours = Hours.from_json(campaign.hours) if campaign.hours else None
    note = _("по времени абонента") if hours not in {None, ANY_TIME} else ""
    yield Line(_("Когда звоним"), hours_in_words(hours), note)
    limits = limits_in_words(Limits.from_json(campaign.limits or {}))
    yield Line(_("Не чаще"), limits, _("одному человеку, считая все обзвоны"))
    yield Line(_("Повторы"), "; ".join(retries_in_words(campaign.retries)))
    yield Line(_("Согласие"), campaign.consent_waiver, _("основание звонить без согласия"))
    yield Line(_("Бюджет"), _money(campaign))
    yield Line(_("Темп"), _pace(campaign))
    yield Line(_("Пробная часть"), _pilot(campaign))
    yield Line(_("Предохранители"), "; ".join(_guards(campaign.guards or {})))
    phone = campaign.outgoing_phone
    yield Line(_("С номера"), phone_shown(phone.phone) if phone else _("случайный дежурный"))


def retries_in_words(kept: Any) -> list[str]:
    """«Занято: ещё 2 раза через 15 мин»; nothing where nobody is called again."""
    found = Retries.from_json(kept or {}).rules.items()
    return [f"{Call.Result(name).label}: {_retry(rule)}" for name, rule in found if rule.times]


def _retry(rule: Rule) -> str:
    times = ngettext("ещё %(times)d раз", "ещё до %(times)d раз", rule.times)
    hours, minutes = divmod(rule.after_minutes, 60)
    if hours and not minutes:
        wait = _("через %(hours)d ч") % {"hours": hours}
    else:
        wait = _("через %(minutes)d мин") % {"minutes": rule.after_minutes}
    said = f"{times % {'times': rule.times}} {wait}"
    return _("%(said)s, в другой час дня") % {"said": said} if rule.is_other_hour else said


def _money(campaign: Campaign) -> str:
    told = []
    if campaign.budget is not None:
        told.append(_("не больше %(sum)s") % {"sum": shown(campaign.budget)})
    if campaign.day_budget is not None:
        told.append(_("не больше %(sum)s в день") % {"sum": shown(campaign.day_budget)})
    return ", ".join(told)


def _pace(campaign: Campaign) -> str:
    told = []
    if campaign.calls_per_minute:
        told.append(_("до %(number)d в минуту") % {"number": campaign.calls_per_minute})
    if campaign.concurrent:
        told.append(_("до %(number)d одновременно") % {"number": campaign.concurrent})
    return ", ".join(told)


def _pilot(campaign: Campaign) -> str:
    if campaign.pilot_size is None:
        return ""
    said = _("сначала %(number)d, затем ждём одобрения") % {"number": campaign.pilot_size}
    return _("%(said)s: одобрена") % {"said": said} if campaign.is_pilot_approved else said


def _guards(guards: Mapping[str, Any]) -> Iterator[str]:
    if guards.get("answered") is not None:
        yield _("стоп, если отвечают реже %(percent)d %% из последних %(of)d") % {
            "percent": guards["answered"],
            "of": guards["of"],
        }
    if guards.get("errors") is not None:
        yield _("стоп, если ошибок больше %(percent)d %% из последних %(of)d") % {
            "percent": guards["errors"],
            "of": guards["of"],
        }


def said_by(message: Campaign | Variant) -> str:
    """What is heard: a text, the name of a record, or of a scenario with its version."""
    if version := message.scenario_version:
        return _("Сценарий «%(name)s», версия %(number)d") % {
            "name": version.scenario.name,
            "number": version.number,
        }
    if record := message.record:
        return _("Ролик «%(name)s»") % {"name": record.name}
    return f"«{message.text}»" if message.text else ""


def history(campaign: Campaign) -> list[Deed]:
    """What was done to it, the latest first."""
    events = campaign.events.select_related("actor").order_by("-pk")[:LINES]
    return [
        Deed(
            event.at,
            Kind(event.kind).label,
            _told(event.kind, event.details),
            str(event.actor or ""),
            TONES.get(event.kind, "neutral"),
        )
        for event in events
    ]


def _told(kind: str, details: Mapping[str, Any]) -> str:
    """The rest of a line: why, how many, from what to what."""
    told = [
        f"{FIELDS.get(name, name)}: {_value(name, before)} → {_value(name, after)}"
        for name, (before, after) in details.get("changed", {}).items()
    ]
    if "count" in details:
        number = int(details["count"])
        words = {
            Kind.STOPPED: ngettext("отменён %(n)d звонок", "отменено звонков: %(n)d", number),
            Kind.REPEATED: ngettext("%(n)d звонок", "звонков: %(n)d", number),
        }
        told.append(words.get(Kind(kind), "%(n)d") % {"n": number})
    if reason := details.get("reason"):
        told.append(str(reason))
    return " · ".join(told)


def _value(name: str, kept: str) -> str:
    if not kept:
        return "—"
    return shown(Decimal(kept)) if name in OF_MONEY else kept


def can_be_steered(campaign: Campaign) -> bool:
    """Whether a person may still change its money and pace, or end it."""
    return campaign.state in GOING
