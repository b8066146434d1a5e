"""The end of a campaign's time: what has not gone out by then never will."""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from calls.models import Call, Campaign
from calls.services import ledger

logger = logging.getLogger(__name__)

CHUNK = 500  # calls in one transaction
PASS = timedelta(seconds=3)  # one pass ends then, and the next tick goes on: others send too
State = Campaign.State


def expire_due(*, now: datetime, clock: Callable[[], datetime] = timezone.now) -> int:
    """End the planned calls of campaigns whose time is over. Returns how many; killed, it goes on.

    What is being sent at that moment has gone out in time and is followed to its end.
    """
    began, expired = clock(), 0
    late = Campaign.objects.filter(state__in=[State.RUNNING, State.PAUSED], ends_at__lte=now)
    for campaign in late.filter(waiting__gt=0).order_by("pk"):
        while clock() - began < PASS:
            try:
                count = _expire(campaign, now)
            except Exception:
                logger.exception("calls of campaign %s could not be ended", campaign.pk)
                break
            expired += count
            if not count:
                break
    return expired


@transaction.atomic
def _expire(campaign: Campaign, now: datetime) -> int:
    ledger.lock([campaign.pk])
    # As it is now: somebody may have given it more time.
    row = Campaign.objects.filter(pk=campaign.pk, ends_at__lte=now).first()
    if row is None or row.ends_at is None:
        return 0
    planned = row.calls.filter(stage=Call.Stage.PLANNED).select_for_update(of=("self",))
    # In the order of the index: sorting all of them for each portion would take the longest.
    calls = list(planned.order_by("zone", "planned_at", "pk")[:CHUNK])
    over = date_format(timezone.localtime(row.ends_at), "j E, H:i")
    error = _("Не успели: обзвон закончился %(moment)s.") % {"moment": over}
    details = {"reason": error}
    return ledger.move_all(calls, Call.Stage.EXPIRED, now=now, details=details, error=error)
