"""People and samples to try everything with, on an installation that has none."""

import secrets
from typing import Any

from django.conf import settings
from django.contrib.auth.models import Group
from django.core.management.base import BaseCommand
from django.db import transaction

from obzvon_site.accounts.models import User
from obzvon_site.accounts.roles import ROLES

NAMES = {"operator": "Ольга", "manager": "Мария", "admin": "Алексей"}


class Command(BaseCommand):
    help = "Add demo people and samples, unless somebody is here already"

    def handle(self, *args: Any, **options: Any) -> None:
        if User.objects.exists():
            return
        password = settings.DEMO_PASSWORD or secrets.token_urlsafe(9)
        with transaction.atomic():
            for role in ROLES:
                make_person(role, password)
        self.stdout.write(f"Demo logins: {', '.join(ROLES)}. Password of each: {password}")


def make_person(role: str, password: str) -> None:
    """One person of ``role``, signed in by the role's name."""
    person = User.objects.create_user(
        username=role, password=password, first_name=NAMES[role], is_staff=role == "admin"
    )
    person.groups.add(Group.objects.get(name=role))
