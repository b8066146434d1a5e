"""The archive in a browser: searched, filtered and heard, also by keyboard; what is said of a file
that is gone; and how long recordings are kept."""

import re

import pytest
from playwright.sync_api import expect

from tests.installation import wait_for
from tests.pages.conftest import expecting, faults_of, sign_in
from tests.pages.test_review import OUT, VIEWS, count, database

NUMBERS = ["79060100001", "79060101005", "79060102005"]
LIST = "/recordings/"
SETTINGS = "/recordings/settings/"
OURS = "SELECT count(*) FROM calls_recording WHERE state = 'kept' AND words LIKE '%790601%'"


@pytest.fixture(scope="module", autouse=True)
def recorded(installation, browser):
    """Three calls that were answered and recorded."""
    context = browser.new_context(base_url=installation.url, locale="ru-RU")
    page = context.new_page()
    sign_in(page, "operator")
    page.goto("/calls/new/")
    page.fill("[name=numbers]", "\n".join(NUMBERS))
    page.check("[name=message][value=scenario]")
    page.select_option("[name=scenario]", index=1)
    page.locator("#call-check [data-submit]").click()
    page.wait_for_url(re.compile(r"/campaigns/\d+/$"))
    wait_for(lambda: count(installation, OURS) == len(NUMBERS), seconds=150)
    context.close()
    return installation


def rows_of(page):
    return page.locator("#recordings-found tbody tr")


def test_words_and_filters_find_and_nothing_found_leads_back(open_page):
    page = open_page("manager")
    page.goto(LIST)
    page.locator("#id_q").focus()
    page.keyboard.type("+7 906 010-10-05")
    page.keyboard.press("Enter")
    expect(rows_of(page)).to_have_count(1)
    expect(rows_of(page)).to_contain_text("+7 (906) 010-10-05".replace(" ", "\u00a0"))
    page.fill("#id_q", "790601")
    page.get_by_text("Ещё фильтры").click()
    page.fill("[name=longer]", "3600")
    page.get_by_role("button", name="Показать").click()
    expect(page.locator("#recordings-found")).to_contain_text("Ничего не нашлось")
    assert faults_of(page) == []
    expect(page.locator("[name=longer]")).to_be_visible()  # a filter that is set is not folded
    page.get_by_role("link", name="Сбросить фильтры").click()
    expect(page.locator("#id_q")).to_have_value("")
    assert rows_of(page).count() >= len(NUMBERS)


def test_a_recording_is_heard_in_the_list_and_on_its_page_by_keyboard_alone(open_page):
    page = open_page("manager")
    page.goto(f"{LIST}?q={NUMBERS[0]}")
    rows_of(page).locator("a").first.focus()
    page.keyboard.press("Tab")
    button = page.locator("[data-listen]")
    expect(button).to_be_focused()
    page.keyboard.press("Enter")
    expect(button).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("Enter")
    expect(button).to_have_attribute("aria-pressed", "false")
    expect(page.locator("[data-listen-failed]")).to_be_hidden()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Enter")
    play = page.locator("[data-player-play]")
    play.focus()
    page.keyboard.press("Enter")
    expect(play).to_have_class(re.compile("is-playing"))
    expect(page.locator("[data-player-failed]")).to_be_hidden()


def test_a_file_that_is_gone_is_said_and_brought_again(open_page, installation):
    file = "SELECT file FROM calls_recording WHERE words LIKE ?"
    with database(installation) as rows:
        [name] = rows.execute(file, [f"%{NUMBERS[1]}%"]).fetchone()
    (installation.data / "media" / name).unlink()
    page = open_page("manager")
    page.goto(f"{LIST}?q={NUMBERS[1]}")
    with expecting(open_page, "HTTP 404"):
        page.locator("[data-listen]").click()
        expect(page.get_by_role("alert")).to_contain_text("Запись не открылась")
    assert faults_of(page) == []
    page.get_by_role("link", name="Открыть звонок").click()
    expect(page.locator("main")).to_contain_text("Файл записи пропал из хранилища.")
    page.get_by_role("button", name="Запросить ещё раз").click()
    expect(page.locator("#toasts")).to_contain_text("Попробуем ещё раз")
    wait_for(lambda: count(installation, OURS) == len(NUMBERS), seconds=60)
    page.reload()
    expect(page.locator("[data-player-play]")).to_be_visible()


def test_days_are_tried_before_they_are_kept(open_page):
    page = open_page("admin")
    page.goto(SETTINGS)
    days = page.locator("[name=days]:not([type=hidden])").first
    days.fill("30")
    days.press("Enter")
    expect(page.locator("#recordings-trial")).to_contain_text("сейчас ничего не удалим")
    expect(days).to_have_value("")  # nothing is kept yet
    page.get_by_role("button", name="Сохранить срок").click()
    expect(page.locator("#toasts")).to_contain_text("Срок хранения изменён")
    expect(days).to_have_value("30")
    days.fill("")
    page.get_by_role("button", name="Проверить").first.click()
    page.get_by_role("button", name="Сохранить срок").click()
    expect(days).to_have_value("")


@pytest.mark.parametrize(("size", "dark"), VIEWS)
def test_pages_are_whole_by_day_and_night(open_page, size, dark):
    page = open_page("admin", size, dark=dark)
    found = []
    for path in (LIST, f"{LIST}?q=790601&longer=1", SETTINGS, f"{SETTINGS}?account=1&days=1"):
        page.goto(path)
        found += [f"{path}: {fault}" for fault in faults_of(page)]
        if page.evaluate(OUT) > 0:
            found.append(f"{path}: wider than the screen")
    assert found == []
