"""Contacts become calls once each, whatever happens in between."""

from collections import Counter
from datetime import timedelta
from itertools import count

import pytest

from calls.models import BlockedPhone, Call, CallEvent, Campaign, Contact, ContactList
from calls.services import blocking, lists, preparing, steering
from calls.services.list_launching import launch_plan
from calls.services.preparing import prepare_due, prepare_next, variant_of
from tests.calls.lists import make_contact, make_list, make_plan, text_message
from tests.calls.makers import NOW, counts_hold, make_campaign, make_order, make_phones
from tests.factories import make_account

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def small(monkeypatch):
    """Portions of three, so that few contacts are several portions."""
    monkeypatch.setattr(preparing, "CHUNK", 3)


def launch(contacts=1, **fields) -> Campaign:
    return launch_plan(make_plan(contacts, **fields), actor=None, now=NOW)


def prepare(campaign: Campaign) -> Campaign:
    prepare_due(clock=lambda: NOW, rest=0)
    campaign.refresh_from_db()
    return campaign


def phones(campaign) -> list[str]:
    return sorted(campaign.calls.values_list("phone", flat=True))


def test_every_contact_becomes_a_planned_call_and_the_campaign_runs():
    mine = make_list([{"name": "Анна", "zone": "Asia/Omsk"}, {"zone": ""}, {}, {}])
    campaign = prepare(launch(contact_list=mine))
    assert campaign.state == Campaign.State.RUNNING
    assert phones(campaign) == sorted(mine.contacts.values_list("phone", flat=True))
    call = campaign.calls.get(zone="Asia/Omsk")
    assert (call.name, call.variant, call.attempt, call.text) == ("Анна", "a", 1, "")
    assert (call.stage, call.planned_at, call.created_at) == ("planned", NOW, NOW)
    assert (campaign.people, campaign.total, campaign.waiting) == (4, 4, 4)
    assert counts_hold(campaign)


def test_a_row_written_by_hand_is_like_one_of_the_orm():
    campaign = prepare(launch())
    mine = campaign.calls.get()
    other = Call.objects.create(
        campaign=campaign, phone="79000000000", planned_at=NOW, changed_at=NOW
    )
    other.refresh_from_db()
    own = {"id", "phone", "created_at", "zone"}
    names = {field.attname for field in Call._meta.concrete_fields} - own
    assert {name: getattr(mine, name) for name in names} == {
        name: getattr(other, name) for name in names
    }


def test_each_call_has_one_line_on_its_timeline():
    make_campaign(2)
    campaign = prepare(launch(7))
    events = CallEvent.objects.filter(call__campaign=campaign)
    assert sorted(events.values_list("call", flat=True)) == sorted(
        campaign.calls.values_list("pk", flat=True)
    )
    assert set(events.values_list("kind", "at")) == {("planned", NOW)}
    assert events.first().details == {}


def test_calls_wait_for_the_planned_start():
    later = NOW + DAY
    assert prepare(launch(starts_at=later)).calls.get().planned_at == later


def test_who_came_into_the_list_after_the_launch_is_not_called():
    mine = make_list(2)
    campaign = launch(contact_list=mine)
    make_contact(mine)
    assert prepare(campaign).total == 2


def test_who_was_removed_from_the_list_after_the_launch_is_not_called():
    mine = make_list(4)
    campaign = launch(contact_list=mine)
    prepare_next(campaign.pk, now=NOW)
    Contact.objects.latest("pk").delete()
    assert prepare(campaign).total == 3


def test_what_has_changed_since_the_launch_counts():
    rows = make_phones(6)
    mine = make_list([{"phone": phone, "сумма": "5"} for phone in rows])
    text = "Банк: {сумма}"
    campaign = launch(contact_list=mine, text=text, skip_called_days=7)
    blocking.block(rows[:1], source=BlockedPhone.Source.HAND)
    Contact.objects.filter(phone=rows[1]).update(consent_on=None)
    rung = make_order([rows[2]]).calls
    rung.update(sent_at=NOW - DAY)
    Contact.objects.filter(phone=rows[3]).update(variables={})
    Contact.objects.filter(phone=rows[4]).update(variables={"сумма": "5" * 1100})
    campaign = prepare(campaign)
    assert phones(campaign) == [rows[5]]
    assert campaign.set_aside == {
        "blocked": 1,
        "no_consent": 1,
        "called_lately": 1,
        "no_value": 1,
        "too_long": 1,
    }
    assert (campaign.people, campaign.total) == (1, 1)
    assert counts_hold(campaign)


def test_a_block_for_this_campaign_counts_and_one_for_another_does_not():
    rows = make_phones(2)
    campaign = launch(rows)
    for phone, owner in zip(rows, (campaign, make_campaign()), strict=True):
        blocking.block([phone], source=BlockedPhone.Source.KEY, campaign=owner)
    assert phones(prepare(campaign)) == rows[1:]


def test_without_a_consent_people_are_called_where_it_is_waived_or_not_needed():
    rows = [{"consent_on": None}]
    assert prepare(launch(rows, consent_waiver="договор")).total == 1
    assert prepare(launch(rows, purpose="emergency")).total == 1


def test_a_rehearsal_sets_nobody_aside_where_real_people_are_rung():
    rows = make_phones(1)
    real = make_account(base_url="https://calls.example/apiCalls", use_duty_phone=True)
    rehearsal, campaign = (
        launch(rows, account=account, skip_called_days=7)
        for account in (make_account(use_duty_phone=True), real)
    )
    make_order(rows)
    assert (prepare(rehearsal).total, prepare(campaign).total) == (0, 1)


def test_a_consent_of_a_day_to_come_is_none():
    rows = [{"consent_on": (NOW + timedelta(days=1)).date()}, {"consent_on": NOW.date()}]
    campaign = prepare(launch(rows))
    assert (campaign.total, campaign.set_aside) == (1, {"no_consent": 1})


def test_a_text_with_values_is_filled_for_each():
    rows = [{"name": "Анна", "сумма": "5"}, {"name": "Пётр", "сумма": "7"}]
    campaign = prepare(launch(rows, text="Банк: {Имя}, {Сумма} ₽"))
    texts = sorted(campaign.calls.values_list("text", flat=True))
    assert texts == ["Банк: Анна, 5 ₽", "Банк: Пётр, 7 ₽"]


def test_when_nobody_is_left_the_campaign_is_over():
    rows = make_phones(2)
    campaign = launch(rows)
    blocking.block(rows, source=BlockedPhone.Source.HAND)
    campaign = prepare(campaign)
    assert (campaign.state, campaign.total) == (Campaign.State.DONE, 0)
    assert campaign.set_aside == {"blocked": 2}


def test_of_two_messages_each_person_gets_one_and_always_the_same():
    rows = [{"сумма": "5"}] * 30
    plan = make_plan(rows, messages=(text_message(), text_message("Банк: {сумма}")))
    campaign = prepare(launch_plan(plan, actor=None, now=NOW))
    counted = Counter(campaign.calls.values_list("variant", flat=True))
    assert set(counted) == {"a", "b"}
    kept = dict(campaign.variants.values_list("letter", "people"))
    assert kept == dict(counted)
    for call in campaign.calls.all():
        assert call.variant == variant_of(campaign.pk, call.phone)
        assert call.text == ("Банк: 5" if call.variant == "b" else "")


def test_both_texts_must_do_for_a_person_or_the_groups_would_not_be_alike():
    rows = [{"а": "1", "б": "1"}] * 3 + [{"а": "1"}] * 4 + [{"б": "1"}] * 4
    plan = make_plan(rows, messages=(text_message("Банк {а}"), text_message("Банк {б}")))
    campaign = prepare(launch_plan(plan, actor=None, now=NOW))
    assert (campaign.total, campaign.set_aside) == (3, {"no_value": 8})


def test_the_split_is_even_by_chance_and_another_one_in_another_campaign():
    numbers = [f"7900{number:07d}" for number in range(10_000)]
    first, second = ([variant_of(pk, phone) for phone in numbers] for pk in (1, 2))
    assert 4_800 < first.count("a") < 5_200
    same = sum(one == other for one, other in zip(first, second, strict=True))
    assert 4_800 < same < 5_200


def test_a_worker_killed_in_a_portion_loses_and_doubles_nothing(monkeypatch):
    campaign = launch(8)
    prepare_next(campaign.pk, now=NOW)

    def killed(*args):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(preparing, "_insert_events", killed)
        with pytest.raises(KeyboardInterrupt):
            prepare_next(campaign.pk, now=NOW)
    campaign.refresh_from_db()
    assert campaign.calls.count() == campaign.total == 3
    campaign = prepare(campaign)
    assert campaign.calls.count() == campaign.total == 8
    assert CallEvent.objects.count() == 8
    assert counts_hold(campaign)


def test_of_two_workers_with_the_same_portion_one_writes_it(monkeypatch):
    campaign = launch(7)
    real = preparing._sorted

    def somebody_is_faster(*args):
        monkeypatch.setattr(preparing, "_sorted", real)
        assert prepare_next(campaign.pk, now=NOW) == 3
        return real(*args)

    monkeypatch.setattr(preparing, "_sorted", somebody_is_faster)
    assert prepare_next(campaign.pk, now=NOW) == 0
    campaign.refresh_from_db()
    assert (campaign.total, campaign.calls.count()) == (3, 3)
    assert counts_hold(prepare(campaign))
    assert campaign.total == 7


def test_stopping_while_it_is_prepared_writes_no_further_call():
    campaign = launch(7)
    prepare_next(campaign.pk, now=NOW)
    steering.stop(campaign, actor=None, now=NOW)
    campaign = prepare(campaign)
    assert campaign.state != Campaign.State.RUNNING
    assert campaign.total == 3
    assert set(campaign.calls.values_list("stage", flat=True)) == {"taken_back"}
    assert counts_hold(campaign)


def test_stopping_between_reading_and_writing_writes_nothing(monkeypatch):
    campaign = launch(2)
    real = preparing._sorted

    def stops(*args):
        steering.stop(campaign, actor=None, now=NOW)
        return real(*args)

    monkeypatch.setattr(preparing, "_sorted", stops)
    assert prepare_next(campaign.pk, now=NOW) == 0
    assert not Call.objects.exists()


@pytest.mark.parametrize("forget", [True, False])
def test_who_is_taken_out_between_reading_and_writing_is_not_called(monkeypatch, forget):
    campaign = launch(3)
    gone = Contact.objects.order_by("pk")[1]
    real = preparing._sorted

    def taken_out_meanwhile(*args):
        monkeypatch.setattr(preparing, "_sorted", real)
        portion = real(*args)
        if forget:
            lists.remove_contact(gone.phone, actor=None, now=NOW)
        else:
            lists.take_out(gone, actor=None)
        return portion

    monkeypatch.setattr(preparing, "_sorted", taken_out_meanwhile)
    prepare(campaign)
    assert campaign.calls.count() == 2
    assert gone.phone not in phones(campaign)
    assert counts_hold(campaign)


def test_stopping_at_the_very_end_is_no_error(monkeypatch):
    campaign = launch(1)
    prepare_next(campaign.pk, now=NOW)
    real = steering.prepared

    def stopped_first(prepared, *, now):
        steering.stop(campaign, actor=None, now=now)
        real(prepared, now=now)

    monkeypatch.setattr(steering, "prepared", stopped_first)
    assert prepare(campaign).state != Campaign.State.RUNNING
    assert set(campaign.calls.values_list("stage", flat=True)) == {"taken_back"}


def test_trouble_with_one_campaign_does_not_stop_the_others(monkeypatch, caplog):
    broken, sound = launch(2), launch(2)
    real = preparing.prepare_next

    def breaks(pk, *, now):
        if pk == broken.pk:
            raise RuntimeError
        return real(pk, now=now)

    monkeypatch.setattr(preparing, "prepare_next", breaks)
    assert prepare(sound).state == Campaign.State.RUNNING
    assert f"preparing campaign {broken.pk} failed" in caplog.text


def test_campaigns_take_turns():
    large, small_one = launch(9), launch(1)
    seconds = count()
    prepare_due(clock=lambda: NOW + timedelta(seconds=next(seconds)), rest=0)
    large.refresh_from_db()
    small_one.refresh_from_db()
    assert small_one.total == 1
    assert 0 < large.total < 9


def test_a_pass_ends_in_time_and_the_next_goes_on():
    campaign = launch(9)
    seconds = count(0, 3)
    assert prepare_due(clock=lambda: NOW + timedelta(seconds=next(seconds)), rest=0) == 3
    assert prepare(campaign).total == 9


def test_a_list_deleted_while_its_campaign_runs_harms_nothing():
    mine = make_list([{"name": "Анна"}, {}])
    campaign = prepare(launch(contact_list=mine))
    lists.remove(mine, actor=None, now=NOW)
    while ContactList.objects.exists():
        lists.remove_due(now=NOW)
    campaign.refresh_from_db()
    assert (campaign.contact_list, campaign.list_name) == (None, mine.name)
    assert set(campaign.calls.values_list("stage", flat=True)) == {"planned"}
    assert campaign.calls.filter(name="Анна").exists()
    assert counts_hold(campaign)


def test_preparing_asks_the_database_as_often_for_many_as_for_few(
    monkeypatch, django_assert_max_num_queries
):
    monkeypatch.setattr(preparing, "CHUNK", 1000)
    campaign = launch([{"сумма": "5"}] * 200, text="Банк {сумма}", skip_called_days=3)
    with django_assert_max_num_queries(14):
        assert prepare_next(campaign.pk, now=NOW) == 200
