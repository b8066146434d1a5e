import pytest

from calls.services import asking, day_reports, dispatch, doubts, sending
from tests.calls.makers import AtOnce, FakeService


@pytest.fixture
def service(monkeypatch) -> FakeService:
    """The call service, for sending and for asking, one order after another."""
    fake = FakeService()
    monkeypatch.setattr(dispatch, "client_for", fake)
    monkeypatch.setattr(sending, "pool", AtOnce)
    monkeypatch.setattr(asking, "client_for", fake)
    monkeypatch.setattr(doubts, "client_for", fake)
    monkeypatch.setattr(day_reports, "client_for", fake)
    return fake
