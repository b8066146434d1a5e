"""Filters of the journal. A filter that cannot be read is as if it were not set."""

import re
from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from calls.models import Call, Campaign
from calls.models.call import ENDED_BY_US
from obzvon_site.common.forms import DayField, Form
from obzvon_site.common.http import row_id
from obzvon_site.provider.replies import FINAL_STATUSES, KNOWN_STATUSES

Stage = Call.Stage


class JournalForm(Form):
    """What to show. ``apply`` narrows a queryset of calls."""

    marks_optional = False
    PERIODS = (
        ("today", _("Сегодня")),
        ("yesterday", _("Вчера")),
        ("week", _("7 дней")),
        ("month", _("30 дней")),
        ("all", _("За всё время")),
        ("dates", _("По датам")),
    )
    OUTCOMES = (
        ("", _("Все")),
        ("waiting", _("Ещё не ушли")),
        ("live", _("Идут")),
        ("finished", _("Состоялись")),
        ("busy", _("Занято")),
        ("canceled", _("Не состоялись")),
        ("failed", _("Не отправлены")),
        ("unknown", _("Проверяем")),
        ("other", _("Неизвестный статус")),
    )
    period = forms.ChoiceField(label=_("Период"), choices=PERIODS, required=False)
    since = DayField(label=_("С"), required=False)
    until = DayField(label=_("По"), required=False)
    outcome = forms.ChoiceField(label=_("Исход"), choices=OUTCOMES, required=False)
    campaign = forms.ModelChoiceField(
        label=_("Обзвон"),
        queryset=Campaign.objects.none(),
        required=False,
        empty_label=_("Все"),
    )
    q = forms.CharField(
        label=_("Номер или обзвон"),
        required=False,
        max_length=60,
        widget=forms.TextInput(attrs={"placeholder": "+7 (912)…"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        named = Campaign.objects.only("name")  # its row has JSON that nobody reads here
        latest = named.order_by("-created_at", "-id")[:100]
        chosen = row_id(self.data.get("campaign"))
        if chosen is not None:  # it may be an older one
            shown = [chosen, *latest.values_list("pk", flat=True)]
            latest = named.filter(pk__in=shown).order_by("-created_at", "-id")
        self.fields["campaign"].queryset = latest  # type: ignore[attr-defined]

    @property
    def is_narrowed(self) -> bool:
        """Whether anything but the period is set."""
        self.is_valid()
        data = self.cleaned_data
        return bool(data.get("outcome") or data.get("campaign") or data.get("q"))

    def apply(self, calls: QuerySet[Call], now: datetime) -> QuerySet[Call]:
        """Calls that the filters leave."""
        self.is_valid()
        data = self.cleaned_data
        start, end = self._bounds(now)
        if start:
            calls = calls.filter(created_at__gte=start)
        if end:
            calls = calls.filter(created_at__lt=end)
        if data.get("campaign"):
            calls = calls.filter(campaign=data["campaign"])
        if data.get("outcome"):
            calls = calls.filter(BY_OUTCOME[data["outcome"]])
        if data.get("q"):
            calls = calls.filter(_found_by(data["q"]))
        return calls

    def _bounds(self, now: datetime) -> tuple[datetime | None, datetime | None]:
        """The period as moments: from the first to before the second."""
        data = self.cleaned_data
        # A search looks everywhere unless somebody has chosen a period.
        period = data.get("period") or ("all" if data.get("q") else "today")
        if period != "dates":
            return period_bounds(period, now)
        since, until = data.get("since"), data.get("until")
        end = midnight(until + timedelta(days=1)) if until else None
        return midnight(since) if since else None, end


def period_bounds(period: str, now: datetime) -> tuple[datetime | None, datetime | None]:
    """A named period as moments: from the first to before the second."""
    today = timezone.localtime(now).date()
    match period:
        case "today":
            return midnight(today), None
        case "yesterday":
            return midnight(today - timedelta(days=1)), midnight(today)
        case "week":
            return midnight(today - timedelta(days=6)), None
        case "month":
            return midnight(today - timedelta(days=29)), None
        case _:
            return None, None


BY_OUTCOME = {
    "waiting": Q(stage__in=[Stage.PLANNED, Stage.SENDING]),
    "live": Q(stage=Stage.ACCEPTED) & ~Q(status__in=FINAL_STATUSES),
    "finished": Q(status="finished"),
    "busy": Q(status="busy"),
    "canceled": Q(status="canceled"),
    "failed": Q(stage__in=ENDED_BY_US),
    "unknown": Q(stage=Stage.UNKNOWN),
    "other": Q(stage=Stage.ACCEPTED) & ~Q(status__in=["", *KNOWN_STATUSES]),
}


def midnight(day: date) -> datetime:
    """Its beginning in the zone of the screens."""
    return timezone.make_aware(datetime.combine(day, time.min))


def _found_by(text: str) -> Q:
    """A whole phone, any run of its digits, a call's number with us or with the service, or a
    part of a campaign's name."""
    digits = re.sub(r"[^0-9]", "", text)
    # A regular expression, since SQLite's LIKE knows no other letters' cases than A to Z.
    named = Campaign.objects.filter(name__iregex=re.escape(text.strip()))
    by_name = Q(campaign__in=named)
    if not digits or len(digits) < len(text.strip()) / 2:
        return by_name
    if len(digits) == 11:
        return Q(phone="7" + digits[1:])
    found = Q(phone__contains=digits) | by_name
    number = row_id(digits)
    return found if number is None else found | Q(pk=number) | Q(service_order_id=number)
