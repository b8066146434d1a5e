"""How quick and how heavy the scenario editor is, in a browser: part of ``make bench``."""

import gzip
import json
import statistics
import tempfile
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from tests.installation import running_installation
from tests.pages.conftest import FLAGS, SIZES, sign_in
from tests.pages.test_editor_limits import hundred_and_fifty

TIMES = 30
# One change → milliseconds of work with layout, and until the next frame is painted.
MEASURE = """async (times) => {
    const frame = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
    const cards = [...document.querySelectorAll("[data-pick]")].map((card) => card.dataset.pick);
    const found = { chosen: [], typed: [], undone: [] };
    const measure = async (name, change) => {
        await frame();
        const began = performance.now();
        change();
        document.body.getBoundingClientRect();
        const work = performance.now() - began;
        await frame();
        found[name].push([work, performance.now() - began]);
    };
    for (let i = 0; i < times; i++) {
        const id = cards[(i * 37) % (cards.length - 1) + 1];
        await measure("chosen", () => document.querySelector(`[data-pick="${id}"]`).click());
        await measure("typed", () => {
            const field = document.getElementById("f-text");
            field.value += "я";
            field.dispatchEvent(new Event("input", { bubbles: true }));
        });
        await measure("undone", () => document.querySelector("[data-do=undo]").click());
    }
    return found;
}"""
WEIGHTS = """() => {
    const all = performance.getEntriesByType("resource");
    const sum = (kind) => all.filter(({ name }) => new RegExp(`\\\\.${kind}$`).test(name))
        .reduce((bytes, { encodedBodySize }) => bytes + encodedBodySize, 0) / 1000;
    return { css: sum("css"), js: sum("js"), asked: new Set(all.map(({ name }) => name)).size + 1 };
}"""


def editor(show) -> None:
    """``show(what, figure, limit)`` prints a line."""
    with (
        tempfile.TemporaryDirectory() as folder,
        running_installation(Path(folder)) as installation,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        page = browser.new_page(base_url=installation.url, viewport=SIZES["desk"])
        sign_in(page, "operator")
        weigh(page, show)
        redraw(page, show)
        browser.close()


def weigh(page: Page, show) -> None:
    page.goto("/scenarios/1/")
    page.wait_for_load_state("networkidle")
    weights = page.evaluate(WEIGHTS)
    html = gzip.compress(page.request.get("/scenarios/1/").body(), 9)
    show("editor: HTML, kB gz", len(html) / 1000, "10")
    show("editor: CSS, kB as sent", weights["css"], "12")
    show("editor: JS, kB as sent", weights["js"], "50")
    show("editor: requests of the first visit", weights["asked"], "9")


def redraw(page: Page, show) -> None:
    page.locator(".ed-wide[data-do=import]").click()
    page.locator("#ed-text").fill(json.dumps(hundred_and_fifty()))
    page.get_by_role("button", name="Прочитать").click()
    page.get_by_role("button", name="Заменить схему").click()
    page.wait_for_function("document.querySelectorAll('.ed-box').length === 151")
    for name, figures in page.evaluate(MEASURE, TIMES).items():
        works = [work for work, _painted in figures]
        painted = [paint for _work, paint in figures]
        show(f"150 steps, {name}: work and layout, ms", statistics.median(works), "100")
        show(f"150 steps, {name}: until painted, worst, ms", max(painted), "100")
