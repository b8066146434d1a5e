"""Links to recordings: open until they end, and are kept nowhere."""

from datetime import timedelta

import pytest

from calls.models import RecordingShare
from calls.services import sharing
from obzvon_site.accounts.models import AuditEvent
from tests.calls.makers import NOW, make_recording
from tests.factories import make_user

pytestmark = pytest.mark.django_db


def shared(days=7, **fields):
    return sharing.share(make_recording(**fields), days=days, actor=make_user(), now=NOW)


def test_a_link_opens_its_recording():
    made = shared()
    found = sharing.find(made.token, now=NOW)
    assert found is not None
    assert found.recording == made.share.recording


def test_the_token_is_not_in_the_database():
    made = shared()
    row = RecordingShare.objects.values().get()
    assert made.token not in str(row)
    assert made.token not in str(list(AuditEvent.objects.values()))


@pytest.mark.parametrize("days", sharing.DAYS)
def test_a_link_ends_by_itself(days):
    made = shared(days)
    end = NOW + timedelta(days=days)
    assert sharing.find(made.token, now=end - timedelta(seconds=1))
    assert sharing.find(made.token, now=end) is None


def test_a_revoked_link_opens_nothing_and_is_revoked_once():
    made, actor = shared(), make_user()
    assert sharing.revoke(made.share, actor=actor, now=NOW)
    assert not sharing.revoke(made.share, actor=actor, now=NOW)
    assert sharing.find(made.token, now=NOW) is None
    assert AuditEvent.objects.filter(verb="recording.share_revoked").count() == 1


@pytest.mark.parametrize("token", ["", "x", "x" * 5000, "../../etc", "\0"])
def test_a_made_up_token_opens_nothing(token):
    shared()
    assert sharing.find(token, now=NOW) is None


def test_a_removed_recording_is_not_shared_and_its_links_are_closed():
    made = shared()
    made.share.recording.state = "removed"
    made.share.recording.save()
    assert sharing.find(made.token, now=NOW) is None
    with pytest.raises(sharing.NotKept):
        sharing.share(made.share.recording, days=1, actor=None, now=NOW)


def test_openings_are_counted_and_audited():
    made = shared()
    sharing.note_opening(made.share, now=NOW)
    sharing.note_opening(made.share, now=NOW)
    made.share.refresh_from_db()
    assert (made.share.opened, made.share.opened_at) == (2, NOW)
    assert AuditEvent.objects.filter(verb="recording.share_opened", actor=None).count() == 2
