"""Pages around links to recordings."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from calls.models import RecordingShare
from obzvon_site.accounts.models import AuditEvent
from obzvon_site.common.phones import shown
from tests.calls.makers import make_recording

pytestmark = pytest.mark.django_db
SOUND = b"RIFF0123456789"


def text_of(answer) -> str:
    return re.sub(r"\s+", " ", answer.content.decode()).replace("\u00a0", " ")


def page_of(recording) -> str:
    return f"/recordings/{recording.call_id}/shares/"


def make_link(manager, recording, days=7) -> str:
    said = text_of(manager.post(page_of(recording), {"days": days}, follow=True))
    return re.search(r'value="http://testserver(/s/[^"]+/)"', said)[1]


def test_a_manager_makes_a_link_that_is_shown_once(manager):
    recording = make_recording(content=SOUND)
    link = make_link(manager, recording)
    assert link not in text_of(manager.get(page_of(recording)))
    assert AuditEvent.objects.filter(verb="recording.shared", details={"days": 7}).exists()


def test_anybody_hears_it_by_the_link(manager):
    link = make_link(manager, make_recording(content=SOUND))
    stranger = Client()
    page = stranger.get(link)
    assert page.status_code == 200
    assert f'src="{link}sound/"' in text_of(page)
    assert page["X-Robots-Tag"] == "noindex, nofollow"
    assert page["Referrer-Policy"] == "no-referrer"
    assert "no-store" in page["Cache-Control"]
    assert b"".join(stranger.get(f"{link}sound/").streaming_content) == SOUND
    part = stranger.get(f"{link}sound/", headers={"Range": "bytes=4-6"})
    assert (part.status_code, b"".join(part.streaming_content)) == (206, b"012")
    assert RecordingShare.objects.get().opened == 1
    assert " download" not in text_of(page)
    assert AuditEvent.objects.filter(verb="recording.share_listened").count() == 1


def test_listening_by_a_link_is_told_once_an_hour(manager):
    link = make_link(manager, make_recording(content=SOUND))
    said = AuditEvent.objects.filter(verb="recording.share_listened")
    for number in (1, 1, 2):
        if number > said.count() > 0:
            RecordingShare.objects.update(heard_at=timezone.now() - timedelta(hours=1))
        b"".join(Client().get(f"{link}sound/").streaming_content)
        assert said.count() == number
    assert RecordingShare.objects.get().opened == 0


def test_a_preview_of_the_link_is_no_opening(manager):
    link = make_link(manager, make_recording(content=SOUND))
    assert Client().head(link).status_code == 200
    assert RecordingShare.objects.get().opened == 0


def test_the_public_page_names_nobody(manager):
    recording = make_recording()
    said = text_of(Client().get(make_link(manager, recording)))
    phone = recording.call.phone
    for name in (phone, phone[-10:], shown(phone).replace("\u00a0", " "), recording.campaign.name):
        assert name not in said.split("<main")[1]


def test_a_link_that_has_ended_says_so(manager):
    link = make_link(manager, make_recording())
    RecordingShare.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    page = Client().get(link)
    assert page.status_code == 404
    assert "Попросите новую" in text_of(page)
    assert Client().get(f"{link}sound/").status_code == 404


def test_the_spans_are_in_the_language_of_the_person(manager, django_user_model):
    recording = make_recording()
    django_user_model.objects.update(language="en")
    assert "7 days" in text_of(manager.get(page_of(recording)))


def test_a_link_is_revoked(manager):
    recording = make_recording()
    link = make_link(manager, recording)
    share = RecordingShare.objects.get()
    said = text_of(manager.post(f"/recordings/shares/{share.pk}/revoke/", follow=True))
    assert "больше не открывается" in said
    assert "Отозвана" in said
    assert Client().get(link).status_code == 404


def test_a_file_that_is_gone_is_said_to_whoever_has_the_link(manager):
    recording = make_recording()
    link = make_link(manager, recording)
    recording.file.storage.delete(recording.file.name)
    assert Client().get(f"{link}sound/").status_code == 404
    said = text_of(Client().get(link))
    assert "пропал из хранилища. Скажите об этом тому, кто прислал ссылку" in said
    assert "<audio" not in said


def test_a_file_that_is_gone_is_not_shared_and_it_is_said_where_to_ask_again(manager):
    recording = make_recording()
    recording.file.storage.delete(recording.file.name)
    for answer in (
        manager.get(page_of(recording)),
        manager.post(page_of(recording), {"days": 7}, follow=True),
    ):
        said = text_of(answer)
        assert "Запросить её ещё раз можно на странице звонка" in said
        assert f'<a class="btn btn-s" href="{recording.get_absolute_url()}"' in said
    assert not RecordingShare.objects.exists()


def test_what_is_not_kept_cannot_be_shared(manager):
    recording = make_recording(state="removed")
    said = text_of(manager.post(page_of(recording), {"days": 7}, follow=True))
    assert "делиться нечем" in said
    assert not RecordingShare.objects.exists()


def test_another_span_is_refused(manager):
    recording = make_recording()
    assert manager.post(page_of(recording), {"days": 3650}).status_code == 422
    assert not RecordingShare.objects.exists()


def test_the_list_says_how_links_are(manager):
    recording = make_recording()
    assert "Ссылок нет" in text_of(manager.get(page_of(recording)))
    make_link(manager, recording)
    RecordingShare.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    said = text_of(manager.get(page_of(recording)))
    assert "Кончилась" in said
    assert "Отозвать" not in said
