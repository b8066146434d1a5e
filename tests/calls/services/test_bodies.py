"""Whatever a webhook holds is kept; what is strange in it stops nothing beside it."""

import json
from datetime import timedelta

import pytest

from calls.models import Call, CallEvent
from calls.services import intake, news
from tests.calls.makers import NOW, counts_hold, make_call
from tests.calls.services.test_intake import body, take

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "fields",
    [
        {"cost": "9" * 400},
        {"cost": 10**400},
        {"cost": "1e1000000"},
        {"cost": "1e-1000000"},
        {"cost": float("nan")},
        {"cost": float("inf")},
        {"updatedAt": 10**400},
        {"updatedAt": {"a": [1]}},
        {"startedAt": "вчера"},
        {"answeredAt": 253402300799, "finishedAt": -62135596800},
        {"hangupCause": "\ud800 half"},
        {"ivrAnswers": ["a", {"b": 1}]},
        {"ivrDigit": 10**400},
        {"status": 7},
        {"toBlock": "maybe"},
        {"id": -5},
        {"recordFilePath": {"deep": [[[]]]}},
    ],
)
def test_whatever_a_field_holds_the_news_beside_it_are_folded(fields):
    call, other = make_call(), make_call()
    account = call.campaign.account_id
    first = intake.store(
        account, "status", body(call, **{"hangupCause": "X", **fields}), order_token=None, now=NOW
    )
    take(other, body(other))
    first.refresh_from_db()
    call.refresh_from_db()
    assert first.state == "folded"
    assert call.status in {"finished", "7"}
    assert other.status == "finished"
    assert counts_hold(call.campaign)


def test_a_moment_at_the_end_of_time_does_not_spoil_the_calls_page(operator):
    call = make_call()
    take(call, body(call, startedAt=253402300799))
    assert operator.get(call.get_absolute_url()).status_code == 200


def test_an_entry_that_cannot_be_read_is_told_though_the_others_are_folded():
    call = make_call()
    said = json.loads(body(call))
    said["apiCalls"].append({"id": "?", "calls": []})
    event = take(call, json.dumps(said).encode())
    assert (event.state, event.problem) == ("broken", "no readable id")
    assert call.status == "finished"


def test_beside_such_an_entry_news_of_an_unknown_call_still_find_it_later():
    call = make_call()
    said = json.loads(body(call, number=700_777))
    said["apiCalls"].append({"id": "?", "calls": []})
    assert take(call, json.dumps(said).encode()).state == "broken"
    Call.objects.filter(pk=call.pk).update(service_order_id=700_777)
    intake.fold_due(now=NOW + timedelta(minutes=5))
    call.refresh_from_db()
    assert call.status == "finished"


def test_parameters_of_a_step_may_hold_anything():
    call = make_call()
    rest = {"nan": float("nan"), "half": "\ud800", "zero": "a\x00b", "x\x00": [10**400]}
    said = {"call": {"phone": call.phone, "answer": "\ud800да"}, **rest}
    assert take(call, json.dumps(said).encode(), kind="step").state == "folded"
    kept = CallEvent.objects.get(kind="step").details["parameters"]
    assert kept == {"nan": None, "half": "?", "zero": "ab", "x": [10**400]}


def test_what_fails_in_our_own_code_is_broken_and_can_be_folded_later(monkeypatch, caplog):
    call, other = make_call(), make_call()
    account = call.campaign.account_id
    bad = intake.store(account, "status", body(call), order_token=None, now=NOW)
    real = news.changes

    def changes(row, latest):
        if row.pk == call.pk:
            raise RuntimeError("a bug")
        return real(row, latest)

    with monkeypatch.context() as patch:
        patch.setattr(news, "changes", changes)
        take(other, body(other))
    bad.refresh_from_db()
    assert (bad.state, other.status) == ("broken", "finished")
    assert "a bug" in bad.problem
    intake.fold([bad], now=NOW)
    bad.refresh_from_db()
    call.refresh_from_db()
    assert (bad.state, call.status) == ("folded", "finished")
    assert counts_hold(call.campaign)


def test_zero_bytes_inside_json_are_no_trouble():
    call = make_call()
    event = take(call, body(call, hangupCause="bad\x00cause"))
    assert event.state == "folded"
    assert call.hangup_cause == "badcause"


@pytest.mark.parametrize(
    "content",
    [b"", b"[]", b"[1]", b"null", b'{"apiCalls": 5}', b"[" * 5000, b"\xff\xfe", b"9" * 5000],
)
@pytest.mark.parametrize("kind", ["status", "step"])
def test_any_rubbish_is_kept_as_broken(content, kind):
    event = take(make_call(), content, kind=kind)
    assert event.state == "broken"
