"""Questions that span many rows; answers are plain values, not querysets."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Count, Q, QuerySet, Sum
from django.db.models.functions import ExtractHour
from django.utils import timezone
from django.utils.translation import gettext as _

from calls.ivr.document import Document
from calls.models import Call, CallEvent, ScenarioVersion
from calls.services.answering import Answer, labelled

# The order of stacked columns, always.
OUTCOME_TONES = {"finished": "ok", "busy": "warn", "canceled": "bad"}

FRESH_SECONDS = 15  # how often a quiet list asks for new calls


@dataclass(frozen=True)
class Moment:
    """One line of a call's timeline."""

    at: datetime
    title: str
    text: str = ""
    tone: str = "neutral"
    since_before: float | None = None  # seconds since the line above


def timeline(call: Call) -> list[Moment]:
    """From the order to the end, with the time between."""
    events = list(_event_lines(call))
    # The service tells whole seconds: without this it would dial before it was asked to.
    asked = max((line.at for line in events if line.tone == "info"), default=call.created_at)
    told = [replace(line, at=max(line.at, asked)) for line in _field_lines(call)]
    lines = sorted([*events, *told], key=lambda line: line.at)
    shown: list[Moment] = []
    for line in lines:
        gap = (line.at - shown[-1].at).total_seconds() if shown else None
        shown.append(Moment(line.at, line.title, line.text, line.tone, gap))
    return shown


def _event_lines(call: Call) -> Iterator[Moment]:
    tones = {"refused": "bad", "lost": "bad", "unknown": "warn", "accepted": "info", "step": "live"}
    for event in call.events.order_by("at", "pk"):
        details = event.details
        if event.kind == CallEvent.Kind.STATUS:
            continue  # the service's own moments say it more exactly
        text = str(details.get("reason") or details.get("answer") or "")
        if event.kind == CallEvent.Kind.STEP and details.get("parameters"):
            pairs = "; ".join(f"{name}: {value}" for name, value in details["parameters"].items())
            text = f"{text} · {pairs}"
        yield Moment(event.at, event.get_kind_display(), text, tones.get(event.kind, "neutral"))


def _field_lines(call: Call) -> Iterator[Moment]:
    if call.started_at:
        yield Moment(call.started_at, _("Набираем номер"), tone="info")
    if call.answered_at:
        yield Moment(call.answered_at, _("Абонент ответил"), tone="live")
    if call.manager_started_at:
        yield Moment(call.manager_started_at, _("Соединяем с менеджером"), tone="info")
    if call.manager_answered_at:
        yield Moment(call.manager_answered_at, _("Менеджер ответил"), tone="live")
    if call.finished_at:
        titles = {
            "finished": _("Разговор закончен"),
            "busy": _("Занято"),
            "canceled": _("Разговор не состоялся"),
        }
        title = titles.get(call.status, _("Звонок закончен"))
        tone = OUTCOME_TONES.get(call.status, "neutral")
        yield Moment(call.finished_at, title, call.hangup_cause, tone)


@dataclass(frozen=True)
class Line:
    """A call in a list."""

    call: Call
    answers: list[Answer]

    @property
    def waits_until(self) -> datetime | None:
        """When it is to be made, if that is not at once."""
        call = self.call
        is_later = call.planned_at - timezone.now() > timedelta(minutes=1)
        return call.planned_at if call.stage == Call.Stage.PLANNED and is_later else None


@dataclass(frozen=True)
class Table:
    """Calls in a list, and how the list keeps itself up to date."""

    lines: list[Line]
    newest: int | None = None  # the newest call drawn; None: nobody asks for later ones
    fresh: int = 0  # how many came after it

    @property
    def ids(self) -> str:
        return "-".join(str(line.call.pk) for line in self.lines)

    @property
    def poll_seconds(self) -> int | None:
        """As often as its liveliest call, yet not below 5; None: nothing on it will change."""
        waits = [line.call.poll_seconds or 0 for line in self.lines if not line.call.is_final]
        if self.newest is not None:
            waits.append(FRESH_SECONDS)
        return max(5, min(waits)) if waits else None


def listed(calls: QuerySet[Call]) -> QuerySet[Call]:
    """With what a line of a list shows."""
    return calls.select_related("campaign")


def table(calls: Iterable[Call], *, newest: int | None = None, fresh: int = 0) -> Table:
    """The lines of a list; the scenarios behind their answers are read once each."""
    rows = list(calls)
    answered = {row.campaign.scenario_version_id for row in rows if row.ivr_answers}
    versions = ScenarioVersion.objects.in_bulk(answered - {None}) if answered - {None} else {}
    steps = {pk: Document.from_json(row.document).steps for pk, row in versions.items()}
    lines = [
        Line(row, labelled(row, steps.get(row.campaign.scenario_version_id, ()))) for row in rows
    ]
    return Table(lines, newest, fresh)


@dataclass(frozen=True)
class Today:
    """The day so far."""

    total: int
    ended: int
    finished: int
    cost: Decimal

    @property
    def answered_percent(self) -> int | None:
        return round(100 * self.finished / self.ended) if self.ended else None


@dataclass(frozen=True)
class Hour:
    """Calls of one hour of a day by how they ended."""

    hour: int
    finished: int
    busy: int
    canceled: int
    other: int

    @property
    def total(self) -> int:
        return self.finished + self.busy + self.canceled + self.other


def day_start(now: datetime) -> datetime:
    """Midnight of the zone of the screens."""
    return timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)


def today(now: datetime) -> Today:
    """Counts and cost since midnight."""
    row = _since(day_start(now)).aggregate(
        total=Count("pk"),
        ended=Count("pk", filter=Q(is_final=True)),
        finished=Count("pk", filter=Q(status="finished")),
        cost=Sum("cost"),
    )
    return Today(row["total"], row["ended"], row["finished"], row["cost"] or Decimal(0))


def by_hour(now: datetime) -> list[Hour]:
    """The outcomes of each hour of today, hours without calls too."""
    rows = (
        _since(day_start(now))
        .annotate(hour=ExtractHour("created_at", tzinfo=timezone.get_current_timezone()))
        .values("hour")
        .annotate(
            all=Count("pk"),
            finished=Count("pk", filter=Q(status="finished")),
            busy=Count("pk", filter=Q(status="busy")),
            canceled=Count("pk", filter=Q(status="canceled")),
        )
    )
    found = {row["hour"]: row for row in rows}
    return [_hour(hour, found.get(hour)) for hour in range(24)]


def _hour(hour: int, row: Mapping[str, Any] | None) -> Hour:
    if row is None:
        return Hour(hour, 0, 0, 0, 0)
    known = row["finished"] + row["busy"] + row["canceled"]
    return Hour(hour, row["finished"], row["busy"], row["canceled"], row["all"] - known)


def _since(start: datetime) -> QuerySet[Call]:
    return Call.objects.filter(created_at__gte=start, created_at__lt=start + timedelta(days=1))
