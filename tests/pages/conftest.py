"""A real browser against a whole installation. Anything the browser complains of fails the test."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright

from tests.installation import PASSWORD, Installation, running_installation

# The synchronous browser runs an event loop; our few ORM calls beside it are meant.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
SIZES = {
    "desk": {"width": 1440, "height": 900},
    "phone": {"width": 390, "height": 844},
    "small": {"width": 320, "height": 640},
}


def pytest_collection_modifyitems(items):
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.slow)


@pytest.fixture(scope="session")
def installation(tmp_path_factory) -> Iterator[Installation]:
    """One installation for all pages, with a service twenty times as fast."""
    data = tmp_path_factory.mktemp("installation")
    with running_installation(data, OBZVON_EMULATOR_SPEED="20") as running:
        yield running


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    program = shutil.which("chromium")
    assert program, "these tests need chromium: apt install chromium"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=FLAGS)
        yield browser
        browser.close()


class Complaints(list):
    """What the browser did not like, except what a test expects."""

    def watch(self, page: Page) -> None:
        page.on("pageerror", lambda error: self.append(f"script: {error}"))
        page.on("console", self._console)
        page.on("response", self._response)

    def _console(self, message) -> None:
        # A refused answer is watched below, with its address.
        if message.type == "error" and "Failed to load resource" not in message.text:
            self.append(f"console: {message.text}")

    def _response(self, response) -> None:
        if response.status >= 400:
            self.append(f"HTTP {response.status}: {response.url}")


@pytest.fixture
def open_page(browser, installation):
    """``open_page("operator", "phone", dark=True)``: a signed-in page of a size and theme."""
    complaints = Complaints()
    contexts = []

    def open_one(
        role: str = "",
        size: str = "desk",
        *,
        dark: bool = False,
        lang: str = "ru",
        touch: bool = False,
    ) -> Page:
        context = browser.new_context(
            base_url=installation.url,
            viewport=SIZES[size],
            color_scheme="dark" if dark else "light",
            has_touch=touch,
            locale={"ru": "ru-RU", "en": "en-GB"}[lang],
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(15_000)
        complaints.watch(page)
        if role:
            sign_in(page, role)
        return page

    open_one.complaints = complaints
    yield open_one
    for context in contexts:
        context.close()
    assert complaints == []


def sign_in(page: Page, role: str) -> None:
    page.goto("/login/")
    page.fill("[name=username]", role)
    page.fill("[name=password]", PASSWORD)
    page.get_by_role("button", name="Войти").click()
    page.wait_for_url(lambda url: "/login/" not in url)


def faults_of(page: Page) -> list[str]:
    """What axe-core finds on the page as it is now."""
    found = Axe().run(page).response["violations"]
    return [
        f"{fault['id']}: {node['html'][:160]} ({node['failureSummary'][:200]})"
        for fault in found
        for node in fault["nodes"]
    ]


@contextmanager
def expecting(open_page, *beginnings: str) -> Iterator[None]:
    """Complaints that are meant: an invalid form answers 422."""
    yield
    meant = [line for line in open_page.complaints if line.startswith(beginnings)]
    assert meant, f"none of {beginnings} came"
    open_page.complaints[:] = [line for line in open_page.complaints if line not in meant]
