"""A set of recordings, taken away as one file."""

import io
import zipfile

import pytest

from calls import review_export
from calls.models import Recording
from obzvon_site.accounts.models import AuditEvent
from tests.calls.makers import make_recording

pytestmark = pytest.mark.django_db
EXPORT = "/recordings/export/"


def test_what_passes_the_filters_is_taken_away(manager):
    wanted = make_recording(content=b"RIFFwanted")
    other = make_recording(content=b"RIFFother")
    answer = manager.get(EXPORT, {"campaign": wanted.campaign_id})
    assert answer["Content-Type"] == "application/zip"
    assert answer["Content-Disposition"].startswith("attachment")
    archive = zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content)))
    assert archive.read(review_export.file_name(wanted)) == b"RIFFwanted"
    assert review_export.file_name(other) not in archive.namelist()
    assert AuditEvent.objects.get(verb="recordings.exported").details == {"count": 1}
    [event] = AuditEvent.objects.filter(verb="recording.downloaded")
    assert event.details["call"] == wanted.call_id


def test_too_many_is_said_and_the_filters_stay(manager, monkeypatch):
    make_recording()
    make_recording()
    monkeypatch.setattr(review_export, "MOST", 1)
    answer = manager.get(f"{EXPORT}?state=new", follow=True)
    assert "Сузьте фильтры" in answer.content.decode()
    assert answer.redirect_chain[-1][0] == "/recordings/?state=new"
    assert not AuditEvent.objects.filter(verb="recordings.exported").exists()


def test_nothing_to_take_is_said(manager):
    assert not Recording.objects.exists()
    assert "Выгружать нечего" in manager.get(EXPORT, follow=True).content.decode()


@pytest.mark.parametrize(("role", "is_offered"), [("manager", True), ("operator", False)])
def test_the_button_is_for_those_who_may(role, is_offered, request):
    make_recording()
    client = request.getfixturevalue(role)
    assert (EXPORT in client.get("/recordings/").content.decode()) is is_offered
    assert client.get(EXPORT).status_code == (200 if is_offered else 403)
