"""The visual editor: its page, the draft as it saves itself, publishing, records to choose."""

import json
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required, permission_required
from django.core.exceptions import RequestDataTooBig
from django.core.serializers.json import DjangoJSONEncoder
from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.html import json_script
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from calls.forms.editor import (
    EditorPage,
    SentDraft,
    conflict_as_json,
    problems_as_json,
    record_as_json,
    records_as_json,
    saved_as_json,
    version_as_json,
)
from calls.ivr.document import NotADocument, record_pks, too_big
from calls.models import Scenario
from calls.services import publishing
from calls.services.publishing import facts_of_records
from calls.views.scenarios import shown_or_404
from obzvon_site.common.http import Request
from records.models import Record

PAGE = "calls/scenarios/editor.html"
RECORDS = "calls/scenarios/_records.html"
# Named at once, or a browser would find them one behind the other. A test compares the folder.
MODULES = [
    f"editor/{name}.js"
    for name in (
        *("backup", "bar", "check", "commands", "cost", "dialogs", "dom", "drag", "fields", "json"),
        *("keys", "main", "menus", "model", "panel", "payload", "save", "server", "session", "sim"),
        *("store", "titles", "tree", "trial"),
    )
]
MOST_RECORDS = 30  # in one list to choose from; a search finds the others


class AsTyped(DjangoJSONEncoder):
    """Russian letters as letters: a third of what their codes take."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{**options, "ensure_ascii": False})


@require_safe
@login_required
@permission_required("calls.change_scenario", raise_exception=True)
def editor(request: Request, scenario_id: int) -> HttpResponse:
    found = shown_or_404(scenario_id)
    data = EditorPage(found, request.user).as_json()
    script = json_script(data, "editor-data", encoder=AsTyped)
    context = {"scenario": found, "data": data, "script": script, "modules": MODULES}
    return render(request, PAGE, context)


@require_http_methods(["PUT"])
@login_required
@permission_required("calls.change_scenario", raise_exception=True)
def draft(request: Request, scenario_id: int) -> HttpResponse:
    """Save the draft that was opened at a revision; also one with errors."""
    found = Scenario.objects.filter(pk=scenario_id).first()
    if found is None:
        return JsonResponse({"isGone": True}, status=410)
    try:
        sent = _sent(request)
        saved = publishing.save_draft(
            found,
            sent.name,
            sent.document,
            revision=sent.revision,
            actor=request.user,
            now=timezone.now(),
            key=sent.key,
            lost=sent.lost,
        )
    except NotADocument as error:
        return JsonResponse({"error": str(error)}, status=422)
    except publishing.Conflict as conflict:
        return _conflict(conflict)
    return JsonResponse(saved_as_json(saved, publishing.check(saved, sent.document)))


@require_POST
@login_required
@permission_required("calls.change_scenario", raise_exception=True)
def publish(request: Request, scenario_id: int) -> HttpResponse:
    """Freeze the draft that the person sees, named by its revision, as the next version."""
    found = shown_or_404(scenario_id)
    if request.POST.get("revision") != str(found.draft_revision):
        return _conflict(publishing.Conflict(found))
    try:
        version = publishing.publish(found, actor=request.user, now=timezone.now())
    except publishing.NotReady as error:
        played = records_as_json(found.account, record_pks(found.document()))
        problems = problems_as_json(error.problems)
        return JsonResponse({"problems": problems, "records": played}, status=422)
    except publishing.Conflict as conflict:
        return _conflict(conflict)
    return JsonResponse({"version": version_as_json(version, found.document())})


@require_POST
@login_required
@permission_required("calls.change_scenario", raise_exception=True)
def copy(request: Request, scenario_id: int) -> HttpResponse:
    """Keep what the editor holds as a new scenario; also of one that was put away meanwhile."""
    found = get_object_or_404(Scenario.objects.select_related("account"), pk=scenario_id)
    try:
        sent = _sent(request)
    except NotADocument as error:
        return JsonResponse({"error": str(error)}, status=422)
    copied = publishing.copy(
        found, sent.document, name=sent.name, actor=request.user, now=timezone.now()
    )
    messages.success(request, _("Это копия. Сценарий «%(name)s» не изменился.") % {"name": found})
    return JsonResponse({"url": copied.get_absolute_url()})


@require_safe
@login_required
@permission_required("calls.change_scenario", raise_exception=True)
def records(request: Request, scenario_id: int) -> HttpResponse:
    """Records of the scenario's account to choose from, found by name or text."""
    found = shown_or_404(scenario_id)
    text = request.GET.get("q", "").strip()[:120]
    kept = Record.objects.newest().filter(account=found.account)
    matching = list(kept.matching(text=text, state="")[: MOST_RECORDS + 1])
    facts = facts_of_records(found.account, [record.pk for record in matching])
    rows = [(record, json.dumps(record_as_json(record, facts[record.pk]))) for record in matching]
    context: dict[str, Any] = {
        "scenario": found,
        "rows": rows[:MOST_RECORDS],
        "has_more": len(rows) > MOST_RECORDS,
        "text": text,
    }
    return render(request, RECORDS, context)


def _sent(request: Request) -> SentDraft:
    try:
        body = request.body
    except RequestDataTooBig as error:
        raise NotADocument(too_big()) from error
    return SentDraft.read(body)


def _conflict(conflict: publishing.Conflict) -> HttpResponse:
    return JsonResponse(conflict_as_json(conflict.scenario), status=409)
