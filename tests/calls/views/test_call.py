"""One call: what happened, what it cost, its recording."""

import re
from datetime import timedelta
from decimal import Decimal

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse
from django.utils import timezone

from calls.models import Call, CallEvent
from calls.services import ledger
from tests.accounts.makers import make_exchange
from tests.calls.makers import make_call, make_campaign, make_recording


def text_of(answer) -> str:
    return re.sub(r"\s+", " ", answer.content.decode()).replace("\u00a0", " ")


def finish(call: Call, **fields) -> Call:
    fields = {
        "status": "finished",
        "is_final": True,
        "started_at": call.created_at,
        "answered_at": call.created_at + timedelta(seconds=9),
        "finished_at": call.created_at + timedelta(seconds=40),
        "cost": Decimal("2.50"),
        **fields,
    }
    Call.objects.filter(pk=call.pk).update(**fields)
    call.refresh_from_db()
    return call


def progress_of(call: Call) -> str:
    return reverse("calls:call-progress", args=[call.pk])


def test_a_call_tells_whom_how_and_for_how_much(operator):
    call = finish(make_call(name="Опрос"), ivr_answers="|2|1|")
    said = text_of(operator.get(call.get_absolute_url()))
    for text in ("Опрос", "Состоялся", "2,50 ₽", "0:31", "<kbd>2</kbd>", "Позвонить ещё раз"):
        assert text in said


def test_a_live_call_is_asked_about_until_it_is_final(operator):
    call = make_call()
    Call.objects.update(status="answered")
    part = operator.get(progress_of(call)).content.decode().strip()
    assert part.startswith('<div id="call-progress"')
    assert 'hx-trigger="every 3s"' in part
    assert f'hx-get="{progress_of(call)}"' in part
    finish(call)
    assert "hx-trigger" not in operator.get(progress_of(call)).content.decode()


def test_the_calls_page_holds_the_bytes_of_its_fragment(operator):
    call = make_call()
    part = operator.get(progress_of(call)).content.decode().strip()
    assert part in operator.get(call.get_absolute_url()).content.decode()


def test_an_unchanged_call_answers_304(operator):
    call = make_call()
    first = operator.get(progress_of(call))
    again = operator.get(progress_of(call), headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert first["Cache-Control"] == "private, no-cache"
    finish(call)
    changed = operator.get(progress_of(call), headers={"If-None-Match": first["ETag"]})
    assert changed.status_code == 200


def test_a_call_costs_few_queries(operator, django_assert_max_num_queries):
    call = make_call()
    with django_assert_max_num_queries(8):
        operator.get(progress_of(call))


def test_a_refused_call_says_why(operator):
    campaign = make_campaign(1)
    call = campaign.calls.get()
    Call.objects.update(stage="refused", is_final=True, error="Номер не обслуживается")
    assert "Номер не обслуживается" in text_of(operator.get(call.get_absolute_url()))


def test_a_doubtful_call_says_that_it_will_not_be_sent_again(operator):
    call = make_campaign(1).calls.get()
    Call.objects.update(stage="unknown")
    assert "второй раз не отправим" in text_of(operator.get(call.get_absolute_url()))


def test_an_unknown_status_is_shown_in_the_services_own_word(operator):
    call = make_call()
    Call.objects.update(status="<b>teleported</b>")
    said = text_of(operator.get(call.get_absolute_url()))
    assert "Неизвестно: «&lt;b&gt;teleported&lt;/b&gt;»" in said


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"is_final": False}, "Появится после разговора"),
        ({"recording_at": timezone.now(), "recording_url": "http://x"}, "Запись готовится"),
        ({}, "Записи нет"),
    ],
)
def test_the_place_of_a_recording_says_how_it_is(operator, fields, said):
    call = finish(make_call(), **fields)
    assert said in text_of(operator.get(progress_of(call)))


def test_a_recording_that_nobody_ordered_is_said_so(operator):
    call = finish(make_call(need_recording=False))
    assert "Запись не заказывали" in text_of(operator.get(progress_of(call)))


def with_recording(call: Call, content: bytes = b"RIFF0123456789") -> Call:
    make_recording(finish(call), content)
    return call


def recording_of(call: Call) -> str:
    return reverse("calls:call-recording", args=[call.pk])


def test_a_recording_is_played_through_us(operator):
    call = with_recording(make_call())
    assert f'src="{recording_of(call)}"' in text_of(operator.get(progress_of(call)))
    answer = operator.get(recording_of(call))
    assert (answer.status_code, answer["Content-Type"]) == (200, "audio/wav")
    assert answer.getvalue() == b"RIFF0123456789"


def test_a_player_may_jump(operator):
    call = with_recording(make_call())
    answer = operator.get(recording_of(call), headers={"Range": "bytes=4-6"})
    assert (answer.status_code, answer.getvalue()) == (206, b"012")
    assert answer["Content-Range"] == "bytes 4-6/14"
    assert operator.get(recording_of(call), headers={"Range": "bytes=99-"}).status_code == 416


def test_no_recording_is_not_found(operator):
    assert operator.get(recording_of(make_call())).status_code == 404


def test_a_recording_needs_its_own_right(client, django_user_model):
    call = with_recording(make_call())
    person = django_user_model.objects.create_user("viewer", password="pass-word-1")
    person.user_permissions.add(Permission.objects.get(codename="view_call"))
    client.force_login(person)
    assert client.get(recording_of(call)).status_code == 403
    said = text_of(client.get(call.get_absolute_url()))
    assert recording_of(call) not in said
    assert "Слушать записи вам нельзя" in said


def test_the_address_at_the_service_is_never_shown(admin):
    call = finish(make_call(), recording_url="https://secret.example/token/1.wav")
    assert "secret.example" not in text_of(admin.get(call.get_absolute_url()))


def test_the_raw_exchange_is_for_those_who_may_see_it(admin, operator):
    call = make_call()
    make_exchange(call.campaign.account, subject=call.order.subject, request='{"phones": "raw"}')
    make_exchange(call.campaign.account, subject="order:999999", request='{"other": "raw"}')
    assert "{&quot;phones&quot;" in text_of(admin.get(call.get_absolute_url()))
    assert "{&quot;other&quot;" not in text_of(admin.get(call.get_absolute_url()))
    assert "{&quot;phones&quot;" not in text_of(operator.get(call.get_absolute_url()))


def test_an_answer_to_a_step_is_on_the_timeline(operator):
    call = make_call()
    CallEvent.objects.create(
        call=call, kind="step", at=timezone.now(), details={"answer": "да", "parameters": {"a": 1}}
    )
    said = text_of(operator.get(progress_of(call)))
    assert "Ответ абонента" in said
    assert "да · a: 1" in said


def test_the_timeline_follows_the_ledger(operator):
    campaign = make_campaign(1)
    call = campaign.calls.get()
    ledger.move(call, Call.Stage.TAKEN_BACK, now=timezone.now())
    said = text_of(operator.get(call.get_absolute_url()))
    assert said.index("Поставлен в очередь") < said.rindex("Отменён")


@pytest.mark.parametrize("name", ["call", "call-progress", "call-recording"])
def test_a_call_is_looked_at_with_get_alone(operator, name):
    call = make_call()
    assert operator.post(reverse(f"calls:{name}", args=[call.pk])).status_code == 405
