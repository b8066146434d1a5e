"""The log of webhooks in a browser: found, read and folded again by keyboard, on a phone too."""

import sqlite3
from contextlib import closing

import pytest
import requests
from playwright.sync_api import expect

from tests.installation import wait_for
from tests.pages.conftest import faults_of

BODIES = [b'<html><script>alert("x")</script>', b'{"apiCalls": [{"id": 987654321, "calls": []}]}']
OUT = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.fixture(scope="module")
def posted(installation):
    """One that cannot be read, and one of a call that nobody knows."""
    with closing(sqlite3.connect(installation.data / "obzvon.sqlite3")) as database:
        (token,) = database.execute("SELECT webhook_token FROM accounts_apiaccount").fetchone()
    for body in BODIES:
        assert requests.post(f"{installation.url}/hooks/{token}/step/", body, timeout=20).ok
        url = f"{installation.url}/hooks/{token}/status/5e0ff4c5-2b3a-4a0e-9c3f-0d6f3c1d7f11/"
        assert requests.post(url, body, timeout=20).ok
    wait_for(lambda: not waiting(installation), seconds=60)


def waiting(installation) -> int:
    with closing(sqlite3.connect(installation.data / "obzvon.sqlite3")) as database:
        question = "SELECT count(*) FROM calls_webhookevent WHERE state = 'new'"
        return database.execute(question).fetchone()[0]


def faults(page) -> list[str]:
    assert page.evaluate(OUT) <= 0
    return faults_of(page)


@pytest.mark.parametrize("size", ["desk", "phone"])
def test_a_webhook_is_found_read_and_folded_again(posted, open_page, size):
    page = open_page("admin", size, dark=size == "phone")
    page.goto("/settings/webhooks/")
    assert faults(page) == []
    page.select_option("[name=state]", "broken")
    page.select_option("[name=kind]", "status")
    page.get_by_role("button", name="Показать").press("Enter")
    rows = page.locator("#webhooks tbody tr")
    expect(rows).to_have_count(1)
    rows.get_by_role("link").press("Enter")
    expect(page.locator("pre.raw")).to_contain_text("<script>")
    assert faults(page) == []
    page.get_by_role("button", name="Разобрать ещё раз").press("Enter")
    expect(page.locator("#toasts")).to_contain_text("Вебхук разобран ещё раз")
    page.goto("/settings/webhooks/?call=987654321&state=unmatched")
    expect(page.locator("#webhooks")).to_contain_text("apiCall 987654321")
    page.get_by_role("link", name="Разобрать ещё раз").press("Enter")
    expect(page.locator("main")).to_contain_text("Под фильтр подходит 1 неразобранный вебхук")
    assert faults(page) == []
    page.get_by_role("button", name="Разобрать ещё раз").press("Enter")
    expect(page.locator("#toasts")).to_contain_text("Разбираем ещё раз 1 вебхук")
    page.goto("/settings/webhooks/?call=1234567")
    expect(page.locator("#webhooks")).to_contain_text("Ничего не нашлось")
    page.goto("/settings/accounts/1/webhook/")
    assert faults(page) == []
