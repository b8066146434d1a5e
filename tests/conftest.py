"""Fixtures every test may ask for: three signed-in clients and a closed network."""

import hypothesis
import pytest
from django.test import Client

from obzvon_site.accounts.roles import ADMIN, MANAGER, OPERATOR
from tests.factories import make_user

# A busy machine is no fault of the code: neither a slow example nor slow drawing fails a test.
hypothesis.settings.register_profile(
    "any machine", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("any machine")


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
