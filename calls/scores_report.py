"""What reviews say: marks by campaign, manager phone and reviewer, and how far reviewers agree."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from itertools import combinations
from typing import Any, NamedTuple

from django.db.models import Avg, Count, Q, QuerySet
from django.utils import timezone

from calls.models import Review
from obzvon_site.accounts.models import User

LOW = 2  # a mark that calls for a talk
MOST_APART = 20  # calls told about which reviewers differ most
ROWS = 200  # of one table


class Period(NamedTuple):
    """Days, both included."""

    first: date
    last: date

    @property
    def bounds(self) -> tuple[datetime, datetime]:
        """From midnight to midnight, in the zone of the screens."""
        zone = timezone.get_current_timezone()
        end = self.last + timedelta(days=1)
        return tuple(datetime.combine(day, time(), zone) for day in (self.first, end))  # type: ignore[return-value]


@dataclass(frozen=True, slots=True)
class Line:
    """Reviews of one campaign, manager phone or reviewer."""

    key: int | str | None
    name: str
    count: int
    mark: Decimal | None  # on average, of 5
    checklist: float | None  # share of it, on average
    low: int  # with a mark of 2 or 1


def done_in(period: Period) -> QuerySet[Review]:
    """Reviews finished on these days."""
    start, end = period.bounds
    return Review.objects.filter(state=Review.State.DONE, ended_at__gte=start, ended_at__lt=end)


def totals(reviews: QuerySet[Review]) -> Line:
    """All of them together."""
    return _line(None, "", reviews.aggregate(**_FIGURES))


def by_campaign(reviews: QuerySet[Review]) -> list[Line]:
    """The most reviewed campaigns first."""
    return _grouped(reviews, "recording__campaign_id", "recording__campaign__name")


def by_manager_phone(reviews: QuerySet[Review]) -> list[Line]:
    """Only of calls that a scenario connects to somebody."""
    connected = reviews.exclude(recording__manager_phone="")
    return _grouped(connected, "recording__manager_phone", "recording__manager_phone")


def by_reviewer(reviews: QuerySet[Review]) -> list[Line]:
    """Who has reviewed how many, and how strictly."""
    lines = _grouped(reviews, "reviewer_id", "reviewer__username")
    names = {person.pk: str(person) for person in User.objects.filter(pk__in=_keys(lines))}
    return [
        Line(line.key, names[int(line.key or 0)], line.count, line.mark, line.checklist, line.low)
        for line in lines
    ]


_FIGURES: Mapping[str, Any] = {
    "number": Count("pk"),
    "mean_mark": Avg("mark"),
    "mean_score": Avg("score"),
    "low": Count("pk", filter=Q(mark__lte=LOW)),
}


def _grouped(reviews: QuerySet[Review], key: str, name: str) -> list[Line]:
    names = dict.fromkeys((key, name))
    rows = reviews.order_by().values(*names).annotate(**_FIGURES).order_by("-number", key)
    return [_line(row[key], row[name], row) for row in rows[:ROWS]]


def _line(key: int | str | None, name: str, row: Mapping[str, Any]) -> Line:
    score = row["mean_score"]
    share = None if score is None else float(score) / 100
    return Line(key, name, row["number"], _rounded(row["mean_mark"]), share, row["low"])


def _rounded(value: Any) -> Decimal | None:
    return None if value is None else Decimal(str(value)).quantize(Decimal("0.1"))


def _keys(lines: list[Line]) -> list[int]:
    return [int(line.key or 0) for line in lines]


@dataclass(frozen=True, slots=True)
class Apart:
    """A call two reviewers see differently."""

    call: int
    names: tuple[str, str]
    marks: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Agreement:
    """How far two people who reviewed the same calls agree."""

    names: tuple[str, str]
    calls: int
    same: int  # marks equal
    near: int  # at most one apart, the equal ones too
    answers: int  # lines of the checklist both have answered
    equal: int  # of them alike

    @property
    def same_share(self) -> float:
        return self.same / self.calls

    @property
    def near_share(self) -> float:
        return self.near / self.calls

    @property
    def equal_share(self) -> float | None:
        return self.equal / self.answers if self.answers else None


class _Seen(NamedTuple):
    reviewer: int
    mark: int
    answers: Mapping[str, str]


class _Pair(NamedTuple):
    call: int
    one: _Seen
    other: _Seen


def agreement(reviews: QuerySet[Review]) -> tuple[list[Agreement], list[Apart]]:
    """Each two reviewers by how many calls they share, and the calls they differ on most."""
    by_people: dict[tuple[int, int], list[_Pair]] = defaultdict(list)
    for pair in _pairs(reviews):
        by_people[pair.one.reviewer, pair.other.reviewer].append(pair)
    people = {pk for both in by_people for pk in both}
    names = {person.pk: str(person) for person in User.objects.filter(pk__in=people)}
    found = [_agreement(_both(names, key), pairs) for key, pairs in by_people.items()]
    everyone = [pair for pairs in by_people.values() for pair in pairs]
    return sorted(found, key=lambda line: (-line.calls, line.names)), _apart(everyone, names)


def _pairs(reviews: QuerySet[Review]) -> Iterator[_Pair]:
    """Two reviews of one recording, the reviewer with the lower key first."""
    marked = reviews.exclude(mark=None).order_by()
    shared = marked.values("recording").annotate(number=Count("pk")).filter(number__gte=2)
    rows = marked.filter(recording__in=shared.values("recording")).values_list(
        "recording__call_id", "reviewer_id", "mark", "answers"
    )
    by_call: dict[int, list[_Seen]] = defaultdict(list)
    for call, reviewer, mark, answers in rows:
        by_call[call].append(_Seen(reviewer, mark or 0, answers))
    for call, seen in by_call.items():
        for one, other in combinations(sorted(seen, key=lambda row: row.reviewer), 2):
            yield _Pair(call, one, other)


def _agreement(names: tuple[str, str], pairs: list[_Pair]) -> Agreement:
    gaps = [abs(pair.one.mark - pair.other.mark) for pair in pairs]
    alike = [
        pair.one.answers[line] == pair.other.answers[line]
        for pair in pairs
        for line in pair.one.answers.keys() & pair.other.answers.keys()
    ]
    same, near = gaps.count(0), gaps.count(0) + gaps.count(1)
    return Agreement(names, len(pairs), same, near, len(alike), sum(alike))


def _apart(pairs: list[_Pair], names: Mapping[int, str]) -> list[Apart]:
    differing = [pair for pair in pairs if abs(pair.one.mark - pair.other.mark) > 1]
    differing.sort(key=lambda pair: (-abs(pair.one.mark - pair.other.mark), -pair.call))
    return [
        Apart(
            pair.call,
            _both(names, (pair.one.reviewer, pair.other.reviewer)),
            (pair.one.mark, pair.other.mark),
        )
        for pair in differing[:MOST_APART]
    ]


def _both(names: Mapping[int, str], keys: tuple[int, int]) -> tuple[str, str]:
    return names[keys[0]], names[keys[1]]
