"""Scenarios: list, new, the page of a draft, versions."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required, permission_required
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from calls.forms.editor import Editor
from calls.forms.scenarios import NewScenarioForm, Posted
from calls.ivr.document import NotADocument
from calls.ivr.examples import EXAMPLES
from calls.models import Scenario
from calls.services import publishing
from obzvon_site.accounts.models import ApiAccount
from obzvon_site.common.htmx import go_to, part
from obzvon_site.common.http import Request
from obzvon_site.common.paging import page_of

LIST = "calls/scenarios/list.html"
NEW = "calls/scenarios/new.html"
EDIT = "calls/scenarios/edit.html"
PANEL = "calls/scenarios/_panel.html"


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
        "examples": EXAMPLES,
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
    context = {"form": form, "examples": EXAMPLES}
    return render(request, NEW, context, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@permission_required("calls.change_scenario", raise_exception=True)
def scenario(request: Request, scenario_id: int) -> HttpResponseBase:
    """The page of a draft; every button of its form posts here and keeps what was typed."""
    found = _shown(scenario_id)
    if request.method != "POST":
        editor = Editor.of(found)
        editor.focus = request.GET.get("step", "")
        return _page(request, editor)
    action = request.POST.get("action", "save")
    try:
        posted, focus = Posted.read(request.POST).after(action)
    except NotADocument as error:
        return _refused(request, found, str(error))
    if action == "copy":
        return _copy(request, found, posted)
    try:
        saved = _save(request, found, posted)
        if action == "publish":
            return _publish(request, saved)
    except publishing.Conflict as conflict:
        return _page(request, _stale(found, posted, conflict.scenario), status=409)
    return _saved(request, saved, focus, is_said=action == "save")


@require_POST
@login_required
@permission_required("calls.change_scenario", raise_exception=True)
def panel(request: Request, scenario_id: int) -> HttpResponse:
    """Save the draft by itself and say what it amounts to: problems, payload, cost."""
    found = _shown(scenario_id)
    try:
        posted = Posted.read(request.POST)
    except NotADocument as error:
        editor = Editor.of(found)
        editor.refusal = str(error)
        return _panel(request, editor, status=422)
    try:
        return _panel(request, Editor.of(_save(request, found, posted)))
    except publishing.Conflict as conflict:
        return _panel(request, _stale(found, posted, conflict.scenario), status=409)


@require_POST
@login_required
@permission_required("calls.delete_scenario", raise_exception=True)
def remove(request: Request, scenario_id: int) -> HttpResponseBase:
    found = _shown(scenario_id)
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


def _shown(scenario_id: int) -> Scenario:
    scenarios = Scenario.objects.shown().select_related("account", "draft_by")
    return get_object_or_404(scenarios, pk=scenario_id)


def _save(request: Request, found: Scenario, posted: Posted) -> Scenario:
    return publishing.save_draft(
        found,
        posted.name,
        posted.document,
        revision=posted.revision,
        actor=request.user,
        now=timezone.now(),
    )


def _saved(request: Request, saved: Scenario, focus: str, *, is_said: bool) -> HttpResponseBase:
    if request.htmx:
        editor = Editor.of(saved)
        editor.focus = focus
        return _page(request, editor)
    if is_said:
        messages.success(request, _("Черновик сохранён."))
    where = f"?step={focus}#step-{focus}" if focus else ""
    return redirect(reverse("calls:scenario", args=[saved.pk]) + where)


def _publish(request: Request, saved: Scenario) -> HttpResponseBase:
    try:
        version = publishing.publish(saved, actor=request.user, now=timezone.now())
    except publishing.NotReady:
        editor = Editor.of(saved)
        editor.wants_publishing = True
        return _page(request, editor, status=422)
    text = _("Опубликована версия %(number)d. Её можно выбрать в новом звонке.")
    messages.success(request, text % {"number": version.number})
    return go_to(request, saved.get_absolute_url())


def _copy(request: Request, found: Scenario, posted: Posted) -> HttpResponseBase:
    copied = publishing.copy(
        found, posted.document, name=posted.name, actor=request.user, now=timezone.now()
    )
    messages.success(request, _("Это копия. Сценарий «%(name)s» не изменился.") % {"name": found})
    return go_to(request, copied.get_absolute_url())


def _stale(found: Scenario, posted: Posted, current: Scenario) -> Editor:
    """The page as the person left it, beside the news that somebody was faster."""
    editor = Editor(found, posted.document, posted.name, posted.revision)
    editor.conflict = current
    return editor


def _refused(request: Request, found: Scenario, sentence: str) -> HttpResponse:
    """What came is no scenario. With htmx the form stays as it is, and only the panel answers."""
    editor = Editor.of(found)
    editor.refusal = sentence
    if not request.htmx:
        return _page(request, editor, status=422)
    response = _panel(request, editor, status=422)
    response["HX-Retarget"] = "#scenario-panel"
    return response


def _page(request: Request, editor: Editor, status: int = 200) -> HttpResponse:
    return render(request, part(request, EDIT, "form"), _context(request, editor), status=status)


def _panel(request: Request, editor: Editor, status: int = 200) -> HttpResponse:
    return render(request, PANEL, _context(request, editor), status=status)


def _context(request: Request, editor: Editor) -> dict[str, Any]:
    editor.shows_webhook = request.user.has_perm("accounts.view_apiaccount")
    return {"editor": editor, "scenario": editor.scenario}
