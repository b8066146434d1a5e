"""The checklist of reviews: its lines, their order and weight."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required, permission_required
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from calls.forms.review import LineForm
from calls.models import ChecklistItem
from calls.services import checklist
from obzvon_site.common.http import Request

PAGE = "calls/review/checklist.html"
LINE = "calls/review/line.html"


@require_GET
@login_required
@permission_required("calls.change_checklistitem", raise_exception=True)
def index(request: Request) -> HttpResponse:
    """The lines of today, and those put away."""
    return _page(request, LineForm(initial={"weight": 1}))


@require_POST
@login_required
@permission_required("calls.change_checklistitem", raise_exception=True)
def add(request: Request) -> HttpResponseBase:
    form = LineForm(request.POST)
    if not form.is_valid():
        return _page(request, form, status=422)
    checklist.add(form.cleaned_data["text"], form.cleaned_data["weight"])
    return redirect("calls:checklist")


@require_POST
@login_required
@permission_required("calls.change_checklistitem", raise_exception=True)
def begin(request: Request) -> HttpResponseBase:
    """Take the lines that are offered where there are none."""
    if not checklist.begin():
        messages.info(request, _("Чек-лист уже есть."))
    return redirect("calls:checklist")


@require_http_methods(["GET", "POST"])
@login_required
@permission_required("calls.change_checklistitem", raise_exception=True)
def change(request: Request, line_id: int) -> HttpResponseBase:
    """Words and weight of a line."""
    line = get_object_or_404(ChecklistItem, pk=line_id)
    form = LineForm(request.POST if request.method == "POST" else None, instance=line)
    if request.method == "POST" and form.is_valid():
        line.save(update_fields=["text", "weight"])
        messages.success(request, _("Пункт изменён. Баллы прежних проверок остались как были."))
        return redirect("calls:checklist")
    status = 422 if request.method == "POST" else 200
    return render(request, LINE, {"line": line, "form": form}, status=status)


@require_POST
@login_required
@permission_required("calls.change_checklistitem", raise_exception=True)
def move(request: Request, line_id: int) -> HttpResponseBase:
    line = get_object_or_404(ChecklistItem, pk=line_id)
    checklist.move(line, -1 if request.POST.get("where") == "up" else 1)
    return redirect("calls:checklist")


@require_POST
@login_required
@permission_required("calls.change_checklistitem", raise_exception=True)
def put_away(request: Request, line_id: int) -> HttpResponseBase:
    checklist.put_away(get_object_or_404(ChecklistItem, pk=line_id))
    messages.success(request, _("Пункт убран. В прежних проверках он остался."))
    return redirect("calls:checklist")


@require_POST
@login_required
@permission_required("calls.change_checklistitem", raise_exception=True)
def bring_back(request: Request, line_id: int) -> HttpResponseBase:
    checklist.bring_back(get_object_or_404(ChecklistItem, pk=line_id))
    messages.success(request, _("Пункт снова в чек-листе."))
    return redirect("calls:checklist")


def _page(request: Request, form: LineForm, status: int = 200) -> HttpResponse:
    lines = list(ChecklistItem.objects.all())
    context = {
        "form": form,
        "lines": [line for line in lines if line.is_active],
        "old": [line for line in lines if not line.is_active],
    }
    return render(request, PAGE, context, status=status)
