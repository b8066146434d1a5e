"""Days compared with the service: the list, one day, and asking for another."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required, permission_required
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from calls.forms.day_reports import DayForm
from calls.models import DayReport
from calls.services import day_reports
from obzvon_site.common.htmx import part, polled
from obzvon_site.common.http import Request
from obzvon_site.common.paging import page_of

PAGE = "calls/day_reports/list.html"
ONE = "calls/day_reports/detail.html"


@require_GET
@login_required
@permission_required("calls.view_dayreport", raise_exception=True)
@polled
def index(request: Request) -> HttpResponse:
    """Compared days, newest first."""
    return _list(request, DayForm())


@require_GET
@login_required
@permission_required("calls.view_dayreport", raise_exception=True)
def report(request: Request, report_id: int) -> HttpResponse:
    """What differs on one day."""
    found = get_object_or_404(DayReport.objects.select_related("account"), pk=report_id)
    return render(request, ONE, {"report": found})


@require_POST
@login_required
@permission_required("calls.view_dayreport", raise_exception=True)
def ask(request: Request) -> HttpResponseBase:
    """Have a day compared now."""
    form = DayForm(request.POST)
    if not form.is_valid():
        return _list(request, form, status=422)
    data = form.cleaned_data
    day_reports.ask(data["account"], data["day"], actor=request.user)
    messages.success(request, _("Сверяем. Обычно это занимает меньше минуты."))
    return redirect("calls:day-reports")


def _list(request: Request, form: DayForm, status: int = 200) -> HttpResponse:
    rows = DayReport.objects.select_related("account").defer("differences")
    page = page_of(rows, request.GET.get("after"), key=("-day", "-id"))
    context = {"page": page, "form": form}
    return render(request, part(request, PAGE, "list"), context, status=status)
