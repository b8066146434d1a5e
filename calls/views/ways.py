"""The tree of a version as a report: how many subscribers went each way."""

from django.contrib.auth.decorators import login_required, permission_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from calls.models import Campaign, ScenarioVersion
from calls.ways import ways
from obzvon_site.common.http import Request, row_id

PAGE = "calls/scenarios/ways.html"
CAMPAIGNS_MAX = 100  # in the list to choose from


@require_safe
@login_required
@permission_required("calls.view_scenario", raise_exception=True)
def version(request: Request, scenario_id: int, number: int) -> HttpResponse:
    """All calls of a version, or with ``?campaign=`` those of one campaign."""
    versions = ScenarioVersion.objects.select_related("scenario")
    found = get_object_or_404(versions, scenario=scenario_id, number=number)
    chosen = found.campaigns.filter(pk=row_id(request.GET.get("campaign")) or 0).first()
    context = {
        "scenario": found.scenario,
        "version": found,
        "campaign": chosen,
        "campaigns": _choices(found, chosen),
        "found": ways(found, chosen),
    }
    return render(request, PAGE, context)


def _choices(found: ScenarioVersion, chosen: Campaign | None) -> list[Campaign]:
    """The latest campaigns of a version, and the chosen one however old."""
    latest = list(found.campaigns.order_by("-created_at", "-pk")[:CAMPAIGNS_MAX])
    return latest if chosen is None or chosen in latest else [*latest, chosen]
