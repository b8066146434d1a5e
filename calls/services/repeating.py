"""Once more to those whose calls did not go out, in the same campaign and under its rules."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from calls.models import Call, Campaign, CampaignEvent
from calls.services import ledger
from calls.services.steering import NotPossible
from obzvon_site.accounts.models import AuditEvent, User

State = Campaign.State
MOST = 5000  # calls in one press: a transaction that a person can wait for
BATCH = 1000


@transaction.atomic
def repeat(campaign: Campaign, cause: str, *, actor: User | None, now: datetime) -> int:
    """Plan another attempt for refused and lost calls that say ``cause``. Returns how many.

    Hours, limits and the blacklist are asked when they are sent, as for any call. What has been
    repeated is marked, so a second press finds nothing. Raises NotPossible.
    """
    ledger.lock([campaign.pk])
    row = Campaign.objects.get(pk=campaign.pk)
    if problem := _problem(row, now):
        raise NotPossible(problem)
    left = row.calls.retryable().filter(error=cause, is_retried=False)
    calls = list(left.select_for_update()[:MOST])
    for start in range(0, len(calls), BATCH):
        pks = [call.pk for call in calls[start : start + BATCH]]
        Call.objects.filter(pk__in=pks).update(is_retried=True)
    if calls:
        ledger.plan(row, [_again(call, now) for call in calls], now=now)
        details = {"count": len(calls), "reason": cause}
        CampaignEvent.objects.create(
            campaign=row, kind=CampaignEvent.Kind.REPEATED, actor=actor, at=now, details=details
        )
        AuditEvent.note(actor, "campaign.repeated", row, **details)
    return len(calls)


def _problem(campaign: Campaign, now: datetime) -> str:
    """Why nothing can be repeated; empty: it can."""
    # A stopped campaign is done when its last call has ended, and stays stopped all the same.
    stopped = CampaignEvent.objects.filter(campaign=campaign, kind=CampaignEvent.Kind.STOPPED)
    if campaign.state == State.STOPPED or stopped.exists():
        return _("Обзвон остановлен. Чтобы позвонить ещё раз, скопируйте его.")
    if campaign.state == State.PREPARING:
        return _("Звонки ещё готовятся. Повторите, когда обзвон начнётся.")
    if campaign.ends_at is not None and campaign.ends_at <= now:
        return _("Срок обзвона прошёл. Чтобы позвонить ещё раз, скопируйте его.")
    return ""


def _again(call: Call, now: datetime) -> Call:
    return Call(
        campaign_id=call.campaign_id,
        phone=call.phone,
        attempt=call.attempt + 1,
        name=call.name,
        zone=call.zone,
        variant=call.variant,
        text=call.text,
        planned_at=now,
        changed_at=now,
    )
