"""What comes back is read in every shape, and never crashes on a strange one."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from obzvon_site.provider.replies import (
    KNOWN_STATUSES,
    ApiCall,
    Created,
    ServiceRecord,
    UserInfo,
    each,
    read_status_webhook,
    read_step_webhook,
)

CALL = {
    "id": 500001,
    "phone": "79000000001",
    "status": "finished",
    "ivrDigit": 2,
    "ivrAnswers": "|2|",
    "startedAt": 1763890004,
    "answeredAt": "1763890015",
    "finishedAt": 1763890049,
    "managerStartedAt": None,
    "managerAnsweredAt": 0,
    "managerStatus": None,
    "toBlock": "1",
    "hangupCause": "NORMAL",
    "cost": "2.50",
    "recordFilePath": "https://service.example/1.mp3",
    "comment": "чужое",
    "updatedAt": 1763890049,
}
API_CALL = {
    "id": "700001",
    "needRecording": True,
    "plannedAt": "0",
    "webhookTry": 1,
    "calls": [CALL],
}

names = st.sampled_from([*CALL, *API_CALL, "apiCalls", "data", "call", "message", "balance"])
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=6),
    max_leaves=12,
)


def test_a_call_is_read_with_its_variants_of_types():
    api_call = ApiCall.from_json(API_CALL)
    (news,) = api_call.calls
    assert (api_call.id, api_call.phone, api_call.need_recording) == (700001, "79000000001", True)
    assert api_call.planned_at is None
    assert api_call.extra == {"webhookTry": 1}
    assert (news.status, news.is_final, news.ivr_digit) == ("finished", True, "2")
    assert (news.answered_at - news.started_at).seconds == 11
    assert news.manager_started_at is None
    assert news.manager_answered_at is None
    assert news.manager_status == ""
    assert news.to_block is True
    assert news.cost == Decimal("2.50")
    assert news.extra == {"comment": "чужое"}


def test_snake_case_and_the_other_name_of_the_recording_are_read():
    call = {"ivr_answers": "|0|", "ivr_digit": 0, "recordPath": "/1.mp3", "to_block": 0}
    (news,) = ApiCall.from_json({"id": 1, "calls": call}).calls
    assert (news.ivr_answers, news.ivr_digit, news.recording_url) == ("|0|", "0", "/1.mp3")
    assert news.to_block is False


def test_an_unknown_status_is_kept_and_not_final():
    (news,) = ApiCall.from_json({"id": 1, "calls": [{"status": "Postponed"}]}).calls
    assert (news.status, news.is_final) == ("Postponed", False)


@pytest.mark.parametrize("status", sorted(KNOWN_STATUSES))
def test_known_statuses_are_known_in_any_case(status):
    (news,) = ApiCall.from_json({"id": 1, "calls": [{"status": status.upper()}]}).calls
    assert news.status == status
    assert news.is_final is (status in {"finished", "busy", "canceled"})


def test_what_cannot_be_read_is_left_in_extra():
    (news,) = ApiCall.from_json(
        {"id": 1, "calls": [{"cost": "дорого", "startedAt": "вчера"}]}
    ).calls
    assert news.cost is None
    assert news.extra == {"cost": "дорого", "startedAt": "вчера"}


@pytest.mark.parametrize(
    "body",
    [
        {"apiCalls": [API_CALL]},
        {"status": "success", "data": [API_CALL]},
        {"data": API_CALL},
        [API_CALL],
        API_CALL,
        {"call": {**CALL, "apicallId": 700001}},
        {**CALL, "id": 700001},
        {"apiCalls": [{"no": "id"}, API_CALL]},
    ],
)
def test_every_shape_of_a_status_webhook_is_read(body):
    (api_call,) = read_status_webhook(body)
    assert api_call.id == 700001
    assert api_call.calls[0].status == "finished"
    assert api_call.calls[0].phone == "79000000001"


@pytest.mark.parametrize("body", [None, "", 5, [], {}, {"apiCalls": []}, [{"no": "id"}]])
def test_a_status_webhook_about_nothing_is_an_error(body):
    with pytest.raises(ValueError):  # noqa: PT011
        read_status_webhook(body)


@pytest.mark.parametrize(
    ("call", "answer", "order_id"),
    [
        ({"phone": "79000000001", "answer": 1, "apicallId": 7}, "1", 7),
        ({"phone": 79000000001, "answer": "да"}, "да", None),
        ({"phone": "79000000001", "ivr_answers": "|2|"}, "|2|", None),
        ({"phone": "79000000001", "answer": 0}, "0", None),
    ],
)
def test_every_shape_of_a_step_webhook_is_read(call, answer, order_id):
    step = read_step_webhook({"call": call, "tid": 7})
    assert (step.phone, step.answer, step.order_id) == ("79000000001", answer, order_id)
    assert step.parameters == {"tid": 7}


@given(values)
def test_no_answer_crashes_a_reader(data):
    readers = (
        ApiCall.from_json,
        ServiceRecord.from_json,
        UserInfo.from_json,
        each(ApiCall.from_json),
        read_status_webhook,
        read_step_webhook,
        lambda answer: Created.from_json(answer, ["79000000001"]),
    )
    for read in readers:
        try:
            read(data)
        except ValueError:
            continue


@given(st.dictionaries(names, values, max_size=8))
def test_an_api_call_with_an_id_is_always_read(data):
    assert ApiCall.from_json({**data, "apiCallId": 5, "id": 5, "calls": []}).id == 5
