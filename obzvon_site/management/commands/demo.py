"""People and samples to try everything with, on an installation that has none."""

import secrets
from typing import Any

from django.conf import settings
from django.contrib.auth.models import Group
from django.core.management.base import BaseCommand
from django.db import transaction
from django.utils import timezone

from calls.ivr.examples import EXAMPLES
from calls.services import publishing
from obzvon_site.accounts.models import ApiAccount, OutgoingPhone, User
from obzvon_site.accounts.roles import ROLES
from obzvon_site.supervisor.prepare import EMULATOR_ACCOUNT
from records.models import Record
from records.services import library

NAMES = {"operator": "Ольга", "manager": "Мария", "admin": "Алексей"}
GREETING = "Здравствуйте! Это магазин «Лавка». Ваш заказ собран и ждёт вас. Хорошего дня!"
REMINDER = "Напоминаем: завтра у вас запись на приём. Если планы изменились, перезвоните нам."


class Command(BaseCommand):
    help = "Add demo people and samples, unless somebody is here already"

    def handle(self, *args: Any, **options: Any) -> None:
        if User.objects.exists():
            return
        password = settings.DEMO_PASSWORD or secrets.token_urlsafe(9)
        with transaction.atomic():
            people = {role: make_person(role, password) for role in ROLES}
        # A real service would charge for samples: they go to the emulator alone.
        emulator = ApiAccount.objects.filter(name=EMULATOR_ACCOUNT, is_default=True).first()
        if emulator is not None:
            make_samples(emulator, people["operator"])
        self.stdout.write(f"Demo logins: {', '.join(ROLES)}. Password of each: {password}")


def make_person(role: str, password: str) -> User:
    """One person of ``role``, signed in by the role's name."""
    person: User = User.objects.create_user(
        username=role, password=password, first_name=NAMES[role], is_staff=role == "admin"
    )
    person.groups.add(Group.objects.get(name=role))
    return person


def make_samples(account: ApiAccount, operator: User) -> None:
    """Numbers, records and a published scenario; nobody is called."""
    for phone in ("74950000001", "74950000002"):
        OutgoingPhone.objects.create(account=account, phone=phone, is_confirmed=True)
    for name, text in (("Заказ готов", GREETING), ("Запись на приём", REMINDER)):
        library.speak(account, text=text, gender=Record.Gender.FEMALE, name=name, actor=operator)
    example = next(iter(EXAMPLES.values()))
    now = timezone.now()
    scenario = publishing.create(
        str(example.name), example.document(), account=account, actor=operator, now=now
    )
    publishing.publish(scenario, actor=operator, now=now)
