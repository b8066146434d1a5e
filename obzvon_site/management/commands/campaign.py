"""Campaigns for scripts: create, start, pause, resume, stop, status; ``--json`` for machines."""

from argparse import ArgumentParser
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from calls.forms.drafts import NotPlanned, Wizard, plan_of
from calls.models import Campaign, CampaignDraft, CampaignPreset
from calls.models.campaign import COUNTERS, DEPTHS
from calls.services import drafts, launching, list_launching, planning, steering
from obzvon_site.management.shell import Failed, ShellCommand, list_called, person

# option → step and field of the wizard
FIELDS = {
    "text": ("message", "text"),
    "record": ("message", "record"),
    "scenario": ("message", "version"),
    "gender": ("message", "gender"),
    "account": ("time", "account"),
    "caller": ("time", "caller"),
    "purpose": ("time", "purpose"),
    "ground": ("time", "ground"),
    "pace": ("time", "calls_per_minute"),
    "concurrent": ("time", "concurrent"),
    "skip_called_days": ("time", "skip_called_days"),
    "budget": ("check", "budget"),
    "day_budget": ("check", "day_budget"),
    "pilot": ("check", "pilot_size"),
}
ABOUT = {
    "text": "what is spoken; {имя} and other variables of the list are filled in",
    "record": "number of the audio record to play",
    "scenario": "number of the published scenario version to play",
    "gender": "voice of the text: 0 female, 1 male",
    "account": "number of the API account",
    "caller": "number of the outgoing phone, or «duty»",
    "purpose": "service, debt, survey or emergency",
    "ground": "what the purpose rests on, where it asks for it",
    "pace": "calls a minute, at most",
    "concurrent": "calls at once, at most",
    "skip_called_days": "leave out whom anybody called in so many days",
    "budget": "roubles, at most",
    "day_budget": "roubles a day, at most",
    "pilot": "so many calls first, then wait for approval",
}
MESSAGES = {"text": "text", "record": "record", "scenario": "scenario"}


class Command(ShellCommand):
    help = "Make and steer campaigns from scripts"
    actions = {
        "create": "make a draft and look it over; nobody is called yet",
        "start": "launch a draft",
        "pause": "send nothing more until it is resumed",
        "resume": "go on after a pause or a hold",
        "stop": "end it for good",
        "status": "how far it has come",
    }

    def arguments_of_create(self, parser: ArgumentParser) -> None:
        parser.add_argument("name")
        parser.add_argument("--list", required=True, help="number or name of the contact list")
        for name, about in ABOUT.items():
            parser.add_argument(f"--{name.replace('_', '-')}", help=about)
        parser.add_argument("--start-at", help="not before: 2026-12-01T10:00, of the site's zone")
        parser.add_argument("--end-at", help="not after")
        parser.add_argument("--waive-consent", help="why people without a consent may be called")
        parser.add_argument("--preset", help="begin with the settings kept under this name")
        parser.add_argument(
            *("--set", "-s"),
            action="append",
            default=[],
            metavar="STEP.FIELD=VALUE",
            help="any other field of the wizard, for example time.busy_times=3",
        )
        parser.add_argument("--start", action="store_true", help="launch it at once")

    def arguments_of_start(self, parser: ArgumentParser) -> None:
        parser.add_argument("number", type=int, help="of the draft")

    def arguments_of_status(self, parser: ArgumentParser) -> None:
        parser.add_argument("number", type=int, help="of the campaign")

    arguments_of_pause = arguments_of_resume = arguments_of_stop = arguments_of_status

    def do_create(self, options: dict[str, Any]) -> dict[str, Any]:
        now, actor = timezone.now(), person(options["user"])
        contact_list = list_called(options["list"])
        answers = _answers(options)
        draft = _begin(options, contact_list, actor, now)
        answers.setdefault("list", {})["contact_list"] = [str(contact_list.pk)]
        for step, fields in answers.items():
            kept = {**draft.answers.get(step, {}), **fields}
            draft = drafts.save_step(draft, step, kept, now=now)
        told = _looked_over(draft, now)
        return {**told, **_started(draft, actor, now)} if options["start"] else told

    def do_start(self, options: dict[str, Any]) -> dict[str, Any]:
        draft = CampaignDraft.objects.filter(pk=options["number"]).first()
        if draft is None:
            raise Failed([_("Нет черновика %(number)d.") % {"number": options["number"]}])
        return _started(draft, person(options["user"]), timezone.now())

    def do_pause(self, options: dict[str, Any]) -> dict[str, Any]:
        return _steered(steering.pause, options)

    def do_resume(self, options: dict[str, Any]) -> dict[str, Any]:
        return _steered(steering.resume, options)

    def do_stop(self, options: dict[str, Any]) -> dict[str, Any]:
        return _steered(steering.stop, options)

    def do_status(self, options: dict[str, Any]) -> dict[str, Any]:
        return _told(_campaign(options["number"]))


def _answers(options: dict[str, Any]) -> dict[str, dict[str, list[str]]]:
    """The wizard's fields that the options name. Raises Failed."""
    answers: dict[str, dict[str, list[str]]] = {"list": {"name": [options["name"]]}}

    def put(step: str, name: str, value: str) -> None:
        answers.setdefault(step, {})[name] = [value]

    for option, (step, name) in FIELDS.items():
        if options[option] is not None:
            put(step, name, options[option])
            if option in MESSAGES:
                put("message", "message", MESSAGES[option])
    if options["start_at"]:
        put("time", "start", "planned")
        put("time", "starts_at", _moment(options["start_at"]))
    if options["end_at"]:
        put("time", "ends_at", _moment(options["end_at"]))
    if options["waive_consent"]:
        put("time", "consent", "waived")
        put("time", "consent_waiver", options["waive_consent"])
    for given in options["set"]:
        put(*_set(given))
    return answers


def _set(given: str) -> tuple[str, str, str]:
    """STEP.FIELD=VALUE as step, field and value. Raises Failed: a slip would set nothing."""
    place, equals, value = given.partition("=")
    step, dot, name = place.partition(".")
    if not equals or not dot or step not in drafts.STEPS:
        raise Failed([_("«%(given)s» не понято: нужно STEP.FIELD=VALUE.") % {"given": given}])
    if name not in (known := Wizard(CampaignDraft()).form(step).names()):
        words = _("На шаге %(step)s нет поля «%(name)s». Есть: %(all)s.")
        raise Failed([words % {"step": step, "name": name, "all": ", ".join(known)}])
    return step, name, value


def _moment(text: str) -> str:
    """A moment as the browser's own picker writes it."""
    try:
        moment = parse_datetime(text)
    except ValueError:
        moment = None
    if moment is None:
        raise Failed([_("«%(text)s» — не время. Нужно 2026-12-01T10:00.") % {"text": text}])
    local = timezone.localtime(moment) if timezone.is_aware(moment) else moment
    return local.strftime("%Y-%m-%dT%H:%M")


def _begin(options: dict[str, Any], contact_list: Any, actor: Any, now: datetime) -> CampaignDraft:
    if not options["preset"]:
        return drafts.create(actor=actor, now=now, contact_list=contact_list)
    preset = CampaignPreset.objects.filter(name=options["preset"]).first()
    if preset is None:
        raise Failed([_("Нет заготовки «%(name)s».") % {"name": options["preset"]}])
    return drafts.from_preset(preset, actor=actor, now=now, contact_list=contact_list)


def _looked_over(draft: CampaignDraft, now: datetime) -> dict[str, Any]:
    """What launching the draft would do. Raises Failed with what forbids it; the draft stays."""
    try:
        review = planning.review(plan_of(draft), now=now)
    except NotPlanned as error:
        sentences = [f"{fault.step_name}: {fault.sentence}" for fault in error.faults]
        raise Failed(sentences, draft=draft.pk) from error
    forecast = review.forecast
    told = {
        "draft": draft.pk,
        "total": review.total,
        "to_call": review.to_call,
        "set_aside": dict(review.set_aside),
        "price": [forecast.low, forecast.high] if forecast else None,
        "starts_at": review.starts_at,
        "warnings": [str(warning) for warning in review.warnings],
    }
    if review.problems:
        raise Failed([str(problem) for problem in review.problems], **told)
    return told


def _started(draft: CampaignDraft, actor: Any, now: datetime) -> dict[str, Any]:
    if draft.campaign is not None:
        return _told(draft.campaign)
    try:
        campaign = list_launching.launch_plan(plan_of(draft), actor=actor, now=now)
    except NotPlanned as error:
        sentences = [f"{fault.step_name}: {fault.sentence}" for fault in error.faults]
        raise Failed(sentences, draft=draft.pk) from error
    except launching.NotReady as error:
        raise Failed([str(problem) for problem in error.problems], draft=draft.pk) from error
    return _told(campaign)


def _steered(move: Any, options: dict[str, Any]) -> dict[str, Any]:
    campaign = _campaign(options["number"])
    try:
        move(campaign, actor=person(options["user"]), now=timezone.now())
    except steering.NotPossible as error:
        raise Failed([str(error)], **_told(campaign)) from error
    return _told(campaign)


def _campaign(number: int) -> Campaign:
    found = Campaign.objects.filter(pk=number).first()
    if found is None:
        raise Failed([_("Нет обзвона %(number)d.") % {"number": number}])
    return found


def _told(campaign: Campaign) -> dict[str, Any]:
    """A campaign as scripts see it. Roubles are strings, moments ISO."""
    campaign.refresh_from_db()
    counters = ("people", "total", "retried", *COUNTERS, *DEPTHS)
    return {
        "campaign": campaign.pk,
        "name": campaign.name,
        "state": campaign.state,
        "hold": campaign.hold_kind,
        "hold_reason": campaign.hold_reason,
        **{name: getattr(campaign, name) for name in counters},
        "set_aside": campaign.set_aside,
        "cost": campaign.cost,
        "budget": campaign.budget,
    }
