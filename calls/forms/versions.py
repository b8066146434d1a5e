"""What the pages of versions show: the history of a scenario, and one version beside another."""

from dataclasses import dataclass

from calls.ivr.difference import Change, difference, summary
from calls.models import Scenario, ScenarioVersion
from calls.models.scenario import record_names


@dataclass(frozen=True)
class Line:
    """A version in the list, and its way from the version before it."""

    version: ScenarioVersion
    changes: list[Change]
    is_first: bool

    @property
    def size(self) -> str:
        return summary(self.changes)


@dataclass(frozen=True)
class History:
    """The versions of a scenario, the newest first, and what its draft has beyond them."""

    lines: list[Line]
    edits: list[Change] | None  # None: the draft is the newest version

    @property
    def edits_size(self) -> str:
        return summary(self.edits or ())

    @classmethod
    def of(cls, scenario: Scenario) -> "History":
        versions = list(scenario.versions.listed())
        trees = [version.tree() for version in versions]
        draft = scenario.document()
        names = record_names([draft, *trees])
        lines = [
            Line(version, difference(before, tree, records=names), is_first=before is None)
            for version, tree, before in zip(versions, trees, [*trees[1:], None], strict=False)
        ]
        has_edits = bool(trees) and versions[0].sha256 != draft.sha256()
        return cls(lines, difference(trees[0], draft, records=names) if has_edits else None)


@dataclass(frozen=True)
class Comparison:
    """One version, and what it has that another (the one before it, or a chosen one) has not."""

    version: ScenarioVersion
    against: ScenarioVersion | None
    others: list[int]  # numbers to choose from
    changes: list[Change]

    @property
    def size(self) -> str:
        return summary(self.changes)

    @classmethod
    def of(cls, version: ScenarioVersion, chosen: int | None) -> "Comparison":
        """``chosen`` is a number that somebody typed: one that does not exist is ignored."""
        versions = version.scenario.versions.exclude(pk=version.pk)
        numbers = list(versions.order_by("-number").values_list("number", flat=True))
        before = next((number for number in numbers if number < version.number), None)
        number = chosen if chosen in numbers else before
        against = versions.get(number=number) if number is not None else None
        old, new = against.tree() if against else None, version.tree()
        names = record_names([new, *([old] if old else [])])
        changes = difference(old, new, records=names)
        return cls(version, against, numbers, changes)
