"""«Call me»: hear a scenario's draft on one's own phone."""

from typing import Any

from django.contrib.auth.decorators import login_required, permission_required
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from calls.forms.trial import TrialForm
from calls.ivr.cost import CostRange
from calls.ivr.document import record_pks
from calls.models import Campaign, Scenario
from calls.services import estimating, launching, publishing
from calls.tasks import dispatch_due
from calls.views.calls import DAY
from calls.views.scenarios import shown_or_404
from obzvon_site.accounts.models import User
from obzvon_site.common import money
from obzvon_site.common.http import Request
from records.models import Record

FRAGMENT = "calls/scenarios/_call_me.html"
RIGHTS = ("calls.change_scenario", "calls.add_campaign")


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@permission_required(RIGHTS, raise_exception=True)
def call_me(request: Request, scenario_id: int) -> HttpResponseBase:
    """Price and warnings first; then one call, whatever how often the button is pressed."""
    found = shown_or_404(scenario_id)
    if request.method != "POST":
        form = TrialForm(scenario=found, initial={"phone": request.user.phone})
        return render(request, FRAGMENT, _context(form))
    form = TrialForm(request.POST, scenario=found)
    if campaign := form.launched_before():
        return _calling(request, campaign)
    context = _context(form)
    if form.is_valid() and not context["error_count"]:
        try:
            campaign = launching.launch(form.request(), actor=request.user, now=timezone.now())
        except launching.NotReady as error:
            form.add_error(None, error.problems)
        else:
            _remember(request.user, form.cleaned_data["phone"])
            dispatch_due.enqueue()
            return _calling(request, campaign)
    return render(request, FRAGMENT, context, status=422)


def _remember(user: User, phone: str) -> None:
    if user.phone != phone:
        User.objects.filter(pk=user.pk).update(phone=phone)


def _calling(request: Request, campaign: Campaign) -> HttpResponseBase:
    if not request.htmx:
        return redirect(campaign)
    return render(request, FRAGMENT, {"campaign": campaign, "call": campaign.calls.first()})


def _context(form: TrialForm) -> dict[str, Any]:
    """The price, and what stands between the draft and the phone."""
    scenario, document = form.scenario, form.scenario.document()
    price = estimating.of_document(scenario.account, document)
    balance, now = scenario.account.balance, timezone.localtime()
    errors = [problem for problem in publishing.check(scenario, document) if problem.is_error]
    return {
        "form": form,
        "scenario": scenario,
        "price": _range(price),
        "error_count": len(errors),
        "on_moderation": _on_moderation(scenario),
        "late_at": None if now.hour in DAY else now,
        "lacks": balance is not None and balance < price.high,
    }


def _on_moderation(scenario: Scenario) -> list[Record]:
    waiting = Record.objects.usable(scenario.account).filter(
        moderation=Record.Moderation.WAITING, pk__in=record_pks(scenario.document())
    )
    return list(waiting.order_by("name", "pk"))


def _range(price: CostRange) -> str:
    """``2,96–7,58 ₽``, or one amount when there is one way through."""
    high = money.shown(price.high)
    if price.low == price.high:
        return high
    return f"{money.shown(price.low).removesuffix(f'{money.NBSP}₽')}–{high}"
