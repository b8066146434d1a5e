"""Campaigns: the list, and one campaign as it goes."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required, permission_required
from django.db.models import QuerySet
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from calls import reports
from calls.models import Campaign
from calls.services import launching
from calls.tasks import dispatch_due
from obzvon_site.common.htmx import announce, go_to, polled
from obzvon_site.common.http import Request, row_id
from obzvon_site.common.paging import page_of

LIST = "calls/campaigns/list.html"
DETAIL = "calls/campaigns/detail.html"
PAGE_SIZE = 30


@require_GET
@login_required
@permission_required("calls.view_campaign", raise_exception=True)
def index(request: Request) -> HttpResponse:
    """All campaigns, newest first."""
    page = page_of(_listed(), request.GET.get("after"), size=PAGE_SIZE)
    return render(request, LIST, {"page": page, **_refreshing(page.rows)})


@require_GET
@login_required
@permission_required("calls.view_campaign", raise_exception=True)
@polled
def rows(request: Request) -> HttpResponse:
    """The campaigns that a page shows, by their numbers, as they are now."""
    asked = request.GET.get("ids", "").split("-")[:PAGE_SIZE]
    pks = [pk for pk in map(row_id, asked) if pk is not None]
    found = sorted(_listed().filter(pk__in=pks), key=lambda campaign: pks.index(campaign.pk))
    return render(request, f"{LIST}#rows", _refreshing(found))


@require_GET
@login_required
@permission_required("calls.view_campaign", raise_exception=True)
def campaign(request: Request, campaign_id: int) -> HttpResponse:
    """Progress and calls of one campaign."""
    found = _campaign(campaign_id)
    page = page_of(reports.listed(found.calls.all()), request.GET.get("after"))
    context = {
        "campaign": found,
        "page": page,
        "table": reports.table(page.rows),
        "failures": reports.failures(found) if found.failed else [],
    }
    return render(request, DETAIL, context)


@require_GET
@login_required
@permission_required("calls.view_campaign", raise_exception=True)
@polled
def progress(request: Request, campaign_id: int) -> HttpResponse:
    """Counters of one campaign; ``short`` for the journal's head."""
    found = _campaign(campaign_id)
    context: dict[str, object] = {"campaign": found, "is_short": "short" in request.GET}
    context["failures"] = reports.failures(found) if found.failed else []
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
    launching.resume(found, actor=request.user)
    dispatch_due.enqueue()
    return go_to(request, found.get_absolute_url())


def _campaign(campaign_id: int) -> Campaign:
    rows = Campaign.objects.select_related("account", "outgoing_phone", "record", "created_by")
    return get_object_or_404(rows, pk=campaign_id)


def _refreshing(campaigns: list[Campaign]) -> dict[str, object]:
    """A list, and how often it should ask again: as often as its liveliest."""
    waits = [campaign.poll_seconds for campaign in campaigns]
    seconds = min((wait for wait in waits if wait is not None), default=None)
    return {"campaigns": campaigns, "poll_seconds": seconds}


def _listed() -> QuerySet[Campaign]:
    return Campaign.objects.select_related("created_by")
