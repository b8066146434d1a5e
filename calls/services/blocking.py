"""The blacklist: who may not be called, by whom, since when, until when and why."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from calls.models import BlockedPhone, Campaign
from obzvon_site.accounts.models import AuditEvent, User
from obzvon_site.common import bulk
from obzvon_site.common.turns import wait_for_turn

PORTION = 500  # phones in one question; a database takes no endless lists


def block(
    phones: Iterable[str],
    *,
    source: str,
    reason: str = "",
    actor: User | None = None,
    campaign: Campaign | None = None,
    expires_at: datetime | None = None,
    now: datetime | None = None,
) -> list[str]:
    """Block phones (11 digits) for all campaigns, or for one, for ever or for a time.

    One that is blocked already keeps its first reason; if its time is over, or would be over
    sooner, the new block takes its place. Returns those that were free, or are blocked longer now.
    """
    wanted, at = list(dict.fromkeys(phones)), now or timezone.now()
    new: list[str] = []
    with transaction.atomic():
        # Who blocks for a day and who blocks for ever must see each other's rows.
        wait_for_turn("blacklist")
        for start in range(0, len(wanted), PORTION):
            portion = wanted[start : start + PORTION]
            fresh = _outlasted(portion, campaign, expires_at, at)
            rows = [
                BlockedPhone(
                    phone=phone,
                    campaign=campaign,
                    source=source,
                    reason=reason,
                    created_by=actor,
                    expires_at=expires_at,
                )
                for phone in fresh
            ]
            BlockedPhone.objects.bulk_create(rows, ignore_conflicts=True)
            new += fresh
        if new and actor is not None:
            _note(actor, new, reason, campaign)
    return new


def _outlasted(
    phones: list[str], campaign: Campaign | None, expires_at: datetime | None, now: datetime
) -> list[str]:
    """Those that are free or blocked for a shorter time; their old rows make way."""
    known = BlockedPhone.objects.filter(phone__in=phones, campaign=campaign)
    gone = Q(expires_at__lte=now)
    # For ever outlasts every date.
    gone |= Q(expires_at__isnull=False) if expires_at is None else Q(expires_at__lt=expires_at)
    known.filter(gone).delete()
    kept = set(known.values_list("phone", flat=True))
    return [phone for phone in phones if phone not in kept]


def _note(actor: User, phones: list[str], reason: str, campaign: Campaign | None) -> None:
    details = {"reason": reason, "phones": phones[:100]}
    if campaign is not None:
        details["campaign"] = campaign.name
    AuditEvent.note(actor, "blacklist.added", f"{len(phones)}", **details)


def unblock(blocked: BlockedPhone, *, actor: User, reason: str) -> None:
    """Take a phone off the blacklist; who did it and why stays in the audit log."""
    with transaction.atomic():
        blocked.delete()
        AuditEvent.note(
            actor, "blacklist.removed", blocked.phone, reason=reason, was=blocked.reason
        )


def blocked_among(
    phones: Iterable[str], *, campaign_id: int | None = None, now: datetime | None = None
) -> dict[str, BlockedPhone]:
    """Those of ``phones`` that no campaign, or ``campaign_id``, may call at ``now``."""
    in_force = BlockedPhone.objects.in_force(now or timezone.now()).for_campaign(campaign_id)
    found: dict[str, BlockedPhone] = {}
    for row in in_force.filter(phone__in=bulk.listed(phones)):
        # What holds for all says more than what holds for one.
        if row.phone not in found or row.campaign_id is None:
            found[row.phone] = row
    return found
