"""The rules of calling: what the law allows for each purpose, and what an admin has made of it."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required, permission_required
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from calls.forms.rules import RulesForm
from calls.rules.purposes import OFFERED, PRESETS, Preset
from calls.services import rules_in_force
from obzvon_site.common.http import Request


@require_GET
@login_required
@permission_required("calls.view_purposerules", raise_exception=True)
def index(request: Request) -> HttpResponse:
    """Every purpose with its hours, limits and laws."""
    return render(request, "calls/rules/list.html", {"rules": rules_in_force.in_force()})


@require_http_methods(["GET", "POST"])
@login_required
@permission_required("calls.change_purposerules", raise_exception=True)
def edit(request: Request, purpose: str) -> HttpResponseBase:
    """Other hours and limits for one purpose."""
    preset = _preset_or_404(purpose)
    data = request.POST if request.method == "POST" else None
    form = RulesForm(data, purpose=purpose, initial=RulesForm.initial_of(preset))
    if form.is_valid():
        rules_in_force.change(
            purpose,
            hours=form.cleaned_data["hours"],
            limits=form.limits,
            ground=form.cleaned_data["ground"],
            actor=request.user,
            now=timezone.now(),
        )
        words = _("Правила сохранены. Строже — сразу для всех обзвонов, мягче — только для новых.")
        messages.success(request, words)
        return redirect("calls:rules")
    context: dict[str, Any] = {"form": form, "preset": preset, "built_in": PRESETS[purpose]}
    return render(request, "calls/rules/edit.html", context, status=422 if data else 200)


@require_POST
@login_required
@permission_required("calls.change_purposerules", raise_exception=True)
def reset(request: Request, purpose: str) -> HttpResponseBase:
    """Back to the built-in rules."""
    _preset_or_404(purpose)
    rules_in_force.reset(purpose, actor=request.user)
    messages.success(request, _("Исходные правила возвращены."))
    return redirect("calls:rules")


def _preset_or_404(purpose: str) -> Preset:
    """The rules of a purpose that may be changed: offered, and not refused altogether."""
    if purpose not in OFFERED or PRESETS[purpose].refusal:
        raise Http404(_("Такой цели нет"))
    return rules_in_force.preset(purpose)
