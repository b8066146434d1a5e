"""All components in a real browser: their looks by axe, their behaviour by hand."""

import pytest
from playwright.sync_api import expect

from tests.pages.conftest import faults_of

VIEWS = [("desk", False), ("desk", True), ("phone", False), ("phone", True)]


@pytest.mark.parametrize(("size", "dark"), VIEWS)
def test_every_component_is_accessible(open_page, size, dark):
    page = open_page("operator", size, dark=dark)
    page.goto("/ui/")
    assert faults_of(page) == []
    page.get_by_role("button", name="Окно").click()
    assert faults_of(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"]


def test_at_320_pixels_and_double_size_nothing_is_lost(open_page):
    page = open_page("operator")
    page.set_viewport_size({"width": 320, "height": 640})
    for path in ("/ui/", "/", "/calls/", "/calls/new/"):
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, path


def test_a_dialog_gives_the_focus_back(open_page):
    page = open_page("operator")
    page.goto("/ui/")
    page.get_by_role("button", name="Окно").click()
    expect(page.get_by_role("dialog", name="Окно")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog", name="Окно")).to_be_hidden()
    expect(page.get_by_role("button", name="Окно")).to_be_focused()


def test_a_confirmation_names_the_deed(open_page):
    page = open_page("operator")
    page.goto("/ui/")
    page.locator("main [data-confirm]").click()
    dialog = page.locator("#confirm")
    expect(dialog).to_contain_text("Удалить ролик?")
    expect(dialog.locator("[data-confirm-yes]")).to_have_text("Удалить")
    dialog.get_by_role("button", name="Отмена").click()
    expect(dialog).to_be_hidden()


def test_the_drawer_of_a_phone_opens_closes_and_holds_the_focus(open_page):
    page = open_page("operator", "phone")
    page.goto("/ui/")
    button = page.locator("[data-drawer]")
    side = page.get_by_role("navigation", name="Разделы")
    expect(side).to_be_hidden()
    button.click()
    expect(side).to_be_visible()
    expect(button).to_have_attribute("aria-expanded", "true")
    assert page.evaluate("document.querySelector('#main').closest('[inert]') !== null")
    closed_off = ("landmark-one-main", "page-has-heading-one")  # the page behind, as is meant
    assert [fault for fault in faults_of(page) if not fault.startswith(closed_off)] == []
    page.keyboard.press("Escape")
    expect(side).to_be_hidden()
    expect(button).to_be_focused()
    button.press("Space")
    page.mouse.click(380, 500)
    expect(side).to_be_hidden()


def test_without_scripts_the_sections_are_one_press_away(browser, installation, open_page):
    page = open_page("operator", "phone")
    bare = browser.new_context(
        base_url=installation.url,
        viewport=page.viewport_size,
        java_script_enabled=False,
        storage_state=page.context.storage_state(),
    )
    plain = bare.new_page()
    plain.goto("/ui/")
    plain.click("a.burger")
    expect(plain.locator("#side a[href='/calls/']")).to_be_visible()
    bare.close()


def test_the_theme_changes_at_once_and_stays(open_page):
    page = open_page("manager")
    page.goto("/ui/")
    night = page.evaluate("getComputedStyle(document.body).backgroundColor")
    with page.expect_response("**/profile/theme/"):
        page.locator("[data-theme-toggle] button").click()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") != night
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")


def test_keys_work_in_a_russian_layout_and_never_while_typing(open_page):
    page = open_page("operator")
    page.goto("/ui/")
    page.keyboard.press("Slash")
    expect(page.locator("#search")).to_be_focused()
    page.keyboard.type("gj?")
    expect(page.locator("#search")).to_have_value("gj?")
    page.locator("h1").focus()
    page.keyboard.press("Shift+Slash")
    expect(page.locator("#shortcuts")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("KeyJ")
    expect(page.locator("main .table .tlink").first).to_be_focused()
    page.evaluate(
        """for (const [key, code] of [["п", "KeyG"], ["о", "KeyJ"]]) {
             const press = new KeyboardEvent("keydown", {key, code, bubbles: true});
             document.body.dispatchEvent(press);
           }"""
    )
    page.wait_for_url("**/calls/")


def test_a_player_says_where_it_is(open_page):
    page = open_page("operator")
    page.goto("/ui/")
    player = page.get_by_role("group", name="Запись разговора")
    place = player.get_by_role("slider")
    expect(place).to_have_attribute("aria-valuetext", "0:00 из 1:08")
    speed = player.get_by_role("button", name="Скорость")
    expect(speed).to_contain_text("1×")
    speed.click()
    expect(speed).to_contain_text("1,25×")
    play = player.get_by_role("button", name="Слушать")
    play.click()  # there is no sound there
    expect(player.get_by_role("alert")).to_have_text("Звук не открылся. Попробуйте ещё раз.")
    open_page.complaints[:] = [line for line in open_page.complaints if "no-sound" not in line]


def test_a_fragment_without_a_connection_says_so_and_comes_back(open_page):
    page = open_page("operator")
    page.goto("/")
    expect(page.locator("#overview-running")).to_be_visible()
    page.route("**/overview/running/", lambda route: route.fulfill(status=502, body="<h1>bad</h1>"))
    line = page.locator("#overview-running .offline")
    page.evaluate("htmx.trigger('#overview-running', 'every')")
    expect(line).to_contain_text("Нет связи, пробуем через 5 с")
    expect(page.locator("#overview-running h2")).to_have_text("Идут сейчас")
    line.get_by_role("button", name="Повторить").click()
    expect(line).to_contain_text("через 10 с")
    page.unroute("**/overview/running/")
    line.get_by_role("button", name="Повторить").click()
    expect(line).to_have_count(0)
    open_page.complaints[:] = [line for line in open_page.complaints if "HTTP 502" not in line]


def test_a_hidden_page_is_silent_and_catches_up_on_return(open_page):
    page = open_page("operator")
    page.goto("/")
    page.wait_for_load_state("networkidle")
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.evaluate(
        """Object.defineProperty(document, "hidden", {value: true, configurable: true});
           htmx.trigger("#overview-running", "every")"""
    )
    page.wait_for_timeout(300)
    assert asked == []
    with page.expect_response("**/overview/running/"):
        page.evaluate(
            """Object.defineProperty(document, "hidden", {value: false, configurable: true});
               document.dispatchEvent(new Event("visibilitychange"))"""
        )


def test_what_was_opened_stays_open_through_a_refresh(open_page):
    page = open_page("operator")
    page.goto("/ui/")
    balance = page.locator("#balance details")
    balance.locator("summary").click()
    for _ in range(2):
        with page.expect_response("**/balance/"):
            page.evaluate("document.body.dispatchEvent(new Event('obz:balance'))")
    expect(balance).to_have_attribute("open", "")


def test_a_session_that_is_over_leads_to_the_login_and_back(open_page):
    page = open_page("operator")
    page.goto("/")
    page.context.clear_cookies()
    page.evaluate("htmx.trigger('#overview-running', 'every')")
    page.wait_for_url("**/login/?next=/")
