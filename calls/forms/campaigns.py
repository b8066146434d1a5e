"""Filters of the list of campaigns, and of the calls of one. What cannot be read is not set."""

import re

from django import forms
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from calls.forms.journal import BY_OUTCOME
from calls.models import Call, Campaign, CampaignEvent
from obzvon_site.common.forms import Form

State = Campaign.State
Result = Call.Result
Stage = Call.Stage

_STOPPED = Q(pk__in=CampaignEvent.objects.filter(kind="stopped").values("campaign"))
_IN_STATE = {
    "going": Q(state__in=[State.PREPARING, State.RUNNING]),
    "held": Q(state=State.RUNNING) & ~Q(hold_reason=""),
    "paused": Q(state=State.PAUSED),
    # One that was stopped is done when the last of its calls has ended.
    "stopped": Q(state=State.STOPPED) | _STOPPED,
    "done": Q(state=State.DONE) & ~_STOPPED,
}
_OF_PEOPLE = {
    **{result: Q(result=result) for result in Result.values},
    "again": Q(stage=Stage.PLANNED, attempt__gt=1),
    **{name: BY_OUTCOME[name] for name in ("waiting", "live", "failed", "unknown")},
}


class CampaignsForm(Form):
    """Which campaigns to list. ``apply`` narrows a queryset."""

    marks_optional = False
    STATES = (
        ("", _("Все")),
        ("going", _("Идут")),
        ("held", _("Ждут решения")),
        ("paused", _("На паузе")),
        ("done", _("Завершены")),
        ("stopped", _("Остановлены")),
    )
    state = forms.ChoiceField(label=_("Состояние"), choices=STATES, required=False)
    q = forms.CharField(label=_("Название"), required=False, max_length=60)

    @property
    def is_narrowed(self) -> bool:
        """Whether anything is set."""
        self.is_valid()
        return any(self.cleaned_data.values())

    def apply(self, campaigns: QuerySet[Campaign]) -> QuerySet[Campaign]:
        """Campaigns that the filters leave."""
        self.is_valid()
        data = self.cleaned_data
        if data.get("state"):
            campaigns = campaigns.filter(_IN_STATE[data["state"]])
        if data.get("q"):
            # A regular expression, since SQLite's LIKE knows no other letters' cases than A to Z.
            campaigns = campaigns.filter(name__iregex=re.escape(data["q"].strip()))
        return campaigns


class PeopleForm(Form):
    """Which calls of a campaign to list. ``apply`` narrows a queryset."""

    marks_optional = False
    OUTCOMES = (
        ("", _("Все")),
        ("waiting", _("Ещё не ушли")),
        ("again", _("Перезвоним")),
        ("live", _("Идут")),
        (Result.REACHED.value, Result.REACHED.label),
        (Result.NO_KEY.value, Result.NO_KEY.label),
        (Result.EARLY.value, Result.EARLY.label),
        (Result.NO_ANSWER.value, Result.NO_ANSWER.label),
        (Result.BUSY.value, Result.BUSY.label),
        ("failed", _("Не отправлены")),
        ("unknown", _("Проверяем")),
    )
    outcome = forms.ChoiceField(label=_("Исход"), choices=OUTCOMES, required=False)
    q = forms.CharField(
        label=_("Номер или имя"),
        required=False,
        max_length=60,
        widget=forms.TextInput(attrs={"placeholder": "+7 (912)…"}),
    )

    @property
    def is_narrowed(self) -> bool:
        """Whether anything is set."""
        self.is_valid()
        return any(self.cleaned_data.values())

    def apply(self, calls: QuerySet[Call]) -> QuerySet[Call]:
        """Calls that the filters leave."""
        self.is_valid()
        data = self.cleaned_data
        if data.get("outcome"):
            calls = calls.filter(_OF_PEOPLE[data["outcome"]])
        if data.get("q"):
            calls = calls.filter(_said(data["q"].strip()))
        return calls


def _said(text: str) -> Q:
    """A phone, whole or a run of its digits, or a part of a name."""
    digits = re.sub(r"[^0-9]", "", text)
    if not digits or len(digits) < len(text) / 2:
        return Q(name__iregex=re.escape(text))
    return Q(phone="7" + digits[1:]) if len(digits) == 11 else Q(phone__contains=digits)
