"""Recordings on a small server, waiting to be fetched."""

from contextlib import contextmanager
from datetime import timedelta

from calls.models import Call
from calls.services import parts
from tests.calls.makers import NOW, make_call
from tests.calls.services.servers import in_turn, server
from tests.factories import make_account
from tests.records.makers import wav

SOUND = wav(0.5)
LATER = NOW + timedelta(hours=1)


def make_due(url: str, path: str = "/r/1.wav", **fields) -> Call:
    """An ended call whose recording waits on a server at ``url``."""
    call = make_call(account=make_account(use_duty_phone=True, base_url=f"{url}/apiCalls"))
    values = {"recording_url": path, "recording_at": NOW, "is_final": True, "status": "finished"}
    Call.objects.filter(pk=call.pk).update(**values | fields)
    return call


@contextmanager
def serving(*answers: bytes, **fields):
    """A call due, and what its server hears."""
    with server(in_turn(*answers)) as (url, heard):
        yield make_due(url, **fields), heard


def arriving() -> list[str]:
    return [path.name for path in parts.folder().glob("*")]
