"""The wizard of campaigns: where to start from, its steps, and their parts that refresh."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required, permission_required
from django.http import Http404
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from calls import tasks
from calls.forms import draft_words
from calls.forms.drafts import FILLED, STEPS, NotPlanned, ShownForm, Wizard
from calls.models import Campaign, CampaignDraft, CampaignPreset, ContactList
from calls.services import drafts, importing, list_launching, lists
from calls.services.launching import NotReady
from calls.views import draft_parts
from obzvon_site.common.htmx import announce
from obzvon_site.common.http import Request, row_id

START = "calls/drafts/start.html"
ORDER = tuple(STEPS)
RECENT = 10


@require_http_methods(["GET", "POST"])
@login_required
@permission_required("calls.add_campaign", raise_exception=True)
def new(request: Request) -> HttpResponseBase:
    """Begin: from nothing, from a preset, like another campaign; or go on with a draft."""
    given = request.POST if request.method == "POST" else request.GET
    contact_list = _row(ContactList.objects.shown(), given.get("list"))
    copied = _row(Campaign.objects.all(), given.get("copy"))
    preset = _row(CampaignPreset.objects.all(), given.get("preset"))
    if request.method == "POST":
        return redirect(_begin(request, contact_list, copied, preset))
    context = {
        "contact_list": contact_list,
        "copied": copied,
        "chosen": preset,
        "presets": CampaignPreset.objects.order_by("name"),
        "recent": Campaign.objects.exclude(contact_list=None).order_by("-pk")[:RECENT],
        "drafts": draft_parts.waiting(),
    }
    return render(request, START, context)


def _row(rows: Any, asked: str | None) -> Any:
    """A row that an address names, if it is still there."""
    number = row_id(asked)
    return rows.filter(pk=number).first() if number else None


def _begin(
    request: Request,
    contact_list: ContactList | None,
    copied: Campaign | None,
    preset: CampaignPreset | None,
) -> CampaignDraft:
    now = timezone.now()
    if copied is not None:
        return drafts.copy_of(copied, actor=request.user, now=now)
    if preset is not None:
        return drafts.from_preset(preset, actor=request.user, now=now, contact_list=contact_list)
    return drafts.create(actor=request.user, now=now, contact_list=contact_list)


@require_http_methods(["GET", "POST"])
@login_required
@permission_required("calls.add_campaign", raise_exception=True)
def draft(request: Request, draft_id: int, step: str) -> HttpResponseBase:
    """One step. Whatever is posted is kept first, right or wrong; then one goes where one asked."""
    found = get_object_or_404(CampaignDraft.objects.select_related("campaign"), pk=draft_id)
    if step not in STEPS:
        raise Http404(_("Такого шага нет"))
    if (campaign := draft_parts.launched(found)) is not None:
        return _launched_before(request, campaign)
    if request.method == "GET":
        return draft_parts.page(request, Wizard(found), step)
    if step == "launch" and request.POST.get("go") == "launch":
        return _launch(request, found)
    if step in FILLED:
        try:
            found = _kept(request, found, step)
        except drafts.Gone as gone:
            return _gone(request, gone)
    return _go(request, Wizard(found), step)


def _kept(request: Request, found: CampaignDraft, step: str) -> CampaignDraft:
    """The draft with what was posted; as it is, when a later request has overtaken this one."""
    form = Wizard(found).form(step)
    kept = form.kept(request.POST)
    if form.is_late(found.answers, kept):
        return found
    return drafts.save_step(found, step, kept, now=timezone.now())


def _go(request: Request, wizard: Wizard, step: str) -> HttpResponseBase:
    """Where the pressed button leads."""
    go, place = request.POST.get("go", "next"), ORDER.index(step)
    if go == "save":
        return announce(draft_parts.saved(request, wizard.draft), "obz:draft-saved")
    if go == "stay":
        return draft_parts.page(request, wizard, step, is_quiet=True)
    if go == "back":
        go = ORDER[max(place - 1, 0)]
    elif go not in STEPS:
        if step in FILLED and not wizard.form(step).is_valid():
            return draft_parts.page(request, wizard, step, status=422)
        go = ORDER[min(place + 1, len(ORDER) - 1)]
    if step == "list" and wizard.form(step).is_paste and wizard.form(step).is_valid():
        _keep_pasted(request, wizard)
    return redirect("calls:campaign-draft", wizard.draft.pk, go)


def _keep_pasted(request: Request, wizard: Wizard) -> None:
    """Make a list of the pasted numbers: from here on it is one of the lists."""
    data, now = wizard.form("list").cleaned_data, timezone.now()
    made = lists.create(data["name"], actor=request.user, now=now)
    told = importing.add_numbers(made, data["numbers"], actor=request.user, now=now)
    kept = {**wizard.draft.answers["list"], "contact_list": [str(made.pk)], "numbers": []}
    drafts.save_step(wizard.draft, "list", kept, now=now)
    messages.success(request, draft_words.pasted(told))


def _launch(request: Request, found: CampaignDraft) -> HttpResponseBase:
    """Launch what the button said, once: whoever presses second is led to the campaign."""
    wizard = Wizard(found)
    try:
        campaign = list_launching.launch_plan(
            wizard.plan(),
            actor=request.user,
            now=timezone.now(),
            shown=ShownForm(request.POST).shown,
        )
    except NotPlanned:
        return draft_parts.page(request, wizard, "launch", status=422)
    except NotReady as error:
        return draft_parts.page(request, wizard, "launch", status=422, problems=error.problems)
    if campaign.created_by_id != request.user.pk:  # somebody pressed at the same moment
        return _launched_before(request, campaign)
    tasks.prepare_due.enqueue()
    return redirect(campaign)


def _launched_before(request: Request, campaign: Campaign) -> HttpResponseBase:
    messages.warning(request, _("Этот обзвон уже запущен. Второй раз не звоним."))
    return redirect(campaign)


def _gone(request: Request, gone: drafts.Gone) -> HttpResponseBase:
    if gone.campaign is not None:
        return _launched_before(request, gone.campaign)
    messages.warning(request, _("Этот черновик удалили. Начните новый."))
    return redirect("calls:campaign-new")


@require_POST
@login_required
@permission_required("calls.add_campaign", raise_exception=True)
def remove(request: Request, draft_id: int) -> HttpResponseBase:
    """Throw a draft away."""
    found = get_object_or_404(CampaignDraft, pk=draft_id, campaign=None)
    drafts.remove(found, actor=request.user)
    messages.success(request, _("Черновик «%(name)s» удалён.") % {"name": found})
    return redirect("calls:campaign-new")


@require_POST
@login_required
@permission_required("calls.add_campaign", raise_exception=True)
def copy(request: Request, campaign_id: int) -> HttpResponseBase:
    """A draft like a campaign that was launched."""
    found = get_object_or_404(Campaign, pk=campaign_id)
    return redirect(drafts.copy_of(found, actor=request.user, now=timezone.now()))
