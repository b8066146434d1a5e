"""Lists and the people in them."""

from datetime import date, timedelta

import pytest

from calls import campaign_report
from calls.models import BadRow, Call, Campaign, Contact, ContactList, ListImport
from calls.services import folding, importing, ledger, lists, outcomes, repeating
from calls.services.cards import Card
from obzvon_site.accounts.models import AuditEvent
from tests.calls.makers import (
    NOW,
    api_call,
    created,
    make_call,
    make_campaign,
    make_order,
    news,
)
from tests.calls.makers import counts_hold as campaign_counts_hold
from tests.calls.services.imports.makers import counts_hold, done, many, upload

pytestmark = pytest.mark.django_db


def make_list(name="Список", **fields):
    return lists.create(name, actor=None, now=NOW, **fields)


def test_a_list_has_a_name_and_tags():
    made = make_list(tags=["должники", "ноябрь"])
    assert made.tag_list == ["должники", "ноябрь"]
    lists.change(made, name="Другой", tags=["ноябрь"], actor=None)
    made.refresh_from_db()
    assert (made.name, made.tag_list) == ("Другой", ["ноябрь"])
    assert list(ContactList.objects.tagged("ноябрь")) == [made]
    assert AuditEvent.objects.get(verb="list.changed").details["changed"]["name"] == [
        "Список",
        "Другой",
    ]


def test_a_change_that_changes_nothing_is_no_event():
    made = make_list(tags=["а"])
    lists.change(made, name="Список", tags=["а"], actor=None)
    assert not AuditEvent.objects.filter(verb="list.changed").exists()


def test_a_removed_list_goes_with_all_that_is_in_it(monkeypatch):
    monkeypatch.setattr(lists, "CHUNK", 7)
    imported = done("тел\n" + many(20) + "12\n13\n")
    waiting = upload(many(3), contact_list=imported.contact_list)
    kept = done(many(2))
    path = waiting.file.path
    lists.remove(imported.contact_list, actor=None, now=NOW)
    assert not ContactList.objects.shown().filter(pk=imported.contact_list_id).exists()
    waiting.refresh_from_db()
    assert waiting.state == "canceled"
    assert lists.remove_due(now=NOW) == 22
    assert not ContactList.objects.filter(pk=imported.contact_list_id).exists()
    assert not BadRow.objects.exists()
    assert not importing.storing.Path(path).exists()
    assert Contact.objects.count() == 2
    assert lists.remove_due(now=NOW) == 0
    assert ListImport.objects.get() == kept


def test_a_pass_of_removing_ends_and_the_next_goes_on(monkeypatch):
    monkeypatch.setattr(lists, "CHUNK", 3)
    monkeypatch.setattr(lists, "_PASS", 2)
    owner = done(many(10)).contact_list
    lists.remove(owner, actor=None, now=NOW)
    assert [lists.remove_due(now=NOW) for _ in range(3)] == [6, 4, 0]
    assert not ContactList.objects.exists()


def test_a_list_is_removed_once():
    made = make_list()
    lists.remove(made, actor=None, now=NOW)
    with pytest.raises(lists.Removed):
        lists.remove(made, actor=None, now=NOW)


def test_a_list_stays_while_a_campaign_is_being_made_of_it():
    made, campaign = make_list(), make_campaign()
    state = Campaign.State.PREPARING
    Campaign.objects.filter(pk=campaign.pk).update(contact_list=made, state=state, name="Долги")
    with pytest.raises(lists.InUse, match="«Долги»"):
        lists.remove(made, actor=None, now=NOW)
    Campaign.objects.update(state=Campaign.State.RUNNING)
    lists.remove(made, actor=None, now=NOW)
    lists.remove_due(now=NOW)
    campaign.refresh_from_db()
    assert campaign.contact_list is None


def test_uploads_that_nobody_went_on_with_are_forgotten():
    old, new = upload(many(2)), upload(many(3), now=NOW + timedelta(days=2))
    path = old.file.path
    lists.remove_due(now=NOW + timedelta(days=8))
    old.refresh_from_db()
    new.refresh_from_db()
    assert (old.state, new.state) == ("canceled", "uploaded")
    assert not importing.storing.Path(path).exists()


def test_a_person_is_added_and_taken_out_by_hand():
    owner = make_list()
    card = Card(name="Иван", consent_on=date(2026, 1, 1), variables={"сумма": "100"})
    contact = lists.add_contact(owner, "79123456789", card, actor=None)
    assert counts_hold(owner)
    assert (owner.total, owner.without_zone, owner.without_consent) == (1, 1, 0)
    with pytest.raises(lists.AlreadyThere):
        lists.add_contact(owner, "79123456789", Card(), actor=None)
    lists.take_out(contact, actor=None)
    assert counts_hold(owner)
    assert owner.total == 0


def test_a_forgotten_person_is_in_no_list_and_in_no_word_of_a_call():
    call = make_call(now=NOW)
    Call.objects.filter(pk=call.pk).update(name="Иван", text="Иван, заплатите")
    first = done(f"тел;имя;долг\n{call.phone};Иван;5\n79991112233;Анна;7\n")
    second = done(f"{call.phone};Ваня\n8{call.phone[1:4]} {call.phone[4:]};Иван Второй\n")
    assert lists.remove_contact(call.phone, actor=None, now=NOW) == 2
    assert not Contact.objects.filter(phone=call.phone).exists()
    call.refresh_from_db()
    assert (call.name, call.text, call.phone) == ("", "", call.phone)
    assert BadRow.objects.get().cells == []
    assert counts_hold(first.contact_list)
    assert counts_hold(second.contact_list)
    assert AuditEvent.objects.get(verb="contact.forgotten").details == {"lists": 2}


def test_a_forgotten_person_is_not_called_any_more():
    campaign = make_campaign(2)
    phone = campaign.calls.first().phone
    Call.objects.update(name="Иван", text="Иван!")
    lists.remove_contact(phone, actor=None, now=NOW)
    told = {call.phone: (call.stage, call.name, call.text) for call in campaign.calls.all()}
    assert told.pop(phone) == ("taken_back", "", "")
    assert list(told.values()) == [("planned", "Иван", "Иван!")]
    assert campaign_counts_hold(campaign)


def test_a_call_that_comes_back_after_its_person_was_forgotten_goes_out_no_more():
    order = make_order(2)
    campaign, call = order.campaign, order.calls.order_by("pk").first()
    Call.objects.update(name="Иван", text="Иван!")
    lists.remove_contact(call.phone, actor=None, now=NOW)
    outcomes.take_back(order, NOW)
    told = {row.phone: (row.stage, row.name, row.text) for row in campaign.calls.all()}
    assert told.pop(call.phone) == ("taken_back", "", "")
    assert list(told.values()) == [("planned", "Иван", "Иван!")]
    assert campaign_counts_hold(campaign)


def test_a_call_prepared_while_its_person_was_being_forgotten_is_taken_back(monkeypatch):
    campaign = make_campaign(1)
    Campaign.objects.update(state=Campaign.State.PREPARING)
    phone = campaign.calls.get().phone
    campaign.calls.all().delete()
    real = lists._forget_bad_rows

    def prepared_meanwhile(phone: str) -> None:
        real(phone)
        call = Call(campaign=campaign, phone=phone, planned_at=NOW, name="Анна", text="Анна!")
        ledger.plan(campaign, [call], now=NOW)

    monkeypatch.setattr(lists, "_forget_bad_rows", prepared_meanwhile)
    lists.remove_contact(phone, actor=None, now=NOW)
    call = campaign.calls.get()
    assert (call.stage, call.name, call.text) == ("taken_back", "", "")


def test_a_refused_call_of_a_forgotten_person_is_not_repeated():
    order = make_order(2)
    campaign, call = order.campaign, order.calls.order_by("pk").first()
    refused = dict.fromkeys(order.calls.values_list("phone", flat=True), "Занято")
    outcomes.created(order, created({}, refused), lambda: NOW)
    lists.remove_contact(call.phone, actor=None, now=NOW)
    assert campaign_report.failures(Campaign.objects.get(pk=campaign.pk)).repeatable == 1
    cause = campaign.calls.first().error
    assert repeating.repeat(campaign, cause, actor=None, now=NOW) == 1
    assert campaign.calls.filter(phone=call.phone).count() == 1
    assert campaign_counts_hold(campaign)


def test_no_attempt_follows_the_call_that_a_forgotten_person_is_in():
    call = make_call()
    retries = {"busy": [2, 15, False]}
    Campaign.objects.filter(pk=call.campaign_id).update(retries=retries)
    lists.remove_contact(call.phone, actor=None, now=NOW)
    folding.fold(call, api_call(call, news("busy", after=60)), now=NOW)
    assert Call.objects.filter(phone=call.phone).count() == 1
    assert campaign_counts_hold(call.campaign)
