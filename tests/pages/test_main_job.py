"""The whole way of an operator: record, scenario, twenty numbers, live, recording, balance."""

import re

from playwright.sync_api import expect

from tests.installation import wait_for
from tests.pages.editing import new_draft, publish
from tests.pages.sounds import small_wav

GOOD = [f"+7 (900) 100-00-{number:02d}" for number in (1, 2, 3, 4, 5, 6, 7, 9, *range(11, 20))]
PASTE = "\n".join([*GOOD, "12345", "не номер", "8 900 100 00 01"])


def test_from_a_record_to_a_recording(open_page):
    page = open_page("operator")
    upload_a_record(page)
    speak_a_text(page)
    publish_a_scenario(page)
    page.goto("/")
    expect(page.locator("#balance")).to_contain_text("₽")
    balance = roubles(page.inner_text("#balance"))
    call_twenty_numbers(page)
    watch_until_all_are_final(page)
    play_a_recording(page)
    wait_for(lambda: roubles(page.inner_text("#balance")) < balance, seconds=30)


def upload_a_record(page) -> None:
    page.goto("/records/upload/")
    page.set_input_files(
        "input[type=file]",
        {"name": "Приветствие.wav", "mimeType": "audio/wav", "buffer": small_wav()},
    )
    expect(page.locator(".upload.is-ok", has_text="Приветствие")).to_be_visible()
    page.goto("/records/")
    row = page.locator("tr", has_text="Приветствие").first
    expect(row.locator(".badge.is-ok")).to_be_visible(timeout=60_000)


def speak_a_text(page) -> None:
    page.goto("/records/speak/")
    page.fill("[name=text]", "Здравствуйте! Это проверка озвучивания.")
    page.locator("main form button.btn-p").click()
    page.wait_for_url(re.compile(r"/records/(\d+/)?$"))
    page.goto("/records/")
    row = page.locator("tr", has_text="озвучивания").first
    expect(row).to_be_visible()


def publish_a_scenario(page) -> None:
    new_draft(page, "Два уровня")
    page.fill("#f-text", "Здравствуйте! Нажмите 1, чтобы узнать больше.")
    add_answer(page, "root", 1)
    page.fill("#f-text", "Чтобы согласиться, нажмите 1.")
    add_answer(page, page.locator(".is-chosen [data-pick]").get_attribute("data-pick"), 1)
    page.locator("#f-sound-record").click(force=True)
    page.locator("#f-record").click()
    page.locator(".ed-records [data-record]").first.click()
    publish(page)


def add_answer(page, step: str, digit: int) -> None:
    page.locator(f".ed-panel [data-add='{step}']").click()
    page.locator(f".ed-menu [data-digit='{digit}']").click()


def call_twenty_numbers(page) -> None:
    page.goto("/calls/new/")
    page.fill("[name=numbers]", PASTE)
    page.check("[name=message][value=scenario]")
    scenario = page.locator("[name=scenario] option", has_text="Два уровня")
    page.select_option("[name=scenario]", scenario.get_attribute("value"))
    check = page.locator("#call-check")
    expect(check).to_contain_text("17 номеров")
    expect(check).to_contain_text("2 строки с ошибкой")
    expect(check).to_contain_text("1 повтор")
    page.press("[name=numbers]", "Control+Enter")
    page.wait_for_url(re.compile(r"/campaigns/\d+/$"))


def watch_until_all_are_final(page) -> None:
    progress = page.locator("#campaign-progress")
    expect(progress).to_contain_text("17 из 17", timeout=90_000)
    expect(progress).not_to_have_attribute("hx-trigger", re.compile("every"))
    expect(page.locator("#journal-rows .badge")).to_have_count(17)
    expect(page.locator("#journal-rows .is-ok").first).to_be_visible()
    expect(page.locator("#journal-rows")).not_to_have_attribute("hx-trigger", re.compile("every"))


def play_a_recording(page) -> None:
    page.locator("#journal-rows tr", has=page.locator(".is-ok")).locator("a").first.click()
    page.wait_for_url(re.compile(r"/calls/\d+/$"))
    audio = page.locator("#call-progress audio")
    expect(audio).to_be_attached(timeout=60_000)
    played = audio.evaluate(
        """async (sound) => {
            sound.muted = true;
            await sound.play();
            await new Promise((done) => sound.addEventListener("timeupdate", done, {once: true}));
            return [sound.duration, sound.currentTime];
        }"""
    )
    assert played[0] > 0.5


def roubles(text: str) -> float:
    found = re.search(r"([\d\u00a0]+,\d\d)\u00a0₽", text)
    assert found, text
    return float(found[1].replace("\u00a0", "").replace(",", "."))
