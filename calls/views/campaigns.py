"""Campaigns: the list, and one campaign as it goes."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required, permission_required
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from calls import campaign_report, campaign_words, reports
from calls.campaign_progress import money_of, progress_of
from calls.forms.campaigns import CampaignsForm, PeopleForm
from calls.forms.drafts import PresetForm
from calls.forms.steering import BudgetForm, PaceForm
from calls.models import Call, Campaign, CampaignDraft, CampaignEvent
from calls.services import drafts, repeating
from calls.services.steering import NotPossible
from calls.tasks import dispatch_due
from obzvon_site.common.htmx import announce, go_to, part, polled
from obzvon_site.common.http import Request, row_id
from obzvon_site.common.paging import page_of

LIST = "calls/campaigns/list.html"
DETAIL = "calls/campaigns/detail.html"
PEOPLE = "calls/campaigns/people.html"
PAGE_SIZE = 30
FEW = 50  # people whose calls fit on the campaign's own page
REPORT_SECONDS = 30
DRAFTS = 5


@require_GET
@login_required
@permission_required("calls.view_campaign", raise_exception=True)
def index(request: Request) -> HttpResponse:
    """Campaigns that pass the filters, newest first; drafts above them."""
    form = CampaignsForm(request.GET)
    page = page_of(form.apply(_listed()), request.GET.get("after"), size=PAGE_SIZE)
    context = {"form": form, "page": page, **_refreshing(page.rows)}
    if page.is_first and not form.is_narrowed and request.user.has_perm("calls.add_campaign"):
        waiting = CampaignDraft.objects.filter(campaign=None).select_related("created_by")
        context["drafts"] = waiting.order_by("-changed_at", "-id")[:DRAFTS]
    return render(request, LIST, context)


@require_GET
@login_required
@permission_required("calls.view_campaign", raise_exception=True)
@polled
def rows(request: Request) -> HttpResponse:
    """The campaigns that a page shows, by their numbers, as they are now."""
    asked = request.GET.get("ids", "").split("-")[:PAGE_SIZE]
    pks = [pk for pk in map(row_id, asked) if pk is not None]
    found = sorted(_listed().filter(pk__in=pks), key=lambda campaign: pks.index(campaign.pk))
    return render(request, f"{LIST}#rows", _refreshing(found))


@require_GET
@login_required
@permission_required("calls.view_campaign", raise_exception=True)
def campaign(request: Request, campaign_id: int) -> HttpResponse:
    """One campaign: how it goes and what has come of it."""
    return show(request, campaign_id)


def show(request: Request, campaign_id: int, *, status: int = 200) -> HttpResponse:
    """The campaign's page, also as the answer to a deed that was not possible."""
    found = _campaign(campaign_id)
    context = {
        **_progress(found),
        "said": campaign_words.said_by(found),
        "rules": campaign_words.rules(found),
        "history": campaign_words.history(found),
        "can_be_steered": campaign_words.can_be_steered(found),
        "budget_form": BudgetForm.of(found),
        "pace_form": PaceForm.of(found),
    }
    if _has_few(found):
        context |= _calls(request, found)
    if _has_report(found):
        context |= _report(found)
    return render(request, DETAIL, context, status=status)


@require_GET
@login_required
@permission_required("calls.view_campaign", raise_exception=True)
@polled
def progress(request: Request, campaign_id: int) -> HttpResponse:
    """Counters of one campaign; ``short`` for the journal's head."""
    found = _campaign(campaign_id)
    context = {**_progress(found), "is_short": "short" in request.GET}
    response = render(request, f"{DETAIL}#progress", context)
    return announce(response, "obz:balance") if found.is_over else response


@require_GET
@login_required
@permission_required("calls.view_campaign", raise_exception=True)
@polled
def report(request: Request, campaign_id: int) -> HttpResponse:
    """What has come of a campaign so far."""
    found = _campaign(campaign_id)
    return render(request, f"{DETAIL}#report", {"campaign": found, **_report(found)})


@require_GET
@login_required
@permission_required("calls.view_campaign", raise_exception=True)
def people(request: Request, campaign_id: int) -> HttpResponse:
    """Calls of one campaign by how they went."""
    found = _campaign(campaign_id)
    context = {"campaign": found, **_calls(request, found)}
    return render(request, part(request, PEOPLE, "found"), context)


@require_POST
@login_required
@permission_required("calls.change_campaign", raise_exception=True)
def retry(request: Request, campaign_id: int) -> HttpResponseBase:
    """Once more to those whose calls failed for one cause."""
    found = _campaign(campaign_id)
    cause = request.POST.get("cause", "")
    try:
        done = repeating.repeat(found, cause, actor=request.user, now=timezone.now())
    except NotPossible as error:
        messages.warning(request, str(error))
    else:
        _say_repeated(request, done)
        dispatch_due.enqueue()
    return go_to(request, found.get_absolute_url())


def _say_repeated(request: Request, done: int) -> None:
    if not done:
        messages.warning(request, _("Повторять нечего: эти звонки уже повторены."))
        return
    text = ngettext("Повторяем %(n)d звонок.", "Повторяем звонков: %(n)d.", done)
    messages.success(request, text % {"n": done})


@require_POST
@login_required
@permission_required("calls.add_campaign", raise_exception=True)
def keep(request: Request, campaign_id: int) -> HttpResponseBase:
    """Keep a campaign's settings under a name, for the next ones."""
    found = _campaign(campaign_id)
    form = PresetForm(request.POST)
    if not form.is_valid():
        messages.error(request, " ".join(map(str, form.errors["name"])))
        return go_to(request, found.get_absolute_url())
    name = form.cleaned_data["name"]
    try:
        drafts.save_preset(name, found.answers, actor=request.user, now=timezone.now())
    except drafts.NameTaken:
        messages.error(request, _("Такая заготовка уже есть. Назовите иначе."))
    else:
        told = _("Заготовка «%(name)s» сохранена: с неё может начать каждый.")
        messages.success(request, told % {"name": name})
    return go_to(request, found.get_absolute_url())


def _campaign(campaign_id: int) -> Campaign:
    near = ("account__channel", "outgoing_phone", "record", "created_by", "contact_list")
    rows = _told().select_related(*near, "scenario_version__scenario")
    return get_object_or_404(rows, pk=campaign_id)


def _has_few(campaign: Campaign) -> bool:
    """Whether one watches its calls themselves, as of those launched without a list."""
    return not campaign.list_name and campaign.people_total <= FEW


def _has_report(campaign: Campaign) -> bool:
    """A single call needs none; of a few the page shows the calls until they are over."""
    return not _has_few(campaign) or (campaign.is_over and campaign.people_total > 1)


def _progress(campaign: Campaign) -> dict[str, object]:
    return {
        "campaign": campaign,
        "progress": progress_of(campaign, timezone.now()),
        "money": money_of(campaign),
        "is_single": not campaign.list_name and campaign.people_total <= 1,
        "has_few": _has_few(campaign),
    }


def _report(campaign: Campaign) -> dict[str, object]:
    return {
        "report": campaign_report.report(campaign),
        "report_seconds": None if campaign.is_over else REPORT_SECONDS,
    }


def _calls(request: Request, campaign: Campaign) -> dict[str, object]:
    form = PeopleForm(request.GET)
    calls: QuerySet[Call] = form.apply(campaign.calls.all())
    page = page_of(reports.listed(calls), request.GET.get("after"))
    return {"people_form": form, "page": page, "table": reports.table(page.rows)}


def _refreshing(campaigns: list[Campaign]) -> dict[str, object]:
    """A list, and how often it should ask again: as often as its liveliest."""
    waits = [campaign.poll_seconds for campaign in campaigns]
    seconds = min((wait for wait in waits if wait is not None), default=None)
    return {"campaigns": campaigns, "poll_seconds": seconds}


def _listed() -> QuerySet[Campaign]:
    return _told().select_related("created_by")


def _told() -> QuerySet[Campaign]:
    """With what their badges say: one that was stopped is done at last, and was stopped still."""
    stops = CampaignEvent.objects.filter(campaign=OuterRef("pk"), kind=CampaignEvent.Kind.STOPPED)
    return Campaign.objects.annotate(was_stopped=Exists(stops))
