"""Forms around reviews: which calls to hear, what a review says, comments, tags, follow-ups."""

import re
from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from calls.models import Campaign, ChecklistItem
from calls.services.review_queue import ALL, Filters
from calls.services.reviewing import Typed
from obzvon_site.accounts.models import User
from obzvon_site.accounts.roles import MATRIX
from obzvon_site.common.forms import DayField, Form, ModelForm
from obzvon_site.common.http import row_id

LATEST = 100  # campaigns to choose from
ANSWERS = ("yes", "no", "na")


class QueueForm(Form):
    """Which calls to review. A filter that cannot be read is as if it were not set."""

    marks_optional = False
    PERIODS = (
        ("week", _("7 дней")),
        ("today", _("Сегодня")),
        ("yesterday", _("Вчера")),
        ("month", _("30 дней")),
        ("all", _("За всё время")),
    )
    OUTCOMES = (
        ("", _("Любой")),
        ("reached", _("Дослушал или ответил")),
        ("manager", _("Соединили с менеджером")),
        ("no_key", _("Ничего не нажал")),
        ("early", _("Положил трубку сразу")),
    )
    ANSWERED = (("", _("Всё равно")), ("yes", _("Ответил")), ("no", _("Промолчал")))
    SAMPLES = (
        ("100", _("Все")),
        *((str(part), _("%(part)s %%") % {"part": part}) for part in (1, 5, 10, 20, 50)),
    )
    OPINIONS = (("", _("Никем не проверенные")), ("second", _("Второе мнение")))
    ORDERS = (("", _("Сначала новые")), ("oldest", _("Сначала старые")))

    period = forms.ChoiceField(label=_("Период"), choices=PERIODS, required=False)
    campaign = forms.ModelChoiceField(
        label=_("Обзвон"),
        queryset=Campaign.objects.none(),
        required=False,
        empty_label=_("Все"),
    )
    opinion = forms.ChoiceField(label=_("Какие"), choices=OPINIONS, required=False)
    outcome = forms.ChoiceField(label=_("Исход"), choices=OUTCOMES, required=False)
    answered = forms.ChoiceField(label=_("Ответ"), choices=ANSWERED, required=False)
    answer = forms.CharField(
        label=_("Клавиша или слово"), required=False, max_length=40, empty_value=""
    )
    longer = forms.IntegerField(label=_("От, секунд"), required=False, min_value=0)
    shorter = forms.IntegerField(label=_("До, секунд"), required=False, min_value=0)
    operator = forms.ModelChoiceField(
        label=_("Кто запустил"),
        queryset=User.objects.none(),
        required=False,
        empty_label=_("Все"),
    )
    manager_phone = forms.CharField(
        label=_("Телефон менеджера"),
        required=False,
        max_length=20,
        widget=forms.TextInput(attrs={"inputmode": "tel", "placeholder": "+7 (912)…"}),
    )
    sample = forms.ChoiceField(label=_("Случайная выборка"), choices=SAMPLES, required=False)
    seed = forms.IntegerField(required=False, min_value=1, widget=forms.HiddenInput)
    order = forms.ChoiceField(label=_("Порядок"), choices=ORDERS, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        latest = Campaign.objects.order_by("-created_at", "-id").values_list("pk", flat=True)
        shown = [*latest[:LATEST], row_id(self.data.get("campaign"))]
        campaigns = Campaign.objects.filter(pk__in=[pk for pk in shown if pk is not None])
        campaigns = campaigns.only("name")  # its row has JSON that nobody reads here
        self.fields["campaign"].queryset = campaigns.order_by("-created_at", "-id")  # type: ignore[attr-defined]
        people = User.objects.filter(groups__name__in=MATRIX["calls.add_campaign"]).distinct()
        self.fields["operator"].queryset = people.order_by("username")  # type: ignore[attr-defined]

    def filters(self, now: datetime) -> Filters:
        """What was asked for, as the queue understands it."""
        self.is_valid()
        data = self.cleaned_data
        since, until = self._bounds(now)
        return Filters(
            campaign=data["campaign"].pk if data.get("campaign") else None,
            outcome=data.get("outcome") or "",
            answered=data.get("answered") or "",
            answer=data.get("answer") or "",
            longer=data.get("longer"),
            shorter=data.get("shorter"),
            operator=data["operator"].pk if data.get("operator") else None,
            manager_phone=_digits(data.get("manager_phone") or ""),
            since=since,
            until=until,
            sample=int(data.get("sample") or ALL),
            seed=data.get("seed") or 1,
            is_second=data.get("opinion") == "second",
            is_oldest_first=data.get("order") == "oldest",
        )

    def _bounds(self, now: datetime) -> tuple[datetime | None, datetime | None]:
        days = {"today": 0, "yesterday": 1, "week": 6, "month": 29}
        period = self.cleaned_data.get("period") or "week"
        if period == "all":
            return None, None
        today = timezone.make_aware(datetime.combine(timezone.localtime(now).date(), time.min))
        return today - timedelta(days=days[period]), today if period == "yesterday" else None

    @property
    def query(self) -> str:
        """The filters that are set, as they stand in an address."""
        names = [name for name in self.fields if self.data.get(name)]
        return urlencode({name: self.data[name] for name in names})

    @property
    def number(self) -> int:
        """How many filters are set."""
        plain = {"seed", "order", "period", "opinion"}
        default = {"sample": "100"}
        return sum(
            1
            for name in self.fields
            if name not in plain and self.data.get(name) not in (None, "", default.get(name))
        )

    @property
    def next_seed(self) -> int:
        return (self.cleaned_data.get("seed") or 1) + 1


def _digits(text: str) -> str:
    digits = re.sub(r"[^0-9]", "", text)
    return "7" + digits[1:] if len(digits) == 11 else digits


class WorkForm(Form):
    """A review as the page holds it: the mark, the lines of the checklist, and its revision."""

    revision = forms.IntegerField(min_value=0)
    mark = forms.IntegerField(min_value=1, max_value=5, required=False)

    def typed(self) -> Typed:
        """Only after ``is_valid``: lines that do not exist are left out."""
        told = {
            name.removeprefix("line-"): value
            for name, value in self.data.items()
            if name.startswith("line-") and value in ANSWERS
        }
        asked = [pk for pk in map(row_id, told) if pk is not None]
        known = ChecklistItem.objects.filter(pk__in=asked).values_list("pk", flat=True)
        answers = {str(pk): told[str(pk)] for pk in known if str(pk) in told}
        return Typed(self.cleaned_data["mark"], answers)


class SecondField(forms.CharField):
    """A moment of a recording, «1:08» or seconds; cleaned to Decimal, or None when empty."""

    default_error_messages = {"moment": _("Введите время как 1:08")}

    def clean(self, value: Any) -> Decimal | None:
        text = super().clean(value)
        if not text:
            return None
        match = re.fullmatch(r"(?:(\d{1,4}):)?(\d{1,5})(?:[.,](\d))?", text, re.ASCII)
        if match is None:
            raise ValidationError(self.error_messages["moment"], code="moment")
        minutes, seconds, tenth = match.groups(default="0")
        return Decimal(f"{int(minutes) * 60 + int(seconds)}.{tenth}")


class CommentForm(Form):
    """A remark; with a moment it is a mark on the recording."""

    second = SecondField(
        label=_("Момент"),
        required=False,
        max_length=12,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "placeholder": "0:24"}),
    )
    text = forms.CharField(
        label=_("Комментарий"),
        max_length=1000,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


class TagForm(Form):
    name = forms.CharField(label=_("Метка"), max_length=40)


class SkipForm(Form):
    reason = forms.CharField(max_length=200, required=False)


class FollowUpForm(Form):
    """What is to be done, who does it, by which day."""

    text = forms.CharField(label=_("Что сделать"), max_length=500)
    assignee = forms.ModelChoiceField(
        label=_("Кому"), queryset=User.objects.none(), empty_label=_("выберите человека")
    )
    due = DayField(label=_("Срок"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        tomorrow = timezone.localdate() + timedelta(days=1)
        kwargs.setdefault("initial", {"due": tomorrow.isoformat()})
        super().__init__(*args, **kwargs)
        able = MATRIX["calls.change_followup"]
        people = User.objects.filter(is_active=True, groups__name__in=able).distinct()
        self.fields["assignee"].queryset = people.order_by("username")  # type: ignore[attr-defined]

    def clean_due(self) -> Any:
        due = self.cleaned_data["due"]
        if due < timezone.localdate():
            raise ValidationError(_("Этот день уже прошёл"))
        return due


class LineForm(ModelForm):
    """A line of the checklist."""

    class Meta:
        model = ChecklistItem
        fields = ("text", "weight")
        help_texts = {"weight": _("Во сколько раз важнее обычного: от 1 до 10")}
