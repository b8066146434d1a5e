"""What a campaign's rules allow at this moment: asked again whenever calls are taken.

The launch has checked them already. Here a row that says nothing, or nonsense, lets nobody out:
then the rules of its purpose hold.
"""

from dataclasses import dataclass

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from calls.models import Campaign
from calls.rules.hours import Hours
from calls.rules.limits import Limits
from calls.rules.purposes import PRESETS
from calls.services import rules_in_force
from calls.services.plans import Plan
from obzvon_site.accounts.models import ApiAccount

OWN = "own"  # the purpose of calls to oneself


@dataclass(frozen=True, slots=True)
class Permit:
    """When and how often its people may be rung. ``refusal``: why nobody may, for people."""

    hours: Hours | None  # None: at any time
    limits: Limits
    refusal: str = ""


def permit_of(campaign: Campaign) -> Permit:
    """The rules that bind a campaign. Its account is looked at: nobody real answers an emulator."""
    known = PRESETS.get(campaign.purpose)
    if known is None or known.refusal:
        reason = known.refusal if known else _("Цель обзвона неизвестна, звонить нельзя.")
        return Permit(None, Limits(), str(reason))
    harmless = is_harmless(campaign)
    # An admin may have narrowed the rules since the launch.
    allowed = rules_in_force.preset(campaign.purpose)
    hours = _hours(campaign, allowed.hours, harmless)
    return Permit(hours, _limits(campaign, allowed.limits, harmless))


def is_harmless(campaign: Campaign | Plan) -> bool:
    """Whether it rings nobody but oneself and the emulator."""
    return campaign.purpose == OWN or campaign.account.is_emulator


def harmless() -> QuerySet[Campaign]:
    """The campaigns of which ``is_harmless`` is true: they use up nobody's attempts."""
    emulators = [row.pk for row in ApiAccount.objects.only("base_url") if row.is_emulator]
    return Campaign.objects.filter(Q(purpose=OWN) | Q(account__in=emulators))


def _hours(campaign: Campaign, allowed: Hours, harmless: bool) -> Hours | None:
    if campaign.hours is None and harmless:
        return None
    try:
        return Hours.from_json(campaign.hours or {}).within(allowed)
    except (KeyError, TypeError, ValueError):
        return allowed


def _limits(campaign: Campaign, allowed: Limits, harmless: bool) -> Limits:
    own = Limits.from_json(campaign.limits) if campaign.limits else Limits()
    return own if harmless else own.within(allowed)
