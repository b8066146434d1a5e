"""Every address × every role × nobody: what each may open is written here, and nothing else."""

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from obzvon_site.accounts.models import User
from obzvon_site.accounts.roles import MATRIX, ROLES
from tests.access import ALL_SIGNED_IN, PUBLIC, RIGHTS
from tests.conftest import signed_in


def addresses(patterns=None, prefix: str = "", namespace: str = ""):
    """(name, path with samples instead of converters) of every address of the site map."""
    for pattern in patterns if patterns is not None else get_resolver().url_patterns:
        path = prefix + str(pattern.pattern).lstrip("^").rstrip("$")
        if isinstance(pattern, URLResolver):
            if pattern.app_name == "admin":
                continue  # Django's own, for staff only; see test_the_emergency_admin_…
            inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            yield from addresses(pattern.url_patterns, path, inner)
        elif isinstance(pattern, URLPattern):
            yield f"{namespace}{pattern.name}", "/" + filled(path)


def filled(path: str) -> str:
    """A path with a sample instead of each converter: rights come before looking anything up."""
    samples = {
        "int": "987654321",
        "uuid": "00000000-0000-0000-0000-000000000000",
        "str": "sample",
        "slug": "sample",
    }
    while "<" in path:
        before, rest = path.split("<", 1)
        converter, after = rest.split(">", 1)
        path = before + samples[converter.split(":")[0] if ":" in converter else "str"] + after
    return path


ADDRESSES = dict(addresses())


def ask(client: Client, path: str):
    """GET, or the first of POST and PUT that is offered."""
    answer = client.get(path)
    if answer.status_code == 405:
        answer = client.post(path)
    return client.put(path) if answer.status_code == 405 else answer


def test_every_address_is_in_the_table_and_the_table_has_no_other():
    assert set(ADDRESSES) == set(RIGHTS) | ALL_SIGNED_IN | PUBLIC


def test_the_table_names_real_rights():
    assert set(RIGHTS.values()) <= set(MATRIX)


@pytest.mark.parametrize("name", sorted(set(RIGHTS) | ALL_SIGNED_IN))
def test_nobody_is_sent_to_the_login(client, db, name):
    answer = ask(client, ADDRESSES[name])
    assert answer.status_code == 302
    assert answer["Location"].startswith("/login/?next=/")


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("name", sorted(RIGHTS))
def test_a_role_opens_what_its_rights_say_and_nothing_else(db, name, role):
    answer = ask(signed_in(role), ADDRESSES[name])
    if role in MATRIX[RIGHTS[name]]:
        assert answer.status_code not in {401, 403, 405, 500}
        assert not answer.get("Location", "").startswith("/login/")
    else:
        assert answer.status_code == 403


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("name", sorted(ALL_SIGNED_IN))
def test_anybody_signed_in_opens_their_own_things(db, name, role):
    answer = ask(signed_in(role), ADDRESSES[name])
    assert answer.status_code not in {401, 403, 405, 500}
    assert not answer.get("Location", "").startswith("/login/")


@pytest.mark.parametrize("name", sorted(PUBLIC))
def test_public_addresses_ask_for_no_login(client, db, name):
    answer = ask(client, ADDRESSES[name])
    assert not answer.get("Location", "").startswith("/login/?next=")


@pytest.mark.parametrize("role", ROLES)
def test_the_emergency_admin_is_for_staff_alone(db, role):
    client = signed_in(role)
    assert client.get("/django-admin/").status_code == 302
    User.objects.update(is_staff=True)
    assert client.get("/django-admin/").status_code == 200


def test_somebody_without_a_role_opens_nothing_but_their_own_things(db):
    client = Client()
    client.force_login(User.objects.create_user("nobody", password="pass-word-1"))
    for name in RIGHTS:
        assert ask(client, ADDRESSES[name]).status_code == 403, name
