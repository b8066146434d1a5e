"""The service's news are stored before they are answered; rubbish and strangers do no harm."""

import json
import uuid
from io import BytesIO

import pytest
from django.test import Client
from django.urls import reverse
from gunicorn.http.body import Body, ChunkedReader
from gunicorn.http.unreader import IterUnreader

from calls.models import WebhookEvent
from calls.services import intake
from calls.views import webhooks
from obzvon_site.accounts.models import AuditEvent
from obzvon_site.accounts.services import hooks
from tests.calls.makers import NOW
from tests.factories import make_account

pytestmark = pytest.mark.django_db
BODY = b'{"apiCalls": []}'


def status_url(account, token=None) -> str:
    return reverse("calls:hook-status", args=[account.webhook_token, token or uuid.uuid4()])


def step_url(account) -> str:
    return reverse("calls:hook-step", args=[account.webhook_token])


def post(url, body=BODY, **headers):
    return Client(enforce_csrf_checks=True).post(
        url, body, content_type="application/json", headers=headers
    )


def test_news_are_kept_exactly_and_answered_200():
    account, token = make_account(), uuid.uuid4()
    answer = post(status_url(account, token))
    assert (answer.status_code, answer.content) == (200, b"ok")
    event = WebhookEvent.objects.get()
    assert (event.account, event.order_token, event.kind) == (account, token, "status")
    assert (event.body, event.state) == (BODY.decode(), "new")


def test_a_step_is_kept_without_an_order():
    account = make_account()
    assert post(step_url(account), b'{"call": {}}').status_code == 200
    event = WebhookEvent.objects.get()
    assert (event.order_token, event.kind) == (None, "step")


@pytest.mark.parametrize("body", [b"", b"<html>", b"\xff\x00\xfe", b"phone=7&answer=1"])
def test_what_cannot_be_read_is_kept_and_answered_200(body):
    assert post(status_url(make_account()), body).status_code == 200
    assert WebhookEvent.objects.count() == 1


def test_the_addresses_are_those_that_the_service_is_given(settings):
    account, token = make_account(), uuid.uuid4()
    settings.PUBLIC_URL = "https://calls.example"
    assert account.status_webhook_url(token) == settings.PUBLIC_URL + status_url(account, token)
    assert account.step_webhook_url() == settings.PUBLIC_URL + step_url(account)


@pytest.mark.parametrize(
    "path",
    [
        "/hooks/nobody/step/",
        "/hooks/%00/step/",
        "/hooks/nobody/status/5e0ff4c5-2b3a-4a0e-9c3f-0d6f3c1d7f11/",
        "/hooks/nobody/status/5/",
    ],
)
def test_an_unknown_address_is_not_found_and_stores_nothing(path):
    assert post(path).status_code == 404
    assert not WebhookEvent.objects.exists()


def test_a_body_of_the_limit_is_taken_and_a_bigger_one_is_not():
    url = status_url(make_account())
    assert post(url, b"1" * webhooks.MAX_BYTES).status_code == 200
    assert post(url, b"1" * (webhooks.MAX_BYTES + 1)).status_code == 413
    assert len(WebhookEvent.objects.get().body) == webhooks.MAX_BYTES


@pytest.mark.parametrize("size", [10, webhooks.MAX_BYTES, webhooks.MAX_BYTES + 1, 5 * 10**6])
def test_a_body_in_chunks_is_taken_whole_or_not_at_all(size):
    """No length is promised: only the server knows where the body ends."""
    stream = {"wsgi.input": Drops(b"1" * size), "wsgi.input_terminated": True}
    stream |= {"HTTP_TRANSFER_ENCODING": "chunked", "CONTENT_LENGTH": ""}
    answer = Client().generic("POST", status_url(make_account()), b"", **stream)
    is_taken = size <= webhooks.MAX_BYTES
    assert answer.status_code == (200 if is_taken else 413)
    assert [len(event.body) for event in WebhookEvent.objects.all()] == [size] * is_taken


class Drops(BytesIO):
    """A stream that gives less than it is asked for."""

    def read(self, size=-1):
        return super().read(min(size, 65_536))


@pytest.mark.parametrize(
    "chunks", [b"5\r\nab", b"5\r\nabcde\r\n", b"zz\r\nabcde\r\n", b"2\r\nabcde\r\n0\r\n\r\n"]
)
def test_chunks_that_break_off_or_are_none_are_incomplete(chunks):
    body = Body(ChunkedReader(None, IterUnreader([chunks])))
    stream = {"wsgi.input": body, "wsgi.input_terminated": True}
    stream |= {"HTTP_TRANSFER_ENCODING": "chunked", "CONTENT_LENGTH": ""}
    answer = Client().generic("POST", status_url(make_account()), b"", **stream)
    assert answer.status_code == 400
    assert not WebhookEvent.objects.exists()


@pytest.mark.parametrize(("promised", "code"), [("9" * 400, 413), ("50", 400), ("-5", 200)])
def test_a_length_that_lies_is_no_trouble(promised, code):
    stream = {"wsgi.input": BytesIO(BODY), "CONTENT_LENGTH": promised}
    answer = Client().generic("POST", status_url(make_account()), b"", **stream)
    assert answer.status_code == code
    assert WebhookEvent.objects.count() == (code == 200)


def test_a_webhook_costs_one_question_and_one_row_then_the_row_alone(django_assert_num_queries):
    url = status_url(make_account())
    with django_assert_num_queries(2):
        post(url)
    with django_assert_num_queries(1):
        post(url)


def test_an_old_address_is_taken_too(admin):
    account = make_account()
    old = status_url(account)
    page = admin.get(f"/settings/accounts/{account.pk}/webhook/").content.decode()
    assert "не меньше 7 дней" in page
    admin.post(f"/settings/accounts/{account.pk}/webhook/")
    account.refresh_from_db()
    assert status_url(account) != old
    hooks.forget()
    assert [post(url).status_code for url in (old, status_url(account))] == [200, 200]
    assert AuditEvent.objects.filter(verb="account.webhook_renewed").exists()


@pytest.mark.parametrize("role", ["operator", "manager"])
def test_others_do_not_renew_an_address(request, role):
    client, account = request.getfixturevalue(role), make_account()
    assert client.post(f"/settings/accounts/{account.pk}/webhook/").status_code == 403


@pytest.mark.parametrize(
    ("address", "code"), [("203.0.113.7", 200), ("::ffff:203.0.113.7", 200), ("8.8.8.8", 403)]
)
def test_with_a_list_of_networks_only_they_are_heard(address, code):
    account = make_account(webhook_networks="203.0.113.0/24")
    url = status_url(account)
    for _ in range(2):
        answer = Client(REMOTE_ADDR=address).post(url, BODY, content_type="application/json")
        assert answer.status_code == code
    if code == 403:
        event = WebhookEvent.objects.get()
        assert (event.state, event.source, event.times, event.body) == ("refused", address, 2, "")


def test_a_neighbours_address_is_kept_without_its_interface():
    """PostgreSQL's type of addresses knows none; only Django's own cleaning saved us from it."""
    url = status_url(make_account(webhook_networks="203.0.113.0/24"))
    client = Client(REMOTE_ADDR="fe80::1%eth0")
    assert client.post(url, BODY, content_type="application/json").status_code == 403
    assert WebhookEvent.objects.get().source == "fe80::1"


@pytest.mark.parametrize(
    ("behind", "header", "code"),
    [
        (False, "203.0.113.7", 403),
        (True, "203.0.113.7", 200),
        (True, "203.0.113.7, 8.8.8.8", 403),
        (True, "8.8.8.8, 203.0.113.7", 200),
        (True, "", 403),
        (True, "nonsense", 403),
    ],
)
def test_a_header_is_believed_behind_a_proxy_alone_and_its_last_hop(settings, behind, header, code):
    settings.BEHIND_PROXY = behind
    url = status_url(make_account(webhook_networks="203.0.113.7"))
    assert post(url, **{"X-Forwarded-For": header}).status_code == code


def test_news_may_only_be_posted():
    for url in (status_url(make_account()), step_url(make_account())):
        assert Client().get(url).status_code == 405


def test_an_account_that_was_switched_off_still_hears_of_its_calls():
    assert post(status_url(make_account(is_active=False))).status_code == 200


def test_networks_are_checked_when_they_are_written(admin):
    account = make_account()
    page = admin.get(account.get_absolute_url())
    fields = {
        name: value
        for name, value in page.context["form"].initial.items()
        if value not in {None, False}
    }
    wrong = admin.post(account.get_absolute_url(), {**fields, "webhook_networks": "10.0.0.0/33"})
    assert wrong.status_code == 422
    right = {**fields, "webhook_networks": " 10.0.0.1 \n\n2001:db8::/32"}
    admin.post(account.get_absolute_url(), right)
    account.refresh_from_db()
    assert account.webhook_networks == "10.0.0.1/32\n2001:db8::/32"


def test_when_it_cannot_be_stored_it_is_not_answered_200(monkeypatch):
    def fail(*_args, **_fields):
        raise RuntimeError("the disk is full")

    monkeypatch.setattr(intake, "store", fail)
    client = Client(raise_request_exception=False)
    url = status_url(make_account())
    assert client.post(url, BODY, content_type="application/json").status_code == 500


# The log page


def test_the_list_alone_is_one_element_for_htmx(admin):
    answer = admin.get(reverse("calls:webhooks"), headers={"HX-Request": "true"})
    part = answer.content.decode().strip()
    assert part.startswith('<section id="webhooks"')
    assert "<html" not in part


def test_a_problem_is_shown_beside_its_event(admin):
    account = make_account()
    intake.store(account.pk, "status", json.dumps({"a": 1}).encode(), order_token=None, now=NOW)
    intake.fold_due(now=NOW)
    assert WebhookEvent.objects.get().problem in admin.get("/settings/webhooks/").content.decode()


def test_the_log_costs_the_same_for_many(admin, django_assert_max_num_queries):
    account = make_account()
    for _ in range(60):
        intake.store(account.pk, "status", BODY, order_token=None, now=NOW)
    with django_assert_max_num_queries(10):
        page = admin.get("/settings/webhooks/").content.decode()
    assert page.count('id="webhook-') == 50


@pytest.mark.parametrize("role", ["operator", "manager"])
def test_others_may_not_read_the_log(request, role):
    client = request.getfixturevalue(role)
    assert client.get("/settings/webhooks/").status_code == 403


def test_strangers_are_asked_to_sign_in_and_the_log_takes_no_post(admin):
    assert Client().get("/settings/webhooks/").status_code == 302
    assert admin.post("/settings/webhooks/").status_code == 405
