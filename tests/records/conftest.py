"""The call service, played by an object."""

import pytest

from tests.records.makers import FakeClient


@pytest.fixture
def service(monkeypatch, db) -> FakeClient:
    """What every client of this test answers, see ``FakeClient.answers``."""
    fake = FakeClient()
    for module in ("sending", "watching", "removing", "sounds"):
        monkeypatch.setattr(f"records.services.{module}.client_for", fake)
    return fake
