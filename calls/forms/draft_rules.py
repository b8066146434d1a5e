"""Step 3 of the wizard, checked: rules may be stricter than the purpose's, never laxer."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from calls.forms import draft_retries
from calls.forms.calls import DUTY
from calls.forms.draft_time import PERIODS, TimeFields
from calls.rules.hours import Hours
from calls.rules.limits import Limits
from calls.rules.purposes import Preset
from calls.rules.retries import Retries
from calls.rules.words import hours_in_words, wider_days
from calls.services.launching import is_no_ground
from obzvon_site.accounts.models import OutgoingPhone


class TimeForm(TimeFields):
    """The rules of a campaign, as its plan takes them."""

    def clean_purpose(self) -> str:
        purpose: str = self.cleaned_data["purpose"]
        if self.preset is not None and self.preset.refusal:
            raise ValidationError(str(self.preset.refusal))
        return purpose

    def clean_starts_at(self) -> datetime | None:
        return self._later("starts_at") if self._is("start", "planned") else None

    def clean_ends_at(self) -> datetime | None:
        return self._later("ends_at")

    def _later(self, name: str) -> datetime | None:
        moment: datetime | None = self.cleaned_data[name]
        if moment is not None and moment <= timezone.now():
            raise ValidationError(_("Это время уже прошло. Выберите более позднее."))
        return moment

    def _is(self, name: str, value: str) -> bool:
        return bool(self[name].value() == value)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        self._check_grounds(cleaned)
        self._check_dates(cleaned)
        if self.preset is not None:
            self._check_hours(self.preset)
            self._check_limits(self.preset, cleaned)
        return cleaned

    def _check_grounds(self, cleaned: dict[str, Any]) -> None:
        if self.needs_ground and is_no_ground(cleaned.get("ground")):
            self.add_error(
                "ground", _("Назовите основание: кто объявил угрозу и каким документом.")
            )
        if self.is_waived and is_no_ground(cleaned.get("consent_waiver")):
            self.add_error(
                "consent_waiver", _("Назовите основание: договор, закон или документ с номером.")
            )

    def _check_dates(self, cleaned: dict[str, Any]) -> None:
        start, end = cleaned.get("starts_at"), cleaned.get("ends_at")
        if self._is("start", "planned") and not start and "starts_at" not in self.errors:
            self.add_error("starts_at", _("Выберите день и время начала"))
        if start and end and end <= start:
            self.add_error("ends_at", _("Конец раньше начала. Выберите более позднее время."))

    def _check_hours(self, preset: Preset) -> None:
        own = self._own_hours()
        if own is None:
            is_left_empty = self._is("hours_kind", "own") and not self.is_any_time
            if is_left_empty and "hours" not in self.errors:
                self.add_error("hours", _("Оставьте хотя бы один день со временем."))
        elif days := wider_days(own, preset.hours):
            sentence = _("Шире, чем разрешено: %(days)s. Можно %(hours)s. Сузьте часы. %(law)s")
            may = hours_in_words(preset.hours)
            told = {"days": _listed(days), "hours": may, "law": preset.law}
            self.add_error("hours", str(sentence) % told)

    def _check_limits(self, preset: Preset, cleaned: dict[str, Any]) -> None:
        for period, words in PERIODS.items():
            given, most = cleaned.get(f"limit_{period}"), getattr(preset.limits, period)
            if given is not None and most is not None and given > most:
                sentence = _("Не больше %(most)d %(period)s. Уменьшите. %(law)s")
                told = {"most": most, "period": words, "law": preset.law}
                self.add_error(f"limit_{period}", str(sentence) % told)
        used = self.used_account
        most = used.calls_per_minute if used else None
        if most and (cleaned.get("calls_per_minute") or 0) > most:
            sentence = _("У этой учётной записи — не больше %(most)d в минуту. Уменьшите.")
            self.add_error("calls_per_minute", str(sentence) % {"most": most})

    @property
    def is_any_time(self) -> bool:
        """Whether nobody real is rung, and hours are not waited for."""
        return self.may_any_time and bool(self["any_time"].value())

    @property
    def is_waived(self) -> bool:
        """Whether people without a consent are called too."""
        needs = self.preset is not None and self.preset.needs_consent
        return needs and self._is("consent", "waived")

    def _own_hours(self) -> Hours | None:
        is_own = self._is("hours_kind", "own") and not self.is_any_time
        return self.cleaned_data.get("hours") if is_own else None

    @property
    def plan_hours(self) -> Hours | None:
        """The hours the campaign keeps; None: any time, where nobody real is rung."""
        if self.is_any_time or self.preset is None:
            return None
        own = self._own_hours()
        return own.within(self.preset.hours) if own else self.preset.hours

    @property
    def plan_limits(self) -> Limits:
        """The limits the campaign keeps."""
        given = {name: self.cleaned_data.get(f"limit_{name}") for name in PERIODS}
        return Limits(**given).within(self.preset.limits) if self.preset else Limits(**given)

    @property
    def plan_retries(self) -> Retries:
        return draft_retries.retries_of(self.cleaned_data)

    @property
    def plan_phone(self) -> OutgoingPhone | None:
        """The number to call from; None: a random duty number."""
        caller = self.cleaned_data["caller"]
        return None if caller == DUTY else OutgoingPhone.objects.get(pk=caller)


def _listed(words: Sequence[str | Promise]) -> str:
    return ", ".join(str(word).lower() for word in words)
