"""What a person does to a running campaign. Each deed answers with the campaign's page."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required, permission_required
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from calls.forms.steering import BudgetForm, PaceForm
from calls.models import Campaign
from calls.services import steering
from calls.tasks import dispatch_due, take_back_stopped
from calls.views import campaigns
from obzvon_site.accounts.services import balance
from obzvon_site.common.forms import Form
from obzvon_site.common.htmx import go_to
from obzvon_site.common.http import Request

PATIENCE = 5.0  # seconds a person waits for the balance


@require_POST
@login_required
@permission_required("calls.change_campaign", raise_exception=True)
def pause(request: Request, campaign_id: int) -> HttpResponseBase:
    """Send nothing more for now."""

    def said(_done: object) -> str:
        return _("Обзвон на паузе. Звонки, которые уже ушли, закончатся сами.")

    return _steer(request, campaign_id, steering.pause, said)


@require_POST
@login_required
@permission_required("calls.change_campaign", raise_exception=True)
def resume(request: Request, campaign_id: int) -> HttpResponseBase:
    """Go on after a pause, or try again what was held back."""
    found = get_object_or_404(Campaign.objects.select_related("account"), pk=campaign_id)
    if found.hold_kind == Campaign.Hold.BALANCE:
        # It may have been topped up a moment ago: one click is enough then.
        balance.refresh(found.account, now=timezone.now(), deadline=PATIENCE)

    def said(_done: object) -> str:
        return _("Обзвон продолжается.")

    return _steer(request, campaign_id, steering.resume, said)


@require_POST
@login_required
@permission_required("calls.change_campaign", raise_exception=True)
def approve(request: Request, campaign_id: int) -> HttpResponseBase:
    """The pilot went well."""

    def said(_done: object) -> str:
        return _("Пробная часть одобрена, обзвон продолжается.")

    return _steer(request, campaign_id, steering.approve_pilot, said)


@require_POST
@login_required
@permission_required("calls.change_campaign", raise_exception=True)
def stop(request: Request, campaign_id: int) -> HttpResponseBase:
    """Take back what has not gone out, for good."""
    answer = _steer(request, campaign_id, steering.stop, _stopped)
    take_back_stopped.enqueue()
    return answer


def _stopped(count: int) -> str:
    if not count:
        return _("Обзвон остановлен. Все его звонки уже ушли, их не остановить.")
    text = ngettext(
        "Отменён %(count)d звонок. Те, что уже ушли, не остановить.",
        "Отменено звонков: %(count)d. Те, что уже ушли, не остановить.",
        count,
    )
    return text % {"count": count}


@require_POST
@login_required
@permission_required("calls.change_campaign", raise_exception=True)
def budget(request: Request, campaign_id: int) -> HttpResponseBase:
    """Change the most it may spend."""

    def said(has_room: object) -> str:
        if has_room:
            return _("Бюджет сохранён.")
        return _("Бюджет сохранён, но и он уже потрачен: обзвон ждёт.")

    return _change(request, campaign_id, BudgetForm(request.POST), steering.set_budget, said)


@require_POST
@login_required
@permission_required("calls.change_campaign", raise_exception=True)
def pace(request: Request, campaign_id: int) -> HttpResponseBase:
    """Change how fast it goes."""

    def said(_done: object) -> str:
        return _("Темп сохранён.")

    return _change(request, campaign_id, PaceForm(request.POST), steering.set_pace, said)


def _change(
    request: Request,
    campaign_id: int,
    form: Form,
    deed: Callable[..., Any],
    said: Callable[[Any], str],
) -> HttpResponseBase:
    """Do what a form asks for, or show the campaign with what is wrong in it."""
    if form.is_valid():
        return _steer(request, campaign_id, deed, said, **form.cleaned_data)
    for name, errors in form.errors.items():
        for error in errors:
            messages.error(request, f"{form[name].label}: {error}")
    return campaigns.show(request, campaign_id, status=422)


def _steer(
    request: Request,
    campaign_id: int,
    deed: Callable[..., Any],
    said: Callable[[Any], str],
    **values: Any,
) -> HttpResponseBase:
    """Do it and say so, or say what was in the way; either way the campaign's page follows."""
    found = get_object_or_404(Campaign, pk=campaign_id)
    try:
        done = deed(found, actor=request.user, now=timezone.now(), **values)
    except steering.NotPossible as error:
        messages.warning(request, str(error))
    else:
        messages.success(request, said(done))
        dispatch_due.enqueue()
    return go_to(request, found.get_absolute_url())
