"""Rows written together: every kind of value arrives as ``save()`` would have written it."""

from datetime import timedelta
from decimal import Decimal

import pytest

from calls.models import Call, CallEvent, Order
from obzvon_site.common import bulk
from tests.calls.makers import NOW, make_campaign, make_order

pytestmark = pytest.mark.django_db
VALUES = {
    "text": "Приходите «завтра», 100 % 'да'\n\\n {}",
    "is_final": True,
    "cost": Decimal("2.50"),
    "sent_at": NOW + timedelta(microseconds=5),
    "sync_at": None,
    "service_order_id": 2**63 - 1,
    "attempt": 7,
}


def test_every_kind_of_value_is_kept_as_it_is():
    call, other = make_campaign(2).calls.order_by("pk")
    rows = [
        (call.pk, VALUES),
        (other.pk, {**VALUES, "text": "NULL", "cost": None, "is_final": False}),
    ]
    assert bulk.update_each(Call, rows, list(VALUES)) == 2
    for pk, values in rows:
        row = Call.objects.get(pk=pk)
        assert {name: getattr(row, name) for name in VALUES} == values
    # As the database compares them, too.
    assert Call.objects.get(cost=Decimal("2.5"), is_final=True, sent_at=VALUES["sent_at"]) == call


def test_a_row_that_says_something_else_by_now_is_left_alone():
    order = make_order(2)
    calls = list(order.calls.order_by("pk"))
    Call.objects.filter(pk=calls[0].pk).update(cost="1.20")
    rows = [(call.pk, {"stage": "accepted"}) for call in calls]
    names = ("cost", "order", "sent_at", "is_final", "status")
    for first, number in ((None, 1), (Decimal("1.2"), 1)):
        seen = [{name: getattr(call, name) for name in names} for call in calls]
        for one in seen:
            one["order"] = order.pk
        seen[0]["cost"] = first
        assert bulk.update_each(Call, rows[:2], ["stage"], seen=seen, guards=names) == number + (
            first is not None
        )


def test_a_key_that_is_no_number_and_json_are_written_too():
    order = make_order(1)
    call = order.calls.get()
    details = {"reason": "«так»", "list": [1, None, 2.5], "at": {"a": "б"}}
    bulk.insert_all(
        CallEvent, ("call", "kind", "at", "details"), [(call.pk, "status", NOW, details)] * 2
    )
    found = CallEvent.objects.filter(call=call, kind="status", at=NOW)
    assert [event.details for event in found] == [details] * 2
    rows = [(order.pk, {"token": make_order(1).token})]
    Order.objects.exclude(pk=order.pk).update(token="0" * 32)
    assert bulk.update_each(Order, rows, ["token"]) == 1
    assert Order.objects.get(token=rows[0][1]["token"]) == order


def test_what_all_rows_have_alike_is_written_and_looked_at_once(django_assert_num_queries):
    calls = list(make_campaign(3).calls.order_by("pk"))
    Call.objects.filter(pk=calls[0].pk).update(stage="expired")
    rows = [(call.pk, {"service_order_id": call.pk}) for call in calls]
    same = {"stage": "accepted", "sync_at": NOW, "cost": None}
    with django_assert_num_queries(1):
        still = {"stage": "planned"}
        assert bulk.update_each(Call, rows, ["service_order_id"], same=same, still=still) == 2
    written = Call.objects.filter(stage="accepted", sync_at=NOW, cost=None)
    assert dict(written.values_list("pk", "service_order_id")) == {c.pk: c.pk for c in calls[1:]}
    details = {"reason": "«так»"}
    line = {"kind": "status", "at": NOW, "details": details}
    with django_assert_num_queries(1):
        bulk.insert_all(CallEvent, ["call"], [(call.pk,) for call in calls], same=line)
    found = CallEvent.objects.filter(kind="status", at=NOW).order_by("call")
    assert [(event.call_id, event.details) for event in found] == [(c.pk, details) for c in calls]


def test_any_number_of_keys_is_one_argument(django_assert_num_queries):
    calls = list(make_campaign(3).calls.order_by("pk"))[:2]
    keys = [*(call.pk for call in calls), 2**63 - 1, *range(10**9, 10**9 + 40_000)]
    with django_assert_num_queries(1):
        found = list(Call.objects.filter(pk__in=bulk.listed_keys(keys)).order_by("pk"))
    assert found == calls
    assert not Call.objects.filter(pk__in=bulk.listed_keys([])).exists()


def test_any_number_of_texts_is_one_argument(django_assert_num_queries):
    calls = make_campaign(3).calls.order_by("pk")
    phones = [call.phone for call in calls][:2]
    texts = [*phones, "'", "\\", '"', *(str(number) for number in range(3000))]
    with django_assert_num_queries(1):
        found = list(Call.objects.filter(phone__in=bulk.listed(texts)).order_by("pk"))
    assert [call.phone for call in found] == phones
    assert not Call.objects.filter(phone__in=bulk.listed([])).exists()


def test_what_turns_out_the_same_in_every_row_is_told_once(django_assert_num_queries):
    calls = list(make_campaign(3).calls.order_by("pk"))
    same = {"status": "busy", "cost": Decimal("2.50"), "finished_at": NOW, "sync_at": None}
    rows = [(call.pk, {**same, "service_call_id": call.pk}) for call in calls]
    seen = [{"cost": None, "stage": "planned", "sync_at": call.sync_at} for call in calls]
    names, guards = [*same, "service_call_id"], ["cost", "stage", "sync_at"]
    with django_assert_num_queries(1) as asked:
        assert bulk.update_each(Call, rows, names, seen=seen, guards=guards) == 3
    assert asked[0]["sql"].count("busy") == 1
    for call in Call.objects.all():
        kept = {name: getattr(call, name) for name in names}
        assert kept == {**same, "service_call_id": call.pk}
    assert bulk.update_each(Call, rows, names, seen=seen, guards=guards) == 0


def test_nothing_to_write_is_no_statement(django_assert_num_queries):
    with django_assert_num_queries(0):
        assert bulk.update_each(Call, [], ["stage"]) == 0
        bulk.insert_all(CallEvent, ("call",), [])
