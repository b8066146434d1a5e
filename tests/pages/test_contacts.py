"""A list from a file to its end, in a browser: encoding, columns, import, one row corrected."""

import re

from playwright.sync_api import expect

from tests.pages.conftest import expecting, faults_of

ROWS = [
    "Телефон;ФИО;Город;Сумма",
    "8 (911) 300-00-01;Анна Ёлкина;Москва;1 250,50",
    "+7 911 300-00-02;Пётр Ильин;Омск;980",
    "123;Семён Иванов;Омск;15",
    "79113000001;Анна ещё раз;Москва;1",
    "79113000003;Зоя Цой;Владивосток;300",
]


def csv(name: str, encoding: str = "cp1251") -> dict[str, object]:
    content = "\r\n".join(ROWS).encode(encoding)
    return {"name": name, "mimeType": "text/csv", "buffer": content}


def uploaded(page, name: str) -> None:
    page.goto("/contacts/upload/")
    page.set_input_files("input[type=file]", csv(name))
    page.get_by_role("button", name="Загрузить и проверить").click()
    page.wait_for_url(re.compile(r"/contacts/imports/\d+/$"))


def test_a_file_becomes_a_list_and_its_bad_row_a_contact(open_page):
    page = open_page("operator")
    page.goto("/contacts/")
    page.get_by_role("link", name="Загрузить список").first.click()
    page.set_input_files("input[type=file]", csv("Должники_ноябрь.csv"))
    expect(page.locator("[name=name]")).to_have_value("Должники ноябрь")
    page.get_by_role("button", name="Загрузить и проверить").click()
    page.wait_for_url(re.compile(r"/contacts/imports/\d+/$"))

    # Another encoding, and back: the preview follows, what was typed stays.
    preview = page.locator("#contact-import-preview")
    page.fill("[name=consent_source]", "сайт")
    page.fill("[name=consent_on]", "2026-03-12")
    page.select_option("[name=encoding]", "koi8-r")
    expect(preview).not_to_contain_text("Анна Ёлкина")
    page.select_option("[name=encoding]", "cp1251")
    expect(preview).to_contain_text("Анна Ёлкина")
    expect(page.locator("[name=consent_source]")).to_have_value("сайт")
    expect(page.locator("[name=consent_on]")).to_have_value("2026-03-12")

    # Columns: the guess, another choice, and what comes of it at once.
    expect(page.locator("[name=what0]")).to_have_value("phone")
    expect(page.locator("[name=what2]")).to_have_value("zone")
    page.select_option("[name=what0]", "")
    expect(preview.locator(".ct-preview")).not_to_contain_text("+7 (911) 300-00-01")
    page.select_option("[name=what0]", "phone")
    expect(preview.locator(".ct-preview tbody tr").first).to_contain_text("123")
    page.fill("[name=name3]", "долг")
    page.locator("#import-form .btn-p").click()

    progress = page.locator("#contact-import-progress")
    expect(progress).to_contain_text("Загружен", timeout=30_000)
    expect(progress.locator("dd")).to_have_text(["3", "1", "1", "0", "0"])
    expect(progress).not_to_have_attribute("hx-trigger", re.compile("."))

    # One row corrected where it stands: first wrongly, then well.
    page.get_by_role("link", name="Посмотреть и исправить").click()
    row = page.locator(".ct-bad > li", has_text="Семён Иванов")
    with expecting(open_page, "HTTP 422"):
        row.get_by_role("button", name="Сохранить").click()
        expect(row.locator(".err")).to_contain_text("Цифр в номере: 3")
    row.locator("input.inp").fill("8 911 300-00-09")
    row.locator("input.inp").press("Enter")
    expect(row).to_contain_text("Исправлена")
    expect(page.locator("#bad-summary")).to_contain_text("исправлена 1")
    expect(page.locator(".ct-bad input.inp")).to_be_focused()  # of the row after it

    with page.expect_download() as download:
        page.get_by_role("link", name="Скачать ошибки").click()
    text = download.value.path().read_text("utf-8-sig")
    assert text.splitlines()[0] == "Телефон;ФИО;Город;Сумма;Строка;Ошибка"
    assert "Анна ещё раз" in text
    assert "Семён" not in text

    # A person is found by the number, whichever list it is in.
    page.goto("/contacts/")
    page.fill("[name=q] >> nth=1", "8 911 300 00 09")
    page.locator("main").get_by_role("button", name="Найти").click()
    page.get_by_role("link", name="+7 (911) 300-00-09").click()
    expect(page.locator("h1")).to_have_text("Семён Иванов")
    expect(page.locator("main")).to_contain_text("Омск")
    page.locator("summary", has_text="Исправить").click()
    page.get_by_label("Имя").fill("Семён Петрович")
    page.get_by_role("button", name="Сохранить").click()
    expect(page.locator("h1")).to_have_text("Семён Петрович")

    # The list is deleted after a question.
    page.locator("main").get_by_role("link", name="Должники ноябрь").click()
    expect(page.locator("main")).to_contain_text("{долг}")
    page.get_by_role("button", name="Удалить список").click()
    page.locator("#confirm [data-confirm-yes]").click()
    expect(page.locator("#toasts")).to_contain_text("«Должники ноябрь» удалён")
    expect(page.locator("main")).not_to_contain_text("Должники ноябрь")


def test_a_file_that_is_no_list_is_refused_on_the_same_page(open_page):
    page = open_page("operator")
    page.goto("/contacts/upload/")
    page.fill("[name=name]", "Моё имя")
    picture = {
        "name": "фото.csv",
        "mimeType": "text/csv",
        "buffer": b"\x89PNG\r\n\x1a\n" + bytes(200),
    }
    page.set_input_files("input[type=file]", picture)
    with expecting(open_page, "HTTP 422"):
        page.get_by_role("button", name="Загрузить и проверить").click()
        expect(page.locator("[data-list-upload-error]")).to_contain_text("Это картинка")
    expect(page.locator("[name=name]")).to_have_value("Моё имя")


def test_a_file_that_is_too_large_is_not_sent_at_all(open_page):
    page = open_page("operator")
    page.goto("/contacts/upload/")
    page.evaluate("document.querySelector('[data-list-upload]').dataset.maxBytes = '10'")
    sent = []
    page.on("request", lambda request: sent.append(request.method))
    page.set_input_files("input[type=file]", csv("Большой.csv"))
    expect(page.locator("[data-list-upload-error]")).to_contain_text("Файл больше")
    page.get_by_role("button", name="Загрузить и проверить").click()
    expect(page.locator("[data-list-upload-error]")).to_contain_text("Файл больше")
    assert "POST" not in sent


def test_a_page_without_scripts_loads_a_file_too(browser, installation, open_page):
    context = browser.new_context(base_url=installation.url, java_script_enabled=False)
    try:
        page = context.new_page()
        page.goto("/login/")
        page.fill("[name=username]", "operator")
        page.fill("[name=password]", "demo-password-1")
        page.get_by_role("button", name="Войти").click()
        uploaded(page, "Без_скриптов.csv")
        page.select_option("[name=encoding]", "koi8-r")
        page.get_by_role("button", name="Перечитать").click()
        expect(page.locator("#contact-import-preview")).not_to_contain_text("Анна Ёлкина")
    finally:
        context.close()


def test_each_step_is_accessible_by_day_and_by_night(open_page):
    for size, dark in (("desk", False), ("phone", True), ("small", False)):
        page = open_page("operator", size, dark=dark)
        uploaded(page, f"Шаги_{size}.csv")
        steps = [page.url]
        assert faults_of(page) == []
        page.locator("#import-form .btn-p").click()
        progress = page.locator("#contact-import-progress")
        expect(progress).to_contain_text("Загружен", timeout=30_000)
        links = ("Посмотреть и исправить", "Открыть список")
        steps += [progress.get_by_role("link", name=name).get_attribute("href") for name in links]
        steps += ["/contacts/", "/contacts/?q=9113", "/contacts/people/79113000001/"]
        for path in steps:
            page.goto(path)
            assert faults_of(page) == [], path
            width = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
            assert width <= 0, path
