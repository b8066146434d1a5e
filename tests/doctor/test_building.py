"""The doctor's words about what is built beside the code."""

import os

import pytest

from obzvon_site.doctor import building

PO = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n'


@pytest.fixture
def built(settings, tmp_path):
    """Sources of one style and one catalog, both built later than they were written."""
    for name in ("source", "static", "locale/en/LC_MESSAGES"):
        (tmp_path / name).mkdir(parents=True)
    settings.STATICFILES_DIRS, settings.STATIC_ROOT = [tmp_path / "source"], tmp_path / "static"
    settings.LOCALE_PATHS = [tmp_path / "locale"]
    (tmp_path / "source/a.css").write_text("a{}")
    (tmp_path / "static/staticfiles.json").write_text("{}")
    (tmp_path / "locale/en/LC_MESSAGES/django.po").write_text(PO)
    (tmp_path / "locale/en/LC_MESSAGES/django.mo").write_text("")
    for path, moment in (
        ("source/a.css", 100),
        ("static/staticfiles.json", 200),
        ("locale/en/LC_MESSAGES/django.po", 100),
        ("locale/en/LC_MESSAGES/django.mo", 200),
    ):
        os.utime(tmp_path / path, (moment, moment))
    return tmp_path


def found() -> dict[str, str]:
    return {one.code: one.state for one in building.building(None)}


def test_what_is_built_is_fine(built):
    assert set(found().values()) == {"ok"}


@pytest.mark.parametrize(("embedded", "state"), [(True, "bad"), (False, "warning")])
def test_static_files_that_nobody_collected_are_bad_but_for_workers(
    built, settings, embedded, state
):
    """A machine of workers alone serves no pages; its doctor would cry for ever."""
    settings.EMBEDDED = embedded
    (built / "static/staticfiles.json").unlink()
    assert found()["build.static"] == state


def test_static_files_of_older_code_are_a_warning(built):
    os.utime(built / "source/a.css", (300, 300))
    assert found()["build.static"] == "warning"


@pytest.mark.parametrize("spoil", [os.unlink, lambda path: os.utime(path, (50, 50))])
def test_catalogs_missing_or_older_are_bad(built, spoil):
    spoil(built / "locale/en/LC_MESSAGES/django.mo")
    assert found()["build.messages"] == "bad"


def test_a_machine_without_time_zones_is_bad(built, settings):
    settings.TIME_ZONE = "Europe/Nowhere"
    [zones] = [one for one in building.building(None) if one.code == "build.zones"]
    assert zones.state == "bad"
    assert "Europe/Nowhere" in zones.sentence
