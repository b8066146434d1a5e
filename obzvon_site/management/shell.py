"""What commands for scripts have in common: one JSON object or plain lines, and clear failures."""

import json
from argparse import ArgumentParser
from collections.abc import Mapping
from typing import Any

from django.core.management.base import BaseCommand, CommandError, OutputWrapper
from django.core.serializers.json import DjangoJSONEncoder
from django.utils.translation import gettext as _

from calls.models import ContactList
from obzvon_site.accounts.models import User


class Failed(Exception):
    """It was not done; ``errors`` say why, ``data`` what there is all the same."""

    def __init__(self, errors: list[str], **data: Any) -> None:
        self.errors = errors
        self.data = data
        super().__init__("; ".join(errors))


class ShellCommand(BaseCommand):
    """A command with actions: ``do_…`` does one, ``arguments_of_…`` declares what it takes.

    With ``--json`` one object is written: ``{"ok": true, …}``, or ``{"ok": false, "errors": […]}``
    with exit code 1.
    """

    actions: Mapping[str, str] = {}  # name of the action → what it does

    def add_arguments(self, parser: ArgumentParser) -> None:
        subparsers = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
        for name, about in self.actions.items():
            sub = subparsers.add_parser(name, help=about, description=about)
            sub.add_argument("--json", action="store_true", help="write one JSON object")
            sub.add_argument("--user", default="", help="login of the person who does it")
            getattr(self, f"arguments_of_{name}")(sub)

    def handle(self, *_args: Any, **options: Any) -> None:
        action = getattr(self, f"do_{options['action']}")
        try:
            done = action(options)
        except Failed as failure:
            self._fail(failure, as_json=options["json"])
        else:
            say(self.stdout, {"ok": True, **done}, as_json=options["json"])

    def _fail(self, failure: Failed, *, as_json: bool) -> None:
        if not as_json:
            say(self.stdout, failure.data, as_json=False)
            raise CommandError("\n".join(failure.errors))
        say(self.stdout, {"ok": False, "errors": failure.errors, **failure.data}, as_json=True)
        raise SystemExit(1)


def say(out: OutputWrapper, data: Mapping[str, Any], *, as_json: bool) -> None:
    """Write the answer for a script, or for a person."""
    if as_json:
        out.write(json.dumps(data, cls=DjangoJSONEncoder, ensure_ascii=False))
        return
    for name, value in data.items():
        if name != "ok":
            out.write(f"{name}: {value}")


def person(login: str) -> User | None:
    """Who does it; None: nobody said. Raises Failed for a login nobody has."""
    if not login:
        return None
    found: User | None = User.objects.filter(username=login, is_active=True).first()
    if found is None:
        raise Failed([_("Нет человека с логином «%(login)s».") % {"login": login}])
    return found


def list_called(text: str) -> ContactList:
    """A list by its number or its whole name. Raises Failed."""
    shown = ContactList.objects.shown()
    if text.isdecimal() and (found := shown.filter(pk=int(text)).first()):
        return found
    named = list(shown.filter(name=text)[:2])
    if not named:
        raise Failed([_("Нет списка «%(name)s».") % {"name": text}])
    if len(named) > 1:
        raise Failed([_("Списков «%(name)s» несколько: укажите номер.") % {"name": text}])
    return named[0]
