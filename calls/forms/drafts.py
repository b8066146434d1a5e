"""The wizard's steps as one whole: what is filled, what is wrong where, and the plan it makes.

``draft.answers`` hold each step's fields as a browser posts them: {"list": {"name": ["…"],
"contact_list": ["5"]}, "message": {…}, "time": {…}, "check": {…}}. A field that is not named has
its default, so a script needs to give only what it wants otherwise.
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any

from django import forms as django_forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from calls.forms.draft_check import CheckForm
from calls.forms.draft_list import ListForm
from calls.forms.draft_message import MessageForm
from calls.forms.draft_rules import TimeForm
from calls.forms.draft_steps import StepForm
from calls.forms.draft_time import account_of
from calls.models import CampaignDraft
from calls.services.list_launching import Shown
from calls.services.planning import Plan
from obzvon_site.accounts.models import ApiAccount
from obzvon_site.common.forms import Form

STEPS: dict[str, str | Promise] = {
    "list": _("Список"),
    "message": _("Сообщение"),
    "time": _("Номер и время"),
    "check": _("Проверка"),
    "launch": _("Запуск"),
}
FILLED = ("list", "message", "time", "check")  # those that have answers


@dataclass(frozen=True, slots=True)
class Fault:
    """Something wrong in a step: where, and a sentence."""

    step: str
    place: str  # id of the field; empty: the step as a whole
    label: str
    sentence: str

    @property
    def step_name(self) -> str | Promise:
        return STEPS[self.step]


class NotPlanned(Exception):
    """The answers make no plan yet; ``faults`` say why, step by step."""

    def __init__(self, faults: list[Fault]) -> None:
        self.faults = faults
        super().__init__("; ".join(fault.sentence for fault in faults))


@dataclass(frozen=True, slots=True)
class RailStep:
    """A step as the rail shows it."""

    key: str
    name: str | Promise
    number: int
    state: str  # «current», «done», «bad» or «todo»; a current one may be bad as well
    is_current: bool


@dataclass
class Wizard:
    """All steps of a draft as they were filled. Each is read once."""

    draft: CampaignDraft
    made: dict[str, Any] = field(default_factory=dict)

    def form(self, step: str) -> Any:
        """The form of a step, bound to its answers."""
        if step not in self.made:
            self.made[step] = MAKERS[step](self)
        return self.made[step]

    @property
    def account(self) -> ApiAccount | None:
        if "account" not in self.made:
            self.made["account"] = account_of(self.draft.answers)
        account: ApiAccount | None = self.made["account"]
        return account

    def is_begun(self, step: str) -> bool:
        """Whether anybody has filled anything there."""
        return step in self.draft.answers

    def faults(self, *steps: str) -> list[Fault]:
        """What is wrong in the steps, in all of them by default."""
        return [
            Fault(step, *told)
            for step in steps or FILLED
            if not self.form(step).is_valid()
            for told in self.form(step).faults()
        ]

    def rail(self, current: str) -> list[RailStep]:
        """The steps with their states."""
        return [
            RailStep(key, name, number, self._state(key), key == current)
            for number, (key, name) in enumerate(STEPS.items(), start=1)
        ]

    def _state(self, step: str) -> str:
        if step not in FILLED or not self.is_begun(step):
            return "todo"
        return "done" if self.form(step).is_valid() else "bad"

    def plan(self) -> Plan:
        """The campaign that the answers describe. Raises NotPlanned."""
        if faults := self.faults():
            raise NotPlanned(faults)
        chosen, said, rules, check = (self.form(step) for step in FILLED)
        if chosen.is_paste:
            raise NotPlanned([Fault("list", "id_numbers", "", str(PASTED))])
        times, limits = rules.cleaned_data, check.cleaned_data
        return Plan(
            launch_token=self.draft.launch_token,
            name=chosen.cleaned_data["name"],
            account=times["account"],
            contact_list=chosen.chosen,
            messages=said.messages,
            purpose=times["purpose"],
            hours=rules.plan_hours,
            limits=rules.plan_limits,
            retries=rules.plan_retries,
            ground=times["ground"],
            consent_waiver=times["consent_waiver"] if rules.is_waived else "",
            outgoing_phone=rules.plan_phone,
            need_recording=limits["need_recording"],
            starts_at=times["starts_at"],
            ends_at=times["ends_at"],
            calls_per_minute=times["calls_per_minute"],
            concurrent=times["concurrent"],
            budget=limits["budget"],
            day_budget=limits["day_budget"],
            pilot_size=limits["pilot_size"],
            guards=check.guards,
            skip_called_days=times["skip_called_days"],
            answers=dict(self.draft.answers),
        )


PASTED = _("Номера ещё не стали списком. Нажмите «Дальше» на первом шаге.")


def _bound(form: type[StepForm], *, needs_list: bool) -> Callable[[Wizard], StepForm]:
    def make(wizard: Wizard) -> StepForm:
        context: dict[str, Any] = {}
        if needs_list:
            contact_list = wizard.form("list").chosen
            context = {"account": wizard.account, "contact_list": contact_list}
        return form.from_answers(wizard.draft.answers, **context)

    return make


MAKERS: dict[str, Callable[[Wizard], StepForm]] = {
    "list": _bound(ListForm, needs_list=False),
    "message": _bound(MessageForm, needs_list=True),
    "time": _bound(TimeForm, needs_list=True),
    "check": _bound(CheckForm, needs_list=False),
}


def plan_of(draft: CampaignDraft) -> Plan:
    """The campaign that a draft describes. Raises NotPlanned, whose faults name their steps."""
    return Wizard(draft).plan()


# A browser that loads the page again would put back what stood there before.
_AS_DRAWN = django_forms.HiddenInput(attrs={"autocomplete": "off"})


class ShownForm(Form):
    """What the button said when it was drawn, sent back with the press."""

    calls = django_forms.IntegerField(widget=_AS_DRAWN)
    high = django_forms.DecimalField(required=False, widget=_AS_DRAWN)
    answers = django_forms.CharField(widget=_AS_DRAWN)

    def __init__(self, data: Any = None, *, shown: Shown | None = None) -> None:
        super().__init__(data, initial=asdict(shown) if shown else None, prefix="shown")

    @property
    def shown(self) -> Shown:
        """Nothing at all, where what is sent back cannot be read."""
        return Shown(**self.cleaned_data) if self.is_valid() else Shown(0, None, "")


class PresetForm(Form):
    """The name under which a draft's settings are kept."""

    name = django_forms.CharField(
        label=_("Название заготовки"),
        max_length=120,
        error_messages={"required": _("Назовите заготовку")},
    )
