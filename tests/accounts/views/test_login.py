from datetime import timedelta

import pytest
from axes.models import AccessAttempt
from django.contrib.auth import get_user
from django.test import Client
from django.urls import reverse

from obzvon_site.accounts.models import AuditEvent, User
from obzvon_site.accounts.services import people
from tests.factories import make_user

LOGIN = "/login/"
RIGHT = {"username": "olga", "password": "pass-word-1"}
WRONG = {**RIGHT, "password": "not-it"}
FRESH = "Fresh-word-22"


@pytest.fixture
def olga(db) -> User:
    return make_user(username="olga")


def test_the_right_pair_opens_the_page_asked_for(client, olga):
    answer = client.post(LOGIN, {**RIGHT, "next": "/records/?q=1"})
    assert (answer.status_code, answer.url) == (302, "/records/?q=1")
    assert get_user(client) == olga


def test_the_page_asked_for_is_kept_in_the_form(client, db):
    page = client.get(f"{LOGIN}?next=/calls/").content.decode()
    assert 'name="next" value="/calls/"' in page


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example/", "javascript:alert(1)", ""]
)
def test_another_site_is_not_the_next_page(client, olga, target):
    answer = client.post(LOGIN, {**RIGHT, "next": target})
    assert answer.url == "/"


@pytest.mark.parametrize(
    "pair",
    [WRONG, {"username": "nobody", "password": "pass-word-1"}],
    ids=["wrong password", "unknown name"],
)
def test_a_wrong_pair_has_one_message(client, olga, pair):
    answer = client.post(LOGIN, pair)
    assert answer.status_code == 422
    assert "Имя или пароль не подошли" in answer.content.decode()


def test_a_closed_person_gets_the_same_message(client, olga):
    User.objects.update(is_active=False)
    answer = client.post(LOGIN, RIGHT)
    assert answer.status_code == 422
    assert "Имя или пароль не подошли" in answer.content.decode()


def test_whoever_is_signed_in_passes_by(client, olga):
    client.force_login(olga)
    assert client.get(f"{LOGIN}?next=/calls/").url == "/calls/"


def test_the_login_takes_no_other_method(client, db):
    assert client.put(LOGIN).status_code == 405


def test_the_password_never_comes_back(client, olga):
    assert WRONG["password"] not in client.post(LOGIN, WRONG).content.decode()


def test_a_form_without_a_token_is_refused(olga):
    assert Client(enforce_csrf_checks=True).post(LOGIN, RIGHT).status_code == 403


def test_five_wrong_tries_close_the_login_and_say_for_how_long(client, olga, settings):
    settings.AXES_ENABLED = True
    for _ in range(4):
        assert client.post(LOGIN, WRONG).status_code == 422
    answer = client.post(LOGIN, WRONG)
    assert answer.status_code == 429
    assert "через 15 минут" in answer.content.decode()
    assert client.post(LOGIN, RIGHT).status_code == 429
    assert not get_user(client).is_authenticated


def test_the_time_left_runs_down_and_tries_do_not_wind_it_up(client, olga, settings):
    settings.AXES_ENABLED = True
    for _ in range(5):
        client.post(LOGIN, WRONG)
    attempt = AccessAttempt.objects.get()
    AccessAttempt.objects.update(attempt_time=attempt.attempt_time - timedelta(minutes=11))
    assert "через 4 минут" in client.post(LOGIN, WRONG).content.decode()
    assert "через 4 минут" in client.post(LOGIN, WRONG).content.decode()


def test_after_the_time_the_login_opens_again(client, olga, settings):
    settings.AXES_ENABLED = True
    for _ in range(5):
        client.post(LOGIN, WRONG)
    attempt = AccessAttempt.objects.get()
    AccessAttempt.objects.update(attempt_time=attempt.attempt_time - timedelta(minutes=16))
    assert client.post(LOGIN, RIGHT).status_code == 302


def test_another_person_is_not_locked_with_them(client, olga, settings):
    settings.AXES_ENABLED = True
    make_user(username="ivan")
    for _ in range(5):
        client.post(LOGIN, WRONG)
    assert client.post(LOGIN, {**RIGHT, "username": "ivan"}).status_code == 302


def test_a_post_signs_out_and_a_get_does_not(operator):
    assert operator.get("/logout/").status_code == 405
    assert get_user(operator).is_authenticated
    assert operator.post("/logout/").url == LOGIN
    assert not get_user(operator).is_authenticated


def test_the_password_is_changed_and_the_session_stays(operator):
    data = {"old_password": "pass-word-1", "new_password1": FRESH, "new_password2": FRESH}
    assert operator.post("/password/", data).url == "/profile/"
    person = get_user(operator)
    assert person.check_password(FRESH)
    assert AuditEvent.objects.get().verb == "person.password_changed"


@pytest.mark.parametrize(
    "change",
    [
        {"old_password": "no"},
        {"new_password2": "other"},
        {"new_password1": "1", "new_password2": "1"},
    ],
)
def test_a_bad_new_password_changes_nothing(operator, change):
    data = {"old_password": "pass-word-1", "new_password1": FRESH, "new_password2": FRESH}
    assert operator.post("/password/", data | change).status_code == 422
    assert get_user(operator).check_password("pass-word-1")


def test_the_password_page_needs_a_login(client, db):
    assert client.get("/password/").url == f"{LOGIN}?next=/password/"


def test_an_invited_person_chooses_a_password_by_the_link_once(client, db):
    person = people.invite(User(username="new"), "operator", actor=None)
    link = people.password_link(person, actor=None)
    form = client.get(link, follow=True)
    data = {"new_password1": FRESH, "new_password2": FRESH}
    assert client.post(form.redirect_chain[-1][0], data).url == LOGIN
    assert client.post(LOGIN, {"username": "new", "password": FRESH}).status_code == 302
    assert "уже использована" in Client().get(link).content.decode()


def test_a_made_up_link_opens_nothing(client, olga):
    url = reverse("accounts:set-password", args=["MQ", "abc-def"])
    assert "уже использована" in client.get(url).content.decode()
