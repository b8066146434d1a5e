"""Every page, by day and by night, on a desk and on a phone: accessible, whole, silent."""

import re

import pytest
from playwright.sync_api import expect

from tests.pages.conftest import faults_of, sign_in

SHARED = ["/", "/calls/", "/campaigns/", "/blacklist/", "/profile/", "/password/"]
OPERATOR = [
    "/calls/new/",
    "/records/",
    "/records/1/",
    "/records/upload/",
    "/records/speak/",
    "/scenarios/",
    "/scenarios/new/",
    "/scenarios/1/",
    "/scenarios/1/form/",
    "/scenarios/1/versions/",
    "/scenarios/1/versions/1/",
    "/scenarios/1/versions/1/ways/",
    "/settings/phones/",
]
ADMIN = [
    "/settings/accounts/",
    "/settings/accounts/new/",
    "/settings/accounts/1/",
    "/settings/phones/new/",
    "/settings/people/",
    "/settings/people/new/",
    "/settings/people/1/",
    "/settings/exchanges/",
    "/settings/webhooks/",
    "/settings/audit/",
    "/settings/health/",
]
VIEWS = [("desk", False), ("desk", True), ("phone", False), ("phone", True)]


@pytest.fixture(scope="module")
def called(installation, browser):
    """Some calls to look at: one of each end."""
    context = browser.new_context(base_url=installation.url, locale="ru-RU")
    page = context.new_page()
    sign_in(page, "operator")
    page.goto("/calls/new/")
    page.fill("[name=numbers]", "\n".join(f"7900200000{n}" for n in range(1, 10)))
    page.check("[name=message][value=scenario]")
    page.select_option("[name=scenario]", index=1)
    page.locator("#call-check [data-submit]").click()
    page.wait_for_url(re.compile(r"/campaigns/\d+/$"))
    expect(page.locator("#campaign-progress")).to_contain_text("9 из 9", timeout=90_000)
    paths = [page.url.removeprefix(installation.url)]
    paths += [link.get_attribute("href") for link in page.locator("#journal-rows a").all()[:9:4]]
    context.close()
    return paths


def look(page, paths: list[str]) -> list[str]:
    """What is wrong on each of the pages."""
    found = []
    for path in paths:
        page.goto(path)
        page.wait_for_load_state("networkidle")
        found += [f"{path}: {fault}" for fault in faults_of(page)]
        width = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        if width > 0:
            found.append(f"{path}: {width} px wider than the window")
    return found


@pytest.mark.parametrize(("size", "dark"), VIEWS)
def test_pages_of_an_operator(open_page, called, size, dark):
    page = open_page("operator", size, dark=dark)
    assert look(page, [*SHARED, *OPERATOR, *called]) == []


@pytest.mark.parametrize(("size", "dark"), VIEWS)
def test_pages_of_an_admin(open_page, called, size, dark):
    page = open_page("admin", size, dark=dark)
    assert look(page, [*ADMIN, *called]) == []


def test_pages_of_a_manager(open_page, called):
    page = open_page("manager")
    assert look(page, [*SHARED, *called]) == []


@pytest.mark.parametrize(("size", "dark"), VIEWS)
def test_the_login(open_page, size, dark):
    page = open_page("", size, dark=dark)
    assert look(page, ["/login/"]) == []
