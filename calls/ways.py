"""Which ways subscribers went through a scenario: how many took each step, how many took none."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import ceil

from django.db.models import Count, Q
from django.utils.translation import gettext as _

from calls.ivr.answers import Steps, menu_of, passed
from calls.ivr.answers import given as given_in
from calls.ivr.difference import record_words, title
from calls.ivr.document import ROOT, Document, Step
from calls.ivr.trial import chosen
from calls.models import Call, Campaign, ScenarioVersion
from calls.models.scenario import record_names

WEIGHTS = 5  # how many thicknesses a line may have


@dataclass(frozen=True)
class Part:
    """How many of those who reached a menu."""

    count: int
    reached: int

    @property
    def share(self) -> float | None:
        """Per cent; None where nobody came."""
        return round(100 * self.count / self.reached, 1) if self.reached else None

    @property
    def thousandths(self) -> int:
        """The share for a bar."""
        return round(1000 * self.count / self.reached) if self.reached else 0

    @property
    def weight(self) -> int:
        """From 1 for a few to 5 for nearly all; 0 for nobody."""
        return ceil(WEIGHTS * self.count / self.reached) if self.count else 0


@dataclass(frozen=True)
class Way(Part):
    """A step, and how many took it."""

    step: Step
    number: str  # «2.1»
    heard: str  # the text, or the name of the record
    menu: "Menu"

    @property
    def title(self) -> str:
        return title(self.step)


@dataclass(frozen=True)
class Rest(Part):
    """Those who took no step of a menu."""

    title: str
    icon: str


@dataclass(frozen=True)
class Menu:
    """What became of those who reached a menu: ``reached`` is the sum of all its parts.

    Who kept silent took the step for silence where there is one, and is ``silent`` where not.
    """

    reached: int
    ways: tuple[Way, ...]
    silent: Rest
    other: Rest  # answers that lead nowhere

    @property
    def rests(self) -> list[Rest]:
        return [rest for rest in (self.silent, self.other) if rest.count]


@dataclass(frozen=True)
class Row:
    """A line of the table: a step, or those who took none."""

    number: str
    title: str
    part: Part


@dataclass(frozen=True)
class Ways:
    """A version as it was walked."""

    called: int  # the service has or had them
    answered: int
    talking: int  # of those answered, not over: they are in no menu yet
    heard: str  # the opening
    menu: Menu

    @property
    def rows(self) -> list[Row]:
        return list(_rows(self.menu, ""))


def ways(version: ScenarioVersion, campaign: Campaign | None = None) -> Ways:
    """Where the calls of ``version`` went; with ``campaign``, those of that campaign alone."""
    calls = Call.objects.filter(campaign__scenario_version=version)
    if campaign is not None:
        calls = calls.filter(campaign=campaign)
    has_answered = Q(answered_at__isnull=False)
    groups = calls.order_by().values("ivr_answers", "ivr_digit")
    groups = groups.annotate(
        called=Count("pk", filter=Q(stage=Call.Stage.ACCEPTED)),
        answered=Count("pk", filter=has_answered),
        over=Count("pk", filter=has_answered & Q(is_final=True)),
    )
    tally, total = _Tally(version.tree()), Counter[str]()
    for group in groups:
        total.update({name: group[name] for name in ("called", "answered", "over")})
        tally.add(given_in(group["ivr_answers"], group["ivr_digit"]), group["over"])
    talking = total["answered"] - total["over"]
    return tally.drawn(total["called"], total["answered"], talking)


def counted(version: ScenarioVersion, given: Mapping[str, int], *, over: int) -> Ways:
    """The same from counts that are kept: ``given`` answers (``|2|1|``) → calls.

    ``over`` is how many calls somebody took and ended; those without an answer kept silent.
    """
    tally = _Tally(version.tree())
    for answers, number in given.items():
        tally.add(given_in(answers, ""), number)
    tally.add([], max(0, over - sum(given.values())))
    return tally.drawn(over, over, 0)


class _Tally:
    """Counts of each step by its id, and of each menu by the id of the step that opens it."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.taken: Counter[str] = Counter()
        self.silent: Counter[str] = Counter()
        self.other: Counter[str] = Counter()

    def add(self, given: list[str], number: int) -> None:
        """``number`` calls with these answers, menu by menu."""
        menu, steps = ROOT, self.document.steps
        for text in given:
            if not steps:
                return  # the robot no longer listened
            way = passed(steps, text)
            if not way:
                self.other[menu] += number
                return
            self._take(way, number)
            menu, steps = way[-1].id, menu_of(way[-1])
        while steps:
            silence = chosen(steps, False, "silence")
            if silence is None:
                self.silent[menu] += number
                return
            self._take([silence], number)
            menu, steps = silence.id, menu_of(silence)

    def _take(self, steps: list[Step], number: int) -> None:
        self.taken.update({step.id: number for step in steps})

    def drawn(self, called: int, answered: int, talking: int) -> Ways:
        names = record_names([self.document])
        opening = self.document.opening
        return Ways(
            called,
            answered,
            talking,
            heard=opening.text or record_words(opening, names),
            menu=self._menu(ROOT, self.document.steps, names),
        )

    def _menu(self, menu_id: str, steps: Steps, names: Mapping[int, str], prefix: str = "") -> Menu:
        silent, other = self.silent[menu_id], self.other[menu_id]
        reached = silent + other + sum(self.taken[step.id] for step in steps)
        numbered = enumerate(steps, start=1)
        return Menu(
            reached,
            tuple(self._way(step, f"{prefix}{place}", reached, names) for place, step in numbered),
            Rest(silent, reached, _("Промолчали или положили трубку"), "hourglass"),
            Rest(other, reached, _("Ответили другое"), "help"),
        )

    def _way(self, step: Step, number: str, reached: int, names: Mapping[int, str]) -> Way:
        return Way(
            self.taken[step.id],
            reached,
            step,
            number,
            heard=step.sound.text or record_words(step.sound, names) if step.sound else "",
            menu=self._menu(step.id, step.steps, names, f"{number}."),
        )


def _rows(menu: Menu, number: str) -> Iterator[Row]:
    for way in menu.ways:
        yield Row(way.number, way.title, way)
        yield from _rows(way.menu, way.number)
    for rest in menu.rests:
        yield Row(number, rest.title, rest)
