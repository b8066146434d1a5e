"""Tags, comments and tasks beside a recording."""

import re

import pytest
from django.utils import timezone

from calls.models import FollowUp, RecordingComment, Tag
from obzvon_site.accounts.models import User
from tests.calls.reviews import make_heard
from tests.conftest import signed_in
from tests.factories import make_user

HTMX = {"HTTP_HX_REQUEST": "true"}


def text_of(answer) -> str:
    return re.sub(r"\s+", " ", answer.content.decode()).replace("\u00a0", " ")


@pytest.fixture
def recording(db):
    return make_heard()


def test_one_word_is_one_tag_and_is_offered_afterwards(manager, recording):
    address = f"/review/{recording.pk}/tags/"
    for name in ("Жалоба", " жалоба  "):
        answer = manager.post(address, {"name": name}, **HTMX)
        assert answer.content.decode().strip().startswith('<section id="review-tags"')
    assert list(Tag.objects.values_list("name", flat=True)) == ["жалоба"]
    assert list(recording.tags.all()) == [Tag.objects.get()]
    other = make_heard(1)
    said = text_of(manager.post(f"/review/{other.pk}/tags/", {"name": "скидка"}, **HTMX))
    assert '<option value="жалоба">' in said
    manager.post(f"{address}{Tag.objects.get(name='жалоба').pk}/", **HTMX)
    assert not recording.tags.exists()
    assert manager.post(address, {"name": "x" * 41}, **HTMX).status_code == 422


@pytest.mark.parametrize(
    ("typed", "second"), [("1:08", 68), ("24", 24), ("0:07,5", 7.5), ("", None)]
)
def test_a_comment_is_at_a_moment_or_about_the_whole(manager, recording, typed, second):
    sent = {"text": "Перебил", "second": typed}
    said = text_of(manager.post(f"/review/{recording.pk}/comments/", sent, **HTMX))
    assert "Перебил" in said
    kept = RecordingComment.objects.get()
    assert (kept.second, kept.author.username) == (second, "manager")
    assert ("data-mark=" in said) == (second is not None)


def test_a_moment_that_is_none_is_refused_and_what_was_typed_stays(manager, recording):
    sent = {"text": "Перебил", "second": "полвторого"}
    answer = manager.post(f"/review/{recording.pk}/comments/", sent, **HTMX)
    assert answer.status_code == 422
    assert 'value="Перебил"' in answer.content.decode()
    assert "Введите время как 1:08" in text_of(answer)


def test_one_takes_back_only_ones_own_remark(manager, recording):
    manager.post(f"/review/{recording.pk}/comments/", {"text": "Так"}, **HTMX)
    address = f"/review/comments/{RecordingComment.objects.get().pk}/"
    assert signed_in("admin").post(address, **HTMX).status_code == 404
    assert manager.post(address, **HTMX).status_code == 200
    assert not RecordingComment.objects.exists()


def test_a_task_goes_to_an_operator_and_its_number_to_their_sidebar(manager, recording):
    operator = make_user(username="olga")
    today = timezone.localdate()
    sent = {"text": "Перезвонить", "assignee": operator.pk, "due": today.isoformat()}
    said = text_of(manager.post(f"/review/{recording.pk}/tasks/", sent, **HTMX))
    assert "Перезвонить" in said
    task = FollowUp.objects.get()
    assert (task.assignee, task.due, task.created_by.username) == (operator, today, "manager")
    client = manager
    client.force_login(operator)
    assert "ждут вас" in text_of(client.get("/profile/"))


def test_a_task_for_yesterday_or_for_nobody_is_refused(manager, recording):
    for sent in (
        {"text": "Перезвонить", "assignee": make_user().pk, "due": "2020-01-01"},
        {"text": "Перезвонить", "assignee": "", "due": timezone.localdate().isoformat()},
    ):
        answer = manager.post(f"/review/{recording.pk}/tasks/", sent, **HTMX)
        assert answer.status_code == 422
    assert not FollowUp.objects.exists()


def test_without_scripts_one_comes_back_to_the_page(manager, recording):
    address = f"/review/{recording.pk}/comments/"
    sent = {"text": "Так"}
    assert manager.post(address, sent)["Location"] == recording.get_absolute_url()
    sent["at"] = "review"
    assert manager.post(address, sent)["Location"] == f"/review/{recording.pk}/"


def test_the_page_of_a_call_shows_what_was_said_of_it(manager, operator, recording):
    manager.post(f"/review/{recording.pk}/comments/", {"text": "Перебил", "second": "9"})
    manager.post(f"/review/{recording.pk}/tags/", {"name": "жалоба"})
    manager.get("/review/?period=all")
    manager.post(f"/review/{recording.pk}/finish/", {"revision": 0, "mark": 4})
    assert User.objects.count() == 2
    for client, may in ((manager, True), (operator, False)):
        said = text_of(client.get(recording.get_absolute_url()))
        for text in ("Оценка 4 из 5", "Перебил", "жалоба"):
            assert text in said
        assert ("Новая метка" in said) == may
        assert ("Скачать запись" in said) == may
