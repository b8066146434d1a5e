"""The new call's form in a browser: once is once, whatever is pressed."""

import re

from playwright.sync_api import expect

from tests.pages.conftest import expecting

TEXT = "Здравствуйте! Это проверка."


def fill(page, numbers: str) -> None:
    page.goto("/calls/new/")
    fill_again(page, numbers)


def fill_again(page, numbers: str) -> None:
    """As a browser does, or as a person would."""
    page.fill("[name=numbers]", numbers)
    page.check("[name=message][value=text]")
    page.fill("[name=text]", TEXT)


def campaign_of(page) -> str:
    page.wait_for_url(re.compile(r"/campaigns/\d+/$"))
    return page.url


def calls_to(page, numbers: str) -> int:
    """How many calls the journal finds."""
    page.goto(f"/calls/?q={numbers}")
    return page.locator("#journal-rows tbody tr").count()


def test_a_double_click_and_going_back_call_once(open_page):
    page = open_page("operator")
    fill(page, "79003000001")
    button = page.get_by_role("button", name="Позвонить по 1 номеру")
    expect(button).to_be_visible()
    button.dblclick()
    first = campaign_of(page)
    page.go_back()
    expect(page.locator("[name=numbers]")).to_be_visible()
    fill_again(page, "79003000001")
    page.locator("[data-submit]").click()
    assert campaign_of(page) == first
    expect(page.locator("#toasts")).to_contain_text("Второй раз не звоним")
    assert calls_to(page, "79003000001") == 1


def test_a_new_form_calls_anew(open_page):
    page = open_page("operator")
    fill(page, "79003000002")
    page.press("[name=text]", "Control+Enter")
    first = campaign_of(page)
    fill(page, "79003000002")
    expect(page.locator("#call-check")).to_contain_text("звонили в последние минуты")
    page.press("[name=text]", "Control+Enter")
    assert campaign_of(page) != first
    assert calls_to(page, "79003000002") == 2


def test_somebody_called_minutes_ago_is_not_called_before_one_has_read_so(open_page):
    page = open_page("operator")
    fill(page, "79003000004")
    page.press("[name=text]", "Control+Enter")
    campaign_of(page)
    page.route("**/calls/new/check/", lambda _route: None)  # the person is faster than the check
    fill(page, "79003000004")
    with expecting(open_page, "HTTP 422"):
        page.press("[name=text]", "Control+Enter")
        expect(page.locator("#call-check")).to_contain_text("звонили в последние минуты")
        expect(page.locator("[name=text]")).to_have_value(TEXT)
    assert calls_to(page, "79003000004") == 1


def test_without_scripts_problems_are_seen_before_the_rest_is_called(open_page, browser):
    page = open_page("operator")
    plain = browser.new_context(
        base_url=page.url, java_script_enabled=False, storage_state=page.context.storage_state()
    )
    page = plain.new_page()
    fill(page, "79003000003\n123")
    page.locator("[data-submit]").click()
    expect(page.locator("#call-check")).to_contain_text("Готовы 1 из 2")
    page.locator("[data-submit]").click()
    campaign_of(page)
    assert calls_to(page, "79003000003") == 1
    plain.close()


def test_a_ground_is_asked_for_as_soon_as_the_check_says_so(open_page):
    def check_of_real_people(route):
        answer = route.fetch()
        many = "79003000006" in route.request.post_data
        mark = "</h2><p data-needs-waiver></p>" if many else "</h2>"
        route.fulfill(response=answer, body=answer.text().replace("</h2>", mark, 1))

    page = open_page("operator")
    page.route("**/calls/new/check/", check_of_real_people)
    ground = page.locator("[name=consent_waiver]")
    fill(page, "79003000005")
    expect(page.get_by_role("button", name="Позвонить по 1 номеру")).to_be_visible()
    expect(ground).to_be_hidden()
    page.fill("[name=numbers]", "79003000005 79003000006")
    expect(ground).to_be_visible()
    ground.press_sequentially("Договор № 14")
    with page.expect_response("**/calls/new/check/"):
        pass
    expect(ground).to_have_value("Договор № 14")
    expect(ground).to_be_focused()
    page.fill("[name=numbers]", "79003000005")
    expect(ground).to_be_hidden()
