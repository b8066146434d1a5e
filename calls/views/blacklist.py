"""The blacklist: who may not be called."""

import re

from django.contrib import messages
from django.contrib.auth.decorators import login_required, permission_required
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from calls.forms.blacklist import BlockForm, UnblockForm
from calls.models import BlockedPhone
from calls.services import blocking
from obzvon_site.common.htmx import part
from obzvon_site.common.http import Request
from obzvon_site.common.paging import page_of
from obzvon_site.common.phones import shown

PAGE = "calls/blacklist/list.html"
REMOVE = "calls/blacklist/remove.html"


@require_GET
@login_required
@permission_required("calls.view_blockedphone", raise_exception=True)
def index(request: Request) -> HttpResponse:
    """Blocked numbers, newest first."""
    return _list(request, BlockForm(initial={"numbers": shown(request.GET.get("phone", ""))}))


@require_POST
@login_required
@permission_required("calls.add_blockedphone", raise_exception=True)
def add(request: Request) -> HttpResponseBase:
    """Block numbers from now on, everywhere."""
    form = BlockForm(request.POST, request.FILES)
    if not form.is_valid():
        return _list(request, form, status=422)
    data = form.cleaned_data
    new = blocking.block(
        data["numbers"],
        source=form.source,
        reason=data["reason"],
        actor=request.user,
        campaign=data["campaign"],
        expires_at=form.expires_at,
    )
    text = ngettext(
        "Добавлен %(count)d номер. Больше ему не позвоним.",
        "Добавлено номеров: %(count)d. Больше им не позвоним.",
        len(new),
    )
    messages.success(request, text % {"count": len(new)})
    return redirect("calls:blacklist")


@require_http_methods(["GET", "POST"])
@login_required
@permission_required("calls.delete_blockedphone", raise_exception=True)
def remove(request: Request, blocked_id: int) -> HttpResponseBase:
    """Allow a number again; the reason stays in the audit log."""
    blocked = get_object_or_404(BlockedPhone, pk=blocked_id)
    form = UnblockForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        blocking.unblock(blocked, actor=request.user, reason=form.cleaned_data["reason"])
        messages.success(request, _("Номер убран из чёрного списка. Ему снова можно звонить."))
        return redirect("calls:blacklist")
    status = 422 if request.method == "POST" else 200
    return render(request, REMOVE, {"blocked": blocked, "form": form}, status=status)


def _list(request: Request, form: BlockForm, status: int = 200) -> HttpResponse:
    rows = BlockedPhone.objects.select_related("created_by", "campaign")
    asked = request.GET.get("q", "")
    if asked.strip():
        digits = re.sub(r"[^0-9]", "", asked)
        # A whole number may be typed with 8 instead of 7.
        wanted = "7" + digits[1:] if len(digits) == 11 else digits
        rows = rows.filter(phone__contains=wanted) if wanted else rows.none()
    page = page_of(rows, request.GET.get("after"))
    now = timezone.now()
    over = {row.pk for row in page.rows if row.is_over(now)}
    context = {"page": page, "form": form, "q": asked, "over": over}
    return render(request, part(request, PAGE, "list"), context, status=status)
