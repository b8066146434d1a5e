"""Questions about contacts: the lists as people see them, and what is known of one phone."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import OuterRef, QuerySet, Subquery

from calls.models import BlockedPhone, Call, Contact, ContactList, ListImport
from calls.rules import zones
from calls.rules.zones import ZONES

MOST_FOUND = 20  # people under a search
COLUMNS_SHOWN = 3  # variables beside each contact of a list
FEWEST_DIGITS = 4  # shorter runs of digits find half of everybody
_State = ListImport.State


def listed() -> QuerySet[ContactList]:
    """Lists nobody has removed, with the file each came from and an import that is not over."""
    imports = ListImport.objects.filter(contact_list=OuterRef("pk"))
    first = imports.order_by("pk")
    open_ones = imports.filter(state__in=[_State.UPLOADED, _State.RUNNING]).order_by("-pk")
    return ContactList.objects.shown().annotate(
        file_name=Subquery(first.values("file_name")[:1]),
        open_import=Subquery(open_ones.values("pk")[:1]),
        open_state=Subquery(open_ones.values("state")[:1]),
    )


def named(lists: QuerySet[ContactList], text: str) -> QuerySet[ContactList]:
    """Those with ``text`` in their name, whatever the case of its letters."""
    # A regular expression, since SQLite's LIKE knows no other letters' cases than A to Z.
    return lists.filter(name__iregex=re.escape(text))


def all_tags() -> list[str]:
    """Tags of all lists, each once, in the order of the alphabet."""
    bearing = ContactList.objects.shown().exclude(tags="").order_by("-created_at", "-id")
    columns = bearing.values_list("tags", flat=True).distinct()[:1000]
    return sorted({tag for tags in columns for tag in tags.split("|") if tag}, key=str.casefold)


def digits_of(text: str) -> str:
    """The digits to look for when ``text`` is meant as a phone or a part of one; else empty."""
    digits = re.sub(r"[^0-9]", "", text)
    if len(digits) < FEWEST_DIGITS or re.search(r"[^\s0-9()+.\-–—]", text):
        return ""
    return "7" + digits[1:] if len(digits) == 11 else digits


@dataclass(frozen=True)
class Found:
    """A phone that a search has found, and the contacts that have it."""

    phone: str
    contacts: list[Contact]

    @property
    def names(self) -> list[str]:
        return names_of(self.contacts)


def with_digits(digits: str) -> list[Found]:
    """People of all lists whose phones hold ``digits``: at most MOST_FOUND."""
    shown = Contact.objects.filter(contact_list__removed_at=None)
    whole = {"phone": digits} if len(digits) == 11 else {"phone__contains": digits}
    phones = shown.filter(**whole).order_by("phone").values_list("phone", flat=True)
    found = list(phones.distinct()[:MOST_FOUND])
    rows = shown.filter(phone__in=found).select_related("contact_list").order_by("phone", "-pk")
    people: dict[str, list[Contact]] = {phone: [] for phone in found}
    for row in rows:
        people[row.phone].append(row)
    return [Found(phone, contacts) for phone, contacts in people.items()]


def contacts(contact_list: ContactList, text: str) -> QuerySet[Contact]:
    """Contacts of a list by a part of the phone or of the name; all of them without ``text``."""
    rows = Contact.objects.filter(contact_list=contact_list)
    if not text.strip():
        return rows
    if digits := digits_of(text):
        return (
            rows.filter(phone=digits) if len(digits) == 11 else rows.filter(phone__contains=digits)
        )
    return rows.filter(name__iregex=re.escape(text.strip()))


def names_of(rows: Iterable[Contact]) -> list[str]:
    """What people are called in lists, each once."""
    return list(dict.fromkeys(row.name for row in rows if row.name))


@dataclass(frozen=True)
class Person:
    """What is known of one phone, whichever lists it stands in."""

    phone: str
    contacts: list[Contact]  # the newest first
    blocked: BlockedPhone | None
    zone: str  # of a list, else by the number; empty: nobody knows
    now: datetime | None  # what time it is there

    @property
    def names(self) -> list[str]:
        return names_of(self.contacts)

    @property
    def is_zone_listed(self) -> bool:
        """Whether a list says where the person is; else it is guessed by the number."""
        return any(contact.zone for contact in self.contacts)

    @property
    def consent(self) -> Contact | None:
        """The contact with the newest consent."""
        given = [contact for contact in self.contacts if contact.consent_on]
        return max(given, key=lambda contact: contact.consent_on or 0, default=None)


def person(phone: str, *, now: datetime) -> Person:
    """Everything about ``phone`` except its calls."""
    shown = Contact.objects.filter(phone=phone, contact_list__removed_at=None)
    rows = list(shown.select_related("contact_list").order_by("-pk"))
    zone = next((row.zone for row in rows if row.zone), "") or zones.zone_of(phone)
    blocked = BlockedPhone.objects.in_force(now).filter(phone=phone, campaign=None).first()
    there = now.astimezone(ZoneInfo(zone)) if zone else None
    return Person(phone, rows, blocked, zone, there)


def calls_of(phone: str) -> QuerySet[Call]:
    """Every call to ``phone``."""
    return Call.objects.filter(phone=phone)


@dataclass(frozen=True)
class Variable:
    """A variable of a list, and how many of its contacts have a value."""

    name: str
    filled: int

    @property
    def code(self) -> str:
        """As it stands in a text."""
        return f"{{{self.name}}}"


@dataclass(frozen=True)
class Row:
    """A contact as a line of its list."""

    contact: Contact
    zone: str  # in words
    values: list[str]


def about(contact_list: ContactList, contacts: Iterable[Contact]) -> dict[str, Any]:
    """What the page of a list shows besides the contacts themselves."""
    kept = contact_list.variables.items()
    columns = list(contact_list.variables)[:COLUMNS_SHOWN]
    history = ListImport.objects.filter(contact_list=contact_list).order_by("-pk")
    imports = list(history.select_related("created_by").defer("columns", "mapping", "common")[:20])
    return {
        "variables": [Variable(name, facts.get("filled", 0)) for name, facts in kept],
        "columns": columns,
        "rows": [Row(row, _zone_word(row.zone), _values(row, columns)) for row in contacts],
        "imports": imports,
        "open_imports": [row for row in imports if not row.is_over],
        "campaigns": contact_list.campaigns.order_by("-created_at", "-id")[:10],
    }


def _zone_word(zone: str) -> str:
    """«Екатеринбург» of «Екатеринбург, UTC+5»: a table has no room for both."""
    return str(ZONES.get(zone, zone)).split(",")[0]


def _values(contact: Contact, names: Iterable[str]) -> list[str]:
    return [str(contact.variables.get(name, "")) for name in names]
