"""The journal: every call, newest first, the living ones refreshed in place."""

from django.contrib.auth.decorators import login_required, permission_required
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from calls import reports
from calls.campaign_progress import progress_of
from calls.forms.journal import JournalForm
from calls.models import Call, Campaign
from obzvon_site.common.htmx import part, polled
from obzvon_site.common.http import Request, row_id
from obzvon_site.common.paging import capped_count, page_of

PAGE = "calls/journal/list.html"
ROWS = "calls/journal/_rows.html"
MOST_ROWS = 60  # on one page, and so in one question about them


@require_GET
@login_required
@permission_required("calls.view_call", raise_exception=True)
def journal(request: Request) -> HttpResponse:
    """A page of calls that pass the filters."""
    form = JournalForm(request.GET)
    calls = form.apply(Call.objects.all(), timezone.now())
    page = page_of(reports.listed(calls), request.GET.get("after"))
    number, is_more = capped_count(calls)
    newest = max((call.pk for call in page.rows), default=0)
    running = Campaign.objects.running().select_related("account")
    campaign = running.order_by("-changed_at").first()
    context = {
        "form": form,
        "page": page,
        "table": reports.table(page.rows, newest=newest if page.is_first else None),
        "number": number,
        "is_more": is_more,
        "campaign": campaign,
        "progress": progress_of(campaign, timezone.now()) if campaign else None,
    }
    return render(request, part(request, PAGE, "found"), context)


@require_GET
@login_required
@permission_required("calls.view_call", raise_exception=True)
@polled
def rows(request: Request) -> HttpResponse:
    """The rows that a page shows, by their numbers, as they are now.

    With ``since``, the newest of them, also how many came after it; nothing on the page jumps.
    """
    asked = request.GET.get("ids", "").split("-")[:MOST_ROWS]
    pks = [pk for pk in map(row_id, asked) if pk is not None]
    found = reports.listed(Call.objects.filter(pk__in=pks))
    shown = sorted(found, key=lambda call: pks.index(call.pk))
    newest = row_id(request.GET.get("since"))
    fresh = 0
    if newest is not None:
        later = JournalForm(request.GET).apply(Call.objects.filter(pk__gt=newest), timezone.now())
        fresh, _is_more = capped_count(later)
    table = reports.table(shown, newest=newest, fresh=fresh)
    return render(request, ROWS, {"table": table})
