"""Orders that the service has not answered: what is known, and what a person decides."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required, permission_required
from django.db.models import Prefetch
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from calls.forms.doubts import MadeForm
from calls.models import Call, Order
from calls.services import doubts
from obzvon_site.common.htmx import part
from obzvon_site.common.http import Request
from obzvon_site.common.paging import page_of

PAGE = "calls/doubts/list.html"
STATES = {"unknown": Order.State.UNKNOWN, "lost": Order.State.LOST}


@require_GET
@login_required
@permission_required("calls.change_campaign", raise_exception=True)
def index(request: Request) -> HttpResponse:
    """Orders in doubt, or (``?show=lost``) those that the service never confirmed."""
    return _list(request)


@require_POST
@login_required
@permission_required("calls.change_campaign", raise_exception=True)
def ask(request: Request, order_id: int) -> HttpResponseBase:
    """Ask the service again now, not when its turn comes."""
    order = get_object_or_404(Order, pk=order_id)
    if doubts.ask_now(order, now=timezone.now()):
        messages.success(request, _("Спрашиваем сервис. Обновите страницу через несколько секунд."))
    else:
        messages.info(request, _("По этому заказу уже всё известно."))
    return redirect("calls:doubts")


@require_POST
@login_required
@permission_required("calls.change_campaign", raise_exception=True)
def never_made(request: Request, order_id: int) -> HttpResponseBase:
    """The order never arrived: a person has looked at the service's own cabinet."""
    order = get_object_or_404(Order.objects.select_related("campaign"), pk=order_id)
    try:
        number = doubts.never_made(order, actor=request.user, now=timezone.now())
    except doubts.NotDecided as error:
        messages.error(request, str(error))
        return redirect("calls:doubts")
    said = ngettext(
        "Записали: %(count)d звонка не было. Сами мы его не повторим.",
        "Записали: не было звонков: %(count)d. Сами мы их не повторим.",
        number,
    )
    messages.success(request, said % {"count": number})
    return redirect("calls:doubts")


@require_POST
@login_required
@permission_required("calls.change_campaign", raise_exception=True)
def was_made(request: Request, call_id: int) -> HttpResponseBase:
    """The call was made: here is its number at the service."""
    rows = Call.objects.select_related("campaign__account", "order")
    call = get_object_or_404(rows, pk=call_id)
    form = MadeForm(request.POST)
    if form.is_valid():
        try:
            number = form.cleaned_data["number"]
            doubts.was_made(call, number, actor=request.user, now=timezone.now())
        except doubts.NotDecided as error:
            form.add_error("number", str(error))
    if form.errors:
        return _list(request, of=call, form=form, status=422)
    messages.success(request, _("Звонок найден у сервиса, дальше следим за ним как обычно."))
    return redirect("calls:doubts")


def _list(
    request: Request, *, of: Call | None = None, form: MadeForm | None = None, status: int = 200
) -> HttpResponse:
    show = request.GET.get("show", "")
    if of is not None:
        show = "lost" if of.stage == Call.Stage.LOST else "unknown"
    show = show if show in STATES else "unknown"
    orders = Order.objects.filter(state=STATES[show]).select_related("campaign__account")
    calls = Call.objects.filter(stage=show).order_by("pk")
    orders = orders.prefetch_related(Prefetch("calls", calls, to_attr="doubtful"))
    page = page_of(orders, request.GET.get("after"), key=("-sent_at", "-id"), size=20)
    now = timezone.now()
    ripe = {order.pk for order in page.rows if now - order.sent_at >= doubts.PATIENCE}
    context = {"page": page, "show": show, "ripe": ripe, "of": of, "form": form}
    return render(request, part(request, PAGE, "list"), context, status=status)
