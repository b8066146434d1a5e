"""The review page and its answers: what is held, saved, refused, and what a page without scripts
gets."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from calls.models import Recording, RecordingComment, Review
from calls.services import reviewing
from obzvon_site.accounts.models import User
from tests.calls.reviews import make_heard, make_line
from tests.conftest import signed_in
from tests.factories import make_user

HOME = "/review/?period=all"
JSON = {"HTTP_ACCEPT": "application/json"}


def text_of(answer) -> str:
    return re.sub(r"\s+", " ", answer.content.decode()).replace("\u00a0", " ")


def shown(answer) -> int | None:
    found = re.search(r'data-work data-id="(\d+)"', answer.content.decode())
    return int(found[1]) if found else None


def url(recording, name: str) -> str:
    return f"/review/{recording.pk}/{name}/"


@pytest.fixture
def me(manager):
    return User.objects.get(username="manager")


@pytest.fixture
def other(db):
    return make_user(role="manager", first_name="Елена", last_name="Смирнова")


def test_two_managers_see_two_calls(manager, other):
    first, second = make_heard(2), make_heard(1)
    client = signed_in("admin")
    assert shown(manager.get(HOME)) == first.pk
    assert shown(client.get(HOME)) == second.pk
    said = text_of(client.get(HOME))
    assert "слушает manager" in said


def test_the_page_tells_the_conversation_and_asks_the_checklist(manager):
    make_line("Поздоровался")
    make_line("Старый", is_active=False)
    make_heard(call_ivr_digit="5")
    said = text_of(manager.get(HOME))
    for text in ("Нажал 5", "Поздоровался", "Здравствуйте!", 'name="mark" value="5"'):
        assert text in said
    assert "Старый" not in said


def test_nothing_left_says_so_and_offers_other_periods(manager):
    make_heard(-60 * 24 * 20)
    said = text_of(manager.get("/review/"))
    assert "Всё проверено" in said
    assert "?period=month" in said


def test_the_next_one_is_held_before_it_is_asked_for(manager, me, other):
    first, second = make_heard(2), make_heard(1)
    manager.get(HOME)
    answer = manager.post("/review/next/?period=all", {"besides": first.pk})
    assert shown(answer) == second.pk
    assert reviewing.holder_of(second.pk, now=timezone.now()) == me
    nothing = manager.post("/review/next/?period=all", {"besides": [first.pk, second.pk]})
    assert nothing.status_code == 204


def test_typing_is_saved_with_what_the_page_needs(manager):
    recording, line = make_heard(), make_line()
    manager.get(HOME)
    sent = {"revision": 0, "mark": 4, f"line-{line.pk}": "yes", "line-999": "yes", "line-x": "no"}
    said = manager.post(url(recording, "save"), sent).json()
    assert (said["revision"], said["score"], said["lost"]) == (1, 100, "")
    assert re.fullmatch(r"\d\d:\d\d", said["at"])
    assert said["until"]
    kept = Review.objects.get()
    assert (kept.mark, kept.answers, kept.state) == (4, {str(line.pk): "yes"}, "draft")
    page = manager.get(HOME).content.decode()
    assert 'value="4" checked' in page
    assert 'data-revision="1"' in page


@pytest.mark.parametrize("sent", [{}, {"revision": "x"}, {"revision": 0, "mark": 6}])
def test_what_makes_no_sense_is_refused(manager, sent):
    recording = make_heard()
    assert manager.post(url(recording, "save"), sent).status_code == 422
    assert not Review.objects.exists()


def test_an_old_page_is_told_what_there_is_now(manager):
    recording = make_heard()
    manager.get(HOME)
    manager.post(url(recording, "save"), {"revision": 0, "mark": 4})
    answer = manager.post(url(recording, "save"), {"revision": 0, "mark": 1})
    assert answer.status_code == 409
    there = answer.json()["review"]
    assert there == {"revision": 1, "mark": 4, "answers": {}, "isDraft": True}


def test_a_lost_hold_is_told_and_the_draft_is_kept(manager, other):
    recording = make_heard()
    manager.get(HOME)
    Recording.objects.update(leased_until=timezone.now() - timedelta(seconds=1))
    reviewing.take(other, recording.pk, now=timezone.now())
    said = manager.post(url(recording, "save"), {"revision": 0, "mark": 4}).json()
    assert "Елена Смирнова" in said["lost"]
    assert Review.objects.get().mark == 4
    ended = manager.post(url(recording, "finish"), {"revision": 1, "mark": 4}, **JSON)
    assert (ended.status_code, "Елена" in ended.json()["lost"]) == (409, True)
    renewed = manager.post(url(recording, "renew"))
    assert (renewed.status_code, "Елена" in renewed.json()["lost"]) == (409, True)
    assert "Елена" in text_of(manager.get(f"/review/{recording.pk}/"))


def test_done_and_on_to_the_next(manager):
    recording = make_heard()
    manager.get(HOME)
    sent = {"revision": 0, "mark": 5, "comment_text": "Хорошо", "comment_second": "0:24"}
    assert manager.post(url(recording, "finish"), sent, **JSON).json()["said"]
    assert Review.objects.get().state == "done"
    comment = RecordingComment.objects.get()
    assert (comment.text, comment.second) == ("Хорошо", 24)
    assert shown(manager.get(HOME)) is None


def test_a_page_that_asks_again_says_its_comment_once(manager):
    recording = make_heard()
    manager.get(HOME)
    sent = {"revision": 0, "mark": 5, "comment_text": "Хорошо", "comment_second": "0:24"}
    for _time in range(3):
        assert manager.post(url(recording, "finish"), sent, **JSON).status_code == 200
    assert RecordingComment.objects.count() == 1
    recording.refresh_from_db()
    assert "хорошо" in recording.words


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"comment_text": "Хорошо", "comment_second": "1:2x"}, "Момент: Введите время как 1:08"),
        ({"comment_text": "х" * 1001}, "Комментарий: "),
    ],
)
def test_a_comment_that_can_not_be_read_keeps_the_page_where_it_is(manager, typed, sentence):
    recording = make_heard()
    manager.get(HOME)
    sent = {"revision": 0, "mark": 5, **typed}
    answer = manager.post(url(recording, "finish"), sent, **JSON)
    assert (answer.status_code, sentence in answer.json()["error"]) == (422, True)
    assert not Review.objects.filter(state="done").exists()
    assert not RecordingComment.objects.exists()


def test_a_moment_without_a_comment_is_no_comment(manager):
    recording = make_heard()
    manager.get(HOME)
    sent = {"revision": 0, "mark": 5, "comment_text": " ", "comment_second": "1:2x"}
    assert manager.post(url(recording, "finish"), sent, **JSON).status_code == 200
    assert not RecordingComment.objects.exists()


def test_without_scripts_a_form_leads_to_the_next(manager):
    first, second = make_heard(2), make_heard(1)
    manager.get(HOME)
    ended = manager.post(f"{url(first, 'finish')}?period=all", {"revision": 0, "mark": 5})
    assert ended["Location"] == HOME
    assert shown(manager.get(HOME)) == second.pk
    ended = manager.post(f"{url(second, 'finish')}?period=all", {"revision": 0})
    assert ended["Location"] == f"/review/{second.pk}/?period=all"
    assert "Поставьте оценку" in text_of(manager.get(ended["Location"]))
    ended = manager.post(f"{url(second, 'skip')}?period=all", {"reason": "тишина"})
    assert "Всё проверено" in text_of(manager.get(ended["Location"]))


def test_without_a_mark_the_page_is_told(manager):
    recording = make_heard()
    manager.get(HOME)
    answer = manager.post(url(recording, "finish"), {"revision": 0}, **JSON)
    assert (answer.status_code, answer.json()) == (422, {"error": "Поставьте оценку от 1 до 5."})


def test_back_opens_the_last_one_as_a_draft(manager):
    recording = make_heard()
    assert manager.post("/review/back/")["Location"] == "/review/?"
    manager.get(HOME)
    manager.post(url(recording, "finish"), {"revision": 0, "mark": 2}, **JSON)
    answer = manager.post("/review/back/?period=all")
    assert answer["Location"] == f"/review/{recording.pk}/?period=all"
    assert Review.objects.get().state == "draft"
    assert 'value="2" checked' in manager.get(answer["Location"]).content.decode()


@pytest.mark.parametrize(
    ("end", "sentence"),
    [("finish", "Вы уже проверили этот звонок"), ("skip", "Вы пропустили этот звонок")],
)
def test_an_ended_review_of_ones_own_is_only_looked_at_until_it_is_a_draft(manager, end, sentence):
    recording = make_heard()
    manager.get(HOME)
    manager.post(url(recording, end), {"revision": 0, "mark": 2}, **JSON)
    page = text_of(manager.get(f"/review/{recording.pk}/?period=all"))
    assert sentence in page
    assert "data-work-form inert" in page
    assert 'data-until=""' in page
    assert "Пропустить с пометкой" not in page
    recording.refresh_from_db()
    assert recording.leased_by is None
    undo = re.search(r'action="([^"]+/undo/[^"]*)"', page)[1]
    page = text_of(manager.get(manager.post(undo)["Location"]))
    assert sentence not in page
    assert "data-work-form inert" not in page
    assert reviewing.holder_of(recording.pk, now=timezone.now())


def test_what_was_never_reviewed_is_not_undone(manager):
    assert manager.post(url(make_heard(), "undo")).status_code == 404


def test_a_page_that_is_left_lets_go(manager, other):
    recording = make_heard()
    manager.get(HOME)
    recording.refresh_from_db()
    old = recording.leased_until.isoformat()
    manager.get(HOME)  # the same person came back before the news of leaving
    manager.post(url(recording, "release"), {"until": old})
    assert reviewing.holder_of(recording.pk, now=timezone.now())
    recording.refresh_from_db()
    for odd in ("", "x", "2026-11-24T10:00:00", "0001-01-01T00:00:00+03:00"):
        assert manager.post(url(recording, "release"), {"until": odd}).status_code == 204
    manager.post(url(recording, "release"), {"until": recording.leased_until.isoformat()})
    assert reviewing.take(other, recording.pk, now=timezone.now())


@pytest.mark.parametrize("name", ["save", "renew"])
def test_a_page_that_has_held_it_longer_lets_go_by_what_it_was_told(manager, other, name):
    recording = make_heard()
    manager.get(HOME)
    told = manager.post(url(recording, name), {"revision": 0, "mark": 4}).json()["until"]
    manager.post(url(recording, "release"), {"until": told})
    assert reviewing.take(other, recording.pk, now=timezone.now())


def test_filters_that_can_not_be_read_are_as_if_not_set(manager):
    recording = make_heard()
    odd = "period=x&campaign=zz&longer=-1&sample=7&operator=9999&outcome=q"
    assert manager.get(f"/review/?{odd}").status_code == 200
    assert shown(manager.get(f"{HOME}&longer=x&seed=0")) == recording.pk


@pytest.mark.parametrize("address", [HOME, "/review/queue/?period=all"])
def test_neither_all_that_was_said_nor_json_is_read_for_names(
    manager, other, address, django_assert_max_num_queries
):
    held, _next = make_heard(2), make_heard(1)
    reviewing.take(other, held.pk, now=timezone.now())
    with django_assert_max_num_queries(34) as asked:
        said = text_of(manager.get(address))
    assert "слушает Елена Смирнова" in said
    queries = [query["sql"] for query in asked.captured_queries]
    assert not [sql for sql in queries if '"calls_recording"."words"' in sql]
    # One call's own campaign, if any, is read in full for its conversation.
    assert sum('"calls_campaign"."payload"' in sql for sql in queries) <= (address == HOME)


def test_the_queue_asks_as_often_for_many_as_for_few(manager, django_assert_max_num_queries):
    make_line()
    for number in range(8):
        make_heard(number)
    manager.get(HOME)
    with django_assert_max_num_queries(8):
        manager.get("/review/queue/?period=all")
    with django_assert_max_num_queries(34):
        manager.get(HOME)
