"""Every page, by day and by night, on a desk and on a phone: accessible, whole, silent."""

import re

import pytest
from playwright.sync_api import expect

from tests.pages.conftest import faults_of, sign_in

SHARED = [
    *("/", "/calls/", "/campaigns/", "/blacklist/", "/profile/", "/password/"),
    *("/contacts/", "/contacts/people/79002000001/", "/tasks/"),
]
OPERATOR = [
    "/calls/new/",
    "/calls/doubts/",
    "/calls/doubts/?show=lost",
    "/campaigns/new/",
    "/contacts/upload/",
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
    "/settings/rules/",
    "/settings/rules/debt/",
    "/settings/people/",
    "/settings/people/new/",
    "/settings/people/1/",
    "/settings/exchanges/",
    "/settings/webhooks/",
    "/settings/days/",
    "/settings/audit/",
    "/settings/health/",
]
STEPS = ["list", "message", "time", "check", "launch"]
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


@pytest.fixture(scope="module")
def drafted(installation, browser):
    """The steps of a campaign that may be launched, and of one that nobody has filled."""
    context = browser.new_context(base_url=installation.url, locale="ru-RU")
    page = context.new_page()
    sign_in(page, "operator")
    paths = []
    for is_filled in (True, False):
        page.goto("/campaigns/new/")
        page.get_by_role("button", name="Пустой обзвон").click()
        page.wait_for_url(re.compile(r"/campaigns/drafts/\d+/list/$"))
        paths += [page.url.replace("/list/", f"/{step}/") for step in STEPS]
        if is_filled:
            fill_a_draft(page)
    context.close()
    return paths


def fill_a_draft(page) -> None:
    page.get_by_label("Вставить номера").check()
    page.fill("[name=numbers]", "79167770031\n79167770032")
    page.locator("[data-next]").click()
    page.wait_for_url(re.compile("/message/$"))
    page.fill("[name=text]", "Магазин «Лавка»: заказ готов.")
    page.check("[name=compare]")
    page.fill("[name=b-text]", "Магазин «Лавка»: заберите заказ.")
    page.locator("[data-next]").click()
    page.wait_for_url(re.compile("/time/$"))
    page.check("[name=purpose][value=service]")
    expect(page.locator("#campaign-draft-rules")).to_contain_text("до 3 в день")
    page.check("[name=consent][value=waived]")
    page.fill("[name=consent_waiver]", "Договор № 14 от 3 марта")
    page.locator("[data-next]").click()
    page.wait_for_url(re.compile("/check/$"))


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
def test_steps_of_the_wizard(open_page, drafted, size, dark):
    page = open_page("operator", size, dark=dark)
    assert look(page, drafted) == []


@pytest.mark.parametrize(("size", "dark"), VIEWS)
def test_pages_of_an_admin(open_page, called, size, dark):
    page = open_page("admin", size, dark=dark)
    assert look(page, [*ADMIN, *called]) == []


def test_pages_of_a_manager(open_page, called):
    page = open_page("manager")
    assert look(page, [*SHARED, "/review/", "/review/checklist/", *called]) == []


@pytest.mark.parametrize(("size", "dark"), VIEWS)
def test_the_login(open_page, size, dark):
    page = open_page("", size, dark=dark)
    assert look(page, ["/login/"]) == []
