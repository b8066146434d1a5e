"""The blacklist: who may not be called, since when and why."""

from collections.abc import Iterable

from django.db import transaction

from calls.models import BlockedPhone
from obzvon_site.accounts.models import AuditEvent, User


def block(
    phones: Iterable[str], *, source: str, reason: str = "", actor: User | None = None
) -> list[str]:
    """Block phones (11 digits). One that is blocked already keeps its first reason.

    Returns the newly blocked ones.
    """
    wanted = dict.fromkeys(phones)
    with transaction.atomic():
        known = set(BlockedPhone.objects.filter(phone__in=wanted).values_list("phone", flat=True))
        new = [
            BlockedPhone(phone=phone, source=source, reason=reason, created_by=actor)
            for phone in wanted
            if phone not in known
        ]
        BlockedPhone.objects.bulk_create(new, ignore_conflicts=True)
        if new and actor is not None:
            AuditEvent.note(
                actor, "blacklist.added", f"{len(new)}", phones=[row.phone for row in new]
            )
    return [row.phone for row in new]


def unblock(blocked: BlockedPhone, *, actor: User, reason: str) -> None:
    """Take a phone off the blacklist; who did it and why stays in the audit log."""
    with transaction.atomic():
        blocked.delete()
        AuditEvent.note(
            actor, "blacklist.removed", blocked.phone, reason=reason, was=blocked.reason
        )


def blocked_among(phones: Iterable[str]) -> dict[str, BlockedPhone]:
    """Those of ``phones`` that are blocked, asked in portions a database can take."""
    wanted = list(dict.fromkeys(phones))
    found: dict[str, BlockedPhone] = {}
    for start in range(0, len(wanted), 500):
        for row in BlockedPhone.objects.filter(phone__in=wanted[start : start + 500]):
            found[row.phone] = row
    return found
