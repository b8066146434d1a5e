"""One emulator for each envelope, and the real client in front of it."""

import pytest

from obzvon_site.provider.client import ProviderClient
from tests.emulator import running_emulator


@pytest.fixture(scope="package", params=["wrapped", "bare"])
def emulator(request):
    with running_emulator(envelope=request.param, speed=2000) as running:
        yield running


@pytest.fixture
def client(emulator):
    emulator.control("reset")
    emulator.control("balance", balance=1000)
    return ProviderClient(emulator.url, emulator.key, deadline=5.0)
