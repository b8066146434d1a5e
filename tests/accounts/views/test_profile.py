import pytest
from django.contrib.auth import get_user

from obzvon_site.accounts.models import User

MINE = {"first_name": "Ольга", "last_name": "С", "language": "ru", "theme": "dark"}


def test_a_person_changes_their_own_tastes(operator):
    assert operator.post("/profile/", MINE).url == "/profile/"
    person = get_user(operator)
    assert (person.first_name, person.theme, person.letter_shortcuts) == ("Ольга", "dark", False)


def test_a_language_that_is_not_there_is_refused(operator):
    assert operator.post("/profile/", MINE | {"language": "xx"}).status_code == 422
    assert get_user(operator).language == "ru"


def test_a_phone_is_kept_as_eleven_digits_and_shown_as_people_write_it(operator):
    assert "Мой телефон" in operator.get("/profile/").content.decode()
    operator.post("/profile/", MINE | {"phone": "8 (912) 345-67-89"})
    assert get_user(operator).phone == "79123456789"
    assert "+7 (912) 345-67-89" in operator.get("/profile/").content.decode()
    assert operator.post("/profile/", MINE | {"phone": "12"}).status_code == 422
    assert get_user(operator).phone == "79123456789"
    operator.post("/profile/", MINE | {"phone": ""})
    assert get_user(operator).phone == ""


def test_the_profile_gives_no_rights(operator):
    operator.post("/profile/", MINE | {"is_superuser": "on", "is_staff": "on", "role": "admin"})
    person = get_user(operator)
    assert (person.is_superuser, person.is_staff, person.role) == (False, False, "operator")


def test_the_profile_needs_a_login(client, db):
    assert client.get("/profile/").status_code == 302
    assert client.post("/profile/theme/", {"theme": "dark"}).status_code == 302


@pytest.mark.parametrize("own", ["ru", "en"])
def test_the_persons_language_wins_over_the_browsers(operator, own):
    User.objects.update(language=own)
    other = {"ru": "en", "en": "ru"}[own]
    answer = operator.get("/profile/", headers={"accept-language": other})
    assert answer.headers["Content-Language"] == own


def test_before_anything_is_chosen_the_language_is_ours(client, db, settings):
    answer = client.get("/login/", headers={"accept-language": "en"})
    assert answer.headers["Content-Language"] == "ru"
    client.cookies["django_language"] = "xx"
    assert client.get("/login/").headers["Content-Language"] == "ru"
    settings.LANGUAGE_CODE = "en"
    assert client.get("/login/").headers["Content-Language"] == "en"


def test_a_language_chosen_above_the_login_stays_with_the_person(client, operator, settings):
    client.post("/i18n/setlang/", {"language": "en", "next": "/login/"})
    assert client.get("/login/").headers["Content-Language"] == "en"
    client.post("/login/", {"username": "operator", "password": "pass-word-1"})
    assert get_user(client).language == "en"
    assert not client.cookies["django_language"].value


def test_a_theme_is_kept_and_htmx_gets_nothing_to_swap(operator):
    answer = operator.post("/profile/theme/", {"theme": "dark"}, headers={"hx-request": "true"})
    assert answer.status_code == 204
    assert get_user(operator).theme == "dark"


def test_without_scripts_the_theme_leads_back(operator):
    data = {"theme": "light", "next": "/records/"}
    assert operator.post("/profile/theme/", data).url == "/records/"
    data["next"] = "https://evil.example/"
    assert operator.post("/profile/theme/", data).url == "/profile/"


def test_an_unknown_theme_is_refused(operator):
    assert operator.post("/profile/theme/", {"theme": "pink"}).status_code == 400
    assert operator.get("/profile/theme/").status_code == 405
    assert get_user(operator).theme == "auto"


def test_a_language_is_kept_and_leads_back_to_the_page(operator):
    answer = operator.post("/profile/language/", {"language": "en", "next": "/records/?q=1"})
    assert answer.url == "/records/?q=1"
    assert get_user(operator).language == "en"


def test_without_a_page_named_the_referrer_is_where_to_go_back(operator):
    here = "http://testserver/calls/"
    answer = operator.post("/profile/language/", {"language": "en"}, headers={"referer": here})
    assert answer.url == here
    there = {"referer": "https://evil.example/"}
    assert operator.post("/profile/language/", {"language": "ru"}, headers=there).url == "/profile/"


def test_an_unknown_language_is_refused(operator):
    assert operator.post("/profile/language/", {"language": "xx"}).status_code == 400
    assert operator.get("/profile/language/").status_code == 405
    assert get_user(operator).language == "ru"
