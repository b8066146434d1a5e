import pytest
from django.core.exceptions import ImproperlyConfigured

from obzvon_site.common.environment import Env


def test_a_value_may_stand_in_a_file_that_ends_its_line(tmp_path, monkeypatch):
    for name, text in (("SECRET", "of-ours\n"), ("KEYS", "new,old\n"), ("SWITCH", "true\n")):
        (tmp_path / name).write_text(text)
        monkeypatch.setenv(f"OBZVON_TEST_{name}_FILE", str(tmp_path / name))
    env = Env()
    assert env.str("OBZVON_TEST_SECRET") == "of-ours"
    assert env.list("OBZVON_TEST_KEYS") == ["new", "old"]
    assert env.bool("OBZVON_TEST_SWITCH") is True


def test_a_value_of_the_environment_is_read_as_it_is(monkeypatch):
    monkeypatch.setenv("OBZVON_TEST_PLAIN", "one")
    assert Env().str("OBZVON_TEST_PLAIN") == "one"
    assert Env().str("OBZVON_TEST_MISSING", default="two") == "two"


def test_a_file_that_cannot_be_read_is_one_clear_sentence(tmp_path, monkeypatch):
    (tmp_path / "sound").write_bytes(b"\xff\xfe")
    for name in ("nowhere", ".", "sound"):
        monkeypatch.setenv("OBZVON_TEST_UNREAD_FILE", str(tmp_path / name))
        with pytest.raises(ImproperlyConfigured, match="OBZVON_TEST_UNREAD_FILE names cannot be"):
            Env().str("OBZVON_TEST_UNREAD", default="")


def test_what_is_no_whole_number_is_named(monkeypatch):
    monkeypatch.setenv("OBZVON_TEST_NUMBER", "80a")
    with pytest.raises(ImproperlyConfigured, match="OBZVON_TEST_NUMBER must be a whole number"):
        Env().int("OBZVON_TEST_NUMBER", default=1)
    monkeypatch.setenv("OBZVON_TEST_NUMBER", "80")
    assert Env().int("OBZVON_TEST_NUMBER", default=1) == 80
    assert Env().int("OBZVON_TEST_NOTHING", default=1) == 1
