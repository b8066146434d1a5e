import pytest
from django.contrib.auth import get_user
from django.test import Client

from obzvon_site.accounts.models import AuditEvent, User
from tests.factories import make_user

LIST = "/settings/people/"
NEW = "/settings/people/new/"
INVITED = {"username": "new", "first_name": "Новый", "language": "ru", "role": "manager"}


def page_of(person: User) -> str:
    return f"{LIST}{person.pk}/"


def test_the_list_shows_names_and_roles(admin):
    make_user(username="ivan", first_name="Иван", role="manager")
    page = admin.get(LIST).content.decode()
    assert "Иван" in page
    assert "Менеджер" in page


def test_the_list_asks_the_database_as_much_for_many(admin, django_assert_max_num_queries):
    for _ in range(10):
        make_user()
    with django_assert_max_num_queries(8):
        admin.get(LIST)


def test_an_invitation_shows_its_link_once(admin):
    answer = admin.post(NEW, INVITED)
    person = User.objects.get(username="new")
    assert answer.url == page_of(person)
    assert person.role == "manager"
    first, second = admin.get(answer.url), admin.get(answer.url)
    assert "http://testserver/password/" in first.content.decode()
    assert "no-store" in first.headers["Cache-Control"]
    assert "/password/" not in second.content.decode().replace('href="/password/"', "")


@pytest.mark.parametrize("change", [{"username": ""}, {"username": "ADMIN"}, {"role": "god"}])
def test_a_bad_invitation_invites_nobody(admin, change):
    assert admin.post(NEW, INVITED | change).status_code == 422
    assert User.objects.count() == 1


def test_an_invitation_gives_no_other_rights(admin):
    admin.post(NEW, INVITED | {"is_superuser": "on", "is_staff": "on", "password": "x"})
    person = User.objects.get(username="new")
    assert (person.is_superuser, person.is_staff) == (False, False)
    assert not person.has_usable_password()


def test_a_role_is_changed(admin):
    person = make_user(role="operator")
    assert admin.post(page_of(person), {"role": "manager"}).url == page_of(person)
    assert User.objects.get(pk=person.pk).role == "manager"


def test_an_unknown_role_is_refused(admin):
    person = make_user()
    assert admin.post(page_of(person), {"role": "god"}).status_code == 422


def test_the_last_admin_stays_and_is_told_why(admin):
    me = get_user(admin)
    answer = admin.post(page_of(me), {"role": "operator"})
    assert answer.status_code == 422
    assert "последний администратор" in answer.content.decode()
    answer = admin.post(f"{page_of(me)}active/", {"is_active": "0"}, follow=True)
    assert "последний администратор" in answer.content.decode()
    assert get_user(admin).role == "admin"


def test_a_closed_door_ends_open_sessions(admin):
    person = make_user()
    theirs = Client()
    theirs.force_login(person)
    admin.post(f"{page_of(person)}active/", {"is_active": "0"})
    assert theirs.get("/profile/").status_code == 302
    admin.post(f"{page_of(person)}active/", {"is_active": "1"})
    assert User.objects.get(pk=person.pk).is_active


def test_a_new_link_is_made_and_noted(admin):
    person = make_user()
    assert admin.post(f"{page_of(person)}link/").url == page_of(person)
    assert AuditEvent.objects.get().verb == "person.link_made"
    assert "http://testserver/password/" in admin.get(page_of(person)).content.decode()


@pytest.mark.parametrize("part", ["", "link/", "active/"])
def test_an_admin_by_role_cannot_touch_a_superuser(admin, part):
    above = User.objects.create_superuser("root", password="pass-word-1")
    assert admin.post(page_of(above) + part, {"role": "operator"}).status_code == 403
    assert not AuditEvent.objects.exists()


def test_only_admins_see_and_change_people(operator, manager):
    person = make_user()
    for part in ("", "link/", "active/"):
        assert operator.post(page_of(person) + part).status_code == 403
        assert manager.post(page_of(person) + part).status_code == 403
    for url in (LIST, NEW):
        assert operator.get(url).status_code == 403
        assert manager.get(url).status_code == 403


def test_deeds_are_posts(admin):
    person = make_user()
    assert admin.get(f"{page_of(person)}link/").status_code == 405
    assert admin.get(f"{page_of(person)}active/").status_code == 405


def test_a_person_who_is_not_there(admin):
    assert admin.get(f"{LIST}987654/").status_code == 404
