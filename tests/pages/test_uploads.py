"""Several files at once: each has its own end, and leaving too early is asked about."""

from playwright.sync_api import expect

from tests.pages.conftest import expecting
from tests.pages.sounds import small_wav

LEAVES = """() => window.dispatchEvent(new Event("beforeunload", {cancelable: true}))"""


def wav(name: str, content: bytes) -> dict[str, object]:
    return {"name": name, "mimeType": "audio/wav", "buffer": content}


def test_a_good_and_a_bad_file_end_each_in_its_own_way(open_page):
    page = open_page("operator")
    page.goto("/records/upload/")
    with expecting(open_page, "HTTP 422"):
        files = [wav("Хороший.wav", small_wav(3)), wav("Плохой.wav", b"no sound at all")]
        page.set_input_files("input[type=file]", files)
        expect(page.locator(".upload.is-ok", has_text="Хороший")).to_be_visible()
        expect(page.locator(".upload.is-bad", has_text="Плохой")).to_be_visible()
    assert page.evaluate(LEAVES)


def test_leaving_while_a_file_is_on_its_way_is_asked_about(open_page):
    page = open_page("operator")
    page.goto("/records/upload/")
    assert page.evaluate(LEAVES)
    held = []
    page.route("**/records/upload/", lambda route: held.append(route))  # noqa: PLW0108  # playwright marks its handlers
    page.set_input_files("input[type=file]", wav("Долгий.wav", small_wav(4)))
    expect(page.locator(".upload progress")).to_be_visible()
    assert not page.evaluate(LEAVES)
    held[0].continue_()
    expect(page.locator(".upload.is-ok", has_text="Долгий")).to_be_visible()
    assert page.evaluate(LEAVES)
