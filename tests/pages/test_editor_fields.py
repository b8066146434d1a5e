"""Typing in the editor: no click is lost, no word vanishes, undo takes back the right thing."""

from playwright.sync_api import expect

from tests.pages.editing import focused_step, new_draft, saved, titles


def test_leaving_a_field_loses_neither_the_click_nor_the_focus(open_page):
    page = open_page("operator")
    new_draft(page, "Поля", "order")
    page.locator("[data-pick]").nth(1).click()
    page.locator("#f-manager_phone-on").click()
    page.keyboard.type("8 912 345 67 89")
    page.locator("#f-webhook-on").click()
    expect(page.locator("#f-webhook_url")).to_be_focused()
    expect(page.locator("#f-manager_phone")).to_have_value("+7 (912) 345-67-89")
    page.locator("#f-trigger-words").click(force=True)
    page.locator("#f-words").click()
    page.keyboard.type("конечно")
    page.locator("#f-sms-on").click()  # the typed word becomes a chip, the click still counts
    expect(page.locator("#f-sms")).to_be_focused()
    expect(page.locator(".ed-chips li")).to_have_text(["конечно"])
    page.locator("#f-words").click()
    page.keyboard.type("ладно")
    page.keyboard.press("Escape")
    assert focused_step(page) == "Подтвердил"
    page.keyboard.press("Enter")
    expect(page.locator(".ed-chips li")).to_have_text(["конечно", "ладно"])
    page.locator("#f-words").press("Backspace")
    expect(page.locator(".ed-chips li")).to_have_text(["конечно"])


def test_undo_works_inside_fields_and_keeps_the_caret(open_page):
    page = open_page("operator")
    new_draft(page, "Отмена", "poll")
    name = page.locator("#ed-name")
    name.press("End")
    page.keyboard.type(" и ещё")
    page.keyboard.press("Control+z")
    expect(name).to_have_value("Отмена")
    page.keyboard.press("Control+Shift+z")
    expect(name).to_have_value("Отмена и ещё")
    name.fill("")
    page.locator("#f-text").click()
    expect(name).to_have_value("Без названия")
    text = page.locator("#f-text")
    text.press("Control+End")
    page.keyboard.type("!")
    page.keyboard.press("Control+z")
    page.keyboard.type("?")
    expect(text).to_have_value("Здравствуйте! Оцените наш сервис клавишей от 1 до 5.?")


def test_a_hundred_changes_can_be_taken_back(open_page):
    page = open_page("operator")
    new_draft(page, "Сто шагов назад")
    page.locator("#f-recognize").focus()
    for _time in range(101):
        page.keyboard.press("Space")
    expect(page.locator("#f-recognize")).to_be_checked()
    undo = page.locator(".ed-tools-bar > [data-do=undo]")
    count = 0
    while undo.is_enabled():
        undo.click()
        count += 1
    assert count == 100
    expect(page.locator("#f-recognize")).to_be_checked()  # the very first change is too old


def test_a_deleted_step_comes_back_and_later_work_stays(open_page):
    page = open_page("operator")
    new_draft(page, "Вернуть удалённое", "order")
    page.locator("[data-pick]").nth(3).focus()
    page.keyboard.press("Delete")
    page.locator("[data-pick]").nth(1).click()
    page.fill("#f-text", "Напечатано после удаления")
    page.locator("#ed-toast").get_by_role("button", name="Отменить").click()
    assert titles(page)[3] == "Перенести доставку"
    page.locator("[data-pick]").nth(1).click()
    expect(page.locator("#f-text")).to_have_value("Напечатано после удаления")


def test_another_kind_of_sound_or_address_forgets_nothing(open_page):
    page = open_page("operator")
    new_draft(page, "Туда и обратно", "poll")
    page.fill("#f-text", "Мой текст")
    page.locator("#f-sound-record").click(force=True)
    page.locator("#f-sound-text").click(force=True)
    expect(page.locator("#f-text")).to_have_value("Мой текст")
    page.locator("[data-pick]").nth(1).click()
    page.locator("#f-webhook-on").click()
    page.fill("#f-webhook_url", "https://crm.example/hook")
    page.locator("#f-webhook-own").click(force=True)
    expect(page.locator("#f-webhook_url")).to_have_count(0)
    page.locator("#f-webhook-url").click(force=True)
    expect(page.locator("#f-webhook_url")).to_have_value("https://crm.example/hook")


def test_a_save_whose_answer_was_lost_is_repeated_without_a_quarrel(open_page):
    page = open_page("operator")
    new_draft(page, "Без ответа", "poll")
    lost = []

    def lose_the_first(route):
        if lost:
            route.continue_()
            return
        lost.append(route.fetch().status)  # the server has done it
        route.abort()

    page.route("**/draft/", lose_the_first)
    page.fill("#f-text", "Первая правка")
    expect(page.locator("#ed-saved")).to_contain_text("Не сохранено")
    page.fill("#f-text", "Вторая правка")
    saved(page)
    assert lost == [200]
    expect(page.get_by_role("dialog")).to_be_hidden()
    page.reload()
    expect(page.locator("#f-text")).to_have_value("Вторая правка")
    open_page.complaints[:] = []


def test_signing_in_again_in_another_tab_saves_what_waited(open_page):
    page = open_page("operator")
    new_draft(page, "Снова вошёл", "poll")
    cookies = page.context.cookies()
    page.context.clear_cookies()
    page.fill("#f-text", "Набрано без сеанса")
    expect(page.locator("#ed-saved").get_by_role("link", name="Войти")).to_be_visible()
    page.context.add_cookies(cookies)
    page.evaluate("dispatchEvent(new Event('focus'))")
    saved(page)
    page.reload()
    expect(page.locator("#f-text")).to_have_value("Набрано без сеанса")
    open_page.complaints[:] = []


def test_a_trial_call_unfolds_what_it_passes(open_page):
    page = open_page("operator")
    new_draft(page, "Свёрнуто", "order")
    page.locator("[data-pick]").nth(3).focus()
    page.keyboard.press("Space")
    assert "Завтра" not in titles(page)
    page.keyboard.press("t")
    page.keyboard.press("2")
    page.keyboard.press("1")
    assert page.locator(".ed-box.is-now .ed-t").all_inner_texts() == ["Завтра"]


def test_undo_of_a_phone_takes_it_off_the_card_too(open_page):
    page = open_page("operator")
    new_draft(page, "Телефон", "poll")
    page.locator("[data-pick]").nth(1).click()
    page.locator("#f-manager_phone-on").click()
    page.keyboard.type("89123456789")
    expect(page.locator(".ed-tag.is-mgr")).to_have_text("+7 (912) 345-67-89")
    page.keyboard.press("Control+z")
    expect(page.locator(".ed-tag.is-mgr")).to_have_count(0)
    saved(page)
    page.reload()
    expect(page.locator(".ed-box")).not_to_have_count(0)
    expect(page.locator(".ed-tag.is-mgr")).to_have_count(0)


def test_a_key_given_away_meanwhile_is_not_taken_back(open_page):
    page = open_page("operator")
    new_draft(page, "Чужая клавиша", "visit")
    page.locator("[data-pick]").nth(1).focus()
    page.keyboard.press("Delete")
    page.locator("[data-pick]").nth(1).click()
    page.locator("#f-digit-1").click(force=True)
    page.locator("#ed-toast").get_by_role("button", name="Отменить").click()
    assert page.locator(".ed-kids .ed-key").all_inner_texts() == ["2", "1"]
    expect(page.locator("#ed-issues")).to_contain_text("Ошибок нет")


def test_publishing_while_one_types_on_is_no_quarrel(open_page):
    page = open_page("operator")
    new_draft(page, "Медленная публикация", "poll")
    page.fill("#f-text", "Это публикуется")
    saved(page)
    held = []

    def hold(route):
        held.append(route)

    page.route("**/publish/", hold)
    page.click("#ed-publish")
    page.wait_for_function("document.activeElement.id === 'ed-publish'")
    page.fill("#f-text", "Это уже следующий черновик")
    page.wait_for_timeout(1200)  # longer than the pause before a save
    held[0].continue_()
    expect(page.locator("#ed-toast")).to_contain_text("Опубликована версия 1")
    expect(page.locator("#ed-version")).to_contain_text("Черновик версии 2")
    saved(page)
    expect(page.get_by_role("dialog")).to_be_hidden()
    page.reload()
    expect(page.locator("#f-text")).to_have_value("Это уже следующий черновик")


def test_a_record_removed_meanwhile_is_told_of_when_publishing(open_page, installation):
    page = open_page("operator")
    new_draft(page, "Без ролика", "poll")
    page.locator("#f-sound-record").click(force=True)
    page.locator("#f-record").click()
    page.locator(".ed-records [data-record]").first.click()
    saved(page)
    refused = {"problems": [{"id": "", "code": "record_gone", "values": {}}], "records": {}}
    page.route("**/publish/", lambda route: route.fulfill(status=422, json=refused))
    page.click("#ed-publish")
    expect(page.locator("#e-record")).to_contain_text("Этого ролика больше нет")
    expect(page.locator("#f-record")).to_be_focused()
    open_page.complaints[:] = []


def test_two_tabs_of_one_person_keep_their_copies_apart(open_page):
    first = open_page("operator")
    new_draft(first, "Две вкладки", "poll")
    second = first.context.new_page()
    second.goto(first.url)
    second.fill("#f-text", "Вторая вкладка")
    saved(second)
    first.fill("#f-text", "Первая вкладка")
    expect(first.get_by_role("dialog")).to_contain_text("Пока вы правили")
    first.keyboard.press("Escape")
    first.fill("#f-text", "Первая вкладка печатает дальше")
    second.fill("#f-text", "Вторая сохраняет ещё раз")
    saved(second)
    kept = first.evaluate("Object.values(localStorage).join()")
    assert "Первая вкладка печатает дальше" in kept
    open_page.complaints[:] = []


def test_a_draft_deleted_meanwhile_can_be_taken_along_as_a_file(open_page):
    page = open_page("operator")
    new_draft(page, "Удалят", "poll")
    other = page.context.new_page()
    other.goto(page.url)
    other.locator(".ed-bar .menu summary").click()
    other.get_by_role("button", name="Удалить черновик").click()
    other.locator("#confirm [data-confirm-yes]").click()
    other.wait_for_url("**/scenarios/")
    page.fill("#f-text", "Ещё правлю")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("черновик удалили")
    with page.expect_download():
        dialog.get_by_role("button", name="Скачать мой файлом").click()
    open_page.complaints[:] = []


def test_focus_never_falls_to_the_top_of_the_page(open_page):
    page = open_page("operator")
    new_draft(page, "Фокус", "order")

    def is_kept() -> bool:
        return page.evaluate("document.activeElement !== document.body")

    page.locator("[data-pick]").nth(2).click()
    page.locator("#f-up").press("Enter")  # the first of its menu now: the button is off
    assert is_kept()
    page.locator("[data-pick=root]").click()
    page.locator("[data-go]").first.press("Enter")
    assert is_kept()
    page.locator("[data-pick]").nth(3).focus()
    page.keyboard.press("Space")
    page.locator("[data-unfold]").press("Enter")
    assert is_kept()
    page.keyboard.press("t")
    page.locator("#sim-key-1").press("Enter")  # ends the call: the keys are off
    assert page.evaluate("document.activeElement.id") == "sim-start"
