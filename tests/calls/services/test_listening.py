"""Sound handed over from a bucket: in pieces, never the whole at once."""

import io
import zipfile
from collections.abc import Iterator

import pytest
from django.test import Client
from django.utils import timezone

from calls import review_export
from calls.models import Recording, Transcript
from calls.services import listening, sharing, transcribing
from calls.services.transcribing import Said
from obzvon_site.common.zips import zipped
from tests.calls.makers import NOW, make_recording

pytestmark = pytest.mark.django_db
PIECE = b"0123456789"
SOUND = PIECE * 5


class Bucket:
    """A storage that counts what is read of it, and cannot open a whole object."""

    def __init__(self) -> None:
        self.asked: list[tuple[int, int]] = []
        self.read, self.closed = 0, 0
        self.breaks_after = len(SOUND)

    def source(self, name: str) -> "Bucket":
        assert name
        return self

    @property
    def size(self) -> int:
        return len(SOUND)

    def pieces(self, first: int, length: int) -> Iterator[bytes]:
        self.asked.append((first, length))
        for start in range(first, first + length, len(PIECE)):
            if start >= self.breaks_after:
                raise OSError("the bucket went away")
            self.read += 1
            yield SOUND[start : min(start + len(PIECE), first + length)]

    def close(self) -> None:
        self.closed += 1


@pytest.fixture
def recording() -> Recording:
    return make_recording()


@pytest.fixture
def bucket(recording, monkeypatch) -> Bucket:
    made = Bucket()
    monkeypatch.setattr(Recording._meta.get_field("file"), "storage", made)
    return made


def test_a_whole_one_comes_in_pieces_and_is_closed(recording, bucket):
    recording.refresh_from_db()
    pieces = listening.pieces(recording)
    assert next(pieces) == PIECE
    assert (bucket.read, bucket.closed) == (1, 0)
    assert b"".join(pieces) == SOUND[len(PIECE) :]
    assert bucket.closed == 1


def test_one_that_is_left_on_its_way_is_closed(recording, bucket):
    recording.refresh_from_db()
    pieces = listening.pieces(recording)
    next(pieces)
    pieces.close()
    assert (bucket.read, bucket.closed) == (1, 1)


def test_a_link_reads_only_the_range_that_is_asked_for(recording, bucket):
    made = sharing.share(recording, days=1, actor=None, now=timezone.now())
    answer = Client().get(f"/s/{made.token}/sound/", headers={"Range": "bytes=4-12"})
    assert (answer.status_code, answer.getvalue()) == (206, SOUND[4:13])
    assert bucket.asked == [(4, 9)]
    answer.close()
    assert bucket.closed == 1


def test_an_export_reads_a_piece_when_it_writes_one(bucket):
    parts = zipped(review_export.entries(Recording.objects.all(), now=NOW, actor=None))
    begun = next(parts)
    assert bucket.read == 1
    archive = zipfile.ZipFile(io.BytesIO(begun + b"".join(parts)))
    assert archive.read(archive.namelist()[0]) == SOUND
    assert bucket.closed == 1


def test_an_export_goes_on_when_a_bucket_breaks_off(bucket):
    bucket.breaks_after = 2 * len(PIECE)
    entries = review_export.entries(Recording.objects.all(), now=NOW, actor=None)
    archive = zipfile.ZipFile(io.BytesIO(b"".join(zipped(entries))))
    assert "Файл не прочитался." in archive.read(archive.namelist()[-1]).decode()
    assert bucket.closed == 1


def test_a_program_that_hears_gets_a_copy(recording, bucket):
    Transcript.objects.create(recording=recording, asked_at=NOW)

    def hear(path):
        return [Said(0, 1, path.read_text())]

    assert transcribing.transcribe_next(hear, clock=lambda: NOW)
    assert Transcript.objects.get().parts[0]["text"] == SOUND.decode()
    assert bucket.asked == [(0, len(SOUND))]
    assert bucket.closed == 1


@pytest.mark.parametrize(
    ("state", "exists", "is_gone"),
    [
        ("kept", lambda _name: False, True),
        ("kept", lambda _name: True, False),
        ("kept", lambda _name: 1 / 0, False),  # no answer is no news
        ("missing", lambda _name: False, False),
        ("removed", lambda _name: False, False),
    ],
)
def test_only_what_should_be_here_is_gone(recording, bucket, state, exists, is_gone):
    bucket.exists = exists
    Recording.objects.update(state=state)
    recording.refresh_from_db()
    assert listening.is_gone(recording) == is_gone
