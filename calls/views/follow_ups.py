"""What reviews ask operators to do."""

from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required, permission_required
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from calls.models import FollowUp
from calls.services import follow_ups
from obzvon_site.common.htmx import part
from obzvon_site.common.http import Request, row_id
from obzvon_site.common.paging import Page, page_of

PAGE = "calls/follow_ups/list.html"
MOST_OPEN = 300  # shown; nobody has more to do


@require_GET
@login_required
@permission_required("calls.change_followup", raise_exception=True)
def index(request: Request) -> HttpResponse:
    """One's own or everybody's (``whose=all``), open or (``show=done``) done."""
    is_all = request.GET.get("whose") == "all"
    is_done = request.GET.get("show") == "done"
    rows = FollowUp.objects.filter(done_at__isnull=not is_done)
    if not is_all:
        rows = rows.filter(assignee=request.user)
    rows = rows.select_related("assignee", "created_by", "done_by", "recording__call")
    if is_done:
        page = page_of(rows, request.GET.get("after"), key=("-done_at", "-id"))
    else:
        page = Page(list(rows.order_by("due", "pk")[:MOST_OPEN]), "", True)
    ended = FollowUp.objects.filter(pk=row_id(request.GET.get("undo")) or 0)
    context = {
        "page": page,
        "is_all": is_all,
        "is_done": is_done,
        "ended": ended.filter(done_at__isnull=False).first(),
        "today": timezone.localdate(),
    }
    return render(request, part(request, PAGE, "list"), context)


@require_POST
@login_required
@permission_required("calls.change_followup", raise_exception=True)
def done(request: Request, follow_up_id: int) -> HttpResponseBase:
    """It is done; the page offers to take that back."""
    found = get_object_or_404(FollowUp, pk=follow_up_id)
    if not follow_ups.done(found.pk, by=request.user, now=timezone.now()):
        messages.info(request, _("Эту задачу уже отметили сделанной."))
    return _back(request, found, undo=found.pk)


@require_POST
@login_required
@permission_required("calls.change_followup", raise_exception=True)
def reopen(request: Request, follow_up_id: int) -> HttpResponseBase:
    """Take back «done»."""
    found = get_object_or_404(FollowUp, pk=follow_up_id)
    if follow_ups.reopen(found.pk):
        messages.success(request, _("Задача снова открыта."))
    return _back(request, found)


def _back(request: Request, found: FollowUp, undo: int | None = None) -> HttpResponseBase:
    if request.POST.get("at") == "call":
        return redirect(found.recording)
    query = {"whose": "all"} if request.POST.get("whose") == "all" else {}
    if undo:
        query["undo"] = str(undo)
    return redirect(f"{reverse('calls:follow-ups')}?{urlencode(query)}")
