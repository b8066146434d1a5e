import pytest

from obzvon_site.accounts.models import AuditEvent, User
from obzvon_site.accounts.services import people
from tests.factories import make_user


def test_an_invited_person_has_a_role_and_no_password(db):
    actor = make_user(role="admin")
    person = people.invite(User(username="new"), "manager", actor=actor)
    assert person.role == "manager"
    assert not person.has_usable_password()
    assert AuditEvent.objects.get().details == {"role": "manager"}


def test_a_link_is_for_one_person_and_is_not_in_the_audit(db):
    person = make_user()
    link = people.password_link(person, actor=None)
    assert link.startswith("/password/")
    token = link.rstrip("/").split("/")[-1]
    event = AuditEvent.objects.get()
    assert event.verb == "person.link_made"
    assert token not in f"{event.subject}{event.details}"


def test_a_role_takes_the_place_of_another(db):
    person = make_user(role="operator")
    people.change_role(person, "manager", actor=None)
    assert [group.name for group in User.objects.get().groups.all()] == ["manager"]
    assert AuditEvent.objects.get().details == {"before": "operator", "after": "manager"}


def test_the_same_role_is_no_change(db):
    people.change_role(make_user(role="admin"), "admin", actor=None)
    assert not AuditEvent.objects.exists()


def test_the_last_admin_cannot_be_demoted(db):
    admin = make_user(role="admin")
    make_user(role="admin", is_active=False)
    with pytest.raises(people.LastAdmin):
        people.change_role(admin, "operator", actor=admin)
    assert User.objects.get(pk=admin.pk).role == "admin"


def test_the_last_admin_cannot_be_deactivated(db):
    admin = make_user(role="admin")
    with pytest.raises(people.LastAdmin):
        people.deactivate(admin, actor=admin)
    admin.refresh_from_db()
    assert admin.is_active


def test_of_two_admins_who_remove_each_other_the_second_fails(db):
    first, second = make_user(role="admin"), make_user(role="admin")
    seen_by_first = User.objects.prefetch_related("groups").get(pk=second.pk)
    seen_by_second = User.objects.prefetch_related("groups").get(pk=first.pk)
    people.deactivate(seen_by_first, actor=first)
    with pytest.raises(people.LastAdmin):
        people.change_role(seen_by_second, "operator", actor=second)
    assert list(User.objects.admins()) == [first]


def test_the_admins_are_counted_behind_a_lock(db, monkeypatch):
    first, _second = make_user(role="admin"), make_user(role="admin")
    order = []
    real_lock, real_spare = people._locked_admins, people._spare
    monkeypatch.setattr(people, "_locked_admins", lambda: (order.append("lock"), real_lock())[1])
    monkeypatch.setattr(people, "_spare", lambda p: (order.append("count"), real_spare(p))[1])
    people.deactivate(first, actor=None)
    people.activate(first, actor=None)
    people.change_role(first, "operator", actor=None)
    assert order == ["lock", "count", "lock", "count"]


def test_an_operator_can_always_be_deactivated_and_let_in_again(db):
    person = make_user(role="operator")
    assert people.deactivate(person, actor=None)
    assert not people.deactivate(person, actor=None)
    assert people.activate(person, actor=None)
    person.refresh_from_db()
    assert person.is_active
    assert AuditEvent.objects.count() == 2
