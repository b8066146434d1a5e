"""The form of a new call: whom, what, from which number, when."""

import hashlib
import uuid
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from calls.ivr.document import Document, record_pks
from calls.models import BlockedPhone, Call, Campaign, Scenario, ScenarioVersion
from calls.rules.purposes import OFFERED, PRESETS
from calls.services import numbers
from calls.services.blocking import blocked_among
from calls.services.launching import LaunchRequest, is_no_ground, needs_waiver
from calls.services.numbers import PastedNumbers
from obzvon_site.accounts.models import ApiAccount, OutgoingPhone
from obzvon_site.common.forms import Form, LocalDateTimeField
from obzvon_site.common.http import row_id
from obzvon_site.common.phones import shown
from obzvon_site.provider.limits import LIMITS
from records.models import Record

DUTY = "duty"
# A second order to the same phone so soon is more often a slip than a wish.
LATELY = timedelta(minutes=10)


class NewCallForm(Form):
    """One or many numbers and what they will hear. ``request()`` is what the launch takes."""

    marks_optional = False  # what is needed depends on the kind of message
    launch_token = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)
    numbers = forms.CharField(
        label=_("Номера"),
        strip=False,
        max_length=300_000,
        widget=forms.Textarea(
            attrs={"rows": 6, "placeholder": "+7 (912) 345-67-89", "inputmode": "tel"}
        ),
        help_text=_("По одному в строке, через запятую или прямо из таблицы. Повторы уберём."),
        error_messages={"required": _("Введите хотя бы один номер")},
    )
    purpose = forms.TypedChoiceField(
        label=_("Зачем звоним"),
        choices=[(purpose, PRESETS[purpose].name) for purpose in OFFERED],
        required=False,
        empty_value="service",
        initial="service",
        help_text=_("От цели зависит, когда и сколько раз можно звонить."),
    )
    consent_waiver = forms.CharField(
        label=_("На каком основании звоним без записанного согласия"),
        required=False,
        max_length=500,
        help_text=_(
            "Нужно, когда номеров больше одного. Например: «договор № 14 от 3 марта, пункт 7». "
            "Останется в обзвоне и в журнале аудита."
        ),
    )
    message = forms.ChoiceField(
        label=_("Что услышит абонент"),
        choices=Campaign.Message,
        widget=forms.RadioSelect,
        initial=Campaign.Message.RECORD,
    )
    record = forms.ModelChoiceField(
        label=_("Аудиоролик"), queryset=Record.objects.none(), required=False
    )
    text = forms.CharField(
        label=_("Текст"),
        required=False,
        max_length=LIMITS["text"].max,
        widget=forms.Textarea(attrs={"rows": 4, "data-counter": LIMITS["text"].max}),
        help_text=_("До 1024 символов. Синтез стоит отдельно, по цене учётной записи."),
    )
    gender = forms.TypedChoiceField(
        label=_("Голос"),
        choices=Record.Gender,
        coerce=int,
        required=False,
        empty_value=Record.Gender.FEMALE,  # type: ignore[arg-type]  # any value will do
        initial=Record.Gender.FEMALE,
    )
    scenario = forms.ModelChoiceField(
        label=_("Сценарий"), queryset=Scenario.objects.none(), required=False
    )
    account = forms.ModelChoiceField(
        label=_("Учётная запись"), queryset=ApiAccount.objects.none(), empty_label=None
    )
    caller = forms.ChoiceField(label=_("С какого номера"))
    planned_at = LocalDateTimeField(
        label=_("Когда"),
        required=False,
        help_text=_("Пусто — сразу. Время вашего часового пояса."),
    )
    need_recording = forms.BooleanField(
        label=_("Записывать разговор"), required=False, initial=True
    )
    name = forms.CharField(
        label=_("Название"),
        required=False,
        max_length=120,
        help_text=_("Чтобы потом найти в журнале. Пусто — назовём сами."),
    )
    # Which list of problems the person saw when agreeing to call without these numbers.
    agreed = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)

    def __init__(self, *args: Any, account: ApiAccount | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.chosen = self._chosen_account() or account
        self.pasted = PastedNumbers()
        self.blocked: dict[str, BlockedPhone] = {}
        self.lately: list[str] = []
        self._offer()

    def _chosen_account(self) -> ApiAccount | None:
        given = self.data.get("account") if self.is_bound else self.initial.get("account")
        number = row_id(str(given or ""))
        return ApiAccount.objects.active().filter(pk=number).first() if number else None

    def _offer(self) -> None:
        """Offer what belongs to the chosen account."""
        fields = self.fields
        fields["account"].queryset = ApiAccount.objects.active()  # type: ignore[attr-defined]
        fields["account"].initial = self.chosen
        fields["caller"].choices = callers_of(self.chosen)  # type: ignore[attr-defined]
        if self.chosen is None:
            return
        records = Record.objects.usable(self.chosen).order_by("-created_at")
        fields["record"].queryset = records  # type: ignore[attr-defined]
        fields["scenario"].queryset = published(self.chosen)  # type: ignore[attr-defined]
        fields["caller"].initial = first_caller(self.chosen)

    def clean_numbers(self) -> list[str]:
        self.pasted = numbers.read(self.cleaned_data["numbers"])
        self.blocked = blocked_among(self.pasted.phones)
        if len(self.pasted.phones) > numbers.MAX_NUMBERS:
            raise ValidationError(
                _("За раз — не больше %(max)d номеров, здесь %(count)d. Разделите список."),
                params={"max": numbers.MAX_NUMBERS, "count": len(self.pasted.phones)},
            )
        if not self.to_call:
            raise ValidationError(_("Ни на один из этих номеров позвонить нельзя."))
        self.lately = called_lately(self.to_call, now=timezone.now())
        return self.pasted.phones

    def clean_purpose(self) -> str:
        purpose: str = self.cleaned_data["purpose"]
        if refusal := PRESETS[purpose].refusal:
            raise ValidationError(str(refusal))
        return purpose

    def clean_planned_at(self) -> Any:
        moment = self.cleaned_data["planned_at"]
        if moment is not None and moment < timezone.now():
            raise ValidationError(_("Это время уже прошло. Выберите более позднее."))
        return moment

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        message = cleaned.get("message")
        wanted = {"record": "record", "text": "text", "scenario": "scenario"}.get(message or "")
        if wanted and not cleaned.get(wanted) and wanted not in self.errors:
            self.add_error(wanted, MISSING[wanted])
        if self.needs_waiver and is_no_ground(cleaned.get("consent_waiver")):
            self.add_error("consent_waiver", MISSING["consent_waiver"])
        return cleaned

    @property
    def needs_waiver(self) -> bool:
        """Whether these numbers are called only on a ground, named in words."""
        data = getattr(self, "cleaned_data", {})
        account, purpose = data.get("account"), data.get("purpose")
        if account is None or not purpose:
            return False
        return needs_waiver(purpose, account, len(self.to_call))

    @property
    def to_call(self) -> list[str]:
        """The numbers that would be called: good, once each, not blocked."""
        return [phone for phone in self.pasted.phones if phone not in self.blocked]

    @property
    def blocked_rows(self) -> list[BlockedPhone]:
        """Why each blocked number is blocked, in the order of the lines."""
        return [self.blocked[phone] for phone in self.pasted.phones if phone in self.blocked]

    @property
    def has_problems(self) -> bool:
        """Whether some of what was pasted will not be called."""
        return bool(self.pasted.bad or self.pasted.repeats or self.blocked)

    @property
    def needs_agreement(self) -> bool:
        """Whether a person has to see something first: what is left out, or who was just called."""
        return self.has_problems or bool(self.lately)

    @property
    def problems_digest(self) -> str:
        """Names this very list of problems: agreeing to it is not agreeing to a later one."""
        told = repr((self.pasted.bad, self.pasted.repeats, sorted(self.blocked), self.lately))
        return hashlib.sha256(told.encode()).hexdigest()

    @property
    def is_agreed(self) -> bool:
        """Whether nothing is wrong, or the person has seen what is and wants the rest called."""
        return not self.needs_agreement or self.cleaned_data["agreed"] == self.problems_digest

    @property
    def played(self) -> Record | None:
        """The record that will be played; None for another kind of message."""
        is_record = self.cleaned_data.get("message") == Campaign.Message.RECORD
        return self.cleaned_data.get("record") if is_record else None

    @property
    def spoken(self) -> str:
        """The text that will be synthesised; empty for another kind of message."""
        is_text = self.cleaned_data.get("message") == Campaign.Message.TEXT
        return self.cleaned_data.get("text", "") if is_text else ""

    @property
    def version(self) -> ScenarioVersion | None:
        """The version of the scenario that will be played; None for another kind of message."""
        is_scenario = self.cleaned_data.get("message") == Campaign.Message.SCENARIO
        scenario = self.cleaned_data.get("scenario") if is_scenario else None
        return scenario.latest_version() if scenario else None

    @property
    def on_moderation(self) -> list[Record]:
        """The records without whose approval no call goes out."""
        pks = {self.played.pk} if self.played else set()
        if version := self.version:
            pks = record_pks(Document.from_json(version.document))
        return list(Record.objects.filter(pk__in=pks, moderation=Record.Moderation.WAITING))

    def launched_before(self) -> Campaign | None:
        """What this very form has launched already. Asked before anything is checked: a planned
        time that was good then may have passed by now."""
        return launched_by(self)

    def request(self) -> LaunchRequest:
        """What was asked for, for a valid form. Blocked numbers go along: they become visible."""
        data = self.cleaned_data
        caller = data["caller"]
        return LaunchRequest(
            launch_token=data["launch_token"],
            account=data["account"],
            name=data["name"] or self._name(),
            phones=data["numbers"],
            message_kind=data["message"],
            record=self.played,
            text=self.spoken,
            gender=data["gender"],
            scenario_version=self.version,
            outgoing_phone=None if caller == DUTY else OutgoingPhone.objects.get(pk=caller),
            need_recording=data["need_recording"],
            planned_at=data["planned_at"],
            purpose=data["purpose"],
            consent_waiver=data["consent_waiver"] if self.needs_waiver else "",
        )

    def _name(self) -> str:
        """What the campaign is called when nobody named it: after what is heard."""
        data = self.cleaned_data
        heard = data.get(data["message"])
        return str(heard or "")[:120].strip()


def launched_by(form: Form) -> Campaign | None:
    """The campaign made with the form's token, if there is one."""
    try:
        token = form.fields["launch_token"].clean(form.data.get("launch_token"))
    except ValidationError:
        return None
    return Campaign.objects.filter(launch_token=token).first()


MISSING = {
    "record": _("Выберите аудиоролик"),
    "text": _("Введите текст"),
    "scenario": _("Выберите опубликованный сценарий"),
    "consent_waiver": _("Назовите основание: договор, закон или документ с номером."),
}


def callers_of(account: ApiAccount | None) -> list[tuple[str, Any]]:
    """Numbers to call from, as choices."""
    phones = OutgoingPhone.objects.filter(account=account).exclude(is_confirmed=False)
    return [
        (DUTY, _("Случайный дежурный")),
        *((str(phone.pk), f"{shown(phone.phone)} {phone.label}".strip()) for phone in phones),
    ]


def first_caller(account: ApiAccount) -> str:
    """Which of them to offer first."""
    phone = account.default_phone_id
    return DUTY if account.use_duty_phone or phone is None else str(phone)


def published(account: ApiAccount) -> QuerySet[Scenario]:
    """Scenarios of the account that have a version to call with."""
    return Scenario.objects.shown().filter(account=account, versions__isnull=False).distinct()


def called_lately(phones: list[str], *, now: datetime) -> list[str]:
    """Those of ``phones`` that were ordered a few minutes ago, by whatever form or person."""
    recent = Call.objects.called_since(now - LATELY)
    found: set[str] = set()
    for start in range(0, len(phones), 500):
        some = phones[start : start + 500]
        found.update(recent.filter(phone__in=some).values_list("phone", flat=True))
    return sorted(found)
