"""The archive: what is found, what it takes, and how it is emptied."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from calls.forms.recordings import ArchiveForm
from calls.models import Call, Recording, Review, Tag
from calls.services import searching
from calls.views import archive
from tests.calls.makers import NOW, make_call, make_recording
from tests.factories import make_account, make_user

pytestmark = pytest.mark.django_db
LIST = "/recordings/"
SETTINGS = "/recordings/settings/"


def make_found(**fields) -> Recording:
    """A recording with fields of its own and, with «call_», of its call."""
    call = make_call(name=fields.pop("campaign", "Обзвон"))
    of_call = {name[5:]: fields.pop(name) for name in list(fields) if name.startswith("call_")}
    values = {"status": "finished", "is_final": True, **of_call}
    Call.objects.filter(pk=call.pk).update(**values)
    call.refresh_from_db()
    recording = make_recording(call, **{"seconds": 60, **fields})
    searching.refresh(recording.pk)
    return recording


def found(client, **filters) -> list[int]:
    """The calls on the page, in its order."""
    page = client.get(LIST, filters).context["page"]
    return [row.pk for row in page.rows]


@pytest.mark.parametrize("odd", [{"until": "9999-12-31"}, {"since": "0001-01-01"}])
def test_a_day_at_an_end_of_the_calendar_is_as_if_not_set(manager, odd):
    recording = make_found()
    assert found(manager, period="dates", **odd) == [recording.pk]


def test_recordings_stand_newest_first_with_what_is_known(manager):
    old = make_found(at=NOW - timedelta(days=1))
    new = make_found(call_name="Ольга Ивановна", campaign="Долги")
    new.tags.add(Tag.objects.create(name="жалоба"))
    Review.objects.create(
        recording=new, reviewer=make_user(), state="done", mark=4, changed_at=NOW, ended_at=NOW
    )
    assert found(manager) == [new.pk, old.pk]
    page = manager.get(LIST).content.decode()
    for text in ("Ольга Ивановна", "Долги", "жалоба", "1:00", "найдены 2 записи", ">4<"):
        assert text in page
    assert f'data-listen="{reverse("calls:call-recording", args=[new.call_id])}"' in page


@pytest.mark.parametrize(
    ("filters", "fields"),
    [
        ({"outcome": "finished"}, {"call_status": "busy"}),
        ({"answer": "2"}, {"call_ivr_answers": "|1|"}),
        ({"longer": "30"}, {"seconds": 20}),
        ({"shorter": "90"}, {"seconds": 100}),
        ({"manager": "8 (999) 000-00-01"}, {"manager_phone": "79990000002"}),
        ({"manager": "0001"}, {"manager_phone": ""}),
        ({"period": "dates", "since": "2026-11-20"}, {"at": NOW - timedelta(days=9)}),
        ({"state": "missing"}, {"state": "kept"}),
        ({"state": "missing"}, {"state": "removed"}),
        ({"q": "ольга"}, {"call_name": "Пётр"}),
    ],
)
def test_a_filter_leaves_what_fits(manager, filters, fields):
    fitting = {"call_ivr_answers": "|2|", "manager_phone": "79990000001", "call_name": "Ольга"}
    if filters.get("state"):
        fitting["state"] = filters["state"]
    fits = make_found(**fitting)
    make_found(**{**fitting, **fields})
    assert found(manager, **filters) == [fits.pk]


def test_tags_and_campaigns_are_chosen(manager):
    one, _other = make_found(), make_found()
    tag = Tag.objects.create(name="жалоба")
    one.tags.add(tag)
    assert found(manager, tag=tag.pk) == [one.pk]
    assert found(manager, campaign=one.campaign_id) == [one.pk]


def test_reviewed_and_not(manager):
    done, new = make_found(), make_found()
    reviewer = make_user()
    common = {"reviewer": reviewer, "changed_at": NOW}
    Review.objects.create(recording=done, state="done", mark=5, **common)
    Review.objects.create(recording=new, state="draft", **common)
    assert found(manager, state="reviewed") == [done.pk]
    assert found(manager, state="new") == [new.pk]


def test_removed_ones_are_shown_only_when_asked_for(manager):
    removed = make_found(state="removed")
    assert found(manager) == []
    assert found(manager, state="removed") == [removed.pk]


def test_a_missing_one_says_why(manager):
    make_found(state="missing", problem="Сервис прислал страницу.")
    assert "Сервис прислал страницу." in manager.get(LIST).content.decode()


def test_the_list_does_not_look_for_files_and_has_words_for_one_that_is_gone(manager, monkeypatch):
    one = make_found()
    monkeypatch.setattr(type(one.file.storage), "exists", lambda *_: pytest.fail("a look at disk"))
    page = manager.get(LIST).content.decode()
    note = page.index('role="alert" data-listen-failed hidden')
    assert "можно запросить ещё раз" in page[note : page.index('id="recordings-found"')]


def test_nothing_found_and_nothing_there_are_different(manager):
    assert "Здесь появятся записи" in manager.get(LIST).content.decode()
    assert "Ничего не нашлось" in manager.get(LIST, {"q": "нет такого"}).content.decode()


def test_pages_follow_each_other(manager):
    pks = [make_found(at=NOW - timedelta(minutes=number)).pk for number in range(3)]
    first = archive.page_of(Recording.objects.all(), None, size=2, key=("-at", "-id"))
    assert [row.pk for row in first.rows] == pks[:2]
    assert found(manager, after=first.next_cursor) == pks[2:]


@pytest.mark.parametrize(
    "filters",
    [{"tag": "x"}, {"campaign": "9" * 40}, {"longer": "-1"}, {"period": "?"}, {"after": "?"}],
)
def test_a_filter_that_cannot_be_read_is_not_set(manager, filters):
    one = make_found()
    assert found(manager, **filters) == [one.pk]


def test_the_number_of_questions_does_not_grow(manager, django_assert_max_num_queries):
    for _number in range(4):
        make_found()
    manager.get(LIST)
    with django_assert_max_num_queries(12):
        manager.get(LIST)


@pytest.mark.parametrize(
    ("filters", "counted"),
    [
        ({}, (3, False)),
        ({"longer": "1"}, (3, False)),
        ({"answer": "1"}, (3, False)),  # a key: a short column
        ({"q": "обзвон"}, (2, True)),
        ({"answer": "обзвон"}, (2, True)),
    ],
)
def test_what_words_find_is_not_counted_to_the_end(manager, monkeypatch, filters, counted):
    monkeypatch.setattr(archive, "SEARCH_CAP", 2)
    for _number in range(3):
        make_found(call_ivr_answers="|1|", at=NOW)
    first = archive.page_of(Recording.objects.all(), None, size=1, key=("-at", "-id"))
    context = manager.get(LIST, {**filters, "after": first.next_cursor}).context
    assert (context["number"], context["is_more"]) == counted
    assert len(context["page"].rows) == 2


def test_a_filter_offers_campaigns_and_tags_by_name_alone(django_assert_max_num_queries):
    """Their rows have JSON that would be read for a hundred names."""
    made = make_found()
    Tag.objects.create(name="жалоба")
    form = ArchiveForm({"campaign": f"{made.campaign_id}"})
    with django_assert_max_num_queries(4) as asked:
        drawn = f"{form['campaign']} {form['tag']}"
    assert made.campaign.name in drawn
    assert "жалоба" in drawn
    assert not [query for query in asked.captured_queries if "payload" in query["sql"]]


# Keeping


def test_usage_and_days_of_each_account_are_shown(admin):
    recording = make_found()
    page = admin.get(SETTINGS).content.decode()
    assert recording.account.name in page


def test_a_dry_run_tells_and_changes_nothing(admin):
    recording = make_found(at=timezone.now() - timedelta(days=40))
    asked = {"account": recording.account_id, "days": 30}
    page = admin.get(SETTINGS, asked).content.decode()
    assert "Будет удалена 1 запись" in page
    recording.account.refresh_from_db()
    assert recording.account.recording_days is None

    assert admin.post(SETTINGS, asked).status_code == 302
    recording.account.refresh_from_db()
    assert recording.account.recording_days == 30


def test_no_days_keep_for_ever(admin):
    account = make_account(recording_days=30)
    assert "всегда" in admin.get(SETTINGS, {"account": account.pk, "days": ""}).content.decode()
    admin.post(SETTINGS, {"account": account.pk, "days": ""})
    account.refresh_from_db()
    assert account.recording_days is None


@pytest.mark.parametrize("days", ["0", "-5", "x", "4000"])
def test_impossible_days_are_refused(admin, days):
    account = make_account(recording_days=30)
    asked = {"account": account.pk, "days": days}
    assert admin.get(SETTINGS, asked).status_code == 422
    assert admin.post(SETTINGS, asked).status_code == 422
    account.refresh_from_db()
    assert account.recording_days == 30


def test_one_is_removed_by_hand(admin, manager):
    recording = make_found()
    url = reverse("calls:recording-remove", args=[recording.call_id])
    assert url in admin.get(recording.get_absolute_url()).content.decode()
    assert url not in manager.get(recording.get_absolute_url()).content.decode()
    assert admin.post(url).status_code == 302
    recording.refresh_from_db()
    assert recording.state == "removed"
    assert "Запись удалена" in admin.get(recording.get_absolute_url()).content.decode()
