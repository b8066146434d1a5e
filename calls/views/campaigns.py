"""Campaigns: the list, and one campaign as it goes."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required, permission_required
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from calls.models import Call, Campaign
from calls.services import launching
from calls.tasks import dispatch_due
from obzvon_site.common.htmx import announce, go_to
from obzvon_site.common.http import Request
from obzvon_site.common.paging import Page, page_of

LIST = "calls/campaigns/list.html"
DETAIL = "calls/campaigns/detail.html"


@require_GET
@login_required
@permission_required("calls.view_campaign", raise_exception=True)
def index(request: Request) -> HttpResponse:
    """All campaigns, newest first."""
    rows = Campaign.objects.select_related("account", "created_by")
    return render(request, LIST, {"page": page_of(rows, request.GET.get("after"), size=30)})


@require_GET
@login_required
@permission_required("calls.view_campaign", raise_exception=True)
def campaign(request: Request, campaign_id: int) -> HttpResponse:
    """Progress and calls of one campaign."""
    found = _campaign(campaign_id)
    page = _calls(found, request.GET.get("after"))
    return render(request, DETAIL, {"campaign": found, "page": page, "rows": page.rows})


@require_GET
@login_required
@permission_required("calls.view_campaign", raise_exception=True)
def progress(request: Request, campaign_id: int) -> HttpResponse:
    """Counters of one campaign; ``short`` for the journal's head."""
    found = _campaign(campaign_id)
    context = {"campaign": found, "is_short": "short" in request.GET}
    response = render(request, f"{DETAIL}#progress", context)
    return announce(response, "obz:balance") if found.is_over else response


@require_POST
@login_required
@permission_required("calls.change_campaign", raise_exception=True)
def stop(request: Request, campaign_id: int) -> HttpResponseBase:
    """Take back what has not gone out."""
    found = _campaign(campaign_id)
    taken = launching.take_back(found, actor=request.user, now=timezone.now())
    text = ngettext(
        "Отменён %(count)d звонок. Те, что уже ушли, не остановить.",
        "Отменено звонков: %(count)d. Те, что уже ушли, не остановить.",
        taken,
    )
    messages.success(request, text % {"count": taken})
    return go_to(request, found.get_absolute_url())


@require_POST
@login_required
@permission_required("calls.change_campaign", raise_exception=True)
def resume(request: Request, campaign_id: int) -> HttpResponseBase:
    """Try again what was held back."""
    found = _campaign(campaign_id)
    launching.resume(found)
    dispatch_due.enqueue()
    return go_to(request, found.get_absolute_url())


def _campaign(campaign_id: int) -> Campaign:
    rows = Campaign.objects.select_related("account", "outgoing_phone", "record", "created_by")
    return get_object_or_404(rows, pk=campaign_id)


def _calls(found: Campaign, cursor: str | None) -> Page[Call]:
    rows = Call.objects.filter(campaign=found).select_related("campaign")
    return page_of(rows, cursor)
