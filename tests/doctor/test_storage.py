"""The doctor's words about folders."""

from types import SimpleNamespace

import pytest
from django.conf import settings as real
from django.utils import timezone

from obzvon_site.doctor import storage
from obzvon_site.supervisor.heartbeats import Heart


@pytest.fixture
def folder(settings, tmp_path):
    settings.DATA_DIR = tmp_path
    return tmp_path


def found() -> dict[str, str]:
    return {one.code: one.state for one in storage.folders(timezone.now())}


def test_folders_that_can_be_written_are_fine_and_left_clean(folder):
    assert found() == {"disk.data": "ok", "disk.media": "ok", "disk.free": "ok"}
    assert list((folder / "media").iterdir()) == []


def test_a_folder_that_cannot_be_written_is_bad(folder):
    (folder / "media").write_text("a file where a folder should be")
    assert found()["disk.media"] == "bad"


def test_a_full_disk_is_told_as_on_the_page_of_health(folder, monkeypatch):
    usage = SimpleNamespace(free=100)
    monkeypatch.setattr(storage.health.shutil, "disk_usage", lambda path: usage)
    assert found()["disk.free"] == "bad"


def test_machines_with_folders_of_their_own_are_named(db, folder, settings):
    Heart(["calls"]).beat(timezone.now())
    shared = [one.state for one in storage.shared(timezone.now())]
    assert shared == ([] if real.EMBEDDED else ["ok"])
    other = Heart(["calls"])
    other.facts |= {"host": "two", "media": "another"}
    other.beat(timezone.now())
    [finding] = storage.shared(timezone.now())
    assert (finding.code, finding.state) == ("disk.shared", "bad")
    assert "two" in finding.sentence


def test_a_folder_has_one_name_for_all(folder, settings, tmp_path):
    first = Heart(["calls"]).facts["media"]
    assert first == Heart(["poll"]).facts["media"] != ""
    settings.MEDIA_ROOT = tmp_path / "elsewhere"
    assert Heart(["calls"]).facts["media"] not in ("", first)
