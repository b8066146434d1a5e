"""The journal: every call, newest first, the living ones refreshed in place."""

from django.contrib.auth.decorators import login_required, permission_required
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from calls.forms.journal import JournalForm
from calls.models import Call, Campaign
from obzvon_site.common.htmx import part
from obzvon_site.common.http import Request
from obzvon_site.common.paging import capped_count, page_of

PAGE = "calls/journal/list.html"
MOST_ROWS = 60  # on one page, and so in one question about them


@require_GET
@login_required
@permission_required("calls.view_call", raise_exception=True)
def journal(request: Request) -> HttpResponse:
    """A page of calls that pass the filters."""
    form = JournalForm(request.GET)
    calls = form.apply(Call.objects.select_related("campaign"), timezone.now())
    page = page_of(calls, request.GET.get("after"))
    number, is_more = capped_count(calls)
    context = {
        "form": form,
        "page": page,
        "rows": page.rows,
        "number": number,
        "is_more": is_more,
        "newest": _newest(page.rows) if page.is_first else None,
        "campaign": Campaign.objects.running().order_by("-changed_at").first(),
    }
    return render(request, part(request, PAGE, "found"), context)


@require_GET
@login_required
@permission_required("calls.view_call", raise_exception=True)
def rows(request: Request) -> HttpResponse:
    """The rows that a page shows, by their numbers, as they are now."""
    asked = request.GET.get("ids", "").split(",")[:MOST_ROWS]
    pks = [int(text) for text in asked if text.isdigit() and len(text) < 19]
    found = Call.objects.select_related("campaign").filter(pk__in=pks)
    ordered = sorted(found, key=lambda call: pks.index(call.pk))
    return render(request, "calls/journal/_rows.html", {"rows": ordered})


@require_GET
@login_required
@permission_required("calls.view_call", raise_exception=True)
def fresh(request: Request) -> HttpResponse:
    """How many calls came since the page was drawn; nothing on it jumps."""
    since = request.GET.get("since", "")
    newest = int(since) if since.isdigit() and len(since) < 19 else 0
    calls = JournalForm(request.GET).apply(Call.objects.all(), timezone.now())
    number, is_more = capped_count(calls.filter(pk__gt=newest))
    context = {"fresh": number, "is_more": is_more, "newest": newest}
    return render(request, f"{PAGE}#fresh", context)


def _newest(calls: list[Call]) -> int:
    return max((call.pk for call in calls), default=0)
