"""Pages obey the content policy and htmx's rules that no linter knows."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
SPRITE = set(re.findall(r'<symbol id="([^"]+)"', (ROOT / "static/icons.svg").read_text()))
# pattern → why not
FORBIDDEN = {
    r"<script(?![^>]*\bsrc=)": "scripts stand in files",
    r"<style\b": "styles stand in files",
    r"\sstyle=": "styles stand in files",
    r"\son[a-z]+=": "behaviour is found by a data- attribute",
    r"\shx-on\b": "needs eval",
    r"javascript:|[\"']js:": "needs eval",
    r'hx-trigger="[^"{]*\[': "filters of triggers need eval",
    r'(?:src|href)="(?:https?:)?//': "nothing comes from another host",
    r"\|safe(?!\w)": "markup is made by format_html",
    r"\shx-(?:boost|ext|vars)\b": "not used here",
}


def ident(path) -> str:
    return str(path.relative_to(ROOT / "templates"))


@pytest.mark.parametrize("path", TEMPLATES, ids=ident)
def test_a_template_holds_nothing_forbidden(path):
    text = path.read_text()
    if ident(path) == "django/forms/field.html":
        text = text.replace("{{ field.help_text|safe }}", "")  # our own sentences, some with links
    assert {why for pattern, why in FORBIDDEN.items() if re.search(pattern, text)} == set()


@pytest.mark.parametrize("path", TEMPLATES, ids=ident)
def test_attributes_of_htmx_that_stand_above_say_that_they_are_inherited(path):
    """Nothing is inherited by itself: what an element that asks nothing says is lost."""
    for tag in re.findall(r"<[a-z][^<>]*\shx-[^<>]*>", path.read_text()):
        asks = re.search(r"\shx-(get|post|put|patch|delete)\b", tag)
        idle = re.findall(r"\s(hx-(?:target|swap|headers|vals|include|select))=", tag)
        assert asks or not idle, tag


@pytest.mark.parametrize("path", TEMPLATES, ids=ident)
def test_icons_are_in_the_sprite(path):
    used = set(re.findall(r"{% icon \"([^\"]+)\"", path.read_text()))
    used |= set(re.findall(r'(?:icon|pic)="([a-z0-9-]+)"', path.read_text()))
    assert used <= SPRITE


def test_only_the_root_of_pages_names_the_version_of_htmx():
    naming = [ident(path) for path in TEMPLATES if "vendor/htmx" in path.read_text()]
    assert naming == ["base_root.html"]


@pytest.mark.parametrize("path", TEMPLATES, ids=ident)
def test_modules_and_styles_that_a_template_names_exist(path):
    for name in re.findall(r"{% static \"([^\"]+)\" %}", path.read_text()):
        assert (ROOT / "static" / name).is_file(), name
