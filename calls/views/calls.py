"""A new call, and one call's own page."""

from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required, permission_required
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from calls import reports
from calls.forms.calls import NewCallForm
from calls.models import Call, Campaign
from calls.services import estimating, launching
from calls.tasks import dispatch_due
from obzvon_site.accounts.models import ApiAccount, Exchange
from obzvon_site.common.htmx import announce, go_to
from obzvon_site.common.http import Request
from obzvon_site.common.phones import shown
from obzvon_site.common.streaming import ranged

NEW = "calls/calls/new.html"
DETAIL = "calls/calls/detail.html"
DAY = range(9, 21)  # hours at which a call disturbs nobody, by the clock of the screens


@require_http_methods(["GET", "POST"])
@login_required
@permission_required("calls.add_campaign", raise_exception=True)
def new(request: Request) -> HttpResponseBase:
    """Fill the form, see what is wrong and what it costs, launch once."""
    account = ApiAccount.objects.default()
    if request.method == "GET":
        form = NewCallForm(account=account, initial=_initial(request))
        return render(request, NEW, {"form": form, "check": None})
    form = NewCallForm(request.POST, account=account)
    if form.is_valid() and (not form.has_problems or form.cleaned_data["skip_problems"]):
        try:
            return _launch(request, form)
        except launching.NotReady as error:
            for problem in error.problems:
                form.add_error(None, problem)
    return render(request, NEW, {"form": form, "check": _check(form)}, status=422)


def _launch(request: Request, form: NewCallForm) -> HttpResponseBase:
    """Launch, or lead to what the same form has launched already."""
    wanted = form.request()
    known = Campaign.objects.filter(launch_token=wanted.launch_token).exists()
    campaign = launching.launch(wanted, actor=request.user, now=timezone.now())
    if known:
        messages.warning(request, _("Эти звонки уже запущены. Второй раз не звоним."))
    else:
        dispatch_due.enqueue()
    response = go_to(request, campaign.get_absolute_url())
    return announce(response, "obz:balance") if isinstance(response, HttpResponse) else response


@require_POST
@login_required
@permission_required("calls.add_campaign", raise_exception=True)
def check(request: Request) -> HttpResponse:
    """Numbers, price and warnings of the form as it is typed."""
    form = NewCallForm(request.POST, account=ApiAccount.objects.default())
    form.is_valid()
    return render(request, f"{NEW}#check", {"form": form, "check": _check(form)})


def _initial(request: Request) -> dict[str, Any]:
    """What a link fills in: a phone, one call again, or the failed ones of a campaign."""
    asked = request.GET
    if asked.get("again", "").isdigit():
        call = get_object_or_404(Call.objects.select_related("campaign"), pk=asked["again"])
        return {"numbers": shown(call.phone), **_heard(call.campaign)}
    if asked.get("retry", "").isdigit():
        campaign = get_object_or_404(Campaign, pk=asked["retry"])
        phones = campaign.calls.retryable().values_list("phone", flat=True)
        return {"numbers": "\n".join(map(shown, phones)), **_heard(campaign)}
    initial: dict[str, Any] = {"numbers": shown(asked.get("phone", ""))}
    if asked.get("account", "").isdigit():
        initial |= {"account": asked["account"]}
    if asked.get("record", "").isdigit():
        initial |= {"message": Campaign.Message.RECORD, "record": asked["record"]}
    if asked.get("scenario", "").isdigit():
        initial |= {"message": Campaign.Message.SCENARIO, "scenario": asked["scenario"]}
    return initial


def _heard(campaign: Campaign) -> dict[str, Any]:
    version = campaign.scenario_version
    return {
        "account": campaign.account_id,
        "message": campaign.message,
        "record": campaign.record_id,
        "text": campaign.text,
        "gender": campaign.gender,
        "scenario": version.scenario_id if version else None,
        "name": campaign.name,
        "need_recording": campaign.need_recording,
    }


def _check(form: NewCallForm) -> dict[str, Any]:
    """What the form's right side shows: counts, price, balance and warnings."""
    data = getattr(form, "cleaned_data", {})
    account, message = data.get("account"), data.get("message")
    price = None
    if account is not None:
        price = estimating.of_call(
            account,
            record=data.get("record") if message == Campaign.Message.RECORD else None,
            text=(data.get("text") or "") if message == Campaign.Message.TEXT else "",
            version=form.version if message == Campaign.Message.SCENARIO else None,
        )
    record = data.get("record") if message == Campaign.Message.RECORD else None
    total = price.times(len(form.to_call)) if price else None
    when = timezone.localtime(data.get("planned_at") or timezone.now())
    return {
        "number": len(form.to_call),
        "total": total,
        "lacks": _lacks(account, total.high if total else None),
        "on_moderation": record is not None and record.moderation == "waiting",
        "at_night": when.hour not in DAY,
        "when": when,
    }


def _lacks(account: ApiAccount | None, price: Decimal | None) -> bool:
    """Whether the last known balance does not cover the price."""
    if account is None or account.balance is None or price is None:
        return False
    return account.balance < price


@require_GET
@login_required
@permission_required("calls.view_call", raise_exception=True)
def call(request: Request, call_id: int) -> HttpResponse:
    """Everything about one call."""
    found = _call(call_id)
    return render(request, DETAIL, _context(request, found))


@require_GET
@login_required
@permission_required("calls.view_call", raise_exception=True)
def progress(request: Request, call_id: int) -> HttpResponse:
    """The part of the call's page that changes."""
    found = _call(call_id)
    return render(request, f"{DETAIL}#progress", _context(request, found))


@require_GET
@login_required
@permission_required("calls.listen_recording", raise_exception=True)
def recording(request: Request, call_id: int) -> HttpResponseBase:
    """The recording, through us; the browser never learns where the service keeps it."""
    found = _call(call_id)
    if not found.recording:
        raise Http404(_("Записи нет"))
    return ranged(request, found.recording.open("rb"), found.recording_type)


def _call(call_id: int) -> Call:
    rows = Call.objects.select_related(
        "order", "campaign__account", "campaign__outgoing_phone", "campaign__scenario_version"
    )
    return get_object_or_404(rows, pk=call_id)


def _context(request: Request, found: Call) -> dict[str, Any]:
    exchanges: Any = ()
    if found.order and request.user.has_perm("accounts.view_exchange"):
        exchanges = Exchange.objects.filter(subject=found.order.subject).order_by("pk")
    return {
        "call": found,
        "timeline": reports.timeline(found),
        "answers": reports.answers(found),
        "exchanges": exchanges,
    }
