"""What the page of a draft shows: the tree with its problems, the payload, the cost."""

import json
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from calls.ivr import compile as ivr_compile
from calls.ivr.check import Problem, limits_as_json
from calls.ivr.cost import CostRange
from calls.ivr.document import OWN_WEBHOOK, ROOT, Document, Sound, Step, record_pks
from calls.ivr.exports import MASKED_WEBHOOK
from calls.models import Scenario, ScenarioVersion
from calls.services import estimating, publishing
from obzvon_site.accounts.models import ApiAccount
from obzvon_site.common import phones
from records.models import Record

# The element a problem leads to, where its name is not the field's own.
TARGETS = {"webhook": "webhook_url", "parameters": "parameter_name", "steps": "step"}


@dataclass(frozen=True)
class Choice:
    """A record in a list to choose from."""

    record: Record
    is_usable: bool


@dataclass(frozen=True)
class Branch:
    """A step, or the opening, as the page draws it."""

    id: str
    number: str  # «1.2»; empty for the opening
    step: Step | Document
    problems: Mapping[str, list[Problem]]  # by field
    busy: frozenset[int] = frozenset()  # digits of its siblings
    hears: bool = True  # whether the menu above recognises speech
    is_first: bool = True
    is_last: bool = True
    branches: list["Branch"] = field(default_factory=list)

    @property
    def sound(self) -> Sound | None:
        return self.step.opening if isinstance(self.step, Document) else self.step.sound

    @property
    def wrong(self) -> set[str]:
        """Fields with errors."""
        return {name for name, found in self.problems.items() if any(p.is_error for p in found)}

    @property
    def whole(self) -> list[Problem]:
        """What is wrong with the step itself, not with one of its fields."""
        return [*self.problems.get("step", ()), *self.problems.get("steps", ())]

    @property
    def manager_phone(self) -> str:
        return "" if isinstance(self.step, Document) else phones.shown(self.step.manager_phone)

    @property
    def parameters(self) -> list[tuple[str, str]]:
        """Of the webhook, and an empty row for one more."""
        webhook = None if isinstance(self.step, Document) else self.step.webhook
        return [*(webhook.parameters if webhook else ()), ("", "")]

    @property
    def under(self) -> int:
        """How many steps go when this one goes."""
        return sum(1 + branch.under for branch in self.branches)

    @property
    def digits(self) -> list[tuple[int, bool]]:
        """Keys to choose from, and whether another answer of the menu has them."""
        return [(digit, digit in self.busy) for digit in range(10)]

    @property
    def webhook_kind(self) -> str:
        webhook = None if isinstance(self.step, Document) else self.step.webhook
        if webhook is None:
            return ""
        return "own" if webhook.url == OWN_WEBHOOK else "url"

    @property
    def does_more(self) -> bool:
        """Whether the further actions should stand open."""
        if isinstance(self.step, Document):
            return False
        step = self.step
        return bool(step.sms or step.manager_phone or step.webhook or step.block)


@dataclass
class Editor:
    """A draft being edited. ``document`` and ``name`` are what the person sees, saved or not."""

    scenario: Scenario
    document: Document
    name: str
    revision: int
    shows_webhook: bool = False  # the secret part of our own address
    focus: str = ""  # the step to look at
    conflict: Scenario | None = None  # as somebody else has saved it
    refusal: str = ""  # why what came was not read
    wants_publishing: bool = False  # errors are announced

    @classmethod
    def of(cls, scenario: Scenario) -> "Editor":
        """The saved draft."""
        document = scenario.document()
        return cls(scenario, document, scenario.name, scenario.draft_revision)

    @cached_property
    def problems(self) -> list[Problem]:
        return publishing.check(self.scenario, self.document)

    @property
    def errors(self) -> list["Link"]:
        return [Link.to(problem, self) for problem in self.problems if problem.is_error]

    @property
    def warnings(self) -> list["Link"]:
        return [Link.to(problem, self) for problem in self.problems if not problem.is_error]

    @cached_property
    def tree(self) -> Branch:
        found: dict[str, dict[str, list[Problem]]] = defaultdict(lambda: defaultdict(list))
        for problem in self.problems:
            found[problem.step_id][problem.field].append(problem)
        document = self.document
        branches = _branches(document.steps, "", document.recognize, found)
        return Branch(ROOT, "", document, found[""], branches=branches)

    @cached_property
    def numbers(self) -> dict[str, str]:
        """Where each step stands: «1.2»."""
        return {branch.id: branch.number for branch in _all(self.tree)}

    @cached_property
    def choices(self) -> list[Choice]:
        """Records to choose from: the usable ones, and those the draft already plays."""
        account = self.scenario.account
        usable = list(Record.objects.usable(account).order_by("name", "id"))
        others = (
            Record.objects.kept()
            .filter(account=account, pk__in=record_pks(self.document))
            .exclude(pk__in=[record.pk for record in usable])
        )
        return [Choice(record, True) for record in usable] + [
            Choice(record, False) for record in others
        ]

    @property
    def payload(self) -> str:
        """The JSON as it would be sent now, without what has errors."""
        account = self.scenario.account
        url = account.step_webhook_url() if self.shows_webhook else MASKED_WEBHOOK
        data = ivr_compile.sketch(
            self.document,
            self.problems,
            record_ids={
                choice.record.pk: choice.record.service_id
                for choice in self.choices
                if choice.record.service_id
            },
            step_webhook_url=url,
        )
        return json.dumps(data, ensure_ascii=False, indent=2)

    @property
    def cost(self) -> CostRange:
        return estimating.of_document(self.scenario.account, self.document)

    @cached_property
    def version(self) -> ScenarioVersion | None:
        return self.scenario.latest_version()

    @property
    def is_published(self) -> bool:
        """Whether the newest version says what the draft says."""
        return self.version is not None and self.version.sha256 == self.document.sha256()

    @property
    def limits(self) -> dict[str, dict[str, int]]:
        return limits_as_json()

    @property
    def account(self) -> ApiAccount:
        return self.scenario.account


@dataclass(frozen=True)
class Link:
    """A problem and the place on the page to mend it."""

    problem: Problem
    target: str
    number: str

    @classmethod
    def to(cls, problem: Problem, editor: Editor) -> "Link":
        step_id = problem.step_id or ROOT
        name = TARGETS.get(problem.field, problem.field)
        return cls(problem, f"{name}-{step_id}", editor.numbers.get(problem.step_id, ""))


def _branches(
    steps: tuple[Step, ...],
    prefix: str,
    hears: bool,
    found: Mapping[str, Mapping[str, list[Problem]]],
) -> list[Branch]:
    digits = {step.id: step.trigger.digit for step in steps if step.trigger.kind == "digit"}
    drawn = []
    for place, step in enumerate(steps, start=1):
        number = f"{prefix}{place}"
        others = {digit for other, digit in digits.items() if other != step.id}
        drawn.append(
            Branch(
                step.id,
                number,
                step,
                found[step.id],
                busy=frozenset(digit for digit in others if digit is not None),
                hears=hears,
                is_first=place == 1,
                is_last=place == len(steps),
                branches=_branches(step.steps, f"{number}.", step.recognize, found),
            )
        )
    return drawn


def _all(branch: Branch) -> list[Branch]:
    return [branch, *(below for child in branch.branches for below in _all(child))]
