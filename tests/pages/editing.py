"""What browser tests of the scenario editor share."""

import json
import re
from pathlib import Path

import requests
from playwright.sync_api import Page, expect

CASES = Path(__file__).resolve().parents[1] / "calls/ivr/cases"


def new_draft(page: Page, name: str, example: str = "") -> None:
    """Open the editor of a new scenario."""
    page.goto("/scenarios/new/")
    page.fill("[name=name]", name)
    page.check(f"[name=example][value='{example}']")
    page.get_by_role("button", name="Создать черновик").click()
    page.wait_for_url(re.compile(r"/scenarios/\d+/$"))
    expect(page.locator(".ed-box")).not_to_have_count(0)


def payload_of(case: str) -> dict:
    return json.loads((CASES / f"{case}.json").read_text())["payload"]


def saved(page: Page) -> None:
    """Wait until the server has everything."""
    expect(page.locator("#ed-saved")).to_contain_text("Сохранено")


def publish(page: Page) -> None:
    page.click("#ed-publish")
    expect(page.locator("#ed-version")).to_contain_text("опубликована")


def call(page: Page, scenario: str, phone: str) -> None:
    """Order one call that plays the newest version of a scenario."""
    page.goto("/calls/new/")
    page.fill("[name=numbers]", phone)
    page.check("[name=message][value=scenario]")
    option = page.locator("[name=scenario] option", has_text=scenario)
    page.select_option("[name=scenario]", option.get_attribute("value"))
    expect(page.locator("#call-check")).to_contain_text("1 номер")
    page.locator("#call-check [data-submit]").click()
    page.wait_for_url(re.compile(r"/campaigns/\d+/$"))
    expect(page.locator("#campaign-progress")).to_contain_text("1 из 1", timeout=60_000)


def orders(installation) -> list[dict]:
    """What the service was asked to play so far, order by order."""
    bodies = requests.get(f"{installation.emulator_url}/control/orders", timeout=10).json()
    names = ("record", "recognize", "ivrs")
    return [{name: body[name] for name in names if name in body} for body in bodies]


def press_until(page: Page, key: str, wanted: str) -> None:
    """Press a key until the element with this id has the focus."""
    for _press in range(60):
        if page.evaluate("document.activeElement.id") == wanted:
            return
        page.keyboard.press(key)
    raise AssertionError(f"{wanted} is not reached by {key}")


def focused_step(page: Page) -> str:
    """The title of the card that has the focus."""
    return page.evaluate("document.activeElement.querySelector('.ed-t')?.textContent ?? ''")


def titles(page: Page) -> list[str]:
    return page.locator(".ed-t").all_inner_texts()
