"""A new call, and one call's own page."""

from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required, permission_required
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from calls import reports
from calls.forms.calls import DUTY, NewCallForm
from calls.models import Call, Campaign, Recording
from calls.review_work import Heard
from calls.rules.purposes import OFFERED
from calls.services import estimating, launching, listening, rules_in_force, waiting
from calls.services.answering import answers
from calls.tasks import dispatch_due
from calls.views import transcripts
from obzvon_site.accounts.models import ApiAccount, Exchange
from obzvon_site.common.htmx import polled
from obzvon_site.common.http import Request, row_id
from obzvon_site.common.phones import shown

NEW = "calls/calls/new.html"
DETAIL = "calls/calls/detail.html"


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
    if campaign := form.launched_before():
        messages.warning(request, _("Эти звонки уже запущены. Второй раз не звоним."))
        return redirect(campaign)
    if form.is_valid() and form.is_agreed:
        try:
            campaign = launching.launch(form.request(), actor=request.user, now=timezone.now())
        except launching.NotReady as error:
            form.add_error(None, error.problems)
        else:
            dispatch_due.enqueue()
            return redirect(campaign)
    return render(request, NEW, {"form": form, "check": _check(form)}, status=422)


@require_POST
@login_required
@permission_required("calls.add_campaign", raise_exception=True)
def check(request: Request) -> HttpResponse:
    """Numbers, price and warnings of the form as it is typed."""
    form = NewCallForm(request.POST, account=ApiAccount.objects.default())
    form.is_valid()
    return render(request, f"{NEW}#check", {"form": form, "check": _check(form)})


def _initial(request: Request) -> dict[str, Any]:
    """What a link fills in: a phone, or one call again."""
    asked = request.GET
    if again := row_id(asked.get("again")):
        call = get_object_or_404(Call.objects.select_related("campaign"), pk=again)
        return {"numbers": shown(call.phone), **_as_in(call.campaign)}
    initial: dict[str, Any] = {"numbers": shown(asked.get("phone", ""))}
    for name in ("account", "record", "scenario"):
        if chosen := row_id(asked.get(name)):
            initial[name] = chosen
            if name in Campaign.Message:
                initial["message"] = name
    return initial


def _as_in(campaign: Campaign) -> dict[str, Any]:
    """The form as it was filled for ``campaign``; the time is not taken over."""
    version = campaign.scenario_version
    return {
        "account": campaign.account_id,
        "caller": campaign.outgoing_phone_id or DUTY,
        "message": campaign.message,
        "record": campaign.record_id,
        "text": campaign.text,
        "gender": campaign.gender,
        "scenario": version.scenario_id if version else None,
        "name": campaign.name,
        "purpose": campaign.purpose if campaign.purpose in OFFERED else None,
        "need_recording": campaign.need_recording,
    }


def _check(form: NewCallForm) -> dict[str, Any]:
    """What the form's right side shows: counts, price, balance and warnings."""
    data = getattr(form, "cleaned_data", {})
    account, number = data.get("account"), len(form.to_call)
    price = None
    if account is not None:
        price = estimating.of_call(
            account, record=form.played, text=form.spoken, version=form.version
        )
    total = price.times(number) if price and number else None
    return {
        "number": number,
        "total": total,
        "lacks": _lacks(account, total.high if total else None),
        "on_moderation": form.on_moderation,
        **_rules(form),
    }


def _rules(form: NewCallForm) -> dict[str, Any]:
    """Who has to wait by the rules of the purpose, and what they are; nobody on an emulator."""
    data = getattr(form, "cleaned_data", {})
    account, purpose = data.get("account"), data.get("purpose")
    if account is None or purpose is None or account.is_emulator:
        return {}
    when = data.get("planned_at") or timezone.now()
    foreseen = waiting.foresee(form.to_call, purpose, account, when=when)
    return {"preset": rules_in_force.preset(purpose), "foreseen": foreseen}


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
    context = _context(request, found)
    if found.has_recording and request.user.has_perm("calls.listen_recording"):
        context |= transcripts.context_of(found.recording)
    return render(request, DETAIL, context)


@require_GET
@login_required
@permission_required("calls.view_call", raise_exception=True)
@polled
def progress(request: Request, call_id: int) -> HttpResponse:
    """The part of the call's page that changes."""
    found = _call(call_id)
    return render(request, f"{DETAIL}#progress", _context(request, found))


def _call(call_id: int) -> Call:
    rows = Call.objects.select_related(
        *("order", "campaign__account", "campaign__outgoing_phone", "recording"),
        *("campaign__scenario_version", "campaign__record"),
    )
    return get_object_or_404(rows, pk=call_id)


def _context(request: Request, found: Call) -> dict[str, Any]:
    exchanges: Any = ()
    if found.order and request.user.has_perm("accounts.view_exchange"):
        exchanges = Exchange.objects.filter(subject=found.order.subject).order_by("pk")
    recording = getattr(found, "recording", None)
    return {
        "call": found,
        "heard": Heard(recording, request.user) if recording else None,
        "timeline": reports.timeline(found),
        "answers": answers(found),
        "exchanges": exchanges,
        **_sound(found),
    }


def _sound(found: Call) -> dict[str, Any]:
    """Why there is nothing to hear, when there is not."""
    recording = Recording.objects.filter(call=found).defer("peaks", "words").first()
    return {
        "sound": recording,
        "is_sound_gone": recording is not None and listening.is_gone(recording),
    }
