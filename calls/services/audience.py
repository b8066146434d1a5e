"""Whom a campaign would call and whom it would leave out, counted in the database."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import (
    Case,
    CharField,
    Count,
    Exists,
    ExpressionWrapper,
    Func,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    TextField,
    Value,
    When,
)
from django.db.models.expressions import Combinable, OrderBy
from django.db.models.functions import Coalesce, Concat, Length, Trim
from django.db.models.lookups import Exact, GreaterThan
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from calls.models import BlockedPhone, Call, Contact, ContactList
from calls.models.call import MAY_HAVE_RUNG
from calls.rules.texts import NAMES, key_of, measured, names_in
from calls.services import permits
from obzvon_site.provider.limits import LIMITS

NAME_MAX = 200  # characters of a contact's name, as its column has it
BLOCKED, NO_CONSENT, CALLED_LATELY = "blocked", "no_consent", "called_lately"
NO_VALUE, TOO_LONG = "no_value", "too_long"
LACKS = "x"
# Why a contact is left out, in the order in which it is looked for.
REASONS = {
    BLOCKED: _("В чёрном списке"),
    NO_CONSENT: _("Нет согласия на звонки"),
    CALLED_LATELY: _("Звонили недавно"),
    NO_VALUE: _("Нет значения для текста"),
    TOO_LONG: _("Текст длиннее, чем можно озвучить"),
}


@dataclass(frozen=True, slots=True)
class Terms:
    """What decides who is called."""

    needs_consent: bool
    called_since: datetime | None  # whoever was called since then is left out
    is_harmless: bool = False  # it rings nobody real: then rehearsals count as calls too
    texts: tuple[str, ...] = ()  # with variables: a contact must have values for all of them

    @property
    def variables(self) -> list[str]:
        return list(dict.fromkeys(name for text in self.texts for name in names_in(text)))


@dataclass(frozen=True)
class Audience:
    """Contacts counted: each once."""

    by_zone: Counter[str] = field(default_factory=Counter)  # those to call
    set_aside: Counter[str] = field(default_factory=Counter)
    lacking: Counter[str] = field(default_factory=Counter)

    @property
    def to_call(self) -> int:
        return self.by_zone.total()


def since(days: int | None, now: datetime) -> datetime | None:
    """The moment ``days`` ago."""
    return now - timedelta(days=days) if days else None


def count(contact_list: ContactList, terms: Terms, *, now: datetime) -> Audience:
    """One pass of the database over the list, however long it is."""
    found = Audience()
    rows = Contact.objects.filter(contact_list=contact_list)
    scarce = _scarce(contact_list, terms)
    groups = rows.annotate(reason=_reason(contact_list, terms, scarce, now))
    counted: Any = groups.values("zone", "reason").annotate(number=Count("pk")).order_by()
    for row in counted:
        reason, _colon, lacking = row["reason"].partition(":")
        if reason:
            found.set_aside[reason] += row["number"]
        else:
            found.by_zone[row["zone"]] += row["number"]
        for name, lacks in zip(scarce, lacking, strict=False):
            found.lacking[name] += row["number"] * (lacks == LACKS)
    return Audience(found.by_zone, found.set_aside, +found.lacking)


def lacking_any(contact_list: ContactList, names: Sequence[str]) -> Q:
    """Without a value for one of ``names``."""
    return reduce(or_, (Q(_is_empty(contact_list, name)) for name in names))


def by_length(contact_list: ContactList, text: str) -> OrderBy:
    """The longest text first."""
    length = _length(contact_list, text)
    return OrderBy(ExpressionWrapper(length, output_field=IntegerField()), descending=True)


def unknown(contact_list: ContactList, names: Sequence[str]) -> list[str]:
    """Those of ``names`` that no contact of the list has a value for."""
    known = {key_of(name) for name, about in contact_list.variables.items() if about["filled"]}
    return [name for name in names if name not in known and name not in NAMES]


def longest(contact_list: ContactList, text: str) -> int:
    """Characters of ``text`` with the longest values that the list has."""
    fixed, names = measured(text)
    about = contact_list.variables
    return fixed + sum(
        int(about[name]["longest"]) if name in about else NAME_MAX * (name in NAMES)
        for name in names
    )


def _reason(contact_list: ContactList, terms: Terms, scarce: Sequence[str], now: datetime) -> Case:
    """The first reason to leave a contact out; empty: it is called."""
    blocked = BlockedPhone.objects.in_force(now).filter(campaign=None, phone=OuterRef("phone"))
    whens = [When(Exists(blocked), then=Value(BLOCKED))]
    if terms.needs_consent:
        # Nobody has consented on a day that is still to come.
        given = Q(consent_on__lte=timezone.localdate(now))
        whens.append(When(~given, then=Value(NO_CONSENT)))
    if terms.called_since is not None:
        lately = called_since(terms.called_since, is_harmless=terms.is_harmless)
        lately = lately.filter(phone=OuterRef("phone"))
        whens.append(When(Exists(lately), then=Value(CALLED_LATELY)))
    if scarce:
        # With a mark for each of them, so that one pass counts those too.
        marks = [_mark(contact_list, name) for name in scarce]
        lacking = Concat(Value(f"{NO_VALUE}:"), *marks, Value(""))
        whens.append(When(lacking_any(contact_list, scarce), then=lacking))
    limit = LIMITS["text"].max
    whens += [
        When(GreaterThan(_length(contact_list, text), Value(limit)), then=Value(TOO_LONG))
        for text in terms.texts
        if longest(contact_list, text) > limit
    ]
    return Case(*whens, default=Value(""), output_field=CharField())


def called_since(moment: datetime, *, is_harmless: bool = False) -> QuerySet[Call]:
    """Calls to real people that went out since ``moment``, or may have.

    ``is_harmless``: who asks rings nobody real either, so rehearsals count too.
    """
    found = Call.objects.filter(stage__in=MAY_HAVE_RUNG, sent_at__gte=moment)
    return found if is_harmless else found.exclude(campaign__in=permits.harmless())


def _scarce(contact_list: ContactList, terms: Terms) -> list[str]:
    """The variables that some contacts may lack: the list knows which are in every row."""
    full = {
        name
        for name, about in contact_list.variables.items()
        if int(about["filled"]) >= contact_list.total
    }
    return [name for name in terms.variables if name not in full]


def _is_empty(contact_list: ContactList, name: str) -> Exact[Any]:
    return Exact(_value(contact_list, name), Value(""))


def _mark(contact_list: ContactList, name: str) -> Case:
    return Case(When(_is_empty(contact_list, name), then=Value(LACKS)), default=Value("."))


def _length(contact_list: ContactList, text: str) -> Combinable:
    """Characters of ``text`` with a contact's values."""
    fixed, names = measured(text)
    total: Combinable = Value(fixed)
    for name in names:
        total = total + Length(_value(contact_list, name))
    return total


def _value(contact_list: ContactList, name: str) -> Combinable:
    """A contact's value of a variable, as ``texts.fill`` takes it; empty where there is none."""
    if name in NAMES and name not in contact_list.variables:
        return Trim("name")
    own = ["name"] if name in NAMES else []
    found = _Variable("variables", Value(name))
    return Trim(Coalesce(found, *own, Value(""), output_field=TextField()))


class _Variable(Func):
    """The text under a key of a JSON object; NULL when it is not there."""

    template = "(%(expressions)s)"
    arg_joiner = " ->> "
    output_field = TextField()

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        # The key as SQLite reads it: paths are compared as they are written, escapes and all.
        template = "(SELECT value FROM json_each(%(expressions)s))"
        return self.as_sql(
            compiler, connection, template=template, arg_joiner=") WHERE key = (", **context
        )
