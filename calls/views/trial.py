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
from calls.models import Call, Campaign, Scenario
from calls.rules.purposes import OWN
from calls.services import estimating, launching, publishing, rules_in_force, waiting
from calls.tasks import dispatch_due
from calls.views.scenarios import shown_or_404
from obzvon_site.accounts.models import ApiAccount, User
from obzvon_site.common import money
from obzvon_site.common.http import Request
from records.models import Record

FRAGMENT = "calls/scenarios/_call_me.html"
DAY = range(9, 21)  # hours at which a call disturbs nobody, by the clock of the screens
RIGHTS = ("calls.change_scenario", "calls.add_campaign")


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@permission_required(RIGHTS, raise_exception=True)
def call_me(request: Request, scenario_id: int) -> HttpResponseBase:
    """Price and warnings first; then one call, whatever how often the button is pressed."""
    found = shown_or_404(scenario_id)
    if request.method != "POST":
        form = TrialForm(scenario=found, person=request.user, initial={"phone": request.user.phone})
        return render(request, FRAGMENT, _context(form))
    form = TrialForm(request.POST, scenario=found, person=request.user)
    if campaign := form.launched_before():
        return _calling(request, campaign)
    context = _context(form)
    is_seen = not context["check"] or form.is_agreed
    if form.is_valid() and not context["error_count"] and is_seen:
        try:
            campaign = launching.launch(form.request(), actor=request.user, now=timezone.now())
        except launching.NotReady as error:
            form.add_error(None, error.problems)
        else:
            _remember(request.user, form.cleaned_data["phone"], campaign)
            dispatch_due.enqueue()
            return _calling(request, campaign)
    return render(request, FRAGMENT, context, status=422)


def _remember(user: User, phone: str, campaign: Campaign) -> None:
    """Where nobody is rung. Which real number is one's own, only the profile says."""
    if user.phone != phone and campaign.account.is_emulator:
        User.objects.filter(pk=user.pk).update(phone=phone)


def _calling(request: Request, campaign: Campaign) -> HttpResponseBase:
    if not request.htmx:
        return redirect(campaign)
    call = campaign.calls.get()
    is_later = call.stage == Call.Stage.PLANNED and bool(
        _waits(call.phone, campaign.purpose, campaign.account)
    )
    context = {"campaign": campaign, "call": call, "is_later": is_later}
    return render(request, FRAGMENT, context)


def _waits(phone: str, purpose: str, account: ApiAccount) -> dict[str, Any]:
    """Till when the rules make the number wait, and what they are; empty: it is rung at once."""
    foreseen = waiting.foresee([phone], purpose, account, when=timezone.now())
    if not foreseen.is_anybody:
        return {}
    return {"preset": rules_in_force.preset(purpose), "foreseen": foreseen}


def _context(form: TrialForm) -> dict[str, Any]:
    """The price, and what stands between the draft and the phone."""
    scenario, document = form.scenario, form.scenario.document()
    phone = form.known_phone
    purpose = form.purpose_for(phone)
    price = estimating.of_document(scenario.account, document)
    balance, now = scenario.account.balance, timezone.localtime()
    errors = [problem for problem in publishing.check(scenario, document) if problem.is_error]
    return {
        "form": form,
        "scenario": scenario,
        "price": _range(price),
        "error_count": len(errors),
        "on_moderation": _on_moderation(scenario),
        "late_at": now if purpose == OWN and now.hour not in DAY else None,
        "phone": phone,
        "check": _waits(phone, purpose, scenario.account) if phone else {},
        "lacks": balance is not None and balance < price.high,
    }


def _on_moderation(scenario: Scenario) -> list[Record]:
    found = Record.objects.usable(scenario.account).filter(
        moderation=Record.Moderation.WAITING, pk__in=record_pks(scenario.document())
    )
    return list(found.order_by("name", "pk"))


def _range(price: CostRange) -> str:
    """``2,96–7,58 ₽``, or one amount when there is one way through."""
    high = money.shown(price.high)
    if price.low == price.high:
        return high
    return f"{money.shown(price.low).removesuffix(f'{money.NBSP}₽')}–{high}"
