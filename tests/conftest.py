"""Fixtures every test may ask for: three signed-in clients and a closed network."""

import pytest
from django.test import Client

from obzvon_site.accounts.roles import ADMIN, MANAGER, OPERATOR
from tests.factories import make_user


@pytest.fixture(autouse=True)
def data_dir(settings, tmp_path):
    """Files a test writes go to a folder of its own."""
    settings.MEDIA_ROOT = tmp_path / "media"
    return tmp_path


def signed_in(role: str) -> Client:
    client = Client()
    client.force_login(make_user(role=role, username=role))
    return client


@pytest.fixture
def operator(db) -> Client:
    return signed_in(OPERATOR)


@pytest.fixture
def manager(db) -> Client:
    return signed_in(MANAGER)


@pytest.fixture
def admin(db) -> Client:
    return signed_in(ADMIN)
