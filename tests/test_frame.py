"""The frame stands: the process answers and the roles hold what the table says."""

import pytest
from django.contrib.auth.models import Group

from obzvon_site.accounts.roles import ROLES, permissions_of


def test_health_answers_without_a_login(client, db):
    answer = client.get("/healthz")
    assert answer.status_code == 200
    assert answer.json() == {"status": "ok"}


@pytest.mark.parametrize("role", ROLES)
def test_a_group_holds_exactly_what_the_table_says(role, db):
    held = Group.objects.get(name=role).permissions.select_related("content_type")
    assert {f"{p.content_type.app_label}.{p.codename}" for p in held} == permissions_of(role)
