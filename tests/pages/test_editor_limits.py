"""Large and hostile scenarios: they stay data, they stay quick, the draft stays whole."""

import json

import pytest
from playwright.sync_api import expect

from tests.pages.conftest import faults_of
from tests.pages.editing import new_draft, saved, titles

EVIL = '"><img src=x onerror="document.title=1"><script>document.title=1</script>'
VIEWS = [(size, dark) for size in ("desk", "phone", "small") for dark in (False, True)]


def step(place: int, *below: dict, **fields) -> dict:
    return {
        "id": f"t{place}",
        "label": f"Шаг {place}",
        "trigger": {"kind": "digit", "digit": place % 10},
        "sound": {"kind": "text", "text": f"Текст шага {place}", "gender": 0},
        "steps": list(below),
        **fields,
    }


def scenario(*steps: dict, text: str = "Здравствуйте!") -> dict:
    return {"v": 1, "opening": {"kind": "text", "text": text}, "recognize": True, "steps": steps}


def hundred_and_fifty() -> dict:
    """Ten menus of fourteen answers' worth: 150 steps in three levels."""
    numbers = iter(range(1, 151))
    menus = []
    for _menu in range(10):
        first = next(numbers)
        second = [step(next(numbers)) for _key in range(7)]
        deep = next(numbers)
        menus.append(step(first, *second, step(deep, *(step(next(numbers)) for _key in range(6)))))
    return scenario(*menus)


def load(page, document, *, text: str | None = None) -> None:
    """Read a JSON text into the editor through its window."""
    page.locator(".ed-bar .menu summary").click()
    page.locator(".menu-list [data-do=import]").click()
    page.locator("#ed-text").fill(json.dumps(document) if text is None else text)
    page.get_by_role("button", name="Прочитать").click()


def test_a_hundred_and_fifty_steps_are_drawn_and_only_what_changed_is_drawn_again(open_page):
    page = open_page("operator")
    new_draft(page, "Сто пятьдесят")
    load(page, hundred_and_fifty())
    page.get_by_role("button", name="Заменить схему").click()
    expect(page.locator(".ed-box")).to_have_count(151)
    page.evaluate(
        """() => {
            window.drawn = [];
            const note = (node) => node.matches?.(".ed-box") && drawn.push(node.dataset.id);
            const seen = (records) => records.forEach((one) => one.addedNodes.forEach(note));
            const where = document.getElementById("tree");
            new MutationObserver(seen).observe(where, { childList: true, subtree: true });
        }"""
    )
    page.locator("[data-pick=t40]").click()
    page.wait_for_function("window.drawn.length > 0")
    assert set(page.evaluate("window.drawn")) == {"root", "t40"}
    page.evaluate("window.drawn.length = 0")
    page.fill("#f-text", "Другой текст")
    page.wait_for_function("window.drawn.length > 0")
    assert set(page.evaluate("window.drawn")) == {"t40"}
    saved(page)


def test_markup_in_every_field_is_shown_and_never_run(open_page):
    page = open_page("operator")
    new_draft(page, EVIL)
    evil = step(
        1,
        label=EVIL,
        sound={"kind": "text", "text": EVIL, "gender": 0},
        sms=EVIL,
        manager_phone=EVIL,
        webhook={"url": f"https://crm.example/{EVIL}", "parameters": [[EVIL, EVIL]]},
        trigger={"kind": "words", "words": [EVIL]},
    )
    load(page, scenario(evil, text=EVIL))
    page.get_by_role("button", name="Заменить схему").click()
    page.locator("[data-pick=t1]").click()
    for tab in ("#t-json", "#t-call", "#t-step"):
        page.locator(tab).click()
    page.locator("[data-actions=t1]").click()
    page.locator("[data-command=move]").click()
    page.keyboard.press("Escape")
    assert page.locator("img[src=x]").count() == 0
    assert page.title() != "1"
    saved(page)
    page.reload()
    expect(page.locator("#ed-name")).to_have_value(EVIL)
    assert page.title() != "1"


DEEP = step(1)
for _level in range(50):
    DEEP = step(1, DEEP)
REFUSED = {
    "fifty levels": (json.dumps(scenario(DEEP)), "глубже 20 уровней"),
    "five megabytes": (json.dumps(scenario(text="я" * 900_000)), "Больше 1 МБ"),
    "no JSON": ("просто текст", "JSON"),
    "another JSON": ('{"a": 1}', ""),
    "nothing": (" ", "Выберите файл или вставьте текст."),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_scenario_is_refused_in_a_sentence_and_the_draft_stays(open_page, name):
    text, said = REFUSED[name]
    page = open_page("operator")
    new_draft(page, "Целый", "poll")
    before = titles(page)
    load(page, None, text=text)
    error = page.locator("#ed-import-error")
    expect(error).not_to_be_empty()
    expect(error).to_contain_text(said)
    expect(page.locator("#ed-text")).to_have_value(text)
    page.keyboard.press("Escape")
    assert titles(page) == before
    open_page.complaints[:] = [line for line in open_page.complaints if "/import/" not in line]


def test_a_request_of_the_document_is_read_with_what_was_not_understood(open_page):
    page = open_page("operator")
    new_draft(page, "Из запроса")
    broken = (
        '{"apiKey": "nWvGmHlvkj1tM323tsEgfdRYkagGi", "phone": "79999999999", "record": '
        '{ "text": "Текст ролика"}, "ivrs": { { "keywords": "Да, нет, не знаю", '
        '"smsText": "текст СМС", "strange": 1}, { "record": { "text": "Молчите?"}}},'
    )
    load(page, None, text=broken)
    dialog = page.get_by_role("dialog")
    expect(dialog.locator(".ed-notes")).to_contain_text("strange")
    expect(dialog).not_to_contain_text("nWvGmHlvkj1")
    dialog.get_by_role("button", name="Заменить схему").click()
    assert page.locator(".ed-x").all_inner_texts() == ["Текст ролика", "Молчите?"]
    expect(page.locator(".ed-tag.is-sms")).to_contain_text("СМС 9/70")


def test_a_draft_leaves_as_a_file_and_comes_back_the_same(open_page, tmp_path):
    page = open_page("operator")
    new_draft(page, "Файл туда и обратно", "order")
    saved(page)
    with page.expect_download() as download:
        page.locator(".ed-wide[data-do=export]").click()
    assert download.value.suggested_filename == "Файл туда и обратно.json"
    file = tmp_path / "scenario.json"
    download.value.save_as(file)
    before = titles(page)
    new_draft(page, "Пустой")
    page.locator(".ed-wide[data-do=import]").click()
    page.set_input_files("#ed-file", file)
    page.get_by_role("button", name="Прочитать").click()
    page.get_by_role("button", name="Заменить схему").click()
    assert titles(page) == before
    expect(page.locator("#ed-name")).to_have_value("Файл туда и обратно")


@pytest.mark.parametrize(("size", "dark"), VIEWS)
def test_every_state_of_the_editor_is_accessible_and_fits(open_page, size, dark):
    page = open_page("admin", size, dark=dark)
    new_draft(page, "Доступность", "order")
    found = []

    def look(state: str) -> None:
        found.extend(f"{state}: {fault}" for fault in faults_of(page))
        width = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        if width > 0:
            found.append(f"{state}: {width} px wider than the window")

    def pane(name: str) -> None:
        is_narrow = size != "desk"
        if is_narrow:
            page.locator(f".ed-panes [data-pane={name}]").click()
        elif name != "tree":
            page.locator(f"#t-{name}").click()

    look("tree")
    page.locator("[data-pick]").nth(2).click()
    look("words")
    for switch in ("sms", "manager_phone", "webhook", "block"):
        page.locator(f"#f-{switch}-on").click()
    page.locator("#f-add-parameter").click()
    page.locator("#f-sms").fill("я" * 75)
    look("all actions, an error")
    pane("tree")
    page.locator("[data-actions]").nth(1).click()
    look("menu of a step")
    page.locator("[data-command=move]").click()
    look("where to")
    page.keyboard.press("Escape")
    page.locator(".ed-add").last.click()
    look("menu of keys")
    page.keyboard.press("Escape")
    pane("call")
    page.locator("#sim-start").click()
    page.locator("#sim-key-2").click()
    look("trial call")
    pane("json")
    look("JSON")
    page.locator(".ed-bar .menu summary").click()
    look("menu")
    page.locator(".menu-list [data-do=templates]").click()
    expect(page.locator("[data-template=poll]")).to_be_visible()
    look("templates")
    assert found == []
