"""Parts of pages that refresh: each has an address, and each is one element that bears its name."""

import re
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace

import pytest
import time_machine
from django.urls import NoReverseMatch, reverse
from django.utils import timezone

from obzvon_site.accounts.services import health
from tests.calls.contact_makers import make_import
from tests.calls.drafts import make_draft
from tests.calls.makers import make_call, make_recording
from tests.calls.scenarios import make_scenario
from tests.records.makers import make_record

TEMPLATES = Path(__file__).resolve().parents[2] / "templates"
ASKING = re.compile(r"<(?:[^<>{]|{%[^%]*%}|{{[^}]*}})*?hx-get=\"{% url \"([^\"]+)\"")
HTMX = {"HTTP_HX_REQUEST": "true"}
PAGES = [
    "/",
    "/calls/",
    "/campaigns/",
    "/records/",
    "/settings/health/",
    "/settings/webhooks/",
    "/settings/days/",
]
VOID = {"area", "br", "col", "hr", "img", "input", "link", "meta", "source", "wbr"}


def asking_elements() -> list[tuple[str, str]]:
    """(opening tag up to hx-get, name of the address) of each element that asks again."""
    found = []
    for path in sorted(TEMPLATES.rglob("*.html")):
        found += [(match[0], match[1]) for match in ASKING.finditer(path.read_text())]
    return found


FRAGMENTS = sorted({name for _tag, name in asking_elements()})


class Roots(HTMLParser):
    """The elements that stand in no other, and the triggers of all."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.depth = 0
        self.roots: list[dict] = []
        self.triggers: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        if not self.depth:
            self.roots.append(dict(attrs))
        self.triggers.append(dict(attrs).get("hx-trigger") or "")
        self.depth += tag not in VOID

    def handle_endtag(self, tag):
        self.depth -= tag not in VOID

    def handle_startendtag(self, tag, attrs):
        pass  # of a picture


@pytest.fixture
def rows(db) -> dict[str, int]:
    """One of each thing that a fragment may be about."""
    call = make_call()
    make_recording(call)
    return {
        "call_id": call.pk,
        "campaign_id": call.order.campaign_id,
        "draft_id": make_draft().pk,
        "import_id": make_import(state="running").pk,
        "record_id": make_record(stage="sent", moderation="waiting").pk,
        "scenario_id": make_scenario().pk,
    }


def address(name: str, rows: dict[str, int]) -> str:
    for kwargs in ({}, *({key: value} for key, value in rows.items())):
        try:
            return reverse(name, kwargs=kwargs)
        except NoReverseMatch:
            continue
    raise AssertionError(f"no address for {name}")


def test_fragments_were_found():
    assert "calls:campaign-progress" in FRAGMENTS
    assert len(FRAGMENTS) > 8


@pytest.mark.parametrize(("tag", "name"), asking_elements())
def test_an_element_that_asks_is_called_as_its_address(tag, name):
    assert f'id="{name.split(":")[1]}"' in tag


@pytest.mark.parametrize("name", FRAGMENTS)
def test_a_fragment_is_one_element_with_its_name(admin, rows, name):
    answer = admin.get(address(name, rows), **HTMX)
    assert answer.status_code == 200
    roots = Roots(answer.content.decode()).roots
    assert [root.get("id") for root in roots] == [name.split(":")[1]]


@pytest.fixture
def still_machine(monkeypatch):
    """Clock, disk and database answer the same twice: on a busy machine they would not."""
    free = SimpleNamespace(free=50 * 10**9)
    monkeypatch.setattr(health, "shutil", SimpleNamespace(disk_usage=lambda _folder: free))
    monkeypatch.setattr(health, "time", SimpleNamespace(monotonic=lambda: 0.0))
    with time_machine.travel(timezone.now(), tick=False):
        yield


@pytest.mark.usefixtures("still_machine")
@pytest.mark.parametrize("name", FRAGMENTS)
def test_a_fragment_that_did_not_change_is_not_sent_again(admin, rows, name):
    path = address(name, rows)
    first = admin.get(path, **HTMX)
    tag = first.get("ETag")
    assert tag, f"{name} can not say that it is the same"
    again = admin.get(path, HTTP_IF_NONE_MATCH=tag, **HTMX)
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize("path", PAGES)
def test_a_page_asks_for_at_most_three_things(admin, rows, path):
    triggers = Roots(admin.get(path).content.decode()).triggers
    asking = [trigger for trigger in triggers if re.search(r"\b(every|load)\b", trigger)]
    assert 1 <= len(asking) <= 3
