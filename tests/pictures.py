"""The pictures of the documents, taken from a running installation: ``make pictures``."""

import re
import tempfile
from pathlib import Path

from playwright.sync_api import Page, expect, sync_playwright

from tests.installation import running_installation
from tests.pages.conftest import FLAGS, SIZES, sign_in

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "docs" / "images"
PHONES = [f"7900{number:03d}00{number % 90 + 1:02d}" for number in range(100, 400, 9)]


def main() -> None:
    with (
        tempfile.TemporaryDirectory() as folder,
        running_installation(Path(folder), OBZVON_EMULATOR_SPEED="2") as installation,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        context = browser.new_context(
            base_url=installation.url, viewport=SIZES["desk"], locale="ru-RU"
        )
        page = context.new_page()
        sign_in(page, "operator")
        campaign = launch(page)
        take(page, "/calls/", "journal")
        take_editor(page)
        take(page, "/records/", "records")
        take_campaign(page)
        page.set_viewport_size(SIZES["phone"])
        take(page, "/calls/", "journal-phone")
        page.set_viewport_size(SIZES["desk"])
        page.emulate_media(color_scheme="dark")
        take(page, "/calls/", "journal-dark")
        page.emulate_media(color_scheme="light")
        page.goto(campaign)
        whole = f"{len(PHONES)} из {len(PHONES)}"
        expect(page.locator("#campaign-progress")).to_contain_text(whole, timeout=180_000)
        take(page, "/scenarios/1/versions/1/ways/", "ways")
        browser.close()


def take_campaign(page: Page) -> None:
    """The wizard's check, and a campaign of a list on its way."""
    page.goto("/campaigns/new/")
    page.get_by_role("button", name="Пустой обзвон").click()
    page.fill("[name=name]", "Заказы к выдаче")
    page.get_by_label("Вставить номера").check()
    numbers = (f"7916{number:04d}{number % 90 + 1:03d}" for number in range(100, 900))
    page.fill("[name=numbers]", "\n".join(numbers))
    forward(page, "message")
    page.fill("[name=text]", "Здравствуйте! Это магазин «Лавка». Ваш заказ собран и ждёт вас.")
    forward(page, "time")
    page.locator("label", has_text="Сервисный обзвон").click()
    page.locator("label", has_text="Звонить и остальным").click()
    page.fill("[name=consent_waiver]", "договор купли-продажи, пункт 7")
    forward(page, "check")
    page.fill("[name=budget]", "2000")
    expect(page.locator("#campaign-draft-review")).to_contain_text("₽")
    page.screenshot(path=FOLDER / "check.png")
    forward(page, "launch")
    page.locator("#campaign-draft-ready button").click()
    page.wait_for_url(re.compile(r"/campaigns/\d+/$"))
    # A third done: the picture shows every state.
    done = re.compile(r"\b[3-7]\d\d из 800")
    expect(page.locator("#campaign-progress .pn-big")).to_contain_text(done, timeout=180_000)
    page.reload()
    page.wait_for_load_state("networkidle")
    page.screenshot(path=FOLDER / "campaign.png")


def forward(page: Page, step: str) -> None:
    page.get_by_role("button", name="Дальше").last.click()
    page.wait_for_url(re.compile(rf"/{step}/"))


def take_editor(page: Page) -> None:
    """A step with an error, then a trial call on its way."""
    page.goto("/scenarios/1/")
    page.locator("[data-pick]", has_text="Послезавтра").last.click()
    page.locator("#f-sms-on").click()
    page.fill("#f-sms", "Доставка перенесена на послезавтра с 10 до 14 часов. Ваш магазин «Лавка»")
    page.wait_for_load_state("networkidle")
    page.screenshot(path=FOLDER / "scenario.png")
    page.locator(".ed-cost [data-do=call]").click()
    page.locator("#sim-key-2").click()
    page.screenshot(path=FOLDER / "trial.png")


def launch(page: Page) -> str:
    """Calls with a scenario; the address of their campaign."""
    page.goto("/calls/new/")
    page.fill("[name=numbers]", "\n".join(PHONES))
    page.check("[name=message][value=scenario]")
    page.select_option("[name=scenario]", index=1)
    expect(page.locator("#call-check")).to_contain_text(str(len(PHONES)))
    page.locator("#call-check [data-submit]").click()
    page.wait_for_url(re.compile(r"/campaigns/\d+/$"))
    # Half done: the picture shows every state.
    campaign = page.url
    expect(page.locator("#journal-rows .is-ok")).not_to_have_count(0, timeout=60_000)
    return campaign


def take(page: Page, path: str, name: str) -> None:
    page.goto(path)
    page.wait_for_load_state("networkidle")
    page.screenshot(path=FOLDER / f"{name}.png")


if __name__ == "__main__":
    main()
