import pytest

from calls.services import dispatch, syncing
from tests.calls.makers import FakeService


@pytest.fixture
def service(monkeypatch) -> FakeService:
    """The call service, for sending and for asking."""
    fake = FakeService()
    monkeypatch.setattr(dispatch, "client_for", fake)
    monkeypatch.setattr(syncing, "client_for", fake)
    return fake
