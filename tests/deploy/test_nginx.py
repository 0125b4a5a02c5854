"""nginx takes over what it can do better, believes nobody, and bounds what one address may cost."""

import gzip
import json
import re
import socket
import ssl
import threading
from collections.abc import Iterator
from http.client import HTTPConnection, HTTPSConnection
from pathlib import Path
from typing import NamedTuple

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus
from websockets.typing import Origin, Subprotocol

from tests.chaos.database import query
from tests.client import RichClient
from tests.deploy import handing_out
from tests.deploy.conftest import SETTINGS
from tests.services import Nginx, NotReady, Reachable, Stack
from tests.services.process import free_port

FORGED = {
    "X-Forwarded-For": "198.51.100.7",
    "X-Forwarded-Proto": "https",
    "X-Forwarded-Host": "evil.example",
    "X-Real-IP": "198.51.100.7",
    "Forwarded": "for=198.51.100.7;proto=https",
    "Daphne-Root-Path": "/forged",
}


class Answer(NamedTuple):
    status: int
    headers: dict[str, str]
    body: bytes


def get(site: Reachable, path: str, source: str = "127.0.0.1", **headers: str) -> Answer:
    return ask(HTTPConnection("127.0.0.1", site.port, timeout=10, source_address=(source, 0)), path, **headers)


def ask(connection: HTTPConnection, path: str, **headers: str) -> Answer:
    try:
        connection.request("GET", path, headers={name.replace("_", "-"): value for name, value in headers.items()})
        response = connection.getresponse()
        return Answer(response.status, {k.lower(): v for k, v in response.headers.items()}, response.read())
    finally:
        connection.close()


# Pages and files


def test_what_a_page_names_comes_from_nginx_compressed_and_to_be_kept(nginx: Nginx, room: str, source: str) -> None:
    page = get(nginx, f"/chat/{room}/", Accept_Encoding="gzip")
    assert (page.status, page.headers["content-encoding"], page.headers["server"]) == (200, "gzip", "nginx")
    files = set(re.findall(r'"(/static/[^"]+\.(?:js|css))"', gzip.decompress(page.body).decode()))
    assert len(files) > 20

    for path in files:
        file = get(nginx, path, source, Accept_Encoding="gzip")
        assert file.status == 200
        assert file.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert file.headers["x-content-type-options"] == "nosniff"
        assert "javascript" in file.headers["content-type"] or "text/css" in file.headers["content-type"]
    served = nginx.requests(source, count=len(files))
    assert {(words[2], words[6]) for words in served} == {("static", "-")}


def test_a_file_that_nginx_has_not_is_asked_of_the_chat(nginx: Nginx, source: str) -> None:
    assert get(nginx, "/static/of/another/version.0123456789ab.js", source).status == 404

    [asked] = nginx.requests(source, count=1)
    assert asked[2:4] == ["static", "404"]
    assert asked[6].startswith("127.0.0.1:")


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics"])
def test_what_a_process_tells_about_itself_is_not_told_outside(nginx: Nginx, path: str) -> None:
    assert get(nginx, path).status == 404


@pytest.fixture
def uploads(tmp_path: Path) -> Path:
    """With a file in it, and one beside it."""
    folder = tmp_path / "uploads"
    (folder / "ab").mkdir(parents=True)
    (folder / "ab" / "cd").write_text("words")
    (tmp_path / "secret").write_text("words")
    return folder


@pytest.fixture
def handing(uploads: Path, static_root: Path) -> Iterator[Nginx]:
    """nginx before what hands out any upload that it is asked for."""
    with handing_out.server(free_port()) as page:
        threading.Thread(target=page.serve_forever).start()
        with Nginx([f"127.0.0.1:{page.server_port}"], static_root, UPLOADS_ROOT=str(uploads)) as handing:
            yield handing
        page.shutdown()


def test_an_upload_is_handed_out_when_the_chat_says_so(handing: Nginx, source: str) -> None:
    file = get(handing, "/ab/cd", source)

    assert (file.status, file.body) == (200, b"words")
    assert file.headers["content-type"] == "text/plain; charset=utf-8"
    assert file.headers["content-disposition"] == 'attachment; filename="notes.txt"'
    assert file.headers["content-security-policy"] == "default-src 'none'; sandbox"
    assert file.headers["x-content-type-options"] == "nosniff"
    assert "x-accel-redirect" not in file.headers
    assert get(handing, "/ab/none", source).status == 404


@pytest.mark.parametrize("path", ["ab/cd", "../uploads/ab/cd", "%61b/cd"])
def test_nobody_else_hands_out_uploads(site: Stack, static_root: Path, uploads: Path, path: str) -> None:
    with Nginx([f"127.0.0.1:{site.servers[0].port}"], static_root, UPLOADS_ROOT=str(uploads)) as nginx:
        for before in ("/-/uploads/", "//-/uploads/", "/static/../-/uploads/"):
            assert get(nginx, before + path).status == 404


@pytest.mark.parametrize("path", ["/../secret", "/ab/../../secret", "/%2e%2e/secret"])
def test_what_is_beside_the_uploads_is_handed_out_to_nobody(handing: Nginx, path: str) -> None:
    file = get(handing, path)

    assert file.status in (400, 404, 500)
    assert b"words" not in file.body


def test_the_log_holds_no_path(nginx: Nginx, room: str, source: str) -> None:
    assert get(nginx, "/invite/as-good-as-a-key/", source).status == 404
    assert get(nginx, f"/chat/{room}/", source).status == 200

    logged = nginx.requests(source, count=2)
    assert [words[1:4] for words in logged] == [["GET", "page", "404"], ["GET", "page", "200"]]
    for path in ("as-good-as-a-key", room):
        assert path not in f"{logged} {nginx.log()}"


# Who came


async def came_from(site: Stack, nginx: Reachable, room: str, source: str = "127.0.0.1", **headers: str) -> str:
    """Enter a room as a new guest, from this address of the machine; what the chat keeps of the guest's address."""
    async with connect(
        nginx.ws_url(room), subprotocols=[Subprotocol("chat.v1")], local_addr=(source, 0), proxy=None,
        additional_headers={name.replace("_", "-"): value for name, value in headers.items()},
    ) as ws:  # fmt: skip
        await ws.send('{"type": "hello"}')
        person = json.loads(await ws.recv())["user"]["id"]
    [(kept,)] = query(site, f"SELECT came_from FROM chat_user WHERE id = {int(person)}")  # noqa: S608 - a number
    return str(kept)


async def test_a_forged_header_changes_nothing(site: Stack, nginx: Nginx, room: str) -> None:
    here = await came_from(site, nginx, room)
    there = await came_from(site, nginx, room, "127.0.0.2")
    assert here != there

    assert await came_from(site, nginx, room, **FORGED) == here
    assert await came_from(site, nginx, room, "127.0.0.2", **FORGED) == there
    page, forged = (get(nginx, f"/chat/{room}/nothing", **headers) for headers in ({}, FORGED))
    assert page.status == forged.status == 404
    assert b"forged" not in get(nginx, f"/chat/{room}/", **FORGED).body


async def test_who_goes_round_nginx_is_not_believed(site: Stack, nginx: Nginx, room: str) -> None:
    there = await came_from(site, nginx, room, "127.0.0.2")

    assert await came_from(site, site.servers[0], room, "127.0.0.2", **FORGED) == there


async def test_only_its_own_pages_may_open_sockets(nginx: Nginx, room: str) -> None:
    async with RichClient(nginx.ws_url(room), origin=nginx.url) as ana:
        await ana.enter()
    for origin, headers in (("http://evil.example", {}), (f"https://127.0.0.1:{nginx.port}", FORGED)):
        with pytest.raises(InvalidStatus) as refused:
            await connect(nginx.ws_url(room), origin=Origin(origin), additional_headers=headers, proxy=None)
        assert refused.value.response.status_code == 403


async def test_a_proxy_before_it_is_believed_where_it_is_named(site: Stack, room: str) -> None:
    backends = [f"127.0.0.1:{site.servers[0].port}"]
    with Nginx(backends, Path(site.settings["STATIC_ROOT"]), TRUSTED_PROXIES="127.0.0.2,192.0.2.0/24") as behind:
        here = await came_from(site, behind, room)
        assert await came_from(site, behind, room, **FORGED) == here
        other = await came_from(site, behind, room, "127.0.0.2", **FORGED)
        assert other != here
        written_before = FORGED | {"X-Forwarded-For": "127.0.0.1, 198.51.100.7, 192.0.2.9"}
        assert await came_from(site, behind, room, "127.0.0.2", **written_before) == other


# Bounds


@pytest.mark.parametrize("framing", [b"Content-Length: 104857600", b"Transfer-Encoding: chunked"])
def test_of_a_body_of_100_mb_the_chat_hears_nothing(nginx: Nginx, framing: bytes, source: str) -> None:
    with socket.create_connection(("127.0.0.1", nginx.port), timeout=10, source_address=(source, 0)) as line:
        line.sendall(b"POST /me/name/ HTTP/1.1\r\nHost: 127.0.0.1\r\n" + framing + b"\r\n\r\n")
        part = b"x" * 1_048_576
        part = b"100000\r\n" + part + b"\r\n" if framing.endswith(b"chunked") else part
        for _ in range(100):
            line.sendall(part)
        assert line.recv(100).startswith(b"HTTP/1.1 413 ")
    [asked] = nginx.requests(source, count=1)
    assert (asked[3], asked[6]) == ("413", "-")
    assert sum(process.memory_info().rss for process in nginx.family()) < 64_000_000  # most of it there before
    assert not [path for path in (nginx.folder / "temp").rglob("*") if path.is_file()]


@pytest.mark.parametrize("headers", [{"X-Large": "x" * 9_000}, {f"X-{number}": "x" * 900 for number in range(40)}])
def test_headers_are_bounded(site: Stack, nginx: Nginx, headers: dict[str, str]) -> None:
    assert get(nginx, "/", **headers).status == 400
    assert get(nginx, "/", **{name: value[:100] for name, value in headers.items()}).status == 200  # and only for that


def try_password(nginx: Nginx, source: str, **headers: str) -> int:
    connection = HTTPConnection("127.0.0.1", nginx.port, timeout=10, source_address=(source, 0))
    headers = {name.replace("_", "-"): value for name, value in headers.items()}
    try:
        connection.request("POST", "/account/log-in/", "name=ana&password=guessed", headers)
        return connection.getresponse().status
    finally:
        connection.close()


def test_one_address_has_so_many_tries_at_passwords(nginx: Nginx, source: str) -> None:
    answers = [try_password(nginx, source) for _ in range(90)]

    assert answers[:60] == [403] * 60  # without a token
    assert 429 in answers
    assert get(nginx, "/account/log-in/", source).status == 200


def test_one_household_has_as_many_however_many_addresses_it_has(site: Stack, source: str) -> None:
    def try_from(behind: Nginx, address: str) -> int:
        return try_password(behind, source, X_Forwarded_For=address)

    backends = [f"127.0.0.1:{site.servers[0].port}"]
    with Nginx(backends, Path(site.settings["STATIC_ROOT"]), TRUSTED_PROXIES=source) as behind:
        answers = [try_from(behind, f"2001:db8:0:a0a::{number:x}") for number in range(90)]
        assert 429 in answers
        assert [try_from(behind, f"2001:db8:0:{number:x}::1") for number in range(90)] == [403] * 90
        assert [try_from(behind, f"192.0.2.{number}") for number in range(90)] == [403] * 90


# TLS


@pytest.fixture(scope="session")
def secure(site: Stack, certificate: Path) -> Iterator[Nginx]:
    """One more nginx, with TLS, before a server that knows of it."""
    server = site.serve(TLS="on", HSTS="host", **SETTINGS)
    static = Path(site.settings["STATIC_ROOT"])
    with Nginx([f"127.0.0.1:{server.port}"], static, TLS="on", CERTIFICATES=str(certificate)) as secure:
        yield secure


def test_with_a_certificate_it_speaks_http_2_and_tls(secure: Nginx, certificate: Path, room: str) -> None:
    context = ssl.create_default_context(cafile=str(certificate / "fullchain.pem"))
    page = ask(HTTPSConnection("127.0.0.1", secure.tls_port, context=context), f"/chat/{room}/")
    assert page.status == 200
    assert page.headers["strict-transport-security"] == "max-age=31536000"
    assert "__Host-session=" in page.headers["set-cookie"]
    moved = get(secure, f"/chat/{room}/")
    assert (moved.status, moved.headers["location"][:8]) == (301, "https://")

    context.set_alpn_protocols(["h2", "http/1.1"])
    line = socket.create_connection(("127.0.0.1", secure.tls_port), timeout=10)
    with context.wrap_socket(line, server_hostname="127.0.0.1") as tls:
        assert tls.selected_alpn_protocol() == "h2"
        assert tls.version() == "TLSv1.3"


async def test_over_tls_a_socket_is_the_sites_own(
    secure: Nginx, certificate: Path, room: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate / "fullchain.pem"))
    origin = f"https://127.0.0.1:{secure.tls_port}"
    async with RichClient(f"wss://127.0.0.1:{secure.tls_port}/ws/chat/{room}/", origin=origin) as ana:
        await ana.enter()
        await ana.say("over TLS")
    with pytest.raises(InvalidStatus):
        await RichClient(secure.ws_url(room), origin=origin).__aenter__()


# What does not fit together


@pytest.mark.parametrize(
    ("settings", "complaint"),
    [
        ({"BACKENDS": ""}, "BACKENDS: expected"),
        ({"STATIC_ROOT": "/nowhere"}, "STATIC_ROOT: expected"),
        ({"TLS": "on"}, "CERTIFICATES: expected"),
        ({"TLS": "off", "CERTIFICATES": "{certificate}"}, "TLS: expected on"),
    ],
)
def test_it_does_not_start_with_half_of_what_it_needs(
    static_root: Path, certificate: Path, settings: dict[str, str], complaint: str
) -> None:
    settings = {name: value.format(certificate=certificate) for name, value in settings.items()}
    nginx = Nginx(["127.0.0.1:1"], static_root, **settings)
    with pytest.raises(NotReady, match=complaint):
        nginx.start()
    nginx.__exit__()
