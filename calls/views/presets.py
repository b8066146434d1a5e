"""Settings of campaigns that people keep for the next ones."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required, permission_required
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from calls.forms.drafts import PresetForm, Wizard
from calls.models import CampaignDraft, CampaignPreset
from calls.services import drafts
from calls.views import draft_parts
from obzvon_site.common.http import Request


@require_POST
@login_required
@permission_required("calls.add_campaign", raise_exception=True)
def save(request: Request, draft_id: int) -> HttpResponseBase:
    """Keep a draft's settings under a name."""
    draft = get_object_or_404(CampaignDraft, pk=draft_id)
    form = PresetForm(request.POST)
    if form.is_valid():
        name = form.cleaned_data["name"]
        try:
            drafts.save_preset(name, draft.answers, actor=request.user, now=timezone.now())
        except drafts.NameTaken:
            form.add_error("name", _("Такая заготовка уже есть. Назовите иначе."))
        else:
            told = _("Заготовка «%(name)s» сохранена: с неё может начать каждый.")
            messages.success(request, told % {"name": name})
            return redirect("calls:campaign-draft", draft.pk, "launch")
    return draft_parts.page(request, Wizard(draft), "launch", status=422, preset_form=form)


@require_POST
@login_required
@permission_required("calls.add_campaign", raise_exception=True)
def remove(request: Request, preset_id: int) -> HttpResponseBase:
    """Offer a preset no more."""
    found = get_object_or_404(CampaignPreset, pk=preset_id)
    drafts.remove_preset(found, actor=request.user)
    messages.success(request, _("Заготовка «%(name)s» удалена.") % {"name": found})
    return redirect("calls:campaign-new")
