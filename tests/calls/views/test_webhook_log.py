"""The log of webhooks: found by filters, read safely, folded again without doubling anything."""

from datetime import timedelta

import pytest
from django.urls import reverse

from calls.models import Call, WebhookEvent
from calls.services import intake
from calls.views import webhooks
from obzvon_site.accounts.models import AuditEvent
from tests.calls.makers import NOW, counts_hold, make_call
from tests.calls.services.test_intake import body, take

pytestmark = pytest.mark.django_db
LOG = "/settings/webhooks/"


def shown(client, **asked) -> set[int]:
    page = client.get(LOG, asked)
    return {event.pk for event in page.context["page"].rows}


def test_filters_find_by_account_state_kind_and_call(admin):
    call, other = make_call(), make_call()
    first, second = take(call, body(call)), take(other, body(other))
    broken = take(call, b"<html>", kind="step")
    assert shown(admin) == {first.pk, second.pk, broken.pk}
    assert shown(admin, account=call.campaign.account_id) == {first.pk, broken.pk}
    assert shown(admin, state="broken") == {broken.pk}
    assert shown(admin, kind="status") == {first.pk, second.pk}
    assert shown(admin, call=other.pk) == {second.pk}
    assert shown(admin, call=other.service_order_id) == {second.pk}
    assert shown(admin, call="x", state="nonsense") == set()
    assert "Ничего не нашлось" in admin.get(LOG, {"call": "123456789"}).content.decode()


def test_an_event_is_read_without_its_markup_and_leads_to_its_calls(admin):
    call = make_call()
    event = take(call, body(call, comment="<script>x</script>"))
    page = admin.get(event.get_absolute_url()).content.decode()
    assert "&lt;script&gt;x" in page
    assert "<script>x" not in page
    assert call.get_absolute_url() in page


@pytest.mark.parametrize("content", [b"[" * 5000, b"\xff\x00", b"", b'{"a": "\\ud800"}'])
def test_any_body_can_be_looked_at(admin, content):
    event = take(make_call(), content)
    assert admin.get(event.get_absolute_url()).status_code == 200


def test_phones_are_hidden_from_who_may_not_see_calls():
    text, _ = webhooks.pretty('{"phone": "79001112233", "id": 7000000001112}', with_phones=False)
    assert "79001112233" not in text
    assert "7000000001112" in text


def test_a_long_body_is_cut(admin):
    event = take(make_call(), b'"' + b"x" * 200_000 + b'"')
    page = admin.get(event.get_absolute_url()).content.decode()
    assert "Показано только начало" in page
    assert len(page) < 150_000


def test_one_is_folded_again_when_its_call_is_known(admin):
    call = make_call()
    event = take(call, body(call, number=999_999))
    Call.objects.filter(pk=call.pk).update(service_order_id=999_999)
    admin.post(reverse("calls:webhook-replay", args=[event.pk]))
    event.refresh_from_db()
    call.refresh_from_db()
    assert (event.state, call.status) == ("folded", "finished")
    assert counts_hold(call.campaign)
    assert AuditEvent.objects.filter(verb="webhook.replayed").count() == 1


@pytest.mark.parametrize("kind", ["status", "step"])
def test_folding_a_folded_one_again_changes_nothing(admin, kind):
    call = make_call()
    said = body(call)
    if kind == "step":
        said = b'{"call": {"phone": "%s", "answer": 1}}' % call.phone.encode()
    event = take(call, said, kind=kind)
    before = list(Call.objects.values()), list(call.events.values())
    admin.post(reverse("calls:webhook-replay", args=[event.pk]))
    event.refresh_from_db()
    assert event.state == "folded"
    assert (list(Call.objects.values()), list(call.events.values())) == before
    assert counts_hold(call.campaign)


def test_all_of_a_filter_that_came_to_nothing_are_folded_again(admin):
    call = make_call()
    folded = take(call, body(call))
    lost = take(call, body(call, number=999_999))
    broken = take(call, b"<html>")
    page = admin.get(LOG + "replay/").content.decode()
    assert "2 неразобранных вебхука" in page
    admin.post(LOG + "replay/?state=unmatched")
    states = {event.pk: event.state for event in WebhookEvent.objects.all()}
    assert states == {folded.pk: "folded", lost.pk: "new", broken.pk: "broken"}
    intake.fold_due(now=NOW + timedelta(minutes=1))
    lost.refresh_from_db()
    assert lost.state == "unmatched"


def test_a_refused_one_has_no_body_to_fold(admin):
    call = make_call()
    intake.refuse(call.campaign.account_id, "status", "8.8.8.8", now=NOW)
    event = WebhookEvent.objects.get()
    admin.post(reverse("calls:webhook-replay", args=[event.pk]))
    event.refresh_from_db()
    assert event.state == "refused"
    assert "8.8.8.8" in admin.get(event.get_absolute_url()).content.decode()


@pytest.mark.parametrize("role", ["operator", "manager"])
def test_others_neither_read_nor_fold_again(request, role):
    client, event = request.getfixturevalue(role), take(make_call(), b"{}")
    assert client.get(event.get_absolute_url()).status_code == 403
    assert client.post(LOG + "replay/").status_code == 403
    assert client.post(reverse("calls:webhook-replay", args=[event.pk])).status_code == 403
