"""The whole deployment in containers, from build to update; `make test-compose`, where there is a Docker engine.

Not part of `make test` (its name keeps pytest from finding it): it builds images and takes some minutes.
"""

import asyncio
import ssl
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from http.client import HTTPConnection, HTTPSConnection
from pathlib import Path

import pytest

from tests.browser.driver import open_window
from tests.browser.person import Person
from tests.chaos.ledger import Ledger
from tests.client import RichClient
from tests.compose.project import Project
from tests.deploy import handing_out
from tests.deploy.visitors import Visitor, arrived
from tests.services.certificate import make

CALM_SECONDS = 60.0
UPLOAD, UPLOAD_WORDS = "ab/cd", "words in a file"
_KILL = """
import os, signal
for pid in filter(str.isdigit, os.listdir("/proc")):
    if pid not in ("1", str(os.getpid())) and b"chatsite.server" in open(f"/proc/{pid}/cmdline", "rb").read():
        os.kill(int(pid), signal.SIGKILL)
"""


@pytest.fixture(scope="module")
def project() -> Iterator[Project]:
    with Project(REPLICAS="2") as project:
        yield project


def test_it_is_built_scaled_broken_and_updated_under_people_who_talk(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    with ExitStack() as opened:
        ana, bo, cy = (Person(opened.enter_context(open_window())) for _ in range(3))
        _only_nginx_is_published(project)
        _all_are_confined(project)
        assert "no issues" in _in_web(project, "manage.py", "check", "--deploy", "--fail-level", "WARNING")

        ana.enter_room(project, "front")
        bo.enter_room(project, "front")
        cy.enter_room(project, "back")
        _they_talk(ana, bo, "at first")

        project.compose("up", "--detach", "--wait", "--no-recreate", "--scale", "web=3", "web")
        project.healthy("web", 3)
        assert _answering(project) == 3
        _they_talk(ana, bo, "of three")

        for person in (ana, bo, cy):
            person.may_lose_the_line()
        for container in project.containers("web"):
            project.run("docker", "exec", container, "python", "-c", _KILL, may_fail=True)  # it dies with its container
            project.healthy("web", 3)
            assert project.inspected([container])[0]["RestartCount"] == 1
        _they_talk(ana, bo, "after a death")

        figure = asyncio.run(_update_under_load(project))
        with capsys.disabled():
            print(figure)  # noqa: T201 - what the test is also for
        for person in (ana, bo, cy):
            person.connected()
        _they_talk(ana, bo, "after an update")
        cy.say("alone")
        cy.see_message("alone")
        assert cy.texts == ["alone"]
        assert len(ana.texts) == len(bo.texts) == 8

        _put_upload(project)
        kept = project.compose("exec", "-T", "web", "sh", "-c", "python manage.py backup - | base64")
        project.compose("exec", "-T", "web", "rm", f"/var/lib/chat/uploads/{UPLOAD}")
        ana.say("said after the backup")
        bo.see_message("said after the backup")
        project.compose("exec", "-T", "web", "sh", "-c", "base64 -d | python manage.py restore -", given=kept)
        ana.until(lambda: len(ana.texts) == 8, "the log is that of the backup")
        _they_talk(ana, bo, "after a restore")
        assert len(ana.texts) == 10
        assert project.compose("exec", "-T", "nginx", "cat", f"/srv/uploads/{UPLOAD}") == UPLOAD_WORDS


def test_the_small_one_serves_over_tls(tmp_path: Path) -> None:
    certificate = make(tmp_path)
    settings = {"TLS": "on", "CERTIFICATES": str(certificate)}
    with Project("compose.small.yml", **settings) as small:
        context = ssl.create_default_context(cafile=str(certificate / "fullchain.pem"))
        secure = HTTPSConnection("127.0.0.1", small.tls_port, context=context, timeout=10)
        assert _status(secure, "/chat/lobby/") == 200
        assert _status(HTTPConnection("127.0.0.1", small.port, timeout=10), "/chat/lobby/") == 301

        small.compose("run", "--rm", "secrets")
        small.compose("exec", "-T", "nginx", "sh", "/etc/chat/nginx.sh", "-s", "reload")
        assert _status(HTTPSConnection("127.0.0.1", small.tls_port, context=context, timeout=10), "/") == 200

        _put_upload(small)
        hidden = HTTPSConnection("127.0.0.1", small.tls_port, context=context, timeout=10)
        assert _status(hidden, f"/-/uploads/{UPLOAD}") == 404
        assert UPLOAD_WORDS in _handed_out(small)


def _put_upload(project: Project) -> None:
    """As a process of the chat does; nginx can read it, and cannot write there."""
    path = f"/var/lib/chat/uploads/{UPLOAD}"
    write = f'mkdir -p "$(dirname {path})" && printf %s "{UPLOAD_WORDS}" >{path}'
    project.compose("exec", "-T", "web", "sh", "-c", write)
    written = project.compose("exec", "-T", "nginx", "sh", "-c", f"echo no >/srv/uploads/{UPLOAD} || echo refused")
    assert written.strip() == "refused"


def _handed_out(project: Project) -> str:
    """What one gets for an upload where a page hands it out: a second nginx beside the first, before such a page."""
    page = Path(handing_out.__file__).read_text()
    project.compose("exec", "--detach", "web", "python", "-c", page, "8001")
    second = ("--env", "BACKENDS=web:8001", "--env", "NGINX_FOLDER=/tmp/second", "--env", "LISTEN=8081")
    second += ("--env", "LISTEN_TLS=8444", "--env", "ACCESS_LOG=/dev/null")
    project.compose("exec", "--detach", *second, "nginx", "sh", "/etc/chat/nginx.sh")
    asked = ("curl", "--silent", "--retry", "20", "--retry-all-errors", "--retry-delay", "1", "--fail")
    return project.compose("exec", "-T", "nginx", *asked, f"http://127.0.0.1:8081/{UPLOAD}")


def _they_talk(ana: Person, bo: Person, when: str) -> None:
    ana.connected()
    bo.connected()
    ana.say(f"Are you there, {when}?")
    bo.see_message(f"Are you there, {when}?", by=ana.name)
    bo.say(f"Yes, {when}.")
    ana.see_message(f"Yes, {when}.", by=bo.name)


def _only_nginx_is_published(project: Project) -> None:
    for one in project.inspected(project.containers()):
        published = any(one["NetworkSettings"]["Ports"].values())
        assert published == (one["Config"]["Labels"]["com.docker.compose.service"] == "nginx")


def _all_are_confined(project: Project) -> None:
    found = project.inspected(project.containers())
    assert len(found) == 5
    for one in found:
        host = one["HostConfig"]
        assert host["ReadonlyRootfs"], one["Name"]
        assert host["CapDrop"] == ["ALL"], one["Name"]
        assert not host["CapAdd"], one["Name"]
        assert "no-new-privileges:true" in host["SecurityOpt"], one["Name"]
        assert host["Memory"] > 0, one["Name"]
        assert host["RestartPolicy"]["Name"] == "unless-stopped", one["Name"]
        assert one["Config"]["User"] not in ("", "root", "0"), one["Name"]


def _in_web(project: Project, *words: str) -> str:
    return project.compose("exec", "-T", "web", "python", *words)


def _answering(project: Project) -> int:
    """By how many processes nginx has requests answered; it asks anew each second who is there."""
    backends: set[str] = set()
    for _ in range(100):
        _status(HTTPConnection("127.0.0.1", project.port, timeout=10), "/me/name/")
        lines = project.compose("logs", "--no-color", "--no-log-prefix", "--tail", "30", "nginx").splitlines()
        backends |= {words[6] for line in lines if len(words := line.split()) == 9 and words[3] == "405"}
    return len(backends)


def _status(connection: HTTPConnection, path: str) -> int:
    try:
        connection.request("GET", path)
        return connection.getresponse().status
    finally:
        connection.close()


async def _update_under_load(project: Project) -> str:
    """Nothing is lost, and nobody cut off; how long somebody heard nothing."""
    ledger = Ledger()
    visitors = [Visitor(f"visitor-{index}", f"load-{index % 3}", project, ledger, seed=index) for index in range(12)]
    lives = [asyncio.create_task(visitor.live()) for visitor in visitors]
    try:
        await arrived(visitors)
        for visitor in visitors:
            visitor.watch()
        old = set(project.containers("web"))
        await asyncio.to_thread(project.run, "deploy/update.sh")
        new = set(project.containers("web"))
        for visitor in visitors:
            visitor.look_away()
            visitor.talking = False
        await _calm(visitors)
        logs = await _histories(project, visitors)
    finally:
        for life in lives:
            life.cancel()
        await asyncio.gather(*lives, return_exceptions=True)

    ends = sum((visitor.ends for visitor in visitors), Counter())
    assert len(new) == len(old)
    assert not new & old
    assert ledger.clean, ledger.evidence[:20]
    assert set(ends) - {"TimeoutError"} == {"4412"}
    for visitor in visitors:
        said = logs[visitor.room]
        assert {number: state.text for number, state in visitor.log.items()} == {
            number: said[number] for number in visitor.log
        }
        assert max(visitor.log) == max(said)
    for (room, client_id), number in ledger.acked.items():
        assert number in logs[room], (room, client_id)
    silence = max(visitor.silence for visitor in visitors)
    return f"update: {len(visitors)} visitors, {ledger.sent} messages, {ends}: the longest silence {silence:.2f} s"


async def _calm(visitors: Sequence[Visitor]) -> None:
    """Until nobody waits for an answer and all who are in one room stand at one number."""
    async with asyncio.timeout(CALM_SECONDS):
        while True:
            rooms, places = {one.room for one in visitors}, {(one.room, one.since) for one in visitors}
            if len(places) == len(rooms) and all(one.connected and one.idle for one in visitors):
                return
            await asyncio.sleep(0.05)


async def _histories(project: Project, visitors: Sequence[Visitor]) -> dict[str, dict[int, str]]:
    """What a newcomer is told of each room: number and words of all that was said."""
    found: dict[str, dict[int, str]] = {}
    for room in {visitor.room for visitor in visitors}:
        async with RichClient(project.ws_url(room)) as newcomer:
            await newcomer.enter()
            said = {number: message.message for number, message in newcomer.messages.items()}
            while (lowest := min(said)) > 1:
                page = await newcomer.ask(before=lowest, limit=100)
                said |= {message.id: message.message for message in page.messages}
            found[room] = said
    return found
