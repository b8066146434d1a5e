"""Step 2 of the wizard: what people hear, and a second message to compare with."""

from functools import cached_property
from typing import Any

from django import forms
from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from calls.forms.calls import MISSING
from calls.forms.draft_steps import StepForm
from calls.models import Campaign, ContactList, ScenarioVersion
from calls.rules.texts import NAMES, names_in
from calls.services import audience
from calls.services.planning import MessagePlan
from obzvon_site.accounts.models import ApiAccount
from obzvon_site.common.http import row_id
from obzvon_site.provider.limits import LIMITS
from records.models import Record


class VersionField(forms.ModelChoiceField):  # type: ignore[type-arg]  # no generic at run time
    """Published scenarios, each by a version that never changes."""

    def label_from_instance(self, obj: ScenarioVersion) -> str:
        return str(
            _("%(name)s · версия %(number)d от %(day)s")
            % {
                "name": obj.scenario.name,
                "number": obj.number,
                "day": date_format(timezone.localtime(obj.created_at), "j E"),
            }
        )


class VariantForm(StepForm):
    """One message: a record, a text with variables, or a scenario."""

    step = "message"
    message = forms.ChoiceField(
        label=_("Что услышит абонент"),
        choices=Campaign.Message,
        widget=forms.RadioSelect,
        initial=Campaign.Message.TEXT,
        error_messages={"required": _("Выберите, что услышит абонент")},
    )
    record = forms.ModelChoiceField(
        label=_("Аудиоролик"), queryset=Record.objects.none(), required=False
    )
    text = forms.CharField(
        label=_("Текст"),
        required=False,
        max_length=LIMITS["text"].max,
        widget=forms.Textarea(attrs={"rows": 5, "data-counter": LIMITS["text"].max}),
        help_text=_("До 1024 знаков вместе со значениями. Начните с того, кто звонит и зачем."),
    )
    gender = forms.TypedChoiceField(
        label=_("Голос"),
        choices=Record.Gender,
        coerce=int,
        required=False,
        empty_value=Record.Gender.FEMALE,  # type: ignore[arg-type]  # any value will do
        initial=Record.Gender.FEMALE,
    )
    version = VersionField(
        label=_("Сценарий"), queryset=ScenarioVersion.objects.none(), required=False
    )

    def __init__(
        self,
        *args: Any,
        account: ApiAccount | None = None,
        contact_list: ContactList | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.account = account
        self.contact_list = contact_list
        if account is not None:
            fields = self.fields
            records = Record.objects.usable(account).order_by("-created_at")
            fields["record"].queryset = records  # type: ignore[attr-defined]
            chosen = row_id(str(self["version"].value() or ""))
            versions = versions_of(account, chosen)
            fields["version"].queryset = versions  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        message = cleaned.get("message")
        wanted = WANTED.get(message or "")
        if wanted and not cleaned.get(wanted) and wanted not in self.errors:
            self.add_error(wanted, MISSING[message or ""])
        if message == Campaign.Message.TEXT and cleaned.get("text") and self.unknown:
            self.add_error("text", unknown_sentence(self.unknown, self.known))
        return cleaned

    @property
    def typed(self) -> str:
        """The text as it stands in the field."""
        return str(self["text"].value() or "")

    @cached_property
    def known(self) -> list[str]:
        """The variables a text may ask for: the name, and what the list has filled."""
        found = self.contact_list.variables if self.contact_list else {}
        filled = [name for name, about in found.items() if about["filled"]]
        return list(dict.fromkeys([NAMES[0], *filled]))

    @property
    def unknown(self) -> list[str]:
        """Variables of the text that nobody in the list has a value for."""
        if self.contact_list is None:
            return []
        return audience.unknown(self.contact_list, names_in(self.typed))

    @property
    def message_plan(self) -> MessagePlan:
        """What a valid form says."""
        data = self.cleaned_data
        kind = data["message"]
        return MessagePlan(
            kind=kind,
            record=data["record"] if kind == Campaign.Message.RECORD else None,
            text=data["text"] if kind == Campaign.Message.TEXT else "",
            gender=data["gender"],
            scenario_version=data["version"] if kind == Campaign.Message.SCENARIO else None,
        )

    @property
    def newer(self) -> ScenarioVersion | None:
        """A newer version of the chosen scenario, published since it was chosen."""
        chosen: ScenarioVersion | None = getattr(self, "cleaned_data", {}).get("version")
        latest = chosen.scenario.latest_version() if chosen else None
        is_newer = chosen and latest and latest.number > chosen.number
        return latest if is_newer else None


WANTED = {"record": "record", "text": "text", "scenario": "version"}


class MessageForm(VariantForm):
    """The message; and, with «compare», a second one for half of the people."""

    compare = forms.BooleanField(
        label=_("Сравнить два сообщения"),
        required=False,
        help_text=_("Людей разделим случайно пополам. В конце покажем, какое сработало лучше."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        context: dict[str, Any] = {"account": self.account, "contact_list": self.contact_list}
        self.second = VariantForm(kwargs.get("data"), prefix="b", **context)

    def defaults(self) -> dict[str, list[str]]:
        return super().defaults() | self.second.defaults()

    def names(self) -> list[str]:
        return super().names() + self.second.names()

    @property
    def is_compared(self) -> bool:
        return bool(self["compare"].value())

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        both_read = self.is_compared and self.second.is_valid() and not self.errors
        if both_read and self.message_plan == self.second.message_plan:
            self.add_error("compare", _("Сообщения одинаковы: сравнивать нечего. Измените одно."))
        return cleaned

    def hush(self) -> None:
        super().hush()
        self.second.hush()

    def is_valid(self) -> bool:
        return super().is_valid() and (not self.is_compared or self.second.is_valid())

    def faults(self) -> list[tuple[str, str, str]]:
        """Of both messages, when two are compared."""
        found = super().faults()
        if self.is_compared:
            named = [
                (place, _("Вариант Б, %(label)s") % {"label": label.lower()}, sentence)
                for place, label, sentence in self.second.faults()
            ]
            found += named
        return found

    @property
    def messages(self) -> tuple[MessagePlan, ...]:
        """What a valid step says: one message, or two."""
        both = (self, self.second) if self.is_compared else (self,)
        return tuple(form.message_plan for form in both)


def versions_of(account: ApiAccount, chosen: int | None) -> QuerySet[ScenarioVersion]:
    """The newest version of each published scenario, and the one that was chosen earlier."""
    newest = ScenarioVersion.objects.filter(scenario=OuterRef("scenario")).order_by("-number")
    offered = Q(pk=Subquery(newest.values("pk")[:1])) | Q(pk=chosen)
    rows = ScenarioVersion.objects.filter(offered, scenario__account=account)
    shown = rows.filter(scenario__archived_at=None).select_related("scenario")
    return shown.order_by("scenario__name", "-number")


def unknown_sentence(unknown: list[str], known: list[str]) -> str:
    """«В списке нет {сума}. Есть: {имя}, {сумма}.»"""
    sentence = _("В списке нет %(unknown)s. Есть: %(known)s. Поправьте текст или список.")
    return str(sentence) % {"unknown": _braced(unknown), "known": _braced(known)}


def _braced(names: list[str]) -> str:
    return ", ".join(f"{{{name}}}" for name in names)
