"""The archive: all recordings with filters and search, and how long it keeps them."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required, permission_required
from django.db.models import Prefetch
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from calls.forms.recordings import ArchiveForm, DaysForm
from calls.models import Recording, Review
from calls.services import retention
from obzvon_site.common.htmx import part
from obzvon_site.common.http import Request
from obzvon_site.common.paging import capped_count, page_of

PAGE = "calls/recordings/list.html"
SETTINGS = "calls/recordings/settings.html"
# Counting what a search finds reads all that was said in each; a list is counted further.
SEARCH_CAP = 1000
# All that a line shows: most of a campaign's row is JSON that would be read for nothing.
SHOWN = (
    *("at", "state", "problem", "seconds"),
    *("call__phone", "call__name", "campaign__name"),
)


@require_GET
@login_required
@permission_required("calls.listen_recording", raise_exception=True)
def index(request: Request) -> HttpResponse:
    """A page of recordings that pass the filters, newest first."""
    form = ArchiveForm(request.GET)
    found = form.apply(Recording.objects.all(), timezone.now())
    done = Review.objects.filter(state=Review.State.DONE).order_by("-ended_at")
    rows = (
        found.select_related("call", "campaign")
        .prefetch_related("tags", Prefetch("reviews", done, to_attr="done"))
        .only(*SHOWN)
    )
    page = page_of(rows, request.GET.get("after"), key=("-at", "-id"))
    is_all = page.is_first and not page.next_cursor  # then counting would search once more
    cap = SEARCH_CAP if form.reads_words else None
    number, is_more = (len(page.rows), False) if is_all else capped_count(found, cap)
    context = {
        "form": form,
        "page": page,
        "number": number,
        "is_more": is_more,
    }
    return render(request, part(request, PAGE, "found"), context)


@require_POST
@login_required
@permission_required("calls.delete_recording", raise_exception=True)
def remove(request: Request, call_id: int) -> HttpResponseBase:
    """Delete one recording for good."""
    found = get_object_or_404(Recording.objects.select_related("call"), call_id=call_id)
    if retention.remove(found, actor=request.user, now=timezone.now()):
        messages.success(request, _("Запись удалена."))
    else:
        messages.error(request, _("Записи уже нет."))
    return redirect(found.call)


@require_http_methods(["GET", "POST"])
@login_required
@permission_required("calls.delete_recording", raise_exception=True)
def keeping(request: Request) -> HttpResponseBase:
    """What the recordings take, and for how long each account's are kept.

    A GET with an account and days is a dry run: what would be deleted. A POST sets them.
    """
    data = request.POST if request.method == "POST" else request.GET
    form = DaysForm(data) if "account" in data else None
    is_valid = form is not None and form.is_valid()
    if form is not None and is_valid and request.method == "POST":
        account, days = form.cleaned_data["account"], form.cleaned_data["days"]
        retention.set_days(account, days, actor=request.user)
        messages.success(request, _("Срок хранения изменён: удаляем каждую ночь."))
        return redirect("calls:recordings-settings")
    context = {
        "rows": retention.usage(),
        "form": form,
        "trial": _trial(form.cleaned_data) if form is not None and is_valid else None,
    }
    return render(request, SETTINGS, context, status=422 if form and not is_valid else 200)


def _trial(data: dict[str, Any]) -> dict[str, Any]:
    """What the days that were typed would delete."""
    account, days, now = data["account"], data["days"], timezone.now()
    return {
        "account": account,
        "days": days,
        "amount": retention.foresee(account, days, now=now) if days else None,
        "before": retention.limit_of(days, now) if days else None,
    }
