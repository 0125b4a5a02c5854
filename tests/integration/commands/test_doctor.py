"""The doctor says of a whole site that it is, and of each thing that is broken what to do; never a secret."""

import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from chat import limits
from chat.ops.doctor import address, site, stores
from chat.ops.doctor.finding import Grade
from tests.chaos.database import query
from tests.services import Nginx, Stack
from tests.services.certificate import make
from tests.services.process import ROOT, clean_environment, free_port


def doctor(stack: Stack, *words: str, **settings: str) -> tuple[int, str]:
    """Its exit status and what it said."""
    done = subprocess.run(
        [sys.executable, "manage.py", "doctor", *words], cwd=ROOT, text=True, stdin=subprocess.DEVNULL, check=False,
        env=clean_environment() | stack.settings | settings, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    assert "Traceback" not in done.stdout, done.stdout
    assert stack.settings["SECRET_KEY"] not in done.stdout
    return done.returncode, done.stdout


def test_a_site_that_works_is_well_and_nothing_is_left_behind(stack: Stack) -> None:
    server = stack.serve()

    status, said = doctor(stack, server.url)

    assert (status, "WRONG" in said) == (0, False) if stack.kind == "embedded" else (1, True), said
    for well in (
        "ok     database: ",
        "ok     disk: ",
        "ok     address: ",
        "ok     websocket: opens and carries frames",
    ):
        assert well in said
    assert query(stack, "SELECT count(*) FROM chat_room") == [(0,)]
    if stack.kind == "distributed":  # the tests' PostgreSQL is told not to wait for the disk, and that is all
        wrong = [line for line in said.splitlines() if line.startswith("WRONG")]
        assert [line.split(" is off")[0] for line in wrong] == [
            "WRONG  database: fsync",
            "WRONG  database: full_page_writes",
        ]
        assert "ok     redis: 127.0.0.1:" in said
        assert "ok     clock: within 2 s" in said


def test_without_an_address_the_rest_is_looked_at(embedded_stack: Stack) -> None:
    status, said = doctor(embedded_stack)

    assert status == 0, said
    assert "note   address: not looked at" in said


@pytest.mark.parametrize("given", ["chat.example.org", "ftp://chat.example.org", "https://", "https://a.example/chat"])
def test_what_is_no_address_is_a_sentence(given: str) -> None:
    with pytest.raises(CommandError, match=r"^Expected an address such as https://chat\.example\.org"):
        call_command("doctor", given)


def test_stores_that_are_away_are_named_without_their_passwords(distributed_stack: Stack) -> None:
    port = free_port()
    status, said = doctor(
        distributed_stack,
        REDIS_URL=f"redis://:a-secret-of-redis@127.0.0.1:{port}/0",
        DATABASE_URL=f"postgresql://chat:a-secret-of-postgres@127.0.0.1:{port}/chat",
    )

    assert status == 1
    assert f"WRONG  redis: 127.0.0.1:{port}" in said
    assert "WRONG  database: " in said
    assert "a-secret" not in said


def test_a_secret_in_an_error_is_left_out(
    settings: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def leak() -> Iterator[Any]:
        yield site.wrong("mail", f"cannot log in with {settings.SECRET_KEY}", "")

    monkeypatch.setattr(stores, "mail", leak)
    for name in ("database", "redis", "disk"):
        monkeypatch.setattr(stores, name, lambda: iter(()))
    with pytest.raises(SystemExit) as ended:
        call_command("doctor")

    assert ended.value.code == 1
    assert "cannot log in with …" in capsys.readouterr().out


# Settings and stores, one at a time


def seen(findings: Iterator[Any]) -> dict[str, str]:
    """What is not as it should be, and the advice."""
    return {finding.seen: finding.advice for finding in findings if finding.grade is not Grade.FINE}


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"DEBUG": True}, "DEBUG is on"),
        ({"ALLOWED_HOSTS": ["*"]}, "ALLOWED_HOSTS has *"),
        ({"ALLOWED_ORIGINS": ["https://chat.example.org"]}, "TLS is off"),
        ({"TLS": True, "SECURE_HSTS_SECONDS": 0, "SILENCED_SYSTEM_CHECKS": []}, "(security.W004)"),
    ],
)
def test_settings_that_should_not_be_are_told(settings: Any, changed: dict[str, Any], expected: str) -> None:
    for name, value in changed.items():
        setattr(settings, name, value)

    assert [told for told in seen(site.look()) if expected in told]


def test_rates_that_are_off_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "RATE_LIMITS", False)

    assert [told for told in seen(site.look()) if "CHAT_RATE_LIMITS is off" in told]


def test_a_key_that_others_can_read_is_told(settings: Any, tmp_path: Path) -> None:
    settings.VAR_DIR = tmp_path
    key = tmp_path / "secret_key"
    key.touch(0o600)
    assert not [told for told in seen(site.look()) if "others can read" in told]

    key.chmod(0o644)

    assert seen(site.look())[f"others can read {key}"] == f"Run: chmod 600 {key}"


def test_a_disk_that_is_nearly_full_is_told(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.VAR_DIR = settings.STATIC_ROOT = tmp_path
    monkeypatch.setattr(limits, "DISK_BYTES", 10**15)

    told = seen(stores.disk())

    assert any("GiB free" in one for one in told)
    assert told["they are not collected: every page would fail"] == "Run: manage.py collectstatic"


def test_a_folder_that_cannot_be_written_to_is_told(settings: Any, tmp_path: Path) -> None:
    settings.VAR_DIR = tmp_path / "none"

    assert any("nothing can be written" in one for one in seen(stores.disk()))


def test_a_mail_server_that_is_away_is_told(settings: Any) -> None:
    settings.CHAT_MAIL = True
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", free_port()

    assert any(one.startswith("127.0.0.1: ") for one in seen(stores.mail()))


@pytest.mark.django_db
def test_migrations_that_are_missing_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stores.migrations, "missing", lambda: {("chat", "0099_later")})

    assert seen(stores.database())["it lacks chat.0099_later"] == "Run: manage.py migrate"


# The address


Reply = Callable[[bytes], Iterable[bytes]]


@contextmanager
def answering(reply: Reply) -> Iterator[address.Address]:
    """Something at an address that says this to whoever asks; one piece for each that it hears."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            with suppress(OSError):  # it is over
                while True:
                    caller, _ = listening.accept()
                    with caller, suppress(OSError):
                        for piece in reply(caller.recv(65536)):
                            caller.sendall(piece)
                            caller.recv(65536)

        thread = Thread(target=serve, daemon=True)
        thread.start()
        yield address.parse(f"http://127.0.0.1:{listening.getsockname()[1]}")
        listening.shutdown(socket.SHUT_RDWR)
    thread.join(10)


def head(status: str, *headers: str) -> bytes:
    return "\r\n".join([f"HTTP/1.1 {status}", *headers, "Content-Length: 0", "", ""]).encode()


OUR_PAGE = head("200 OK", "Content-Security-Policy: default-src 'none'")
OPENED = head("101 Switching Protocols", "Sec-WebSocket-Protocol: chat.v1").replace(b"Content-Length: 0\r\n", b"")
REFUSED = b'\x81\x1c{"code":"bad_request", "x":1}'


def page_and(socket_says: Callable[[bytes], Iterable[bytes]]) -> Reply:
    return lambda asked: socket_says(asked) if b"Upgrade" in asked else [OUR_PAGE]


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        (lambda _: [head("502 Bad Gateway")], "the proxy gets no answer (502)"),
        (lambda _: [head("500 Oh")], "the start page answers 500"),
        (lambda _: [head("200 OK")], "what answers is not this chat"),
        (lambda _: [b"no HTTP at all\r\n\r\n"], "no HTTP at all"),
        (lambda _: [head("301 Moved", "Location: https://elsewhere.example/")], "redirects to https"),
        (page_and(lambda _: [OUR_PAGE]), "does not open (200)"),
        (page_and(lambda _: [head("403 Forbidden")]), "is refused to the site's own pages"),
        (page_and(lambda _: [OPENED]), "opens, but no frame comes back"),
        (page_and(lambda _: [OPENED, REFUSED]), "opens to other sites' pages too"),
    ],
)
def test_what_answers_at_the_address_is_judged(reply: Reply, expected: str) -> None:
    with answering(reply) as asked:
        told = seen(address.look(asked))

    assert [one for one in told if expected in one], told


def test_a_page_that_redirects_to_itself_is_a_matter_of_the_proxy() -> None:
    def reply(asked: bytes) -> list[bytes]:
        host = asked.split(b"Host: ")[1].split(b"\r\n")[0].decode()
        return [head("301 Moved", f"Location: http://{host}/")]

    with answering(reply) as asked:
        [(told, advice)] = seen(address.look(asked)).items()

    assert "redirects to itself" in told
    assert "X-Forwarded-Proto" in advice


def test_a_proxy_that_lets_a_visitors_header_through_is_told(settings: Any) -> None:
    settings.TLS = True

    def reply(asked: bytes) -> list[bytes]:
        return [head("301 Moved", "Location: https://x/") if b"X-Forwarded-Proto: http" in asked else OUR_PAGE]

    with answering(reply) as asked:
        told = seen(address.look(asked))

    assert "a visitor's own X-Forwarded-Proto is believed" in told


def test_nobody_at_the_address_is_told() -> None:
    told = seen(address.look(address.parse(f"http://127.0.0.1:{free_port()}")))

    assert [one for one in told if "refused" in one.lower()]


def test_a_host_that_the_site_does_not_know_is_told() -> None:
    assert seen(address.look(address.parse("https://elsewhere.example"))) == {
        "the site does not answer to elsewhere.example": "Add elsewhere.example to ALLOWED_HOSTS."
    }


TLS = {"TLS": "on", "ALLOWED_HOSTS": "127.0.0.1"}


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    return make(tmp_path)


def before(stack: Stack, certificate: Path, **settings: str) -> Nginx:
    server = stack.serve(**TLS, **settings)
    return Nginx(
        [f"127.0.0.1:{server.port}"], Path(stack.settings["STATIC_ROOT"]), TLS="on", CERTIFICATES=str(certificate)
    )


def test_through_nginx_and_tls_all_is_well(embedded_stack: Stack, certificate: Path) -> None:
    with before(embedded_stack, certificate, TRUSTED_PROXIES="127.0.0.1") as nginx:
        status, said = doctor(
            embedded_stack, f"https://127.0.0.1:{nginx.tls_port}", **TLS, TRUSTED_PROXIES="127.0.0.1",
            SSL_CERT_FILE=str(certificate / "fullchain.pem"),
        )  # fmt: skip

    assert status == 0, said
    assert "ok     proxy: says itself by which scheme" in said
    assert "ok     websocket: opens and carries frames" in said


def test_a_proxy_that_is_not_trusted_is_told(embedded_stack: Stack, certificate: Path) -> None:
    with before(embedded_stack, certificate) as nginx:
        status, said = doctor(
            embedded_stack, f"https://127.0.0.1:{nginx.tls_port}", **TLS,
            SSL_CERT_FILE=str(certificate / "fullchain.pem"),
        )  # fmt: skip

    assert status == 1
    assert "WRONG  address: the page redirects to itself" in said


def test_a_certificate_that_nobody_knows_is_told(embedded_stack: Stack, certificate: Path) -> None:
    assert "SSL_CERT_FILE" not in embedded_stack.settings
    with before(embedded_stack, certificate, TRUSTED_PROXIES="127.0.0.1") as nginx:
        known = {name: value for name, value in os.environ.items() if name == "SSL_CERT_FILE"}
        status, said = doctor(embedded_stack, f"https://127.0.0.1:{nginx.tls_port}", **known, **TLS)

    assert status == 1
    assert "WRONG  address: its certificate does not hold" in said
