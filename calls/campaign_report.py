"""What has come of a campaign so far: how deep calls went, when, what failed, which text is better.

Everything is read from what is kept by increments; only the causes of failures are counted among
the calls, and only where some have failed.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Case, Count, F, Q, TextField, Value, When
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from calls import ways
from calls.campaign_chart import Chart, chart
from calls.campaign_words import said_by
from calls.models import AnswerCount, Call, Campaign, ScenarioVersion, Variant
from calls.models.call import ENDED_BY_US
from calls.rules.shares import Share, Verdict, verdict
from calls.services import planning
from calls.services.audience import REASONS

Stage = Call.Stage
SCENARIO = Campaign.Message.SCENARIO
CAUSES_SHOWN = 8
# Of these each call may have a sentence of its own, and the stage says enough.
OF_ONE_CAUSE = (Stage.BLOCKED, Stage.TAKEN_BACK)


@dataclass(frozen=True, slots=True)
class Depth:
    """A step of the funnel: how many calls came so far."""

    name: str
    count: int
    first: int  # of all
    before: int | None = None  # came as far as the step before; None: this is the first

    @property
    def percent(self) -> int | None:
        """Of the step before. Who presses a key early has not listened: then there is none."""
        if not self.before or self.count > self.before:
            return None
        return round(100 * self.count / self.before)

    @property
    def width(self) -> int:
        """Of 1000, beside the first step."""
        return min(1000, round(1000 * self.count / self.first)) if self.first else 0


def funnel(campaign: Campaign, variants: Iterable[Variant] = ()) -> list[Depth]:
    """From the calls that have ended to those that reached a manager.

    Steps that the message does not have, or that nobody can measure, are left out.
    """
    heard: list[Campaign | Variant] = [campaign, *variants]
    has_keys = any(message.message == SCENARIO for message in heard)
    counts = [(_("Звонков закончено"), campaign.ended), (_("Дозвонились"), campaign.answered)]
    if any(message.listen_seconds for message in heard):
        counts.append((_("Дослушали"), campaign.listened))
    if has_keys:
        counts.append((_("Ответили"), campaign.keyed))
    if campaign.connected or any(_has_manager(message) for message in heard):
        counts.append((_("Соединили с менеджером"), campaign.connected))
    befores = [None, *(count for _name, count in counts)]
    pairs = zip(counts, befores, strict=False)
    return [Depth(name, count, campaign.ended, before) for (name, count), before in pairs]


def _has_manager(message: Campaign | Variant) -> bool:
    """Whether a step of what is heard leads to a manager."""
    return "managerPhone" in str(message.payload)


@dataclass(frozen=True, slots=True)
class Failures:
    """Calls that did not go out for one and the same reason."""

    reason: str
    number: int
    repeatable: int = 0  # of them: may be ordered again, and have not been
    cause: str = ""  # as ``services.repeating`` takes it


@dataclass(frozen=True)
class Causes:
    """Why calls did not go out, the most frequent first."""

    shown: list[Failures]
    others: int  # calls with rarer causes

    @property
    def repeatable(self) -> int:
        return sum(cause.repeatable for cause in self.shown)


def failures(campaign: Campaign) -> Causes:
    """One query over the campaign's calls, so only for those of whom some have failed."""
    if not campaign.failed:
        return Causes([], 0)
    of_stage = When(stage__in=OF_ONE_CAUSE, then=Value(""))
    cause = Case(of_stage, default=F("error"), output_field=TextField())
    left = Q(stage__in=[Stage.REFUSED, Stage.LOST], is_retried=False)
    groups = (
        campaign.calls.filter(stage__in=ENDED_BY_US)
        .order_by()
        .annotate(cause=cause)
        .values("stage", "cause")
        .annotate(number=Count("pk"), repeatable=Count("pk", filter=left))
        .order_by("-number", "stage", "cause")
    )
    found = [
        Failures(
            str(group["cause"] or Stage(group["stage"]).label),
            group["number"],
            group["repeatable"],
            group["cause"],
        )
        for group in groups
    ]
    shown = found[:CAUSES_SHOWN]
    return Causes(shown, sum(cause.number for cause in found[CAUSES_SHOWN:]))


def set_aside(campaign: Campaign) -> list[tuple[str | Promise, int]]:
    """(reason, contacts) of those it does not call, the most first."""
    told = [(REASONS.get(name, name), int(number)) for name, number in campaign.set_aside.items()]
    return sorted(told, key=lambda pair: -pair[1])


@dataclass(frozen=True, slots=True)
class Rival:
    """A message of a comparison, and how it did."""

    variant: Variant
    answered: Share  # of its ended calls; says nothing of the message, which nobody knew yet
    goal: Share  # of those who took the call

    @property
    def said(self) -> str:
        return said_by(self.variant)


@dataclass(frozen=True)
class Comparison:
    """Two messages beside each other."""

    rivals: list[Rival]
    is_by_keys: bool  # the goal is an answer or a manager; else to have listened
    verdict: Verdict

    @property
    def winner(self) -> Rival | None:
        return next((r for r in self.rivals if r.variant.letter == self.verdict.winner), None)

    @property
    def loser(self) -> Rival | None:
        others = (r for r in self.rivals if r.variant.letter != self.verdict.winner)
        return next(others, None) if self.verdict.winner else None


def comparison(variants: Iterable[Variant]) -> Comparison | None:
    """How two variants did; None where there are not two.

    Measured among those who took the call: who did not has heard neither message.
    """
    rows = sorted(variants, key=lambda row: row.letter)
    if len(rows) != 2:
        return None
    is_by_keys = all(row.message == SCENARIO for row in rows)
    rivals = [_rival(row, is_by_keys=is_by_keys) for row in rows]
    return Comparison(rivals, is_by_keys, verdict(*(rival.goal for rival in rivals)))


def _rival(variant: Variant, *, is_by_keys: bool) -> Rival:
    # Who was connected has mostly answered before: the larger number holds the other.
    reached = max(variant.keyed, variant.connected) if is_by_keys else variant.listened
    goal = Share(min(reached, variant.answered), variant.answered)
    return Rival(variant, Share(min(variant.answered, variant.ended), variant.ended), goal)


@dataclass(frozen=True)
class Walk:
    """What was answered to one scenario."""

    letter: str  # of the variant; empty: there is one message
    version: ScenarioVersion
    ways: ways.Ways


def walks(campaign: Campaign, variants: Iterable[Variant] = ()) -> list[Walk]:
    """The answers by step, for each scenario that is heard."""
    heard: list[Campaign | Variant] = list(variants) or [campaign]
    versions = [(row, row.scenario_version) for row in heard]
    if not any(version for _row, version in versions):
        return []
    given: dict[str, dict[str, int]] = {}
    for count in AnswerCount.objects.filter(campaign=campaign, number__gt=0):
        given.setdefault(count.variant, {})[count.answers] = count.number
    found = []
    for row, version in versions:
        if version is not None:
            letter = row.letter if isinstance(row, Variant) else ""
            walked = ways.counted(version, given.get(letter or "a", {}), over=row.answered)
            found.append(Walk(letter, version, walked))
    return found


@dataclass(frozen=True)
class Report:
    """All of it."""

    depths: list[Depth]
    walks: list[Walk]
    chart: Chart
    causes: Causes
    set_aside: list[tuple[str | Promise, int]]
    comparison: Comparison | None
    actual: planning.Actual | None  # None: there was no forecast


def report(campaign: Campaign) -> Report:
    """So many queries, however large the campaign."""
    near = ("scenario_version__scenario", "record")
    variants = list(campaign.variants.select_related(*near).order_by("letter"))
    return Report(
        funnel(campaign, variants),
        walks(campaign, variants),
        chart(campaign),
        failures(campaign),
        set_aside(campaign),
        comparison(variants),
        planning.actual(campaign) if campaign.forecast else None,
    )
