"""The trial call beside the tree, and the editor's modules on the shared cases in a browser."""

import json
from pathlib import Path

import pytest
import requests
from playwright.sync_api import expect

from tests.editor.table import compare, table, trials
from tests.pages.editing import new_draft, saved

EDITOR = Path(__file__).resolve().parents[1] / "editor"


LOAD = """
    const served = performance.getEntriesByType("resource").map(({ name }) => name);
    const of = (name) => served.find((url) => url.includes(`/editor/${name}.`));
    const modules = {};
    for (const name of ["model", "check", "payload", "cost", "trial"]) {
        modules[name] = await import(of(name));
    }
"""


def in_the_page(page, module: str, call: str, values):
    """Run ``call`` with a module of the tests and the page's own modules, as they were served."""
    source = (EDITOR / module).read_text().split("if (globalThis.process")[0]
    source = source.replace("export ", "")
    given = f"const values = {json.dumps(values)};"
    return page.evaluate(f"(async () => {{ {LOAD} {source} {given} return {call}; }})()")


@pytest.fixture
def editor(open_page):
    page = open_page("operator")
    new_draft(page, "Пробный звонок", "order")
    return page


def test_the_modules_agree_with_the_server_on_every_case(editor):
    compare(in_the_page(editor, "cases.mjs", "answers(modules, values)", table()))


def test_the_trial_call_plays_every_case_as_the_emulator_does(editor):
    call = "failures(modules.trial.Trial, values)"
    assert in_the_page(editor, "trials.mjs", call, trials()) == []


def log(page) -> list[str]:
    return page.locator(".ed-bub").all_inner_texts()


def test_a_call_is_tried_by_keys_words_and_silence(editor):
    page = editor
    page.locator(".ed-cost [data-do=call]").click()
    expect(page.locator(".ed-who")).to_contain_text("идёт разговор")
    page.locator("#sim-key-7").click()
    assert log(page)[-2:] == [
        "Нажал 7",
        "Для клавиши 7 ответа нет. Настоящая линия может повести себя иначе.",
    ]
    page.keyboard.press("2")
    assert log(page)[-2:] == ["Нажал 2", "Завтра: нажмите 1. Послезавтра: нажмите 2."]
    assert page.locator(".ed-box.is-hot .ed-t").all_inner_texts() == [
        "Начало звонка",
        "Перенести доставку",
    ]
    assert page.locator(".ed-wires .is-hot").count() == 1
    expect(page.locator("#sim-words")).to_be_disabled()  # speech is off in this menu
    page.locator("#sim-key-1").click()
    assert log(page)[-1].startswith("Робот положил трубку\nИтог: ≈ ")
    expect(page.locator("#sim-start")).to_have_text(" Ещё раз")
    page.locator("#sim-start").click()
    page.locator("#sim-words").fill("Да, подтверждаю!")
    page.locator("#sim-words").press("Enter")
    assert "Спасибо, заказ подтверждён." in log(page)
    page.locator("#sim-start").click()
    page.locator("#sim-silence").click()
    assert "Мы перезвоним. Хорошего дня!" in log(page)
    page.locator("#sim-start").click()
    page.locator("[data-sim=hangup]").click()
    assert log(page)[-1].startswith("Абонент положил трубку")
    page.locator("#t-step").click()
    expect(page.locator(".ed-box.is-hot")).to_have_count(0)


def test_call_me_shows_the_price_and_rings_once(editor):
    page = editor
    saved(page)
    page.locator("#t-call").click()
    page.get_by_role("button", name="Позвонить мне").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Звонок с ответом")
    dialog.locator("[name=phone]").fill("+7 900 000 01 01")
    dialog.get_by_role("button", name="Позвонить мне").click()
    expect(dialog).to_contain_text("Звоним на +7 (900) 000-01-01.")
    dialog.get_by_role("link", name="Как идёт звонок").click()
    expect(page.locator("main")).to_contain_text("+7 (900) 000-01-01")
    expect(page.locator("main")).to_contain_text("Пробный звонок")


def test_call_me_whose_answer_was_lost_still_rings_once(editor, installation):
    page = editor
    saved(page)
    page.locator("#t-call").click()
    page.get_by_role("button", name="Позвонить мне").click()
    dialog = page.get_by_role("dialog")
    dialog.locator("[name=phone]").fill("+7 900 000 77 01")
    lost = []

    def lose_the_first(route):
        if lost or route.request.method != "POST":
            route.continue_()
            return
        lost.append(route.fetch().status)  # the server has launched the call
        route.abort()

    page.route("**/call-me/", lose_the_first)
    dialog.get_by_role("button", name="Позвонить мне").click()
    expect(dialog.get_by_role("alert")).to_contain_text("Ответа не было")
    dialog.get_by_role("button", name="Позвонить мне").click()
    expect(dialog).to_contain_text("Звоним на +7 (900) 000-77-01.")
    assert lost == [200]
    counts = requests.get(f"{installation.emulator_url}/control/counts", timeout=10)
    page.goto("/calls/?q=79000007701")
    expect(page.locator("main")).to_contain_text("+7 (900) 000-77-01")
    assert page.locator("#journal-rows tbody tr", has_text="000-77-01").count() == 1
    assert counts.json().get("79000007701", 0) <= 1


def test_a_webhook_is_tried_and_private_addresses_are_not_asked(editor, installation):
    page = editor
    page.locator("[data-pick]").nth(1).click()
    page.locator("#f-webhook-on").click()
    page.locator("#f-webhook_url").fill(installation.emulator_url)
    page.locator("[data-do=probe]").click()
    expect(page.locator("[data-probe]")).to_contain_text("внутренн")
    page.locator("#f-add-parameter").click()
    page.keyboard.type("call")
    expect(page.locator("#e-parameters")).to_contain_text("Имя «call» занято сервисом")
