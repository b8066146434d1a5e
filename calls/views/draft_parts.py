"""What the steps of the wizard are drawn from, and the parts that refresh themselves."""

from typing import Any

from django.contrib.auth.decorators import login_required, permission_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.crypto import get_random_string
from django.views.decorators.http import require_GET

from calls.forms import draft_words
from calls.forms.drafts import FILLED, STEPS, NotPlanned, PresetForm, ShownForm, Wizard
from calls.models import Campaign, CampaignDraft
from calls.services import planning
from calls.services.list_launching import Shown
from obzvon_site.common.htmx import polled
from obzvon_site.common.http import Request, row_id

FOLDER = "calls/drafts"
WAITING = 20  # drafts that a page names
AT_ONCE = 20_000  # contacts that are counted while the page is made; more take a moment
ORDER = tuple(STEPS)


def waiting() -> list[CampaignDraft]:
    """Drafts to go on with, those touched last in front."""
    rows = CampaignDraft.objects.filter(campaign=None).select_related("created_by")
    return list(rows.order_by("-changed_at", "-pk")[:WAITING])


def launched(draft: CampaignDraft) -> Campaign | None:
    """What a draft has become."""
    return draft.campaign or Campaign.objects.filter(launch_token=draft.launch_token).first()


def page(
    request: Request,
    wizard: Wizard,
    step: str,
    *,
    status: int = 200,
    is_quiet: bool = False,
    problems: list[str] | None = None,
    preset_form: PresetForm | None = None,
) -> HttpResponse:
    """A whole step. Errors are shown where somebody has been already, or pressed «next»."""
    context = {**_context(wizard, step), "problems": problems}
    if step in FILLED:
        context["form"] = wizard.form(step)
    if step == "list" and (asked := row_id(request.GET.get("list"))):
        context["form"] = wizard.form(step).choosing(asked)
    if step == "message":
        context |= _preview(wizard)
    if step == "time":
        context |= _rules(wizard)
    if step in {"check", "launch"}:
        # A problem is told beside the button as it would be now.
        context |= _review(request, wizard, step, at_once=bool(problems))
        context["preset_form"] = preset_form or PresetForm(initial={"name": wizard.draft.name})
    if step in FILLED and (is_quiet or not wizard.is_begun(step)):
        context["form"].hush()  # after everything that asks whether it is valid
    return render(request, f"{FOLDER}/{step}.html", context, status=status)


def _context(wizard: Wizard, step: str) -> dict[str, Any]:
    place = ORDER.index(step)
    return {
        "draft": wizard.draft,
        "wizard": wizard,
        "step": step,
        "page_key": get_random_string(12),  # see StepForm.is_late
        "title": STEPS[step],
        "number": place + 1,
        "rail": wizard.rail(step),
        "before": STEPS[ORDER[place - 1]] if place else "",
        "after": STEPS[ORDER[place + 1]] if place + 1 < len(ORDER) else "",
    }


def saved(request: Request, draft: CampaignDraft) -> HttpResponse:
    """The line that says when the draft was kept."""
    return render(request, f"{FOLDER}/_saved.html", {"draft": draft})


@require_GET
@login_required
@permission_required("calls.add_campaign", raise_exception=True)
@polled
def lists(request: Request, draft_id: int) -> HttpResponse:
    """The lists to choose from, as they are searched for."""
    wizard = Wizard(_draft(draft_id))
    chosen = row_id(request.GET.get("contact_list"))
    form = wizard.form("list").choosing(chosen, among=request.GET.get("q", ""))
    return render(request, f"{FOLDER}/list.html#lists", {"draft": wizard.draft, "form": form})


@require_GET
@login_required
@permission_required("calls.add_campaign", raise_exception=True)
@polled
def preview(request: Request, draft_id: int) -> HttpResponse:
    """What some people of the list will hear."""
    wizard = Wizard(_draft(draft_id))
    context = {"draft": wizard.draft, **_preview(wizard)}
    return render(request, f"{FOLDER}/message.html#preview", context)


def _preview(wizard: Wizard) -> dict[str, Any]:
    form, contact_list = wizard.form("message"), wizard.form("list").chosen
    variants = [form, form.second] if form.is_compared else [form]
    heard = []
    for letter, variant in zip("аб", variants, strict=False):
        is_text = variant["message"].value() == Campaign.Message.TEXT
        told = variant.typed if is_text and contact_list is not None else ""
        may_fill = told.strip() and not variant.unknown
        heard.append(
            {
                "letter": letter.upper(),
                "form": variant,
                "samples": planning.samples_of(contact_list, told) if may_fill else [],
                "unknown": variant.unknown if is_text else [],
            }
        )
    return {"heard": heard, "contact_list": contact_list}


@require_GET
@login_required
@permission_required("calls.add_campaign", raise_exception=True)
@polled
def rules(request: Request, draft_id: int) -> HttpResponse:
    """What the chosen purpose, hours and limits come to."""
    wizard = Wizard(_draft(draft_id))
    context = {"draft": wizard.draft, **_rules(wizard)}
    return render(request, f"{FOLDER}/time.html#rules", context)


def _rules(wizard: Wizard) -> dict[str, Any]:
    form = wizard.form("time")
    form.is_valid()
    return {
        "rules": draft_words.rules(form),
        "preset": form.preset,
        "contact_list": wizard.form("list").chosen,
    }


@require_GET
@login_required
@permission_required("calls.add_campaign", raise_exception=True)
@polled
def review(request: Request, draft_id: int) -> HttpResponse:
    """Whom it would call, for how much, and what is wrong with it."""
    return _reviewed(request, draft_id, "check", "review")


@require_GET
@login_required
@permission_required("calls.add_campaign", raise_exception=True)
@polled
def ready(request: Request, draft_id: int) -> HttpResponse:
    """The button that launches, with the number and the price on it."""
    return _reviewed(request, draft_id, "launch", "ready")


def _reviewed(request: Request, draft_id: int, step: str, name: str) -> HttpResponse:
    wizard = Wizard(_draft(draft_id))
    found = _review(request, wizard, step, at_once=True)
    context = {"draft": wizard.draft, "step": step, **found}
    return render(request, f"{FOLDER}/{step}.html#{name}", context)


def _review(
    request: Request, wizard: Wizard, step: str, *, at_once: bool = False
) -> dict[str, Any]:
    """Faults of the answers; without any, the plan and what looking it over has found."""
    try:
        plan = wizard.plan()
    except NotPlanned as error:
        own = [fault for fault in error.faults if fault.step != step]
        return {"faults": own, "is_counted": True}
    is_counted = at_once or "count" in request.GET or plan.contact_list.total <= AT_ONCE
    now = timezone.now()
    found = planning.review(plan, now=now) if is_counted else None
    return {
        "plan": plan,
        "review": found,
        "shown_form": ShownForm(shown=Shown.of(plan, found)) if found else None,
        "aside": draft_words.aside(found, plan) if found else [],
        "answered": round(100 * found.forecast.answered) if found and found.forecast else None,
        "begins": draft_words.begins(found, now) if found else "",
        "ends": draft_words.moment(found.ends_at) if found and found.ends_at else "",
        "is_counted": is_counted,
        "facts": draft_words.facts(plan),
        "sentence": draft_words.sentence(plan),
    }


def _draft(draft_id: int) -> CampaignDraft:
    return get_object_or_404(CampaignDraft, pk=draft_id)
