"""The first page: how the day goes, what runs now, and what a newcomer has to do first."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.contrib.auth.decorators import login_required, permission_required
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from calls import reports
from calls.campaign_progress import speeds
from calls.models import Call, Campaign, Channel
from calls.services.doubts import overdue
from calls.services.steering import OF_ACCOUNT
from obzvon_site.accounts.models import ApiAccount, OutgoingPhone
from obzvon_site.common.htmx import polled
from obzvon_site.common.http import Request
from records.models import Record

PAGE = "calls/overview/overview.html"
MOST_SHOWN = 5


@dataclass(frozen=True)
class FirstStep:
    """One of the four things between an empty installation and the first call."""

    title: str
    url: str  # empty when somebody else has to do it
    is_done: bool


@require_GET
@login_required
@permission_required("calls.view_call", raise_exception=True)
def overview(request: Request) -> HttpResponse:
    """Everything at a glance."""
    context = {**_day(request), **_running(), "first_steps": _first_steps(request)}
    return render(request, PAGE, context)


@require_GET
@login_required
@permission_required("calls.view_call", raise_exception=True)
@polled
def day(request: Request) -> HttpResponse:
    """What waits for a person, counters and hours of today."""
    return render(request, f"{PAGE}#day", _day(request))


@require_GET
@login_required
@permission_required("calls.view_campaign", raise_exception=True)
@polled
def running(request: Request) -> HttpResponse:
    """Campaigns that go on now."""
    return render(request, f"{PAGE}#running", _running())


def _day(request: Request) -> dict[str, object]:
    now = timezone.now()
    hours = reports.by_hour(now)
    top = max((hour.total for hour in hours), default=0)
    sees_balance = request.user.has_perm("accounts.view_balance")
    sees_campaigns = request.user.has_perm("calls.view_campaign")
    sees_doubts = request.user.has_perm("calls.change_campaign")
    stopped = Campaign.objects.needing_eyes().select_related("account").order_by("-changed_at")
    return {
        "alerts": _alerts(stopped) if sees_campaigns else [],
        "channels": list(Channel.objects.in_trouble(now)) if sees_campaigns else [],
        "doubts": overdue(now).count() if sees_doubts else 0,
        "today": reports.today(now),
        "hours": hours,
        "top": max(top, 1),
        "account": ApiAccount.objects.default() if sees_balance else None,
    }


def _alerts(stopped: Iterable[Campaign]) -> list[Campaign]:
    """What holds an account as a whole is told once, by one of its campaigns (``together``)."""
    first: dict[tuple[object, ...], Campaign] = {}
    for campaign in stopped:
        is_own = campaign.hold_kind not in OF_ACCOUNT
        key = (campaign.account_id, campaign.hold_reason, campaign.pk if is_own else 0)
        shown = first.setdefault(key, campaign)
        shown.together = getattr(shown, "together", 0) + 1  # type: ignore[attr-defined]
    return list(first.values())[:MOST_SHOWN]


def _running() -> dict[str, object]:
    running = Campaign.objects.running().select_related("account__channel")
    found = running.order_by("-changed_at")[:MOST_SHOWN]
    return {"going": speeds(found, timezone.now())}


def _first_steps(request: Request) -> list[FirstStep]:
    """Shown to those who can do them, until the first call is made."""
    can = request.user.has_perm
    if not can("calls.add_campaign") or Call.objects.exists():
        return []
    account = ApiAccount.objects.default()
    has_caller = bool(account and account.use_duty_phone) or OutgoingPhone.objects.exists()
    key_page = reverse("accounts:accounts") if can("accounts.view_apiaccount") else ""
    return [
        FirstStep(_("Ключ API"), key_page, account is not None),
        FirstStep(_("Номер, с которого звоним"), reverse("accounts:phones"), has_caller),
        FirstStep(_("Аудиоролик"), reverse("records:list"), Record.objects.exists()),
        FirstStep(_("Первый звонок"), reverse("calls:call-new"), False),
    ]
