"""Scenarios: list, new, to the archive and back."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required, permission_required
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from calls.forms.scenarios import NewScenarioForm
from calls.models import Scenario
from calls.services import publishing, templates
from obzvon_site.accounts.models import ApiAccount
from obzvon_site.common.http import Request
from obzvon_site.common.paging import page_of

LIST = "calls/scenarios/list.html"
NEW = "calls/scenarios/new.html"


@require_safe
@login_required
@permission_required("calls.view_scenario", raise_exception=True)
def index(request: Request) -> HttpResponse:
    is_archive = "archive" in request.GET
    scenarios = Scenario.objects.put_away() if is_archive else Scenario.objects.shown()
    key = ("-draft_at", "-id")
    context = {
        "page": page_of(scenarios.listed(), request.GET.get("after"), key=key),
        "is_archive": is_archive,
        "has_archive": is_archive or Scenario.objects.put_away().exists(),
        "offers": templates.offered,
        "account": ApiAccount.objects.default(),
    }
    return render(request, LIST, context)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@permission_required("calls.add_scenario", raise_exception=True)
def new(request: Request) -> HttpResponseBase:
    form = NewScenarioForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        scenario = publishing.create(
            form.title(),
            form.document(),
            account=form.cleaned_data["account"],
            actor=request.user,
            now=timezone.now(),
        )
        return redirect(scenario)
    return render(request, NEW, {"form": form}, status=422 if form.is_bound else 200)


@require_POST
@login_required
@permission_required("calls.delete_scenario", raise_exception=True)
def remove(request: Request, scenario_id: int) -> HttpResponseBase:
    found = shown_or_404(scenario_id)
    try:
        publishing.remove(found, actor=request.user, now=timezone.now())
    except publishing.InUse as error:
        text = _("Сценарий звучит в обзвоне «%(name)s». Дождитесь конца или остановите обзвон.")
        messages.error(request, text % {"name": error.campaigns[0].name})
        return redirect(found)
    messages.success(request, _("Сценарий «%(name)s» убран.") % {"name": found.name})
    return redirect("calls:scenarios")


@require_POST
@login_required
@permission_required("calls.delete_scenario", raise_exception=True)
def restore(request: Request, scenario_id: int) -> HttpResponseBase:
    found = get_object_or_404(Scenario, pk=scenario_id)
    publishing.restore(found, actor=request.user)
    messages.success(request, _("Сценарий «%(name)s» снова в списке.") % {"name": found.name})
    return redirect(found)


def shown_or_404(scenario_id: int) -> Scenario:
    """A scenario that nobody has put away, with what its pages show."""
    scenarios = Scenario.objects.shown().select_related("account", "draft_by")
    return get_object_or_404(scenarios, pk=scenario_id)
