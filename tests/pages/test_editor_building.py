"""Scenarios built in the visual editor from nothing, by keyboard alone and by mouse alone."""

import json

from playwright.sync_api import expect

from tests.pages.editing import (
    call,
    focused_step,
    new_draft,
    orders,
    payload_of,
    press_until,
    publish,
    saved,
    titles,
)
from tests.pages.sounds import small_wav


def test_the_documents_example_by_keyboard_alone(open_page, installation):
    """Words, an SMS and what happens in silence: the third example of the API's document."""
    page = open_page("operator")
    new_draft(page, "С клавиатуры")
    keys = page.keyboard
    press_until(page, "Tab", "f-text")
    keys.type("Текст для генерации аудиоролика")
    press_until(page, "Tab", "f-recognize")
    keys.press("Space")
    keys.press("Escape")
    assert focused_step(page) == "Начало звонка"

    keys.press("n")
    keys.press("ArrowUp")
    keys.press("ArrowUp")
    keys.press("Enter")  # «Скажет слово»
    assert page.evaluate("document.activeElement.id") == "f-words"
    keys.type("Да нет не знаю")
    keys.press("Enter")
    press_until(page, "Tab", "f-text")
    keys.type("Текст аудиоролика")
    press_until(page, "Tab", "f-sms-on")
    keys.press("Space")
    assert page.evaluate("document.activeElement.id") == "f-sms"
    keys.type("текст СМС")
    keys.press("Escape")
    keys.press("ArrowLeft")
    assert focused_step(page) == "Начало звонка"

    keys.press("n")
    keys.press("ArrowUp")
    keys.press("Enter")  # «Останется на линии»
    assert page.evaluate("document.activeElement.id") == "f-sound-on"
    keys.press("Space")
    assert page.evaluate("document.activeElement.id") == "f-text"
    keys.type("Текст аудиоролика")
    keys.press("Control+s")
    saved(page)
    press_until(page, "Shift+Tab", "ed-publish")
    keys.press("Enter")
    expect(page.locator("#ed-version")).to_contain_text("Версия 1 опубликована")

    before = len(orders(installation))
    call(page, "С клавиатуры", "79003100011")
    assert orders(installation)[before:] == [payload_of("example-words-and-silence")]


def test_the_same_example_by_mouse_alone(open_page, installation):
    """The keyboard only fills the fields that the mouse has opened."""
    page = open_page("operator")
    new_draft(page, "Мышью")
    page.locator("#f-text").click()
    page.keyboard.type("Текст для генерации аудиоролика")
    page.locator("#f-recognize").click()

    page.locator("[data-pick=root]").hover()
    page.locator(".ed-plus[data-add=root]").click()
    page.locator(".ed-menu [data-kind=words]").click()
    for word in ("Да", "нет", "не", "знаю"):
        page.locator("#f-words").click()
        page.keyboard.type(f"{word},")
    page.locator("#f-text").click()
    page.keyboard.type("Текст аудиоролика")
    page.locator("#f-sms-on").click()
    page.locator("#f-sms").click()
    page.keyboard.type("текст СМС")

    page.locator(".ed-add[data-add=root]").click()
    page.locator(".ed-menu [data-kind=silence]").click()
    page.locator("#f-sound-on").click()
    page.locator("#f-text").click()
    page.keyboard.type("Текст аудиоролика")
    saved(page)
    publish(page)

    before = len(orders(installation))
    call(page, "Мышью", "79003100012")
    assert orders(installation)[before:] == [payload_of("example-words-and-silence")]


def test_the_example_with_records_by_mouse(open_page, installation):
    """A record, a key with a record, a key with a manager: the first example of the document."""
    page = open_page("operator")
    upload(page, "Приветствие редактора")
    new_draft(page, "С роликом")
    page.locator("#f-sound-record").click(force=True)
    choose_record(page, "приветствие ред")
    page.locator("[data-pick=root]").hover()
    page.locator(".ed-plus[data-add=root]").click()
    page.locator(".ed-menu [data-digit='1']").click()
    page.locator("#f-sound-record").click(force=True)
    choose_record(page, "приветствие ред")
    page.locator(".ed-add[data-add=root]").click()
    page.locator(".ed-menu [data-digit='2']").click()
    page.locator("#f-sound-on").click()
    page.locator("#f-manager_phone-on").click()
    page.locator("#f-manager_phone").fill("8 (900) 000-00-02")
    page.locator("#f-label").click()
    expect(page.locator("#f-manager_phone")).to_have_value("+7 (900) 000-00-02")
    saved(page)
    page.locator("#t-json").click()
    shown = json.loads(page.inner_text(".ed-json"))
    publish(page)

    before = len(orders(installation))
    call(page, "С роликом", "79003100013")
    sent = orders(installation)[before:]
    assert sent == [shown]
    record = sent[0]["record"]
    assert set(record) == {"id"}
    assert sent[0]["ivrs"] == [
        {"digit": 1, "record": record},
        {"digit": 2, "managerPhone": "79000000002"},
    ]


def upload(page, name: str) -> None:
    page.goto("/records/upload/")
    sound = {"name": f"{name}.wav", "mimeType": "audio/wav", "buffer": small_wav(5)}
    page.set_input_files("input[type=file]", sound)
    expect(page.locator(".upload.is-ok", has_text=name)).to_be_visible()
    page.goto("/records/")
    row = page.locator("tr", has_text=name).first
    expect(row.locator(".badge.is-ok")).to_be_visible(timeout=60_000)


def choose_record(page, words: str) -> None:
    page.locator("#f-record").click()
    with page.expect_response("**/records/?q=*"):
        page.locator("#ed-search").fill(words)
    row = page.locator(".ed-records li")
    expect(row).to_have_count(1)
    row.locator("[data-listen]").click()
    expect(row.locator("[data-listen]")).to_have_attribute("aria-pressed", "true")
    row.locator("[data-record]").click()
    expect(page.locator(".ed-chosen audio")).to_be_visible()


def test_a_step_is_dragged_between_menus_and_gets_a_free_key(open_page):
    page = open_page("operator")
    new_draft(page, "Перетащить", "order")
    assert titles(page)[1:4] == ["Подтвердил", "Подтвердил голосом", "Перенести доставку"]
    drag(page, "Подтвердил", "Перенести доставку")
    moved = page.locator(".ed-kids .ed-kids .ed-t")
    assert moved.all_inner_texts() == ["Завтра", "Послезавтра", "Подтвердил"]
    assert page.locator(".ed-kids .ed-kids .ed-key").all_inner_texts() == ["1", "2", "3"]
    saved(page)
    page.keyboard.press("Control+z")
    assert titles(page)[1] == "Подтвердил"
    drag(page, "Перенести доставку", "Завтра")  # into its own branch: nothing happens
    assert titles(page)[3] == "Перенести доставку"
    drag(page, "Послезавтра", "Завтра", at=0.1)
    assert moved.all_inner_texts() == ["Послезавтра", "Завтра"]


def drag(page, title: str, target: str, at: float = 0.5) -> None:
    """Drag a card by its key onto another, ``at`` a part of its height."""
    grip = box_of(page, title).locator(".ed-key").bounding_box()
    to = box_of(page, target).bounding_box()
    page.mouse.move(grip["x"] + 15, grip["y"] + 15)
    page.mouse.down()
    page.mouse.move(to["x"] + 150, to["y"] + to["height"] * at + 9, steps=6)
    page.mouse.move(to["x"] + 150, to["y"] + to["height"] * at)
    page.mouse.up()


def box_of(page, title: str):
    return page.locator(".ed-box", has=page.get_by_text(title, exact=True))


def test_a_step_is_dragged_by_a_finger(open_page):
    page = open_page("operator", "phone", touch=True)
    new_draft(page, "Пальцем", "order")
    grip = box_of(page, "Подтвердил").locator(".ed-key").bounding_box()
    target = box_of(page, "Перенести доставку").bounding_box()
    fingers = page.context.new_cdp_session(page)

    def touch(kind: str, x: float = 0, y: float = 0) -> None:
        points = [] if kind == "touchEnd" else [{"x": x, "y": y}]
        fingers.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    x, y = grip["x"] + 15, grip["y"] + 15
    to = target["x"] + 150, target["y"] + target["height"] / 2
    touch("touchStart", x, y)
    for part in (0.2, 0.5, 0.8, 1):
        touch("touchMove", x + (to[0] - x) * part, y + (to[1] - y) * part)
    expect(page.locator(".ed-box.is-inside")).to_have_count(1)
    touch("touchEnd")
    expect(page.locator(".ed-kids .ed-kids .ed-t")).to_have_text(
        ["Завтра", "Послезавтра", "Подтвердил"]
    )


def test_moving_copying_deleting_and_folding_by_keyboard(open_page):
    page = open_page("operator")
    new_draft(page, "Клавишами", "order")
    keys = page.keyboard
    page.locator("[data-pick=root]").focus()
    keys.press("ArrowRight")
    assert focused_step(page) == "Подтвердил"
    keys.press("Alt+ArrowDown")
    assert titles(page)[1:3] == ["Подтвердил голосом", "Подтвердил"]
    assert focused_step(page) == "Подтвердил"
    keys.press("Control+d")
    assert focused_step(page) == "Подтвердил"
    assert titles(page).count("Подтвердил") == 2
    keys.press("Delete")
    assert titles(page).count("Подтвердил") == 1
    assert page.evaluate("document.activeElement.matches('[data-pick]')")
    keys.press("End")
    keys.press("ArrowUp")
    assert focused_step(page) == "Перенести доставку"
    keys.press("Space")
    assert "Завтра" not in titles(page)
    expect(page.locator(".ed-fold")).to_have_text("+2")
    keys.press("Space")
    keys.press("m")
    dialog = page.get_by_role("dialog")
    own = dialog.get_by_role("button", name="Перенести доставку")
    expect(own).to_be_disabled()
    dialog.get_by_role("button", name="Подтвердил голосом").press("Enter")
    expect(dialog).to_be_hidden()
    assert focused_step(page) == "Перенести доставку"
    expect(page.locator("#ed-toast")).to_contain_text("в «Подтвердил голосом»")
    for _level in range(4):
        keys.press("Control+z")
    assert titles(page)[1:4] == ["Подтвердил", "Подтвердил голосом", "Перенести доставку"]


def test_a_deleted_branch_comes_back_from_the_notice(open_page):
    page = open_page("operator")
    new_draft(page, "Вернуть", "order")
    box_of(page, "Перенести доставку").locator(".ed-pick").focus()
    page.keyboard.press("Delete")
    notice = page.locator("#ed-toast")
    expect(notice).to_contain_text("Шаг удалён вместе с 2 вложенными")
    notice.get_by_role("button", name="Отменить").click()
    assert "Послезавтра" in titles(page)
    assert focused_step(page) == "Перенести доставку"
