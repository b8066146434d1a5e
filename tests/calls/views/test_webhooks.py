"""The service's news are stored before they are answered; rubbish and strangers do no harm."""

import json
import uuid

import pytest
from django.test import Client
from django.urls import reverse

from calls.models import WebhookEvent
from calls.services import intake
from calls.views import webhooks
from tests.calls.makers import NOW, make_call
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


def test_news_may_only_be_posted():
    for url in (status_url(make_account()), step_url(make_account())):
        assert Client().get(url).status_code == 405


def test_an_account_that_was_switched_off_still_hears_of_its_calls():
    assert post(status_url(make_account(is_active=False))).status_code == 200


def test_when_it_cannot_be_stored_it_is_not_answered_200(monkeypatch):
    def fail(*_args, **_fields):
        raise RuntimeError("the disk is full")

    monkeypatch.setattr(intake, "store", fail)
    client = Client(raise_request_exception=False)
    url = status_url(make_account())
    assert client.post(url, BODY, content_type="application/json").status_code == 500


# The log page


def test_an_admin_reads_what_came_word_for_word_and_without_its_markup(admin):
    call = make_call()
    intake.store(call.campaign.account, "status", b"<script>x</script>", order_token=None, now=NOW)
    page = admin.get(reverse("calls:webhooks")).content.decode()
    assert "&lt;script&gt;x" in page
    assert "<script>x" not in page


def test_the_list_alone_is_one_element_for_htmx(admin):
    answer = admin.get(reverse("calls:webhooks"), headers={"HX-Request": "true"})
    part = answer.content.decode().strip()
    assert part.startswith('<section id="webhooks"')
    assert "<html" not in part


def test_a_problem_is_shown_beside_its_event(admin):
    account = make_account()
    intake.store(account, "status", json.dumps({"a": 1}).encode(), order_token=None, now=NOW)
    intake.fold_due(now=NOW)
    assert WebhookEvent.objects.get().problem in admin.get("/settings/webhooks/").content.decode()


def test_the_log_costs_the_same_for_many(admin, django_assert_max_num_queries):
    account = make_account()
    for _ in range(60):
        intake.store(account, "status", BODY, order_token=None, now=NOW)
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
