"""Published versions of a scenario: list, one of them, back to the draft."""

import json

from django.contrib import messages
from django.contrib.auth.decorators import login_required, permission_required
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from calls.forms.scenarios import revision_of
from calls.forms.versions import Comparison, History
from calls.models import Scenario, ScenarioVersion
from calls.services import publishing
from obzvon_site.common.http import Request, row_id

LIST = "calls/scenarios/versions.html"
DETAIL = "calls/scenarios/version.html"


@require_safe
@login_required
@permission_required("calls.view_scenario", raise_exception=True)
def index(request: Request, scenario_id: int) -> HttpResponse:
    scenario = get_object_or_404(Scenario.objects.select_related("draft_by"), pk=scenario_id)
    return render(request, LIST, {"scenario": scenario, "history": History.of(scenario)})


@require_safe
@login_required
@permission_required("calls.view_scenario", raise_exception=True)
def version(request: Request, scenario_id: int, number: int) -> HttpResponse:
    found = _version(scenario_id, number)
    context = {
        "scenario": found.scenario,
        "version": found,
        "comparison": Comparison.of(found, row_id(request.GET.get("against"))),
        "text": json.dumps(found.document, ensure_ascii=False, indent=2),
        "campaigns": found.campaigns.order_by("-created_at")[:20],
    }
    return render(request, DETAIL, context)


@require_POST
@login_required
@permission_required("calls.change_scenario", raise_exception=True)
def return_as_draft(request: Request, scenario_id: int, number: int) -> HttpResponseBase:
    found = _version(scenario_id, number)
    try:
        publishing.return_as_draft(
            found,
            revision=revision_of(request.POST),
            actor=request.user,
            now=timezone.now(),
        )
    except publishing.Conflict:
        text = _("Пока вы смотрели, черновик изменили. Проверьте его и повторите.")
        messages.error(request, text)
        return redirect("calls:scenario-versions", scenario_id)
    messages.success(request, _("Версия %(number)d снова черновик.") % {"number": number})
    return redirect(found.scenario)


def _version(scenario_id: int, number: int) -> ScenarioVersion:
    versions = ScenarioVersion.objects.select_related("scenario", "author")
    return get_object_or_404(versions, scenario=scenario_id, number=number)
