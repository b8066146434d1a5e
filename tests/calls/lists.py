"""Contact lists and plans for tests."""

import itertools
import uuid
from collections.abc import Iterable
from datetime import date
from typing import Any

from calls.models import Campaign, Contact, ContactList
from calls.rules.purposes import PRESETS
from calls.rules.retries import Retries
from calls.rules.texts import key_of
from calls.services.plans import MessagePlan, Plan
from tests.calls.makers import make_phones
from tests.factories import make_account

_numbers = itertools.count(1)


def make_contact(contact_list: ContactList, phone: str = "", **fields: Any) -> Contact:
    """A contact with a consent, in Moscow. Other keywords than fields are its variables' values.

    Does not touch the list's counters: ``counted`` does.
    """
    names = {field.name for field in Contact._meta.concrete_fields}
    own = {name: value for name, value in fields.items() if name in names}
    variables = {key_of(name): value for name, value in fields.items() if name not in names}
    values = {
        "phone": phone or make_phones(1)[0],
        "zone": "Europe/Moscow",
        "consent_on": date(2026, 1, 12),
        "variables": variables,
        **own,
    }
    return Contact.objects.create(contact_list=contact_list, **values)


def make_list(contacts: int | Iterable[dict[str, Any] | str] = 1, **fields: Any) -> ContactList:
    """A list of so many contacts, of these phones, or of what ``make_contact`` takes."""
    rows: list[Any] = [{}] * contacts if isinstance(contacts, int) else list(contacts)
    made = ContactList.objects.create(**{"name": f"Список {next(_numbers)}", **fields})
    for row in rows:
        make_contact(made, **({"phone": row} if isinstance(row, str) else row))
    return counted(made)


def counted(contact_list: ContactList) -> ContactList:
    """The list with the counters that its contacts add up to."""
    variables: dict[str, dict[str, int]] = {}
    rows = list(contact_list.contacts.all())
    for row in rows:
        for name, value in row.variables.items():
            known = variables.setdefault(name, {"filled": 0, "longest": 0})
            known["filled"] += bool(value)
            known["longest"] = max(known["longest"], len(value))
    contact_list.total = len(rows)
    contact_list.variables = variables
    contact_list.without_zone = sum(not row.zone for row in rows)
    contact_list.without_consent = sum(row.consent_on is None for row in rows)
    contact_list.save()
    return contact_list


def text_message(text: str = "Компания «Ромашка»: заказ готов.", **fields: Any) -> MessagePlan:
    return MessagePlan(kind=Campaign.Message.TEXT, text=text, **fields)


def make_plan(contacts: Any = 1, **fields: Any) -> Plan:
    """A plan that may be launched, on a list of ``contacts``; ``text`` is what it says."""
    preset = PRESETS[fields.get("purpose", "service")]
    text = fields.pop("text", None)
    values = {
        "launch_token": uuid.uuid4(),
        "name": "Ноябрь",
        "account": fields.get("account") or make_account(use_duty_phone=True),
        "contact_list": fields.get("contact_list") or make_list(contacts),
        "messages": (text_message(text) if text else text_message(),),
        "purpose": preset.key,
        "hours": preset.hours,
        "limits": preset.limits,
        "retries": Retries(),
        **fields,
    }
    return Plan(**values)
