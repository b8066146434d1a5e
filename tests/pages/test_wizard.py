"""The wizard in a browser: from a file to finished calls, and nothing typed is ever lost."""

import json
import re

import requests
from playwright.sync_api import expect

from tests.pages.conftest import expecting

PEOPLE = "Телефон;Имя;Сумма\n+79167770001;Анна;1 500\n+79167770002;Пётр;320\n+79167770003;Ольга;77"
TEXT = "Здравствуйте, {имя}! Это магазин «Лавка». К оплате {сумма} рублей."


def test_from_a_file_to_finished_calls(open_page, installation):
    page = open_page("operator")
    upload(page, "Оплата.csv", PEOPLE, consent="2026-11-01")
    page.get_by_role("link", name="Новый обзвон по списку").click()
    page.get_by_role("button", name="Пустой обзвон").click()
    page.wait_for_url(re.compile(r"/campaigns/drafts/\d+/list/"))
    expect(page.locator("[name=contact_list]:checked")).to_have_count(1)
    page.fill("[name=name]", "Оплата, ноябрь")
    page.press("[name=name]", "Enter")  # no mouse: Enter is «next»
    say(page)
    with expecting(open_page, "HTTP 422"):
        set_rules(page)
    expect(page.locator("#campaign-draft-review")).to_contain_text("3 из 3")
    expect(page.locator("#campaign-draft-review")).to_contain_text("₽")
    page.fill("[name=budget]", "500")
    go(page, "Дальше", "launch")
    button = page.locator("#campaign-draft-ready button")
    expect(button).to_have_text(re.compile(r"Запустить 3\s+звонка?(ов)? на ≈ [\d\s,]+₽"))
    button.click()
    page.wait_for_url(re.compile(r"/campaigns/\d+/$"))
    # Preparing counts to «3 из 3» as well, before anybody is called.
    expect(page.locator("#campaign-progress .badge")).to_have_text("Завершён", timeout=90_000)
    expect(page.locator("#campaign-progress")).to_contain_text("3 из 3")
    orders = requests.get(f"{installation.emulator_url}/control/orders", timeout=10).json()
    mine = [json.dumps(order, ensure_ascii=False) for order in orders if "Лавка" in str(order)]
    assert any("79167770001" in body and "Здравствуйте, Анна!" in body for body in mine)
    assert any("79167770003" in body and "К оплате 77 рублей" in body for body in mine)
    assert not any("{имя}" in body for body in mine)


def upload(page, name: str, text: str, *, consent: str) -> None:
    page.goto("/contacts/upload/")
    file = {"name": name, "mimeType": "text/csv", "buffer": text.encode()}
    page.set_input_files("input[type=file]", file)
    page.locator("[data-list-upload-send]").click()
    page.wait_for_url(re.compile(r"/contacts/imports/\d+/$"))
    page.fill("[name=consent_on]", consent)
    page.locator("#contact-import-preview aside button.btn-p").click()
    expect(page.locator("#contact-import-progress")).to_contain_text("Загружен", timeout=60_000)


def say(page) -> None:
    """The second step: a chip, a slip that is told in red, and the text as three people hear it."""
    page.wait_for_url(re.compile("/message/$"))
    preview = page.locator("#campaign-draft-preview")
    page.fill("[name=text]", "Здравствуйте, ! Это магазин «Лавка».")
    page.evaluate("document.getElementById('id_text').setSelectionRange(14, 14)")
    page.locator(".dr-message:visible [data-insert='{имя}']").first.click()
    expect(page.locator("#id_text")).to_have_value("Здравствуйте, {имя}! Это магазин «Лавка».")
    expect(preview).to_contain_text("Здравствуйте, Пётр!")
    page.fill("[name=text]", TEXT.replace("сумма", "сума"))
    expect(preview.locator(".is-bad")).to_contain_text("{сума}")
    page.fill("[name=text]", TEXT)
    expect(preview).to_contain_text("К оплате 320 рублей.")
    go(page, "Дальше", "time")


def set_rules(page) -> None:
    """The third step: it asks for a purpose, and another purpose brings its own rules."""
    page.get_by_role("button", name="Дальше").last.click()
    expect(page.locator("[data-errors]")).to_contain_text("Выберите цель")
    page.locator("label", has_text="Взыскание долга").click()
    expect(page.locator("#campaign-draft-rules")).to_contain_text("230-ФЗ")
    page.locator("label", has_text="Сервисный обзвон").click()
    expect(page.locator("#campaign-draft-rules")).to_contain_text("до 3 в день")
    expect(page.locator("#campaign-draft-rules")).to_contain_text("в любое время")
    for result in ("busy", "no_answer", "early", "no_key"):
        page.fill(f"[name={result}_times]", "0")
    go(page, "Дальше", "check")


def go(page, button: str, step: str) -> None:
    page.get_by_role("button", name=button).last.click()
    page.wait_for_url(re.compile(f"/{step}/"))


def test_back_and_a_closed_tab_lose_nothing(open_page):
    page = open_page("operator")
    page.goto("/campaigns/new/")
    page.get_by_role("button", name="Пустой обзвон").click()
    page.fill("[name=name]", "Недописанный")
    page.get_by_label("Вставить номера").check()
    page.fill("[name=numbers]", "+7 916 777-00-11\n+7 916 777-00-12")
    go(page, "Дальше", "message")
    page.fill("[name=text]", "Магазин «Лавка»: полусл")
    go(page, "Назад", "list")
    expect(page.locator("[name=contact_list]:checked")).not_to_have_value("paste")
    go(page, "Дальше", "message")
    expect(page.locator("[name=text]")).to_have_value("Магазин «Лавка»: полусл")
    with page.expect_response(lambda answer: answer.request.method == "POST"):
        page.locator("[name=text]").press("Control+End")
        page.locator("[name=text]").press_sequentially("ова")
    page.close()
    again = open_page("operator")
    again.goto("/campaigns/new/")
    again.get_by_role("link", name="Недописанный").first.click()
    again.wait_for_url(re.compile("/message/$"))
    expect(again.locator("[name=text]")).to_have_value("Магазин «Лавка»: полуслова")


def test_an_error_of_the_third_step_is_told_where_it_is(open_page):
    page = open_page("operator")
    page.goto("/campaigns/new/")
    page.get_by_role("button", name="Пустой обзвон").click()
    page.get_by_role("button", name="Номер и время").click()
    page.locator("label", has_text="Взыскание долга").click()
    expect(page.locator("#campaign-draft-rules")).to_contain_text("230-ФЗ")
    page.fill("[name=limit_day]", "5")
    with expecting(open_page, "HTTP 422"):
        page.get_by_role("button", name="Дальше").last.click()
        errors = page.locator("[data-errors]")
        expect(errors).to_be_focused()
    expect(errors).to_contain_text("Не больше 1 в день")
    errors.get_by_role("link").click()
    expect(page.locator("#id_limit_day")).to_be_focused()
    expect(page.locator(".dr-rail [aria-current]")).to_contain_text("есть ошибки")
    page.fill("[name=limit_day]", "1")
    go(page, "Дальше", "check")
    # The steps that nobody has filled are told on the check, each with the way to it.
    expect(page.locator("#campaign-draft-review")).to_contain_text("Выберите список")
    page.locator("#campaign-draft-review a", has_text="Исправить: Список").first.click()
    page.wait_for_url(re.compile("/list/"))


def test_the_whole_rail_is_walked_by_the_keyboard(open_page):
    page = open_page("operator")
    page.goto("/campaigns/new/")
    page.get_by_role("button", name="Пустой обзвон").press("Enter")
    page.wait_for_url(re.compile("/list/"))
    page.get_by_label("Вставить номера").press("Space")
    page.keyboard.press("Tab")
    page.keyboard.type("89167770021")
    page.keyboard.press("Control+Enter")
    page.wait_for_url(re.compile("/message/"))
    page.locator("[name=text]").focus()
    page.keyboard.type("Магазин «Лавка».")
    page.keyboard.press("Control+Enter")
    page.wait_for_url(re.compile("/time/"))
    page.locator("[name=purpose]").first.press("Space")
    expect(page.locator("#campaign-draft-rules")).to_contain_text("до 3 в день")
    expect(page.locator("[name=purpose]").first).to_be_focused()  # the step was redrawn around it
