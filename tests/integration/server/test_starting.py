"""A start says what it cannot start with, in one sentence; what it needs it makes, once."""

import stat
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from tests.client import PlainClient
from tests.integration.server.browser import Browser
from tests.services import Postgres, Redis, ServerProcess
from tests.services.process import ROOT, clean_environment

START = (sys.executable, "manage.py", "start")


def fails(tmp_path: Path, *argv: str, **environment: str) -> str:
    """What a start says that has to fail."""
    done = subprocess.run(
        argv or (sys.executable, "-m", "chatsite.server"),
        cwd=ROOT,
        env=clean_environment() | {"VAR_DIR": str(tmp_path), "PYTHONPATH": str(ROOT)} | environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode != 0
    return done.stdout + done.stderr


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("DEBUG", "maybe", "on or off"),
        ("TLS", "2", "on or off"),
        ("DATABASE_URL", "mysql://u:hunter2@h/d", "postgresql://"),
        ("REDIS_URL", "http://u:hunter2@h", "redis://"),
        ("ALLOWED_ORIGINS", "chat.example.org", "origins such as"),
        ("SECRET_KEY", "hunter2", "at least 32"),
        ("SECRET_KEY_FILE", "/nothing/here", "a file"),
        ("LOG_LEVEL", "LOUD", "DEBUG, INFO"),
        ("CHAT_MESSAGE_LENGTH", "many", "number"),
        ("CHAT_RATE_LIMITS", "maybe", "on or off"),
        ("CHAT_TICK_SECONDS", "0", "0.001"),
    ],
)
def test_a_setting_that_cannot_be_used_is_named_in_one_sentence(
    tmp_path: Path, name: str, value: str, expected: str
) -> None:
    said = fails(tmp_path, **{name: value})

    sentence = said.strip().splitlines()[-1]
    assert sentence.startswith(f"{name}: expected ")
    assert expected in sentence
    assert "hunter2" not in said
    assert "Traceback" not in said


def test_manage_start_says_the_same(tmp_path: Path) -> None:
    said = fails(tmp_path, *START, DEBUG="maybe")

    assert "DEBUG: expected on or off, got 'maybe'." in said
    assert "PORT: expected a number from 1 to 65535, got '0x50'." in fails(tmp_path, *START, PORT="0x50")


@pytest.mark.parametrize("option", ["--proxy-headers", "--proxy-headers-host=X-Real-IP", "--proxy-headers-port=X-Port"])
def test_it_does_not_start_with_daphnes_way_to_believe_anybody(tmp_path: Path, option: str) -> None:
    said = fails(tmp_path, sys.executable, "-m", "chatsite.server", option, "chatsite.asgi:application")

    assert said == (
        "--proxy-headers: expected the proxies' addresses in TRUSTED_PROXIES instead, got what would believe anybody.\n"
    )


def test_with_a_database_server_the_key_has_to_be_given(tmp_path: Path) -> None:
    said = fails(tmp_path, DATABASE_URL="postgresql://chat:hunter2@127.0.0.1:1/chat")

    assert "SECRET_KEY: expected" in said
    assert "hunter2" not in said
    assert not (tmp_path / "secret_key").exists()


def serve(tmp_path: Path, **environment: str) -> ServerProcess:
    """`manage.py start`, as `make run` does it, on a free port."""
    server = ServerProcess({"VAR_DIR": str(tmp_path)} | environment, tmp_path / "log", START)
    server.env["PORT"] = str(server.port)
    return server


async def test_the_first_start_makes_what_it_needs_and_the_second_is_quick(tmp_path: Path, room: str) -> None:
    server = serve(tmp_path)
    try:
        server.start()
        assert f"http://127.0.0.1:{server.port}/" in server.log()
        assert "Ctrl-C" in server.log()
        async with PlainClient(server.ws_url(room)) as ana:
            await ana.say("hi")
        browser = Browser(server)
        assert browser.room(room).status == 200
        key = tmp_path / "secret_key"
        kept = key.read_text()
        assert stat.S_IMODE(key.stat().st_mode) == 0o600
        assert len(kept) >= 50
        made = (tmp_path / "static" / "staticfiles.json").stat().st_mtime_ns
        server.stop()

        began = time.monotonic()
        server.start()
        assert time.monotonic() - began < 10  # alone on a machine it takes a second
        assert sum(psutil.Process(server.pid).cpu_times()[:4]) < 5  # of it and its children
        assert key.read_text() == kept
        assert (tmp_path / "static" / "staticfiles.json").stat().st_mtime_ns == made
        async with PlainClient(server.ws_url(room, history=5)) as back:
            await back.see("hi")
        assert browser.get(f"/chat/{room}/").status == 200
        server.terminate()
        assert server.wait() == 0
        assert "Traceback" not in server.log()
        assert kept not in server.log()
    finally:
        server.stop()


async def test_a_start_migrates_a_database_server_too(
    tmp_path: Path, room: str, postgres: Postgres, redis_server: Redis
) -> None:
    url = postgres.create_database("started")
    server = serve(tmp_path, DATABASE_URL=url, REDIS_URL=redis_server.url, SECRET_KEY="k" * 50)
    try:
        server.start()
        async with PlainClient(server.ws_url(room)) as ana:
            await ana.say("hi")
        assert not (tmp_path / "secret_key").exists()
    finally:
        server.stop()
        postgres.drop_database("started")


def test_a_port_that_is_taken_ends_the_start_and_says_so(tmp_path: Path) -> None:
    server = serve(tmp_path)
    try:
        server.start()
        said = fails(tmp_path, *START, PORT=str(server.port))
        assert str(server.port) in said
        assert "Traceback" not in said
        assert server.is_running
    finally:
        server.stop()
