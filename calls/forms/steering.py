"""What may be changed in a campaign on its way: its money and its pace."""

from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from calls.models import Campaign
from obzvon_site.common.forms import Form, MoneyField
from obzvon_site.common.money import KOPECK

MOST_MONEY = Decimal(1_000_000_000)
MOST_CALLS = 100_000  # a minute, or at once: more is a slip


class BudgetForm(Form):
    """The most a campaign may spend; empty: no limit."""

    budget = MoneyField(label=_("Бюджет обзвона, ₽"), required=False, min_value=KOPECK)
    day_budget = MoneyField(label=_("Бюджет на день, ₽"), required=False, min_value=KOPECK)

    @classmethod
    def of(cls, campaign: Campaign) -> "BudgetForm":
        return cls(initial={"budget": campaign.budget, "day_budget": campaign.day_budget})

    def clean_budget(self) -> Decimal | None:
        return _sane(self.cleaned_data["budget"])

    def clean_day_budget(self) -> Decimal | None:
        return _sane(self.cleaned_data["day_budget"])


class PaceForm(Form):
    """How fast a campaign sends and how many may ring at once; empty: as the account does."""

    calls_per_minute = forms.IntegerField(
        label=_("Звонков в минуту"), required=False, min_value=1, max_value=MOST_CALLS
    )
    concurrent = forms.IntegerField(
        label=_("Одновременно"), required=False, min_value=1, max_value=MOST_CALLS
    )

    @classmethod
    def of(cls, campaign: Campaign) -> "PaceForm":
        values: dict[str, Any] = {"calls_per_minute": campaign.calls_per_minute}
        return cls(initial={**values, "concurrent": campaign.concurrent})


def _sane(amount: Decimal | None) -> Decimal | None:
    if amount is not None and amount > MOST_MONEY:
        raise ValidationError(_("Слишком большая сумма. Проверьте, нет ли лишних нулей."))
    return amount
