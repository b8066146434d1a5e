"""Pages that appear when something is wrong."""

import logging
import re

from django.template import TemplateDoesNotExist
from django.test import Client, RequestFactory

from obzvon_site import errors


def test_our_own_fault_has_a_code_that_stands_in_the_log(caplog):
    with caplog.at_level(logging.ERROR):
        answer = errors.server_error(RequestFactory().get("/calls/"))
    assert answer.status_code == 500
    code = re.search(r"Код ([0-9A-F]{4}) пригодится", answer.content.decode())[1]
    assert f"code {code}: GET /calls/" in caplog.text


def test_our_own_fault_is_said_even_when_templates_are_broken(monkeypatch):
    def broken(*_arguments):
        raise TemplateDoesNotExist("500.html")

    monkeypatch.setattr(errors, "render_to_string", broken)
    answer = errors.server_error(RequestFactory().get("/"))
    assert answer.status_code == 500
    assert re.search(r"[0-9A-F]{4}$", answer.content.decode())


def test_our_own_fault_needs_no_database(django_db_blocker):
    with django_db_blocker.block():
        assert errors.server_error(RequestFactory().get("/")).status_code == 500


def test_a_crash_of_a_view_ends_on_that_page(operator, monkeypatch):
    def crash(_request):
        raise RuntimeError("broken")

    monkeypatch.setattr("obzvon_site.gallery.timezone.now", lambda: crash(None))
    operator.raise_request_exception = False
    answer = operator.get("/ui/")
    assert answer.status_code == 500
    assert "пригодится поддержке" in answer.content.decode()


def test_an_address_that_is_not_there(operator):
    answer = operator.get("/nowhere/")
    assert answer.status_code == 404
    assert "Такой страницы нет" in answer.content.decode()


def test_a_page_of_another_role_says_whom_to_ask(manager):
    answer = manager.get("/settings/people/")
    assert answer.status_code == 403
    assert "попросите администратора" in answer.content.decode()


def test_a_form_from_an_old_page_says_that_nothing_was_sent(db):
    answer = Client(enforce_csrf_checks=True).post("/login/", {"username": "a", "password": "b"})
    assert answer.status_code == 403
    assert "Ничего не отправлено" in answer.content.decode()
