"""A running campaign under a person's hands: watched, paused, resumed, given money, stopped."""

import re

import pytest
from playwright.sync_api import expect

from tests.pages.conftest import faults_of

PEOPLE = 1500  # more than the account sends in a minute: most of them still wait
FIRST = 9_003_000_000
# Typed by the browser so many lines take a minute.
PASTE = (
    "(box, text) => { box.value = text; box.dispatchEvent(new Event('input', {bubbles: true})); }"
)


@pytest.fixture
def campaign(open_page):
    """The page of a campaign that has just begun."""
    page = open_page("operator")
    page.goto("/calls/new/")
    numbers = "\n".join(f"7{FIRST + number}" for number in range(PEOPLE))
    page.locator("[name=numbers]").evaluate(PASTE, numbers)
    page.check("[name=message][value=text]")
    page.fill("[name=text]", "Здравствуйте! Это проверка.")
    expect(page.locator("#call-check")).to_contain_text(re.compile(r"1\s?500 номеров"))
    page.locator("#call-check [data-submit]").click()
    page.wait_for_url(re.compile(r"/campaigns/\d+/$"))
    return page


def said(page):
    return page.locator("#campaign-progress")


def press(page, name: str, *, sure: bool = False) -> None:
    """Press a button of the progress, and the same in the question that follows."""
    said(page).get_by_role("button", name=name).click()
    if sure:
        page.locator("#confirm").get_by_role("button", name=name).click()


def set_pace(page, number: str) -> None:
    page.locator("summary", has_text="Бюджет и темп").click()
    page.fill("[name=calls_per_minute]", number)
    page.get_by_role("button", name="Сохранить темп").click()
    expect(page.locator("#toasts")).to_contain_text("Темп сохранён")


def set_budget(page, roubles: str) -> None:
    if not page.locator("[name=budget]").is_visible():
        page.locator("summary", has_text="Бюджет и темп").click()
    page.fill("[name=budget]", roubles)
    page.get_by_role("button", name="Сохранить бюджет").click()
    expect(page.locator("#toasts")).to_contain_text("Бюджет сохранён")


def test_a_campaign_is_steered_while_it_is_watched(campaign):
    page = campaign
    press(page, "Пауза")
    expect(said(page).locator(".badge")).to_have_text("Пауза")
    expect(page.locator("#toasts")).to_contain_text("Обзвон на паузе")
    assert faults_of(page) == []

    set_pace(page, "60")
    set_budget(page, "0,50")
    press(page, "Продолжить")
    # Half a rouble is soon spent: it waits for more, and says where to give it.
    expect(said(page)).to_contain_text("Увеличьте бюджет", timeout=60_000)
    expect(said(page).locator(".badge")).to_have_text("Ждёт")
    assert faults_of(page) == []

    said(page).get_by_role("link", name="Изменить бюджет").click()
    set_budget(page, "5000")
    expect(said(page).locator(".badge")).to_have_text("Идёт")
    expect(said(page)).to_contain_text("5 000,00 ₽")
    expect(page.locator("#campaign-report")).to_contain_text("Звонков закончено")

    press(page, "Остановить", sure=True)
    expect(page.locator("#toasts")).to_contain_text(re.compile("Отменён|Отменено"))
    expect(said(page)).to_contain_text("1\u00a0500 из 1\u00a0500", timeout=90_000)
    expect(said(page)).not_to_have_attribute("hx-trigger", re.compile("every"))
    assert faults_of(page) == []


def test_its_people_are_found_by_how_they_went(campaign):
    page = campaign
    press(page, "Остановить", sure=True)
    expect(said(page).locator(".badge")).to_have_text("Остановлен")
    expect(said(page)).to_contain_text("В очереди 0", timeout=60_000)
    page.get_by_role("link", name=re.compile("Люди")).click()
    page.wait_for_url(re.compile(r"/people/$"))
    assert faults_of(page) == []
    page.select_option("[name=outcome]", "failed")
    page.get_by_role("button", name="Показать").click()
    page.wait_for_url(re.compile("outcome=failed"))
    expect(page.locator("#journal-rows .badge", has_text="Отменён").first).to_be_visible()
    page.get_by_role("link", name="Дальше").click()
    page.wait_for_url(re.compile("outcome=failed.*after=|after=.*outcome=failed"))
    expect(page.locator("#journal-rows .badge", has_text="Отменён").first).to_be_visible()
    expect(page.locator("#journal-rows .is-ok")).to_have_count(0)


@pytest.mark.parametrize(("size", "dark"), [("phone", False), ("desk", True)])
def test_it_is_whole_on_a_phone_and_at_night(campaign, open_page, size, dark):
    address = campaign.url
    press(campaign, "Остановить", sure=True)
    page = open_page("operator", size, dark=dark)
    for path in (address, f"{address}people/"):
        page.goto(path)
        for fold in page.locator("details.cg-fold > summary").all():
            fold.click()
        assert faults_of(page) == []
        wider = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        assert wider <= 0
