import pytest

from calls.services import day_reports, dispatch, doubts, sending, syncing
from tests.calls.makers import AtOnce, FakeService


@pytest.fixture
def service(monkeypatch) -> FakeService:
    """The call service, for sending and for asking, one order after another."""
    fake = FakeService()
    monkeypatch.setattr(dispatch, "client_for", fake)
    monkeypatch.setattr(sending, "pool", AtOnce)
    monkeypatch.setattr(syncing, "client_for", fake)
    monkeypatch.setattr(doubts, "client_for", fake)
    monkeypatch.setattr(day_reports, "client_for", fake)
    return fake
