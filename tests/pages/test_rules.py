"""Rules of calling in a browser: read on a phone, changed on a desk, with a ground and a mark."""

import re

import pytest
from playwright.sync_api import expect

from tests.pages.conftest import expecting, faults_of

LIST, SURVEY = "/settings/rules/", "/settings/rules/survey/"


@pytest.mark.parametrize(("size", "dark"), [("desk", False), ("phone", True), ("small", False)])
def test_rules_are_read_and_changed_on_any_screen(open_page, size, dark):
    page = open_page("admin", size, dark=dark)
    for path in (LIST, SURVEY):
        page.goto(path)
        assert faults_of(page) == []
        width = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        assert width <= 0, path


def test_wider_hours_are_saved_with_a_ground_and_taken_back(open_page):
    page = open_page("admin")
    page.goto(LIST)
    page.get_by_role("link", name="Изменить: Опрос").click()
    page.get_by_label("Понедельник, до").fill("22:00")
    with expecting(open_page, "HTTP 422"):
        page.get_by_role("button", name="Сохранить").click()
        expect(page.locator("main")).to_contain_text("Часы шире исходных: понедельник.")
    assert faults_of(page) == []
    expect(page.get_by_label("Понедельник, до")).to_have_value("22:00")
    page.get_by_label("Основание").fill("Договор № 5 от 1 мая")
    page.get_by_label("Беру ответственность").check()
    page.get_by_role("button", name="Сохранить").click()
    survey = page.locator("#rules-survey")
    expect(survey).to_contain_text("пн 9:00–22:00, вт–пт 9:00–21:00")
    expect(survey).to_contain_text("Договор № 5 от 1 мая")

    page.goto(SURVEY)
    page.get_by_role("button", name="Вернуть исходные").click()
    page.get_by_role("dialog").get_by_role("button", name=re.compile("Вернуть|Да")).click()
    expect(page.locator("#rules-survey")).not_to_contain_text("Изменено")
