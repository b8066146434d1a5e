"""Rows, sounds and a stand-in for the service, for the tests of records."""

import io
import math
import struct
import wave
from datetime import UTC, datetime
from pathlib import Path

from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile

from calls.models import Campaign
from obzvon_site.accounts.models import ApiAccount
from obzvon_site.provider.replies import ServiceRecord
from records.models import Record
from tests.factories import make_account

NOW = datetime(2026, 11, 23, 11, 41, 5, tzinfo=UTC)
SAMPLES = Path(__file__).parent / "samples"


def sample(name: str) -> bytes:
    return (SAMPLES / name).read_bytes()


def wav(seconds: float = 0.5, *, rate: int = 8000, tone: int = 440) -> bytes:
    frames = (
        struct.pack("<h", int(8000 * math.sin(2 * math.pi * tone * n / rate)))
        for n in range(int(seconds * rate))
    )
    file = io.BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(rate)
        sound.writeframes(b"".join(frames))
    return file.getvalue()


def uploaded(name: str = "hello.wav", content: bytes | None = None) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, wav() if content is None else content)


def make_record(account: ApiAccount | None = None, *, content: bytes = b"", **fields) -> Record:
    source = "text" if fields.get("text") else "file"
    fields = {"name": "Приветствие", "source": source, "kind": "wav", **fields}
    if fields.get("stage") == "sent":
        fields = {"sent_at": NOW, "service_id": Record.objects.count() + 700, **fields}
    record = Record(account=account or make_account(), **fields)
    if content:
        record.file.save("x", ContentFile(content), save=False)
    record.save()
    return record


def make_campaign(record: Record, **fields) -> Campaign:
    fields = {"name": "Напоминание", "state": "running", "message": "record", **fields}
    campaign = Campaign.objects.create(
        account=record.account,
        record=record,
        payload={},
        created_at=NOW,
        changed_at=NOW,
        **fields,
    )
    campaign.plays.add(record)
    return campaign


def reply(id_: int = 700, **fields) -> ServiceRecord:
    fields = {
        "name": "Приветствие",
        "path": "",
        "status": "",
        "needs_moderation": None,
        "moderator_comment": "",
        "text": "",
        "created_at": NOW,
        "deleted_at": None,
        "extra": {},
        **fields,
    }
    return ServiceRecord(id=id_, **fields)


class FakeClient:
    """Gives (or raises) what ``answers`` says for a method, and keeps what it was asked."""

    def __init__(self) -> None:
        self.answers = {}
        self.asked = []

    def __call__(self, account, *, subject="") -> "FakeClient":
        return self

    def _give(self, method, *details):
        self.asked.append((method, *details))
        answer = self.answers.get(method)
        if callable(answer):
            answer = answer()
        if isinstance(answer, Exception):
            raise answer
        return answer

    def create_record(self, name, *, text="", gender=None, file=None, file_name=""):
        sent = file.read() if file else text
        return self._give("create_record", name, sent, gender, file_name)

    def remove_record(self, id_):
        return self._give("remove_record", id_)

    def get_records(self):
        return self._give("get_records")

    def fetch_sound(self, url, into, *, max_bytes):
        into.write(self._give("fetch_sound", url) or b"")
        return "audio/wav"
