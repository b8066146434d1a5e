"""Every method against canned answers: what is sent, what is read, what is refused."""

import io
import json
from decimal import Decimal
from urllib.parse import parse_qs, urlsplit

import pytest
import responses
import stamina

from obzvon_site.provider.errors import (
    BadRequest,
    Invalid,
    NoMoney,
    NotFound,
    NotOffered,
    OnModeration,
    OutcomeUnknown,
    Refused,
    TooFast,
    WrongKey,
)
from tests.provider.makers import BASE, KEY, PHONE, make_client, make_order, wrapped

ENTRY = {"id": 700001, "phone": PHONE, "createdAt": 1763890000, "needRecording": 0}


@pytest.fixture
def service():
    with responses.RequestsMock() as mock:
        yield mock


@pytest.fixture(autouse=True)
def no_waiting():
    with stamina.set_testing(True, attempts=3):
        yield


def answer(service, method, data, **options):
    service.post(f"{BASE}/{method}", json=data, **options)


def sent(service, number=0):
    return json.loads(service.calls[number].request.body)


def test_create_sends_the_key_in_the_body_and_matches_calls_by_phone(service):
    second = {"id": "700002", "phone": 79000000002, "createdAt": "1763890001"}
    answer(service, "create", wrapped([second, ENTRY]))
    created = make_client().create(make_order(PHONE, "79000000002"))
    assert {call.phone: call.id for call in created.calls} == {PHONE: 700001, "79000000002": 700002}
    assert created.calls[0].created_at.timestamp() == 1763890001
    assert sent(service)["apiKey"] == KEY
    assert sent(service)["phones"] == [PHONE, "79000000002"]
    request = service.calls[0].request
    assert KEY not in request.url
    assert request.headers["Content-Type"] == "application/json"
    assert request.headers["Accept"] == "application/json"


def test_a_phone_can_be_refused_inside_a_success(service):
    refusal = {"status": "error", "phone": "79000000002", "message": "Неверный номер"}
    answer(service, "create", wrapped([ENTRY, refusal]))
    created = make_client().create(make_order(PHONE, "79000000002"))
    assert [call.phone for call in created.calls] == [PHONE]
    assert [(phone.phone, phone.words) for phone in created.refused] == [
        ("79000000002", "Неверный номер")
    ]


@pytest.mark.parametrize(
    "data",
    [
        {"id": 700001, "createdAt": 1763890000},
        [{"id": 700001}],
        wrapped({"id": "700001"}),
        wrapped([ENTRY]),
        {"result": "ok", "data": [ENTRY]},
        {"success": True, "data": [{**ENTRY, "phone": {"phone": "+7 (900) 000-00-01"}}]},
    ],
)
def test_create_reads_every_envelope_of_a_one_phone_order(service, data):
    answer(service, "create", data)
    (call,) = make_client().create(make_order()).calls
    assert (call.id, call.phone) == (700001, PHONE)


@pytest.mark.parametrize(
    "body",
    [
        "",
        "<html>502</html>",
        '{"status":"success","data":[{"id":7',
        '{"status":"success"}',
        '{"status":"success","data":null}',
        '{"status":"success","data":[]}',
        '{"status":"success","data":"ok"}',
        '{"status":"success","data":[{"phone":"79000000001"}]}',
        '{"status":"success","data":[{"id":true,"phone":"79000000001"}]}',
        '{"status":"error","data":[{"id":700001,"phone":"79000000001"}]}',
        '{"result":"ok"}',
        '{"answer":42}',
        "[]",
        "null",
        "7",
        "[" * 5000,
    ],
)
def test_an_unreadable_answer_to_create_is_an_unknown_outcome(service, body):
    service.post(f"{BASE}/create", body=body, content_type="application/json")
    with pytest.raises(OutcomeUnknown):
        make_client().create(make_order())
    assert len(service.calls) == 1


@pytest.mark.parametrize("code", [301, 302, 408, 500, 502, 503, 504])
def test_a_server_in_trouble_leaves_the_outcome_of_create_unknown(service, code):
    answer(service, "create", {"message": "later"}, status=code)
    with pytest.raises(OutcomeUnknown) as caught:
        make_client().create(make_order())
    assert caught.value.words == "later"
    assert len(service.calls) == 1


def test_words_about_a_phone_do_not_tell_the_key(service):
    """They are kept with the call, and people read them."""
    words = f"Ключу {KEY} нельзя звонить на этот номер"
    answer(service, "create", wrapped([{"status": "error", "phone": PHONE, "message": words}]))
    (refused,) = make_client().create(make_order()).refused
    assert KEY not in refused.words
    assert "нельзя звонить" in refused.words


def test_one_id_for_two_phones_proves_neither(service):
    """The news of one would be taken for the other's, which nobody would ask about again."""
    answer(service, "create", wrapped([ENTRY, {**ENTRY, "phone": "79000000002"}]))
    with pytest.raises(OutcomeUnknown):
        make_client().create(make_order(PHONE, "79000000002"))


@pytest.mark.parametrize("status", [200, 400, 402, 422, 429])
def test_a_refusal_of_an_order_that_names_calls_is_an_unknown_outcome(service, status):
    """The money ended in the middle of it: the first of its phones rings."""
    refused = {"status": "error", "phone": "79000000002", "message": "Недостаточно средств"}
    failed = {"status": "error", "data": [ENTRY, refused]}
    answer(service, "create", failed, status=status)
    with pytest.raises(OutcomeUnknown):
        make_client().create(make_order(PHONE, "79000000002"))
    assert len(service.calls) == 1


def test_a_redirect_is_not_followed_with_the_key(service):
    service.post(f"{BASE}/create", status=307, headers={"Location": "https://other.example/"})
    with pytest.raises(OutcomeUnknown):
        make_client().create(make_order())
    assert len(service.calls) == 1


LARAVEL = {
    "message": "The given data was invalid.",
    "errors": {"phones.0": ["Номер неверен"], "record": ["Нет", "ролика"]},
}


@pytest.mark.parametrize(
    ("status", "data", "kind"),
    [
        (401, {"message": "Unauthenticated."}, WrongKey),
        (403, {}, WrongKey),
        (200, {"status": "error", "data": {"message": "Неверный API ключ"}}, WrongKey),
        (422, {"errors": {"apiKey": ["Обязательное поле"]}}, WrongKey),
        (402, {"message": "Payment required"}, NoMoney),
        (200, {"status": "error", "data": {"message": "Недостаточно средств"}}, NoMoney),
        (400, {"status": "error", "data": "Пополните баланс"}, NoMoney),
        (200, {"status": "error", "data": [{"message": "Ролик на модерации"}]}, OnModeration),
        (429, {"message": "Too Many Attempts."}, TooFast),
        (404, {"status": "error", "data": {"message": "Ролик не найден"}}, NotFound),
        (404, {"message": "No query results for model [Record] 5"}, NotFound),
        (404, {"message": "The route apiCalls/create could not be found."}, NotOffered),
        (404, {"message": "Not Found"}, NotOffered),
        (404, {"message": ""}, NotOffered),
        (405, {"message": "Method not allowed"}, NotOffered),
        (422, LARAVEL, BadRequest),
        (400, {"status": "error", "data": LARAVEL}, BadRequest),
        (400, {"status": "error", "data": LARAVEL["errors"]}, BadRequest),
        (200, {"status": "error", "data": ["что-то", "не так"]}, Refused),
        (200, {"error": "нельзя"}, Refused),
        (200, {"success": False, "message": "нельзя"}, Refused),
        (413, {}, Refused),
    ],
)
def test_a_refusal_says_what_to_do_next(service, status, data, kind):
    answer(service, "create", data, status=status)
    with pytest.raises(Refused) as caught:
        make_client().create(make_order())
    assert type(caught.value) is kind
    assert len(service.calls) == 1


def test_a_web_page_instead_of_a_method_means_it_is_not_offered(service):
    service.post(f"{BASE}/getPhones", body="<html>404</html>", status=404)
    with pytest.raises(NotOffered):
        make_client().get_phones()
    assert len(service.calls) == 1


def test_field_errors_are_kept_by_field(service):
    answer(service, "create", LARAVEL, status=422)
    with pytest.raises(BadRequest) as caught:
        make_client().create(make_order())
    assert caught.value.fields == {"phones.0": "Номер неверен", "record": "Нет; ролика"}
    assert caught.value.words == "The given data was invalid."


def test_what_breaks_a_limit_is_not_sent(service):
    with pytest.raises(Invalid) as caught:
        make_client().create(make_order("7900"))
    assert caught.value.field == "phones"
    assert not service.calls


def test_get_puts_few_ids_into_the_address_and_the_body(service):
    answer(service, "get", wrapped([{"id": 1, "calls": []}]))
    (call,) = make_client().get([1, 2, 1])
    assert call.id == 1
    query = parse_qs(urlsplit(service.calls[0].request.url).query)
    assert query == {"apiCallIdList[]": ["1", "2"]}
    assert sent(service)["apiCallIdList"] == [1, 2]


def test_get_splits_many_ids_and_keeps_the_address_short(service):
    answer(service, "get", wrapped([]))
    make_client().get(range(1, 5002))
    assert [len(sent(service, number)["apiCallIdList"]) for number in (0, 1)] == [5000, 1]
    assert max(len(call.request.url) for call in service.calls) < 4000


def test_get_of_no_ids_asks_nothing_and_get_of_none_asks_for_all(service):
    assert make_client().get([]) == []
    assert not service.calls
    answer(service, "get", {"id": "5"})
    assert [call.id for call in make_client().get()] == [5]
    assert "apiCallIdList" not in sent(service)


def test_a_question_is_repeated_after_trouble_but_only_a_few_times(service):
    answer(service, "userInfo", {}, status=502)
    answer(service, "userInfo", {}, status=429)
    answer(service, "userInfo", wrapped({"id": "3", "balance": "1 234,50"}))
    info = make_client().user_info()
    assert (info.id, info.balance) == (3, Decimal("1234.50"))
    answer(service, "getRecords", "nonsense")
    with pytest.raises(OutcomeUnknown):
        make_client().get_records()
    assert len(service.calls) == 6


def test_a_pause_longer_than_the_deadline_is_handed_to_the_caller(service):
    answer(service, "userInfo", {}, status=429, headers={"Retry-After": "60"})
    with pytest.raises(TooFast) as caught:
        make_client().user_info()
    assert caught.value.retry_after == 60
    assert len(service.calls) == 1


def test_phones_and_records_are_read_in_every_shape(service):
    answer(
        service,
        "getPhones",
        wrapped(
            [
                {"phone": 74950000001, "enable": "1"},
                {"phone": "74950000002", "enable": False},
                "74950000003",
                {"nothing": 1},
            ]
        ),
    )
    phones = make_client().get_phones()
    assert [(phone.phone, phone.is_confirmed) for phone in phones] == [
        ("74950000001", True),
        ("74950000002", False),
        ("74950000003", None),
    ]
    answer(service, "getRecords", [{"id": "5", "name": "Привет", "need_moderation": "0"}])
    (record,) = make_client().get_records()
    assert (record.id, record.name, record.needs_moderation) == (5, "Привет", False)


def test_create_record_sends_a_text_with_the_gender_only_when_given(service):
    answer(service, "createRecord", wrapped({"id": 9, "status": "ok", "needModeration": 1}))
    record = make_client().create_record("Привет", text="Здравствуйте")
    assert (record.id, record.status, record.needs_moderation) == (9, "ok", True)
    assert sent(service) == {
        "apiKey": KEY,
        "name": "Привет",
        "source": "text",
        "text": "Здравствуйте",
    }
    make_client().create_record("Привет", text="Здравствуйте", gender=1)
    assert sent(service, 1)["gender"] == 1


def test_a_bare_record_whose_own_status_is_error_is_still_a_record(service):
    answer(service, "createRecord", {"id": 9, "status": "error", "moderatorComment": "плохо"})
    record = make_client().create_record("Привет", text="Здравствуйте")
    assert (record.status, record.moderator_comment) == ("error", "плохо")


@pytest.mark.parametrize(
    "fields",
    [{"text": ""}, {"text": "я" * 1025}, {"text": "да", "gender": 2}, {"name": " ", "text": "да"}],
)
def test_create_record_checks_before_it_sends(service, fields):
    with pytest.raises(Invalid):
        make_client().create_record(fields.pop("name", "Привет"), **fields)
    assert not service.calls


def test_a_record_is_a_text_or_a_file_and_not_both(service):
    with pytest.raises(Invalid):
        make_client().create_record("Привет", text="да", file=io.BytesIO(b"x"))
    assert not service.calls


@pytest.mark.parametrize("data", [wrapped(None), wrapped([]), wrapped(True)])
def test_remove_record_may_answer_with_no_record(service, data):
    answer(service, "removeRecord", data)
    assert make_client().remove_record(9) is None
    assert sent(service)["id"] == 9


def test_remove_record_reads_the_documented_answer(service):
    answer(service, "removeRecord", {"id": 9, "deletedAt": "1763890000"})
    assert make_client().remove_record(9).deleted_at.timestamp() == 1763890000
