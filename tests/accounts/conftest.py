"""The call service, played by an object."""

import pytest

from tests.accounts.makers import FakeClient, balance_of


@pytest.fixture
def service(monkeypatch) -> FakeClient:
    """What every client of this test answers; set ``service.answer``."""
    fake = FakeClient(balance_of("100.00"))
    monkeypatch.setattr("obzvon_site.accounts.services.balance.client_for", fake)
    monkeypatch.setattr("obzvon_site.accounts.services.phones.client_for", fake)
    return fake
