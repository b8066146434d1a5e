"""The draft as a plain form: the way to edit a scenario without scripts.

Every button of the form posts here and keeps what was typed.
"""

from django.contrib import messages
from django.contrib.auth.decorators import login_required, permission_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from calls.forms.plain_editor import Editor
from calls.forms.scenarios import Posted
from calls.ivr.document import NotADocument
from calls.models import Scenario
from calls.services import publishing
from calls.views.scenarios import shown_or_404
from obzvon_site.common.http import Request

FORM = "calls/scenarios/form.html"


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@permission_required("calls.change_scenario", raise_exception=True)
def form(request: Request, scenario_id: int) -> HttpResponse:
    """The page of a draft; every button of its form posts here and keeps what was typed."""
    found = shown_or_404(scenario_id)
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


def _save(request: Request, found: Scenario, posted: Posted) -> Scenario:
    return publishing.save_draft(
        found,
        posted.name,
        posted.document,
        revision=posted.revision,
        actor=request.user,
        now=timezone.now(),
    )


def _saved(request: Request, saved: Scenario, focus: str, *, is_said: bool) -> HttpResponse:
    if is_said:
        messages.success(request, _("Черновик сохранён."))
    where = f"?step={focus}#step-{focus}" if focus else ""
    return redirect(_address(saved) + where)


def _address(scenario: Scenario) -> str:
    return reverse("calls:scenario-form", args=[scenario.pk])


def _publish(request: Request, saved: Scenario) -> HttpResponse:
    try:
        version = publishing.publish(saved, actor=request.user, now=timezone.now())
    except publishing.NotReady:
        editor = Editor.of(saved)
        editor.wants_publishing = True
        return _page(request, editor, status=422)
    text = _("Опубликована версия %(number)d. Её можно выбрать в новом звонке.")
    messages.success(request, text % {"number": version.number})
    return redirect(_address(saved))


def _copy(request: Request, found: Scenario, posted: Posted) -> HttpResponse:
    copied = publishing.copy(
        found, posted.document, name=posted.name, actor=request.user, now=timezone.now()
    )
    messages.success(request, _("Это копия. Сценарий «%(name)s» не изменился.") % {"name": found})
    return redirect(_address(copied))


def _stale(found: Scenario, posted: Posted, current: Scenario) -> Editor:
    """The page as the person left it, beside the news that somebody was faster."""
    editor = Editor(found, posted.document, posted.name, posted.revision)
    editor.conflict = current
    return editor


def _refused(request: Request, found: Scenario, sentence: str) -> HttpResponse:
    """What came is no scenario: the page of the saved draft, with why."""
    editor = Editor.of(found)
    editor.refusal = sentence
    return _page(request, editor, status=422)


def _page(request: Request, editor: Editor, status: int = 200) -> HttpResponse:
    editor.shows_webhook = request.user.has_perm("accounts.view_apiaccount")
    context = {"editor": editor, "scenario": editor.scenario}
    return render(request, FORM, context, status=status)
