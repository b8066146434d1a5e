"""What an editor types is never lost: two people, no network, a crash, a lost session."""

import json
import re

import pytest
from playwright.sync_api import expect

from tests.pages.conftest import expecting, faults_of
from tests.pages.editing import new_draft, publish, saved, titles


def test_a_draft_saves_itself_and_a_version_is_made_of_it(open_page):
    page = open_page("operator")
    new_draft(page, "Сохраняется сам", "poll")
    page.fill("#f-text", "Оцените нас от 1 до 5.")
    saved(page)
    page.reload()
    expect(page.locator("#f-text")).to_have_value("Оцените нас от 1 до 5.")
    publish(page)
    expect(page.locator("#ed-publish")).to_be_disabled()
    page.fill("#ed-name", "Другое имя")
    page.locator("[data-pick]").nth(1).click()
    page.fill("#f-label", "Плохо")
    expect(page.locator("#ed-version")).to_contain_text("Черновик версии 2")
    saved(page)
    page.reload()
    expect(page.locator("#ed-name")).to_have_value("Другое имя")
    assert "Плохо" in titles(page)


def test_errors_forbid_publishing_and_the_first_is_opened(open_page):
    page = open_page("operator", "phone", dark=True)
    new_draft(page, "С ошибкой", "visit")
    page.locator("[data-pick]").nth(2).click()
    page.fill("#f-sms", "я" * 72)
    expect(page.locator("#e-sms")).to_contain_text("СМС длиннее 70 символов на 2.")
    expect(page.locator("#f-sms")).to_have_attribute("aria-invalid", "true")
    page.locator(".ed-panes [data-pane=tree]").click()
    expect(page.locator(".ed-flag")).to_contain_text("1 ошибка")
    page.click("#ed-publish")
    expect(page.locator("#f-sms")).to_be_focused()
    expect(page.locator("#ed-toast")).to_contain_text("исправьте 1 ошибку")
    saved(page)  # a draft with errors is a draft all the same
    assert faults_of(page) == []


def two_people(open_page, name: str):
    """Two pages of one new draft: the second person has saved a change already."""
    slow = open_page("operator")
    new_draft(slow, name, "poll")
    quick = open_page("admin")
    quick.goto(slow.url)
    quick.fill("#f-text", "Первый успел")
    saved(quick)
    return slow, quick


def test_the_slower_of_two_people_keeps_everything_as_a_copy(open_page):
    slow, quick = two_people(open_page, "На двоих")
    with expecting(open_page, "HTTP 409"):
        slow.fill("#f-text", "Второй опоздал")
        dialog = slow.get_by_role("dialog")
        expect(dialog).to_contain_text("Пока вы правили, сценарий изменили: Алексей")
    assert faults_of(slow) == []
    dialog.get_by_role("button", name="Сохранить мой как копию").click()
    expect(slow.locator("#ed-name")).to_have_value("На двоих — копия")
    expect(slow.locator("#f-text")).to_have_value("Второй опоздал")
    quick.reload()
    expect(quick.locator("#f-text")).to_have_value("Первый успел")


def test_the_slower_of_two_people_may_take_the_other_variant_or_a_file(open_page):
    slow, _quick = two_people(open_page, "Чей вариант")
    with expecting(open_page, "HTTP 409"):
        slow.fill("#f-text", "Второй опоздал")
        dialog = slow.get_by_role("dialog")
        with slow.expect_download() as download:
            dialog.get_by_role("button", name="Скачать мой файлом").click()
    file = json.loads(download.value.path().read_text())
    assert file["document"]["opening"]["text"] == "Второй опоздал"
    slow.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    slow.get_by_role("button", name="Решить").click()
    dialog.get_by_role("button", name="Открыть тот вариант").click()
    expect(slow.locator("#f-text")).to_have_value("Первый успел")


def test_without_a_network_the_work_is_kept_and_saved_later(open_page):
    page = open_page("operator")
    new_draft(page, "Без сети", "poll")
    page.context.set_offline(True)
    page.fill("#f-text", "Набрано без сети")
    expect(page.locator("#ed-saved")).to_contain_text("Не сохранено, копия в браузере")
    page.click("#ed-publish")
    expect(page.locator("#ed-toast")).to_contain_text("ещё не сохранён")
    page.context.set_offline(False)
    saved(page)
    page.reload()
    expect(page.locator("#f-text")).to_have_value("Набрано без сети")
    open_page.complaints[:] = []  # the browser's own words about the network


@pytest.mark.parametrize("answer", ["Восстановить", "Не нужны"])
def test_after_a_crash_the_unsaved_work_is_offered(open_page, answer):
    page = open_page("operator")
    new_draft(page, "После сбоя", "poll")
    url = page.url
    page.context.set_offline(True)
    page.fill("#f-text", "Не успело сохраниться")
    expect(page.locator("#ed-saved")).to_contain_text("Не сохранено")
    page.close(run_before_unload=False)  # as a crash does
    page.context.set_offline(False)

    again = page.context.new_page()
    again.goto(url)
    dialog = again.get_by_role("dialog")
    expect(dialog).to_contain_text("Есть несохранённые правки")
    dialog.get_by_role("button", name=answer).click()
    text = again.locator("#f-text")
    if answer == "Восстановить":
        expect(text).to_have_value("Не успело сохраниться")
        saved(again)
    else:
        expect(text).not_to_have_value("Не успело сохраниться")
    again.reload()
    expect(again.locator(".ed-box")).not_to_have_count(0)
    expect(again.get_by_role("dialog")).to_be_hidden()
    open_page.complaints[:] = []


def test_unsaved_work_of_an_older_draft_never_goes_over_a_newer_one(open_page):
    page = open_page("operator")
    new_draft(page, "Старые правки", "poll")
    url = page.url
    page.context.set_offline(True)
    page.fill("#f-text", "Старая правка")
    expect(page.locator("#ed-saved")).to_contain_text("Не сохранено")
    page.close(run_before_unload=False)
    page.context.set_offline(False)
    other = open_page("admin")
    other.goto(url)
    other.fill("#f-text", "Новее")
    saved(other)

    again = page.context.new_page()
    again.goto(url)
    dialog = again.get_by_role("dialog")
    dialog.get_by_role("button", name="Сохранить копией").click()
    expect(again.locator("#ed-name")).to_have_value("Старые правки — копия")
    expect(again.locator("#f-text")).to_have_value("Старая правка")
    other.reload()
    expect(other.locator("#f-text")).to_have_value("Новее")
    open_page.complaints[:] = []


def test_a_lost_session_is_said_and_the_work_waits_in_the_browser(open_page):
    page = open_page("operator")
    new_draft(page, "Сеанс", "poll")
    page.context.clear_cookies()
    page.fill("#f-text", "Набрано после выхода")
    expect(page.locator("#ed-saved")).to_contain_text("Сеанс закончился")
    kept = page.evaluate("Object.values(localStorage).join()")
    assert "Набрано после выхода" in kept
    open_page.complaints[:] = []


def test_a_template_and_an_old_version_replace_the_draft_and_can_be_undone(open_page):
    page = open_page("operator")
    new_draft(page, "Шаблоны", "poll")
    publish(page)
    page.locator(".ed-wide[data-do=templates]").click()
    page.locator("[data-template=order]").click()
    assert "Перенести доставку" in titles(page)
    page.locator("#ed-toast").get_by_role("button", name="Отменить").click()
    assert "Перенести доставку" not in titles(page)
    page.fill("#f-text", "Правка после версии")
    saved(page)
    page.locator(".ed-bar a[href$='/versions/']").first.click()
    expect(page.locator("main")).to_contain_text("Правка после версии")
    page.get_by_role("button", name="Вернуть как черновик").click()
    page.locator("#confirm [data-confirm-yes]").click()
    page.wait_for_url(re.compile(r"/scenarios/\d+/$"))
    expect(page.locator("#f-text")).not_to_have_value("Правка после версии")


def test_an_admin_saves_a_template_that_everybody_may_start_from(open_page):
    admin = open_page("admin")
    new_draft(admin, "Образец", "order")
    admin.locator(".ed-bar .menu summary").click()
    admin.locator("[data-do=save-template]").click()
    admin.locator("#ed-template-name").fill("Наш заказ")
    admin.get_by_role("button", name="Сохранить шаблон").click()
    expect(admin.locator("#ed-toast")).to_contain_text("Шаблон «Наш заказ» сохранён")
    operator = open_page("operator")
    new_draft(operator, "По образцу")
    operator.locator(".ed-bar .menu summary").click()
    assert operator.locator("[data-do=save-template]").count() == 0
    operator.locator(".menu-list [data-do=templates]").click()
    operator.get_by_role("button", name="Наш заказ").click()
    assert "Перенести доставку" in titles(operator)
    expect(operator.locator("#ed-name")).to_have_value("По образцу")
    admin.locator(".ed-wide[data-do=templates]").click()
    admin.get_by_role("button", name="Убрать шаблон «Наш заказ»").click()
    admin.locator("#confirm [data-confirm-yes]").click()
    expect(admin.locator("[data-template]")).to_have_count(5)


def test_without_scripts_a_form_does_the_same(browser, installation, open_page):
    page = open_page("operator")
    new_draft(page, "Без скриптов", "poll")
    context = browser.new_context(
        base_url=installation.url,
        java_script_enabled=False,
        storage_state=page.context.storage_state(),
    )
    plain = context.new_page()
    plain.goto(page.url)
    plain.get_by_role("link", name="Откройте сценарий простой формой").click()
    plain.fill("#text-root", "Набрано без скриптов")
    plain.locator("button[value='add:root']").click()
    plain.get_by_role("button", name="Опубликовать").click()
    expect(plain.locator("main")).to_contain_text("Опубликован, версия 1")
    context.close()
    page.reload()
    expect(page.locator("#f-text")).to_have_value("Набрано без скриптов")
