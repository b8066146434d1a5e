"""Hours and limits of purposes: the built-in ones, or what an admin has set and answers for."""

from dataclasses import dataclass, replace
from datetime import datetime

from django.db import transaction

from calls.models import PurposeRules
from calls.rules.hours import Hours
from calls.rules.limits import Limits
from calls.rules.purposes import OFFERED, OWN, PRESETS, Preset
from calls.rules.words import hours_in_words, limits_in_words
from obzvon_site.accounts.models import ApiAccount, AuditEvent, User


def preset(purpose: str) -> Preset:
    """A purpose with the hours and limits in force. Raises KeyError for no purpose of ours."""
    return _with(PRESETS[purpose], PurposeRules.objects.filter(purpose=purpose).first())


def presets() -> list[Preset]:
    """The purposes that are offered, in their order, each with what is in force."""
    return [one.preset for one in in_force()]


@dataclass(frozen=True, slots=True)
class InForce:
    """A purpose as it is, as it was built, and who made the difference."""

    preset: Preset
    built_in: Preset
    change: PurposeRules | None


def in_force() -> list[InForce]:
    """What ``presets()`` gives, with its history."""
    rows = {row.purpose: row for row in PurposeRules.objects.select_related("changed_by")}
    return [
        InForce(_with(PRESETS[purpose], row), PRESETS[purpose], row)
        for purpose in OFFERED
        for row in [rows.get(purpose)]
    ]


def binding(purpose: str, account: ApiAccount) -> tuple[Hours | None, Limits]:
    """The hours and limits of calls that are launched at once. No hours: at any time.

    Neither holds for one's own number, nor at an emulator, where nobody is rung.
    """
    if purpose == OWN or account.is_emulator:
        return None, Limits()
    rules = preset(purpose)
    return rules.hours, rules.limits


def change(
    purpose: str, *, hours: Hours, limits: Limits, ground: str, actor: User | None, now: datetime
) -> None:
    """Set other hours and limits: stricter ones bind those that run too, looser ones new ones."""
    built_in = PRESETS[purpose]
    if hours == built_in.hours and limits == built_in.limits:
        return reset(purpose, actor=actor)
    with transaction.atomic():
        before = preset(purpose)
        values = {"hours": hours.as_json(), "limits": limits.as_json(), "ground": ground}
        row, _is_new = PurposeRules.objects.update_or_create(
            purpose=purpose, defaults={**values, "changed_by": actor, "changed_at": now}
        )
        is_wider = is_beyond(hours, limits, built_in)
        _note(actor, "rules.changed", before, _with(built_in, row), is_answered_for=is_wider)
    return None


@transaction.atomic
def reset(purpose: str, *, actor: User | None) -> None:
    """Return to the built-in hours and limits."""
    before = preset(purpose)
    if PurposeRules.objects.filter(purpose=purpose).delete()[0]:
        _note(actor, "rules.reset", before, PRESETS[purpose], is_answered_for=False)


def is_beyond(hours: Hours, limits: Limits, allowed: Preset) -> bool:
    """Whether they let more than ``allowed`` does."""
    return hours.within(allowed.hours) != hours or limits.within(allowed.limits) != limits


def _with(built_in: Preset, row: PurposeRules | None) -> Preset:
    if row is None:
        return built_in
    hours, limits = Hours.from_json(row.hours), Limits.from_json(row.limits)
    return replace(built_in, hours=hours, limits=limits, changed_for=row.ground)


def _note(
    actor: User | None, verb: str, before: Preset, after: Preset, *, is_answered_for: bool
) -> None:
    changed = {
        "hours": [hours_in_words(before.hours), hours_in_words(after.hours)],
        "limits": [limits_in_words(before.limits), limits_in_words(after.limits)],
    }
    details: dict[str, object] = {"changed": {k: v for k, v in changed.items() if v[0] != v[1]}}
    if after.changed_for:
        details["ground"] = after.changed_for
    if is_answered_for:
        details["answers_for"] = str(actor or "")
    AuditEvent.note(actor, verb, before.name, **details)
