"""Filters of the archive, and how long it keeps. A filter that cannot be read is not set."""

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from calls.forms.journal import midnight, period_bounds
from calls.models import Call, Campaign, Recording, Review, Tag
from calls.services import searching
from obzvon_site.accounts.models import ApiAccount
from obzvon_site.common.forms import DayField, Form
from obzvon_site.common.http import row_id

LONGEST_KEPT = 3650  # days
State = Recording.State


class ArchiveForm(Form):
    """What to show. ``apply`` narrows a queryset of recordings."""

    marks_optional = False
    PERIODS = (
        ("", _("За всё время")),
        ("today", _("Сегодня")),
        ("yesterday", _("Вчера")),
        ("week", _("7 дней")),
        ("month", _("30 дней")),
        ("dates", _("По датам")),
    )
    STATES = (
        ("", _("Все")),
        ("new", _("Не проверены")),
        ("reviewed", _("Проверены")),
        ("missing", _("Не получены")),
        ("removed", _("Удалены")),
    )
    OUTCOMES = (
        ("", _("Все")),
        ("finished", _("Состоялись")),
        ("busy", _("Занято")),
        ("canceled", _("Не состоялись")),
    )
    q = forms.CharField(
        label=_("Слова или номер"),
        required=False,
        max_length=100,
        widget=forms.TextInput(attrs={"placeholder": _("метка, ответ, комментарий…")}),
    )
    period = forms.ChoiceField(label=_("Период"), choices=PERIODS, required=False)
    since = DayField(label=_("С"), required=False)
    until = DayField(label=_("По"), required=False)
    campaign = forms.ModelChoiceField(
        label=_("Обзвон"), queryset=Campaign.objects.none(), required=False, empty_label=_("Все")
    )
    state = forms.ChoiceField(label=_("Состояние"), choices=STATES, required=False)
    outcome = forms.ChoiceField(label=_("Исход"), choices=OUTCOMES, required=False)
    answer = forms.CharField(label=_("Ответ"), required=False, max_length=40)
    longer = forms.IntegerField(label=_("Длиннее, с"), required=False, min_value=0)
    shorter = forms.IntegerField(label=_("Короче, с"), required=False, min_value=0)
    manager = forms.CharField(label=_("Номер менеджера"), required=False, max_length=30)
    tag = forms.ModelChoiceField(
        label=_("Метка"), queryset=Tag.objects.none(), required=False, empty_label=_("Любая")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        named = Campaign.objects.only("name")  # its row has JSON that nobody reads here
        self._offer("campaign", named.order_by("-created_at", "-id"), most=100)
        self._offer("tag", Tag.objects.all(), most=200)

    def _offer(self, name: str, rows: QuerySet[Any], *, most: int) -> None:
        """The first of these, and the one that is chosen already."""
        chosen = row_id(self.data.get(name))
        if chosen is None:
            rows = rows[:most]
        else:
            rows = rows.filter(pk__in=[chosen, *rows.values_list("pk", flat=True)[:most]])
        self.fields[name].queryset = rows  # type: ignore[attr-defined]

    @property
    def is_narrowed(self) -> bool:
        self.is_valid()
        return any(value not in (None, "") for value in self.cleaned_data.values())

    @property
    def has_more(self) -> bool:
        """Whether one of the filters that are folded away is set."""
        self.is_valid()
        folded = ("outcome", "answer", "longer", "shorter", "manager", "tag")
        return any(self.cleaned_data.get(name) not in (None, "") for name in folded)

    @property
    def reads_words(self) -> bool:
        """Whether ``apply`` looks through all words of a recording."""
        self.is_valid()
        answer = self.cleaned_data.get("answer", "").strip()
        return bool(self.cleaned_data.get("q")) or bool(answer and not _is_key(answer))

    def apply(self, rows: QuerySet[Recording], now: datetime) -> QuerySet[Recording]:
        """Recordings that the filters leave."""
        self.is_valid()
        data = self.cleaned_data
        rows = self._in_period(_in_state(rows, data.get("state", "")), now)
        if data.get("campaign"):
            rows = rows.filter(campaign=data["campaign"])
        if data.get("outcome"):
            rows = rows.filter(_of_call(status=data["outcome"]))
        if answer := data.get("answer", "").strip():
            rows = rows.filter(_answered(answer))
        if data.get("longer") is not None:
            rows = rows.filter(seconds__gte=data["longer"])
        if data.get("shorter") is not None:
            rows = rows.filter(seconds__lte=data["shorter"])
        if digits := "".join(filter(str.isdigit, data.get("manager", ""))):
            rows = rows.filter(_of_manager(digits))
        if data.get("tag"):
            rows = rows.filter(tags=data["tag"])
        return searching.found(rows, data.get("q", "")) if data.get("q") else rows

    def _in_period(self, rows: QuerySet[Recording], now: datetime) -> QuerySet[Recording]:
        data = self.cleaned_data
        start, end = period_bounds(data.get("period", ""), now)
        if data.get("period") == "dates":
            since, until = data.get("since"), data.get("until")
            start = midnight(since) if since else None
            end = midnight(until + timedelta(days=1)) if until else None
        if start:
            rows = rows.filter(at__gte=start)
        return rows.filter(at__lt=end) if end else rows


def _in_state(rows: QuerySet[Recording], state: str) -> QuerySet[Recording]:
    done = Exists(Review.objects.filter(recording=OuterRef("pk"), state=Review.State.DONE))
    match state:
        case "new":
            return rows.filter(~done, state=State.KEPT)
        case "reviewed":
            return rows.filter(done)
        case "missing" | "removed":
            return rows.filter(state=state)
        case _:
            return rows.exclude(state=State.REMOVED)


def _of_call(**fields: Any) -> Exists:
    """Asked of each recording's own call: joined, SQLite would begin with all calls, not with the
    newest recordings."""
    return Exists(Call.objects.filter(pk=OuterRef("call_id"), **fields))


def _of_manager(digits: str) -> Q:
    if len(digits) == 11:
        return Q(manager_phone="7" + digits[1:])
    return Q(manager_phone__contains=digits)


def _is_key(answer: str) -> bool:
    return answer.isdigit() and len(answer) == 1


def _answered(text: str) -> Q:
    """A key at any menu, or a word of an answer or of its label."""
    if _is_key(text):
        return Q(call__ivr_answers__contains=f"|{text}|") | Q(call__ivr_digit=text)
    return searching.has_all(text)


class DaysForm(Form):
    """How long the recordings of one account are kept; ``days`` is None for ever."""

    account = forms.ModelChoiceField(
        queryset=ApiAccount.objects.all(), widget=forms.HiddenInput, required=True
    )
    days = forms.IntegerField(
        label=_("Хранить, дней"),
        required=False,
        min_value=1,
        max_value=LONGEST_KEPT,
        help_text=_("Пусто — хранить всегда."),
    )
