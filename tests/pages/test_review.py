"""Reviewing in a browser: ten calls by keyboard alone, two managers at once, a lost hold, no
connection; and what every page has to be by day and by night, on a desk and on a phone."""

import re
import sqlite3
from contextlib import closing, contextmanager

import pytest
from playwright.sync_api import expect

from tests.installation import wait_for
from tests.pages.conftest import expecting, faults_of, sign_in

NUMBERS = [f"7905{number:04d}{ending}" for number in range(100, 108) for ending in ("001", "005")]
HOME = "/review/?period=all"
VIEWS = [("desk", False), ("desk", True), ("phone", False), ("phone", True)]
OUT = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"


@contextmanager
def database(installation):
    with closing(sqlite3.connect(installation.data / "obzvon.sqlite3", timeout=20)) as connection:
        yield connection
        connection.commit()


def count(installation, question: str) -> int:
    with database(installation) as rows:
        return rows.execute(question).fetchone()[0]


@pytest.fixture(scope="module")
def heard(installation, browser):
    """Calls that were answered and recorded, and a checklist of two lines."""
    context = browser.new_context(base_url=installation.url, locale="ru-RU")
    page = context.new_page()
    sign_in(page, "operator")
    page.goto("/calls/new/")
    page.fill("[name=numbers]", "\n".join(NUMBERS))
    page.check("[name=message][value=scenario]")
    page.select_option("[name=scenario]", index=1)
    page.locator("#call-check [data-submit]").click()
    page.wait_for_url(re.compile(r"/campaigns/\d+/$"))
    kept = "SELECT count(*) FROM calls_recording WHERE state = 'kept'"
    wait_for(lambda: count(installation, kept) >= len(NUMBERS), seconds=150)
    context.close()
    with database(installation) as rows:
        rows.execute("DELETE FROM calls_checklistitem")
        rows.executemany(
            "INSERT INTO calls_checklistitem (text, weight, place, is_active) VALUES (?, ?, ?, 1)",
            [("Поздоровался и представился", 1, 1), ("Ответил верно и по делу", 3, 2)],
        )
    return installation


@pytest.fixture
def fresh(heard):
    """Nobody has reviewed anything, nobody holds anything."""
    with database(heard) as rows:
        for table in ("review", "recordingcomment", "recording_tags", "followup", "tag"):
            rows.execute(f"DELETE FROM calls_{table}")  # noqa: S608
        rows.execute("UPDATE calls_recording SET leased_by_id = NULL, leased_until = NULL")
    return heard


def call_on(page) -> str:
    return page.locator("[data-work]").get_attribute("data-id")


def is_ready(page) -> None:
    """The next one is there before it is asked for."""
    expect(page.locator("[data-review]")).to_have_attribute("data-ready", "next")


def test_ten_calls_in_one_sitting_by_keyboard_alone(fresh, open_page):
    page = open_page("manager")
    page.goto(HOME)
    done = []
    for number in range(10):
        is_ready(page)
        done.append(call_on(page))
        keys = ["y", "n", str(number % 5 + 1)]
        for key in keys:
            page.keyboard.press(key)
        if number == 0:
            page.keyboard.press("t")
            page.keyboard.type("жалоба")
            page.keyboard.press("Enter")
            expect(page.locator("#review-tags .rv-tag")).to_have_text(re.compile("жалоба"))
            page.keyboard.press("Escape")
        if number == 1:
            page.keyboard.press("]")
            expect(page.locator("[data-player-rate]")).to_have_text("1,25×")
            page.keyboard.press("ArrowRight")
            page.keyboard.press("c")
            page.keyboard.type("Говорит слишком быстро")
            page.keyboard.press("Enter")
            expect(page.locator("#review-comments")).to_contain_text("Говорит слишком быстро")
            page.keyboard.press("Escape")
        page.keyboard.press("Enter")
        if number < 9:
            expect(page.locator("[data-work]")).not_to_have_attribute("data-id", done[-1])
    wait_for(lambda: reviewed(fresh) == 10, seconds=20)
    assert len(set(done)) == 10
    question = "SELECT count(*) FROM calls_review WHERE state = 'done' AND score = 25"
    assert count(fresh, question) == 10
    assert count(fresh, "SELECT count(*) FROM calls_recordingcomment WHERE second > 0") == 1
    # Back to the last one: a draft again, with its mark.
    is_ready(page)
    page.keyboard.press("Backspace")
    page.wait_for_url(re.compile(rf"/review/{done[-1]}/"))
    expect(page.locator("[name=mark]:checked")).to_have_value("5")
    assert reviewed(fresh) == 9
    page.keyboard.press("2")
    expect(page.locator("[data-saved-words]")).to_contain_text("Сохранено в")
    page.keyboard.press("Enter")
    wait_for(lambda: reviewed(fresh) == 10, seconds=20)


def reviewed(installation) -> int:
    return count(installation, "SELECT count(*) FROM calls_review WHERE state = 'done'")


def test_a_comment_that_was_not_sent_is_there_when_the_page_is_opened_again(fresh, open_page):
    page = open_page("manager")
    page.goto(HOME)
    is_ready(page)
    field = page.locator("[data-comment-input]")
    field.fill("Недоговорил")
    mine = call_on(page)
    expect(page).to_have_url(re.compile(rf"/review/{mine}/"))
    page.reload()
    expect(field).to_have_value("Недоговорил")
    field.press("Enter")
    expect(page.locator("#review-comments .rv-comments")).to_contain_text("Недоговорил")
    expect(field).to_have_value("")
    page.reload()
    expect(page.locator("#review-comments .rv-comments")).to_contain_text("Недоговорил")
    expect(field).to_have_value("")


def test_a_comment_that_went_along_with_its_review_is_not_offered_again(fresh, open_page):
    page = open_page("manager")
    page.goto(HOME)
    is_ready(page)
    mine = call_on(page)
    page.locator("[data-comment-input]").fill("Хорошо")
    page.keyboard.press("Escape")
    page.keyboard.press("5")
    page.keyboard.press("Enter")
    expect(page.locator("[data-work]")).not_to_have_attribute("data-id", mine)
    page.get_by_role("button", name="Предыдущий").click()
    page.wait_for_url(re.compile(rf"/review/{mine}/"))
    expect(page.locator("#review-comments .rv-comments")).to_contain_text("Хорошо")
    expect(page.locator("[data-comment-input]")).to_have_value("")
    assert count(fresh, "SELECT count(*) FROM calls_recordingcomment") == 1


def test_the_next_person_at_a_computer_is_not_offered_what_the_one_before_typed(fresh, open_page):
    page = open_page("manager")
    page.goto(HOME)
    is_ready(page)
    address = page.locator("[data-work]").get_attribute("data-page")
    page.locator("[data-comment-input]").fill("Не моё дело")
    page.context.set_offline(True)
    page.keyboard.press("Escape")
    page.keyboard.press("4")
    expect(page.locator("[data-saved-words]")).to_contain_text("Нет связи")
    page.goto("about:blank")
    page.context.set_offline(False)
    page.context.clear_cookies()
    with database(fresh) as rows:
        rows.execute("UPDATE calls_recording SET leased_by_id = NULL, leased_until = NULL")
    sign_in(page, "admin")
    page.goto(address)
    is_ready(page)
    expect(page.locator("[data-comment-input]")).to_have_value("")
    expect(page.locator("[name=mark]:checked")).to_have_count(0)
    open_page.complaints[:] = [c for c in open_page.complaints if "ERR_INTERNET" not in c]


def test_two_managers_at_once_never_hear_the_same_call(fresh, open_page):
    pages = [open_page("manager"), open_page("admin")]
    heard_by = [[], []]
    for page in pages:
        page.goto(HOME)
    for _ in range(5):
        for page, mine in zip(pages, heard_by, strict=True):
            is_ready(page)
            mine.append(call_on(page))
            page.keyboard.press("4")
            page.keyboard.press("Enter")
            expect(page.locator("[data-work]")).not_to_have_attribute("data-id", mine[-1])
    assert len({*heard_by[0], *heard_by[1]}) == 10
    wait_for(lambda: reviewed(fresh) == 10, seconds=20)
    question = "SELECT count(*) FROM (SELECT 1 FROM calls_review GROUP BY recording_id)"
    assert count(fresh, question) == 10


def test_a_lost_hold_is_told_and_nothing_typed_is_lost(fresh, open_page):
    page = open_page("manager")
    page.goto(HOME)
    is_ready(page)
    mine = call_on(page)
    with database(fresh) as rows:
        taken = "UPDATE calls_recording SET leased_by_id = (SELECT id FROM accounts_user WHERE"
        rows.execute(
            f"{taken} username = 'admin'), leased_until = '2099-01-01' WHERE id = ?", [mine]
        )
    page.keyboard.press("3")
    expect(page.locator("[data-lost]")).to_be_visible()
    expect(page.locator("[data-lost]")).to_contain_text("сейчас у другого менеджера")
    assert faults_of(page) == []
    assert count(fresh, f"SELECT mark FROM calls_review WHERE recording_id = {int(mine)}") == 3  # noqa: S608
    page.keyboard.press("Enter")  # goes nowhere
    page.get_by_role("link", name="К следующему").press("Enter")
    expect(page.locator("[data-work]")).not_to_have_attribute("data-id", mine)


def test_without_a_connection_typing_goes_on_and_is_saved_afterwards(fresh, open_page):
    page = open_page("manager")
    page.goto(HOME)
    is_ready(page)
    mine = call_on(page)
    page.context.set_offline(True)
    page.keyboard.press("4")
    expect(page.locator("[data-saved-words]")).to_contain_text("Нет связи")
    page.keyboard.press("5")
    assert count(fresh, "SELECT count(*) FROM calls_review") == 0
    page.context.set_offline(False)
    expect(page.locator("[data-saved-words]")).to_contain_text("Сохранено в", timeout=30_000)
    assert count(fresh, f"SELECT mark FROM calls_review WHERE recording_id = {int(mine)}") == 5  # noqa: S608
    open_page.complaints[:] = [c for c in open_page.complaints if "ERR_INTERNET" not in c]


def test_an_answer_that_never_came_is_no_conflict(fresh, open_page):
    page = open_page("manager")
    page.goto(HOME)
    is_ready(page)

    def lose(route):
        route.fetch()
        route.abort()

    page.route("**/save/", lose, times=1)
    page.keyboard.press("4")
    expect(page.locator("[data-saved-words]")).to_contain_text("Нет связи")
    with expecting(open_page, "HTTP 409"):
        page.keyboard.press("2")
        expect(page.locator("[data-saved-words]")).to_contain_text("Сохранено в", timeout=30_000)
    assert count(fresh, "SELECT mark FROM calls_review") == 2


def test_another_window_is_no_accident(fresh, open_page):
    page = open_page("manager")
    page.goto(HOME)
    other = page.context.new_page()
    other.goto(f"/review/{call_on(page)}/?period=all")
    other.keyboard.press("5")
    expect(other.locator("[data-saved-words]")).to_contain_text("Сохранено в")
    with expecting(open_page, "HTTP 409"):
        page.keyboard.press("1")
        expect(page.locator("[data-work] [data-refused]")).to_contain_text("изменили в другом окне")
    assert faults_of(page) == []
    page.get_by_role("button", name="Оставить моё").press("Enter")
    expect(page.locator("[data-saved-words]")).to_contain_text("Сохранено в")
    assert count(fresh, "SELECT mark FROM calls_review") == 1


def test_a_review_that_is_done_is_only_looked_at_until_it_is_a_draft_again(fresh, open_page):
    page = open_page("manager")
    page.goto(HOME)
    is_ready(page)
    mine = call_on(page)
    page.keyboard.press("4")
    page.keyboard.press("Enter")
    expect(page.locator("[data-work]")).not_to_have_attribute("data-id", mine)
    page.goto(f"/review/{mine}/?period=all")
    is_ready(page)
    for key in ("2", "y", "Enter"):  # write nothing and go nowhere
        page.keyboard.press(key)
    expect(page.locator("[name=mark]:checked")).to_have_value("4")
    assert call_on(page) == mine
    assert faults_of(page) == []
    page.get_by_role("button", name="Вернуть в черновик").press("Enter")
    expect(page.locator("[data-ended]")).to_have_count(0)
    page.keyboard.press("2")
    expect(page.locator("[data-saved-words]")).to_contain_text("Сохранено в")
    assert count(fresh, "SELECT mark FROM calls_review WHERE state = 'draft'") == 2


@pytest.mark.parametrize(("size", "dark"), VIEWS)
def test_pages_are_whole_by_day_and_night(fresh, open_page, size, dark):
    page = open_page("manager", size, dark=dark)
    found = []
    for path in (HOME, "/review/", "/review/?period=yesterday", "/review/checklist/", "/tasks/"):
        page.goto(path)
        found += [f"{path}: {fault}" for fault in faults_of(page)]
        if page.evaluate(OUT) > 0:
            found.append(f"{path}: wider than the window")
    page.goto(HOME)
    for summary in page.locator("summary:visible").all():
        summary.click()
    found += faults_of(page)
    page.locator("[data-work] .sub a").first.click()
    expect(page.locator("#review")).to_be_visible()
    found += [f"call: {fault}" for fault in faults_of(page)]
    assert page.evaluate(OUT) <= 0
    assert found == []


def test_without_scripts_a_review_is_a_form(fresh, open_page, browser):
    page = open_page("manager")
    plain = browser.new_context(
        base_url=fresh.url, java_script_enabled=False, storage_state=page.context.storage_state()
    ).new_page()
    plain.goto(HOME)
    first = call_on(plain)
    plain.locator("[name=mark][value='4']").check(force=True)
    plain.get_by_role("button", name="Сохранить и дальше").click()
    assert call_on(plain) != first
    expect(plain.locator("#toasts")).to_contain_text("Проверка сохранена")
    assert reviewed(fresh) == 1
    plain.context.close()
