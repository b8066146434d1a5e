"""Who may sign in, and as what. There is always an admin left."""

from typing import Any

from django.contrib.auth.models import Group
from django.contrib.auth.tokens import default_token_generator
from django.db import transaction
from django.urls import reverse
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

from obzvon_site.accounts.models import AuditEvent, User
from obzvon_site.accounts.roles import ADMIN


class LastAdmin(Exception):
    """Nobody would be left to invite people and to change keys."""


@transaction.atomic
def invite(person: User, role: str, *, actor: Any) -> User:
    """Save a new person who cannot sign in until they choose a password by a link."""
    person.set_unusable_password()
    person.save()
    person.groups.set([Group.objects.get(name=role)])
    AuditEvent.note(actor, "person.invited", person.username, role=role)
    return person


@transaction.atomic
def change_role(person: User, role: str, *, actor: Any) -> None:
    """Give exactly one role. Raises LastAdmin."""
    group = _locked_admins()
    before = User.objects.get(pk=person.pk).role
    if before == role:
        return
    if before == ADMIN:
        _spare(person)
    person.groups.set([group if role == ADMIN else Group.objects.get(name=role)])
    AuditEvent.note(actor, "person.role_changed", person.username, before=before, after=role)


@transaction.atomic
def deactivate(person: User, *, actor: Any) -> bool:
    """Close the door; open sessions end at their next request. Raises LastAdmin."""
    _locked_admins()
    if User.objects.get(pk=person.pk).role == ADMIN:
        _spare(person)
    return _set_active(person, is_active=False, verb="person.deactivated", actor=actor)


@transaction.atomic
def activate(person: User, *, actor: Any) -> bool:
    """Let the person sign in again."""
    return _set_active(person, is_active=True, verb="person.activated", actor=actor)


def password_link(person: User, *, actor: Any) -> str:
    """An address where the person chooses a password, valid once and for three days.

    Shown once and kept nowhere. The current password works until a new one is chosen.
    """
    AuditEvent.note(actor, "person.link_made", person.username)
    uid = urlsafe_base64_encode(force_bytes(person.pk))
    return reverse("accounts:set-password", args=[uid, default_token_generator.make_token(person)])


def _locked_admins() -> Group:
    """Hold the group of admins, so that two changes cannot each spare the other's admin."""
    return Group.objects.select_for_update().get(name=ADMIN)


def _spare(person: User) -> None:
    if not User.objects.admins().exclude(pk=person.pk).exists():
        raise LastAdmin(person.username)


def _set_active(person: User, *, is_active: bool, verb: str, actor: Any) -> bool:
    changed = User.objects.filter(pk=person.pk, is_active=not is_active).update(is_active=is_active)
    if changed:
        AuditEvent.note(actor, verb, person.username)
    return bool(changed)
