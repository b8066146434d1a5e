"""A file of contacts, what stands in which of its columns, and how to mend a row of it."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Self

from django import forms
from django.forms.boundfield import BoundField
from django.utils.translation import gettext_lazy as _

from calls import bad_rows
from calls.forms.contacts import not_to_come
from calls.models import BadRow, ContactList, ListImport
from calls.rules.texts import key_of
from calls.rules.zones import ZONES
from calls.services.imports.columns import FIELDS, MAX_VARIABLE_NAME, Common, Mapping
from calls.services.imports.previewing import VARIABLE
from calls.services.imports.sniffing import ENCODINGS, SEPARATORS
from obzvon_site.common.forms import DayField, Form

LISTS_OFFERED = 300
COMMON = ("zone", "consent_on", "consent_source", "consent_document")
WHAT = (
    ("", _("Не загружать")),
    ("phone", _("Телефон")),
    ("name", _("Имя")),
    ("zone", _("Часовой пояс или регион")),
    ("consent_on", _("Согласие: дата")),
    ("consent_source", _("Согласие: источник")),
    ("consent_document", _("Согласие: документ")),
    (VARIABLE, _("Переменная")),
)


class UploadForm(Form):
    """A file for a new list, or for one that is there already."""

    file = forms.FileField(
        label=_("Файл"),
        allow_empty_file=True,  # what is in it is judged by who reads it
        widget=forms.FileInput(attrs={"accept": ".csv,.txt,.tsv,.xlsx,.xls,.ods"}),
        error_messages={"required": _("Выберите файл: CSV, XLSX, XLS или ODS.")},
    )
    contact_list = forms.ModelChoiceField(
        label=_("Куда"),
        queryset=ContactList.objects.none(),
        required=False,
        empty_label=_("В новый список"),
        error_messages={"invalid_choice": _("Этого списка уже нет. Выберите другой.")},
    )
    name = forms.CharField(
        label=_("Название списка"),
        max_length=120,
        required=False,
        help_text=_("Если не написать, назовём по имени файла."),
    )
    marks_optional = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["contact_list"]
        shown = ContactList.objects.shown().order_by("-created_at", "-id")
        field.queryset = shown
        field.choices = [
            ("", field.empty_label),
            *((row.pk, row.name) for row in self._offered(shown)),
        ]
        self.has_lists = len(field.choices) > 1

    def _offered(self, shown: Any) -> list[ContactList]:
        """The newest lists, and the one that was asked for however old it is."""
        offered = list(shown[:LISTS_OFFERED])
        asked = self.initial.get("contact_list")
        if asked is not None and asked not in offered:
            offered.append(asked)
        return offered


@dataclass(frozen=True)
class Column:
    """A column of the file beside what was chosen for it."""

    title: str
    samples: Sequence[str]
    what: BoundField
    name: BoundField


class ColumnsForm(Form):
    """What stands in which column, and what holds for all rows.

    Valid, it gives ``mapping()`` and ``common()`` as the services take them.
    """

    zone = forms.ChoiceField(
        label=_("Часовой пояс"), choices=[("", _("по номеру")), *ZONES.items()], required=False
    )
    consent_on = DayField(label=_("Дата согласия"), required=False, validators=[not_to_come])
    consent_source = forms.CharField(label=_("Источник согласия"), max_length=120, required=False)
    consent_document = forms.CharField(label=_("Документ"), max_length=200, required=False)
    marks_optional = False

    def __init__(
        self, titles: Sequence[str], mapping: Mapping, common: Common, data: Any = None
    ) -> None:
        super().__init__(data, initial=asdict(common))
        self.titles, self._guess, self._common = titles, mapping, common
        held = {getattr(mapping, name): name for name in FIELDS}
        names = {at: name for name, at in mapping.variables.items()}
        for at, title in enumerate(titles):
            what = forms.ChoiceField(label=title, choices=WHAT, required=False)
            what.initial = held.get(at) or (VARIABLE if at in names else "")
            what.widget.attrs["class"] = "inp"
            # How long it is matters only where it is used: see ``_check_variables``.
            name = forms.CharField(label=_("Имя переменной"), required=False)
            name.initial = names.get(at) or key_of(title)[:MAX_VARIABLE_NAME].strip()
            name.widget.attrs |= {"class": "inp", "maxlength": MAX_VARIABLE_NAME}
            self.fields[f"what{at}"], self.fields[f"name{at}"] = what, name

    @classmethod
    def of(cls, imported: ListImport, data: Any = None) -> Self:
        """The form for a file, with what its columns were taken for."""
        mapping, common = Mapping.from_json(imported.mapping), Common.from_json(imported.common)
        return cls(imported.columns, mapping, common, data)

    def guessed_anew(self, imported: ListImport) -> Self:
        """For a file that has been read in another way: other columns, the same common values."""
        fresh = self.of(imported)
        data = {name: fresh[name].value() for name in fresh.fields if name not in COMMON}
        typed = {name: self.data.get(name, "") for name in COMMON}
        return self.of(imported, {**data, **typed})

    def columns(self, samples: Sequence[Sequence[str]]) -> Iterator[Column]:
        """The columns in the order of the file, with what stands in them."""
        for at, title in enumerate(self.titles):
            texts = samples[at] if at < len(samples) else ()
            yield Column(title, texts, self[f"what{at}"], self[f"name{at}"])

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        chosen = [data.get(f"what{at}", "") for at in range(len(self.titles))]
        for name in FIELDS:
            if chosen.count(name) > 1:
                text = _("Два столбца названы «%(what)s»: оставьте один.")
                self.add_error(None, text % {"what": dict(WHAT)[name]})
        self._check_variables(data, chosen)
        if not self.errors:
            for problem in self.mapping().problems(len(self.titles)):
                self.add_error(None, problem)
        told = data.get("consent_source") or data.get("consent_document")
        if told and not data.get("consent_on") and "consent_on" not in self.errors:
            self.add_error("consent_on", _("Укажите дату: без неё согласие не считается."))
        return data

    def _check_variables(self, data: dict[str, Any], chosen: Sequence[str]) -> None:
        """Each variable has a name that is not too long, and no two have the same."""
        seen: set[str] = set()
        for at, what in enumerate(chosen):
            if what != VARIABLE:
                continue
            key = key_of(data.get(f"name{at}", ""))
            if not key or any(sign in key for sign in "{}"):
                self.add_error(f"name{at}", _("Назовите переменную, без фигурных скобок."))
            elif len(key) > MAX_VARIABLE_NAME:
                text = _("Имя переменной — от 1 до %d знаков.")
                self.add_error(f"name{at}", text % MAX_VARIABLE_NAME)
            elif key in seen:
                self.add_error(f"name{at}", _("Такая переменная уже есть. Назовите иначе."))
            seen.add(key)

    def mapping(self) -> Mapping:
        """What was chosen, as far as it can be read; the guess while nobody has chosen."""
        if not self.is_bound:
            return self._guess
        data = self.cleaned_data
        held: dict[str, int] = {}
        variables: dict[str, int] = {}
        for at in range(len(self.titles)):
            what = data.get(f"what{at}", "")
            if what == VARIABLE:
                variables[key_of(data.get(f"name{at}", ""))] = at
            elif what:
                held.setdefault(what, at)
        return Mapping(**held, variables=variables)

    def common(self) -> Common:
        """What holds for rows that say nothing of their own."""
        if not self.is_bound:
            return self._common
        return Common(**{name: self.cleaned_data.get(name) or _empty(name) for name in COMMON})


def _empty(name: str) -> Any:
    return None if name == "consent_on" else ""


class ReadingForm(Form):
    """How the file is to be read: only what its format leaves open."""

    marks_optional = False
    encoding = forms.ChoiceField(label=_("Кодировка"), choices=list(ENCODINGS.items()))
    separator = forms.ChoiceField(label=_("Разделитель"), choices=list(SEPARATORS.items()))
    sheet = forms.ChoiceField(label=_("Лист"))
    has_header = forms.BooleanField(label=_("Первая строка — названия столбцов"), required=False)

    def __init__(self, imported: ListImport, data: Any = None) -> None:
        names = ("encoding", "separator", "sheet", "has_header")
        super().__init__(data, initial={name: getattr(imported, name) for name in names})
        is_text = imported.format == ListImport.Format.CSV
        for name in ("encoding", "separator"):
            if not is_text:
                del self.fields[name]
        if is_text or len(imported.sheets) < 2:
            del self.fields["sheet"]
        else:
            self.fields["sheet"].choices = [(name, name) for name in imported.sheets]  # type: ignore[attr-defined]


class MendForm(Form):
    """The cells of a row that are at fault. ``cells()`` is the row with the new texts."""

    def __init__(
        self, row: BadRow, mapping: Mapping, titles: Sequence[str], data: Any = None
    ) -> None:
        super().__init__(data, prefix=f"r{row.pk}")
        self.row = row
        self.places = bad_rows.guilty(row, mapping)
        for at in self.places:
            title = titles[at] if at < len(titles) else _("Телефон")
            attrs = {"class": "inp", "autocomplete": "off"}
            attrs |= {"inputmode": "tel"} if at == mapping.phone else {}
            self.fields[f"cell{at}"] = forms.CharField(
                label=title, max_length=500, required=False, widget=forms.TextInput(attrs=attrs)
            )
            self.initial[f"cell{at}"] = bad_rows.cell(row.cells, at)

    def complain(self, sentence: str) -> None:
        """Say at the first cell what is wrong with the row."""
        self.add_error(next(iter(self.fields), None), sentence)

    def cells(self) -> list[str]:
        """The whole row as it should be. The form must be valid."""
        cells = [*self.row.cells]
        cells += [""] * (max(self.places, default=-1) + 1 - len(cells))
        for at in self.places:
            cells[at] = self.cleaned_data[f"cell{at}"]
        return cells
