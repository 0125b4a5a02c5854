"""A setting is usable, or the start stops with the variable's name, what was expected, and no secret."""

import os
import stat
from pathlib import Path

import pytest

from chatsite import environment
from chatsite.environment import BadSetting


@pytest.fixture(autouse=True)
def _clean(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("THE_NAME", "THE_NAME_FILE"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def given(monkeypatch: pytest.MonkeyPatch):
    return lambda value, name="THE_NAME": monkeypatch.setenv(name, value)


def complaint(read, *arguments, **options) -> str:
    with pytest.raises(BadSetting) as caught:
        read("THE_NAME", *arguments, **options)
    sentence = str(caught.value)
    assert sentence.startswith("THE_NAME: expected ")
    assert ", got " in sentence
    assert sentence.endswith(".")
    return sentence


@pytest.mark.parametrize(
    ("value", "flag"),
    [("on", True), ("1", True), ("YES", True), ("off", False), ("0", False), ("False", False), (" ", None), ("", None)],
)
def test_a_flag_is_on_off_or_what_it_was(given, value: str, flag: bool | None) -> None:
    given(value)

    assert environment.flag("THE_NAME", True) is (True if flag is None else flag)
    assert environment.flag("THE_NAME", False) is (False if flag is None else flag)


@pytest.mark.parametrize("value", ["maybe", "2", "onn", "-"])
def test_a_flag_that_is_none_stops_the_start(given, value: str) -> None:
    given(value)

    assert repr(value) in complaint(environment.flag, False)


def test_a_choice_is_one_of_some_in_whatever_case(given) -> None:
    options = ["anyone", "members", "staff"]
    assert environment.choice("THE_NAME", options) == "anyone"
    for value, chosen in (("Staff", "staff"), (" members ", "members"), ("", "anyone")):
        given(value)
        assert environment.choice("THE_NAME", options) == chosen
    given("nobody")
    assert "one of anyone, members, staff" in complaint(environment.choice, options)


def test_words_stand_between_commas_or_blanks(given) -> None:
    given(" a.example, b.example  c.example,")

    assert environment.words("THE_NAME", ["x"]) == ["a.example", "b.example", "c.example"]
    assert environment.words("THE_OTHER_NAME", ["x"]) == ["x"]


def test_origins_are_exact(given) -> None:
    given("https://Chat.example.org http://127.0.0.1:8000")

    assert environment.origins("THE_NAME") == ["https://chat.example.org", "http://127.0.0.1:8000"]


@pytest.mark.parametrize(
    "value",
    ["*", "chat.example.org", "https://", "https://a.example/", "https://a.example/path", "ftp://a.example",
     "https://u@a.example", "https://a.example:99999", "https://a.example:0", "https://a.example?x", "null", "https://[::1"],
)  # fmt: skip
def test_an_origin_that_is_none_stops_the_start(given, value: str) -> None:
    given(value)

    assert repr(value) in complaint(environment.origins)


def test_redis_may_be_several(given) -> None:
    given("redis://a:6379/0, rediss://b:6379/0 unix:///run/redis.sock")

    assert environment.redis_urls("THE_NAME") == ["redis://a:6379/0", "rediss://b:6379/0", "unix:///run/redis.sock"]


@pytest.mark.parametrize("value", ["http://u:hunter2@a", "hunter2", "redis:/hunter2@x http://hunter2"])
def test_an_address_of_redis_that_is_none_stops_the_start_and_is_not_shown(given, value: str) -> None:
    given(value)

    assert "hunter2" not in complaint(environment.redis_urls)


def test_without_an_address_the_database_is_a_file(tmp_path: Path) -> None:
    assert environment.database("THE_NAME", tmp_path / "a.sqlite3") == {
        "ENGINE": "django.db.backends.sqlite3", "NAME": str(tmp_path / "a.sqlite3")
    }  # fmt: skip


def test_an_address_of_postgresql_is_taken_apart(given) -> None:
    given("postgresql://us%40er:p%3Aw%2F@db.example:5433/na%20me")

    assert environment.database("THE_NAME", Path("/x")) == {
        "ENGINE": "django.db.backends.postgresql", "NAME": "na me", "USER": "us@er", "PASSWORD": "p:w/",
        "HOST": "db.example", "PORT": "5433",
    }  # fmt: skip


@pytest.mark.parametrize(
    "value",
    ["mysql://u:hunter2@a/b", "postgresql://u:hunter2@a/", "postgresql://u:hunter2@a:port/b", "sqlite://hunter2/x",
     "hunter2", "sqlite:", "postgresql://u:hunter2@[a/b", "sqlite:///"],
)  # fmt: skip
def test_an_address_of_a_database_that_is_none_stops_the_start_and_is_not_shown(given, value: str) -> None:
    given(value)

    assert "hunter2" not in complaint(environment.database, Path("/x"))


# The secret key


def test_a_given_key_is_used(given, tmp_path: Path) -> None:
    given("k" * 32)

    assert environment.secret_key("THE_NAME", tmp_path / "key", required=True) == "k" * 32
    assert not (tmp_path / "key").exists()


def test_a_key_may_be_kept_in_a_file_of_the_operators(given, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("f" * 40 + "\n")
    given(str(tmp_path / "secret"), "THE_NAME_FILE")

    assert environment.secret_key("THE_NAME", tmp_path / "key", required=True) == "f" * 40


def test_a_file_that_cannot_be_read_stops_the_start(given, tmp_path: Path) -> None:
    given(str(tmp_path / "nothing"), "THE_NAME_FILE")

    with pytest.raises(BadSetting, match="THE_NAME_FILE: expected a file"):
        environment.secret_key("THE_NAME", tmp_path / "key", required=True)


def test_a_short_key_stops_the_start_and_is_not_shown(given, tmp_path: Path) -> None:
    given("hunter2")

    sentence = complaint(environment.secret_key, tmp_path / "key", required=False)
    assert "hunter2" not in sentence
    assert "32" in sentence


def test_a_key_that_is_needed_has_to_be_given(tmp_path: Path) -> None:
    assert "nothing" in complaint(environment.secret_key, tmp_path / "key", required=True)
    assert not (tmp_path / "key").exists()


def test_a_key_is_made_once_kept_and_readable_by_nobody_else(tmp_path: Path) -> None:
    file = tmp_path / "new" / "key"

    made = environment.secret_key("THE_NAME", file, required=False)

    assert len(made) >= 50
    assert environment.secret_key("THE_NAME", file, required=False) == made
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert list(file.parent.iterdir()) == [file]
    assert environment.secret_key("THE_NAME", tmp_path / "other", required=False) != made


def test_of_two_first_starts_at_once_both_get_one_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "key"
    link = os.link

    def link_too_late(source: Path, target: Path) -> None:
        file.write_text("the other's key, quicker by a moment")
        link(source, target)

    monkeypatch.setattr(os, "link", link_too_late)

    assert environment.secret_key("THE_NAME", file, required=False) == "the other's key, quicker by a moment"
    assert list(tmp_path.iterdir()) == [file]


@pytest.mark.parametrize(("came", "networks"), [("", []), ("10.0.0.7", ["10.0.0.7/32"]), ("fd00::/8 ", ["fd00::/8"])])
def test_networks(given, came: str, networks: list[str]) -> None:
    given(came)

    assert [str(network) for network in environment.networks("THE_NAME")] == networks


@pytest.mark.parametrize("came", ["localhost", "10.0.0.7/8", "10.0.0"])
def test_what_is_no_network_stops_the_start(given, came: str) -> None:
    given(came)

    assert "10.0.0.0/8" in complaint(environment.networks)


def test_a_secret_that_need_not_be_there(given, tmp_path: Path) -> None:
    assert environment.secret("THE_NAME", 8) == ""
    (tmp_path / "secret").write_text("a secret of some length\n")
    given(str(tmp_path / "secret"), "THE_NAME_FILE")
    assert environment.secret("THE_NAME", 8) == "a secret of some length"


@pytest.mark.parametrize("came", ["hunter2", "hunter2 ünd mehr"])
def test_a_secret_that_is_none_stops_the_start_and_is_not_shown(given, came: str) -> None:
    given(came)

    assert "hunter2" not in complaint(environment.secret, 8)
