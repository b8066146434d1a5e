"""The page of a scenario: saves itself, keeps focus, never overwrites another's work."""

import re

from playwright.sync_api import expect

from tests.pages.conftest import expecting, faults_of


def new_scenario(page, name, example="poll") -> None:
    page.goto("/scenarios/new/")
    page.fill("[name=name]", name)
    page.check(f"[name=example][value={example}]")
    page.get_by_role("button", name="Создать черновик").click()
    page.wait_for_url(re.compile(r"/scenarios/\d+/$"))


def test_a_draft_saves_itself_and_typing_right_before_a_button_is_not_lost(open_page):
    page = open_page("operator")
    new_scenario(page, "Сохраняется сам")
    label = page.locator("[name^=label]").first
    label.fill("Отлично")
    expect(page.locator("[name=revision]")).to_have_value("2")
    label.press_sequentially(" и быстро")
    page.locator("button[value='add:root']").click()
    expect(page.locator(".sc-item")).to_have_count(6)
    assert page.evaluate("document.activeElement.id").startswith("step-")
    page.reload()
    expect(page.locator("[name^=label]").first).to_have_value("Отлично и быстро")
    expect(page.locator(".sc-item")).to_have_count(6)


def test_problems_and_payload_follow_what_is_typed(open_page):
    page = open_page("operator", "phone", dark=True)
    new_scenario(page, "На ходу")
    opening = page.locator("#text-root")
    opening.fill("")
    expect(page.locator("#text-root_error")).to_contain_text("Введите текст")
    expect(opening).to_have_attribute("aria-invalid", "true")
    assert faults_of(page) == []
    with expecting(open_page, "HTTP 422"):
        page.get_by_role("button", name="Опубликовать").click()
        expect(page.get_by_role("alert")).to_contain_text("Опубликовать пока нельзя")
    opening.fill("Здравствуйте!")
    expect(page.locator("#text-root_error")).to_have_count(0)
    expect(page.locator(".sc-json")).to_contain_text('"text": "Здравствуйте!"')


def test_the_slower_of_two_people_keeps_everything_as_a_copy(open_page):
    slow = open_page("operator")
    new_scenario(slow, "На двоих")
    quick = open_page("admin")
    quick.goto(slow.url)
    quick.fill("#text-root", "Первый успел")
    expect(quick.locator("[name=revision]")).to_have_value("2")
    with expecting(open_page, "HTTP 409"):
        slow.fill("#text-root", "Второй опоздал")
        dialog = slow.locator("dialog[data-conflict]")
        expect(dialog).to_be_visible()
        expect(dialog).to_contain_text("Пока вы правили, сценарий изменили: Алексей")
    assert faults_of(slow) == []
    dialog.get_by_role("button", name="Сохранить мой как копию").click()
    expect(slow.locator("#name")).to_have_value("На двоих — копия")
    expect(slow.locator("#text-root")).to_have_value("Второй опоздал")
    quick.reload()
    expect(quick.locator("#text-root")).to_have_value("Первый успел")
