"""The one place where a campaign changes its state, and where it is held and let go.

A move is a conditional UPDATE and a line of the campaign's history in one transaction. Whoever
sends locks the same row first, so from the commit on nothing more leaves.
"""

import logging
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from calls.models import Call, Campaign, CampaignEvent
from calls.models.campaign import CampaignQuerySet
from calls.services import ledger, purse
from calls.services.counting import NO_HOLD, settle
from obzvon_site.accounts.models import AuditEvent, User

logger = logging.getLogger(__name__)

State = Campaign.State
Hold = Campaign.Hold
Kind = CampaignEvent.Kind
GOING = (State.PREPARING, State.RUNNING, State.PAUSED)  # may still ring somebody
CHUNK = 1000  # calls taken back in one transaction
PASS = timedelta(seconds=3)  # one pass ends then, and the next tick goes on: others send too
# These hold all of an account, and are let go together. Nameless ones are from older days.
OF_ACCOUNT = ("", Hold.SERVICE, Hold.BALANCE)


class NotPossible(Exception):
    """It cannot be done as things are, or somebody was faster: a sentence for people."""


@transaction.atomic
def prepared(campaign: Campaign, *, now: datetime) -> None:
    """All its calls are written: it runs, or is done when there is nobody to ring.

    What was paused meanwhile waits. Raises NotPossible when it has been stopped meanwhile.
    """
    ledger.lock([campaign.pk])
    if not _paused_early(campaign).update(state=State.PAUSED, starts_paused=False, changed_at=now):
        _move(campaign, [State.PREPARING], State.RUNNING, now=now)
    _tell(campaign, Kind.PREPARED, None, now)
    settle(campaign.pk, now)


@transaction.atomic
def pause(campaign: Campaign, *, actor: User | None, now: datetime) -> None:
    """Send nothing more until a person resumes. Raises NotPossible.

    What is still being prepared is prepared to the end, and then waits.
    """
    ledger.lock([campaign.pk])
    preparing = Campaign.objects.to_prepare().filter(pk=campaign.pk, starts_paused=False)
    if not preparing.order_by().update(starts_paused=True, changed_at=now):
        _move(campaign, [State.RUNNING], State.PAUSED, now=now)
    _tell(campaign, Kind.PAUSED, actor, now)
    AuditEvent.note(actor, "campaign.paused", campaign)


@transaction.atomic
def resume(campaign: Campaign, *, actor: User | None, now: datetime) -> None:
    """Go on after a pause or a hold; what holds the whole account is lifted for all of it.

    Raises NotPossible when there is nothing to lift, or no money to go on with.
    """
    together = _locked_with(campaign)
    row = Campaign.objects.select_related("account").get(pk=campaign.pk)
    if _paused_early(row).update(starts_paused=False, changed_at=now):
        _tell(row, Kind.RESUMED, actor, now)
        AuditEvent.note(actor, "campaign.resumed", row)
        return
    if row.state != State.PAUSED and not (row.state == State.RUNNING and row.hold_reason):
        raise NotPossible(what_happened(row))
    if problem := purse.problem(row, now=now):
        raise NotPossible(problem)
    if row.hold_kind == Hold.PILOT:
        _approve(row, actor, now)
    lifted = together.filter(pk=row.pk) if row.hold_kind not in OF_ACCOUNT else together
    pks = {row.pk, *lifted.values_list("pk", flat=True)}
    Campaign.objects.filter(pk__in=pks).update(changed_at=now, **NO_HOLD)
    Campaign.objects.filter(pk=row.pk, state=State.PAUSED).update(state=State.RUNNING)
    for pk in sorted(pks):
        _tell(Campaign(pk=pk), Kind.RESUMED, actor, now, reason=row.hold_reason)
    AuditEvent.note(actor, "campaign.resumed", row, reason=row.hold_reason, campaigns=len(pks))


@transaction.atomic
def approve_pilot(campaign: Campaign, *, actor: User | None, now: datetime) -> None:
    """The first calls went well: let the rest follow. Raises NotPossible."""
    ledger.lock([campaign.pk])
    row = Campaign.objects.get(pk=campaign.pk)
    if row.state not in GOING:
        raise NotPossible(what_happened(row))
    if row.pilot_size is None:
        raise NotPossible(_("У этого обзвона нет пробной части."))
    if row.is_pilot_approved:
        raise NotPossible(_named(_("Пробная часть уже одобрена"), row, [Kind.APPROVED]))
    _approve(row, actor, now)
    Campaign.objects.filter(pk=row.pk, hold_kind=Hold.PILOT).update(**NO_HOLD)
    AuditEvent.note(actor, "campaign.approved", row)


def stop(campaign: Campaign, *, actor: User | None, now: datetime) -> int:
    """End it for good: from the commit on nothing more leaves. Returns how many never will.

    A small one is taken back at once, a large one bit by bit by ``stop_due``. What has gone out
    goes on. Raises NotPossible.
    """
    with transaction.atomic():
        _move(campaign, GOING, State.STOPPED, now=now, **NO_HOLD)
        waiting = Call.objects.filter(campaign=campaign, stage=Call.Stage.PLANNED).count()
        _tell(campaign, Kind.STOPPED, actor, now, count=waiting)
        AuditEvent.note(actor, "campaign.stopped", campaign, count=waiting)
        if waiting <= CHUNK:
            _take_back(campaign.pk, by=str(actor or ""), now=now)
        settle(campaign.pk, now)
    return waiting


def stop_due(*, now: datetime, clock: Callable[[], datetime] = timezone.now) -> int:
    """Take back what still waits in stopped campaigns. Returns how many; killed, it goes on."""
    began, taken = clock(), 0
    stopped = Campaign.objects.filter(state=State.STOPPED, waiting__gt=0).order_by("pk")
    for pk in stopped.values_list("pk", flat=True):
        event = _latest(pk, [Kind.STOPPED])
        by = str(event.actor) if event and event.actor else ""
        while clock() - began < PASS:
            try:
                with transaction.atomic():
                    count = _take_back(pk, by=by, now=now)
            except Exception:
                logger.exception("calls of campaign %s could not be taken back", pk)
                break
            taken += count
            if not count:
                break
    return taken


@transaction.atomic
def set_budget(
    campaign: Campaign,
    *,
    budget: Decimal | None,
    day_budget: Decimal | None,
    actor: User | None,
    now: datetime,
) -> bool:
    """Change the most it may spend, in all and on a day (None: no limit), and go on if it waited.

    False when it still has to wait for money. Raises NotPossible.
    """
    row = _change(
        campaign, {"budget": budget, "day_budget": day_budget}, Kind.BUDGET, actor=actor, now=now
    )
    if row.hold_kind != Hold.BUDGET:
        return True
    if purse.problem(row, now=now):
        return False
    Campaign.objects.filter(pk=row.pk).update(**NO_HOLD)
    return True


@transaction.atomic
def set_pace(
    campaign: Campaign,
    *,
    calls_per_minute: int | None,
    concurrent: int | None,
    actor: User | None,
    now: datetime,
) -> None:
    """Change how fast it sends, and how many may ring at once (None: the account's pace).

    Raises NotPossible.
    """
    fields = {"calls_per_minute": calls_per_minute, "concurrent": concurrent}
    _change(campaign, fields, Kind.PACE, actor=actor, now=now)


@transaction.atomic
def hold(
    campaign: Campaign,
    kind: str,
    sentence: str,
    *,
    now: datetime,
    until: datetime | None = None,
    **details: Any,
) -> bool:
    """Send nothing of a running campaign until a moment, or (None) until a person lets it go on.

    False when it does not run, or waits for a person already.
    """
    ledger.lock([campaign.pk])
    running = Campaign.objects.running().filter(pk=campaign.pk)
    free = running.exclude(hold_until=None, hold_reason__gt="")
    if not free.update(hold_kind=kind, hold_reason=sentence, hold_until=until, changed_at=now):
        return False
    event = Kind.PILOT if kind == Hold.PILOT else Kind.HELD
    _tell(campaign, event, None, now, reason=sentence, hold=kind, **details)
    if until is None:
        AuditEvent.note(None, "campaign.held", campaign, reason=sentence)
    return True


def what_happened(campaign: Campaign) -> str:
    """Why a move is not possible: its state, who brought it about, and when."""
    state = Campaign.objects.values_list("state", flat=True).get(pk=campaign.pk)
    if state == State.DONE and _latest(campaign.pk, [Kind.STOPPED]):
        state = State.STOPPED  # and it has come to its end since
    said = {
        State.PREPARING: _("Звонки ещё готовятся"),
        State.RUNNING: _("Обзвон уже идёт"),
        State.PAUSED: _("Обзвон уже на паузе"),
        State.STOPPED: _("Обзвон уже остановлен"),
        State.DONE: _("Обзвон уже завершён"),
    }
    kinds: dict[str, list[str]] = {
        State.RUNNING: [Kind.RESUMED, Kind.APPROVED],
        State.PAUSED: [Kind.PAUSED],
        State.STOPPED: [Kind.STOPPED],
        State.DONE: [Kind.DONE],
    }
    return _named(said[State(state)], campaign, kinds.get(state, []))


def _named(said: str, campaign: Campaign, kinds: Collection[str]) -> str:
    """A sentence with who did it and when, as far as the history knows."""
    event = _latest(campaign.pk, kinds)
    if event is None:
        return f"{said}."
    local = timezone.localtime(event.at)
    is_today = local.date() == timezone.localdate()
    at = date_format(local, "H:i" if is_today else "j E, H:i")
    return f"{said}: {event.actor}, {at}." if event.actor else f"{said}: {at}."


def _latest(campaign_id: int, kinds: Collection[str]) -> CampaignEvent | None:
    events = CampaignEvent.objects.filter(campaign=campaign_id, kind__in=kinds)
    return events.select_related("actor").order_by("-pk").first()


def _move(
    campaign: Campaign, sources: Iterable[str], target: str, *, now: datetime, **fields: Any
) -> None:
    rows = Campaign.objects.filter(pk=campaign.pk, state__in=list(sources))
    if not rows.update(state=target, changed_at=now, **fields):
        raise NotPossible(what_happened(campaign))


def _tell(campaign: Campaign, kind: str, actor: User | None, now: datetime, **details: Any) -> None:
    CampaignEvent.objects.create(
        campaign_id=campaign.pk, kind=kind, actor=actor, at=now, details=details
    )


def _approve(row: Campaign, actor: User | None, now: datetime) -> None:
    Campaign.objects.filter(pk=row.pk).update(is_pilot_approved=True, changed_at=now)
    _tell(row, Kind.APPROVED, actor, now)


def _paused_early(campaign: Campaign) -> CampaignQuerySet:
    """The campaign, if it was paused while its calls are being prepared; else nothing."""
    preparing = Campaign.objects.to_prepare().filter(pk=campaign.pk, starts_paused=True)
    return preparing.order_by()


def _locked_with(campaign: Campaign) -> Any:
    """The campaigns that the same reason holds, with this one, their rows locked in order."""
    row = Campaign.objects.only("hold_kind", "hold_reason").get(pk=campaign.pk)
    held = Campaign.objects.filter(account=campaign.account_id).exclude(hold_reason="")
    if row.hold_kind == Hold.BALANCE:
        # One balance, though each campaign's sentence holds its own figures.
        together = held.filter(hold_kind=Hold.BALANCE)
    else:
        together = held.filter(hold_reason=row.hold_reason, hold_kind__in=OF_ACCOUNT)
    ledger.lock([campaign.pk, *together.values_list("pk", flat=True)])
    return together


def _change(
    campaign: Campaign, fields: Mapping[str, Any], kind: str, *, actor: User | None, now: datetime
) -> Campaign:
    """Set fields of a campaign that is not over, and say what they were. Returns it as it is."""
    ledger.lock([campaign.pk])
    row = Campaign.objects.get(pk=campaign.pk)
    if row.state not in GOING:
        raise NotPossible(what_happened(row))
    changed = {
        name: [_shown(getattr(row, name)), _shown(value)]
        for name, value in fields.items()
        if getattr(row, name) != value
    }
    if changed:
        Campaign.objects.filter(pk=row.pk).update(**fields)
        _tell(row, kind, actor, now, changed=changed)
        AuditEvent.note(actor, f"campaign.{kind}_changed", row, changed=changed)
    for name, value in fields.items():
        setattr(row, name, value)
    return row


def _shown(value: Decimal | int | None) -> str:
    return "" if value is None else str(value)


def _take_back(campaign_id: int, *, by: str, now: datetime) -> int:
    """Take back the next portion of what waits. Inside a transaction."""
    ledger.lock([campaign_id])
    planned = Call.objects.filter(campaign=campaign_id, stage=Call.Stage.PLANNED)
    # In the order of the index: else each thousand would be looked for among those taken back.
    rows = list(planned.select_for_update().order_by("zone", "planned_at", "pk")[:CHUNK])
    details = {"by": by} if by else {}
    return sum(
        ledger.move_all(rows[at : at + 500], Call.Stage.TAKEN_BACK, now=now, details=details)
        for at in range(0, len(rows), 500)
    )
