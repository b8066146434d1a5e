"""Templates of scenarios: what may be started from, one of them, saving and removing."""

import json
from typing import Any

from django.contrib.auth.decorators import login_required, permission_required
from django.core.exceptions import RequestDataTooBig
from django.http import HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from calls.forms.templates import TemplateForm
from calls.models import ScenarioTemplate
from calls.services import templates
from obzvon_site.common.http import Request

LIST = "calls/scenarios/_templates.html"


@require_safe
@login_required
@permission_required("calls.change_scenario", raise_exception=True)
def index(request: Request) -> HttpResponse:
    """The list to choose from, for a window over the editor."""
    return _list(request)


@require_safe
@login_required
@permission_required("calls.change_scenario", raise_exception=True)
def template(_request: Request, key: str) -> HttpResponse:
    """What is behind one offer."""
    try:
        name, document = templates.chosen(key)
    except LookupError:
        return _refused(_("Этого шаблона больше нет. Выберите другой."), status=404)
    return JsonResponse({"name": name, "document": document.as_json()})


@require_POST
@login_required
@permission_required("calls.add_scenariotemplate", raise_exception=True)
def save(request: Request) -> HttpResponse:
    """Keep what the editor holds, also with errors, as drafts are kept."""
    form = TemplateForm(_read(request))
    if not form.is_valid():
        return _refused(form.sentence)
    name, about, document = (form.cleaned_data[field] for field in ("name", "about", "document"))
    try:
        templates.save(name, about, document, actor=request.user, now=timezone.now())
    except templates.NameTaken:
        return _refused(_("Шаблон «%(name)s» уже есть. Назовите иначе.") % {"name": name})
    said = _("Шаблон «%(name)s» сохранён: с него может начать каждый.")
    return JsonResponse({"sentence": said % {"name": name}})


@require_POST
@login_required
@permission_required("calls.delete_scenariotemplate", raise_exception=True)
def remove(request: Request, template_id: int) -> HttpResponseBase:
    found = get_object_or_404(ScenarioTemplate, pk=template_id)
    templates.remove(found, actor=request.user)
    return _list(request) if request.htmx else redirect("calls:scenarios")


def _list(request: Request) -> HttpResponse:
    return render(request, LIST, {"offers": templates.offered()})


def _read(request: Request) -> dict[str, Any]:
    """The JSON object of a request; an empty one, which no form takes, for anything else."""
    try:
        data = json.loads(request.body)
    except (ValueError, RecursionError, RequestDataTooBig):
        return {}
    return data if isinstance(data, dict) else {}


def _refused(sentence: str, *, status: int = 422) -> HttpResponse:
    return JsonResponse({"error": sentence}, status=status)
