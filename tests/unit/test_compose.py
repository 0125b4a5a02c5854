"""What the compose files promise of every container, read without a Docker engine (tests/compose has one)."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from chat import limits

ROOT = Path(limits.__file__).parents[1]
IMAGES = {"chat", "nginx:1.27-alpine", "postgres:16-alpine", "redis:7-alpine"}
ENDS = {"migrate", "secrets"}  # before the others start


class Loader(yaml.SafeLoader):
    """Takes compose's own tag for a list that replaces the one extended."""


Loader.add_constructor("!override", lambda loader, node: loader.construct_sequence(node, deep=True))


def services(name: str) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = yaml.load((ROOT / name).read_text(), Loader)["services"]  # noqa: S506 - a safe one
    for service, lines in found.items():
        if extended := lines.pop("extends", None):
            found[service] = services(extended["file"])[extended["service"]] | lines
    return found


EVERY = [
    pytest.param(name, service, lines, id=f"{name}-{service}")
    for name in ("docker-compose.yml", "compose.small.yml")
    for service, lines in services(name).items()
]


@pytest.mark.parametrize(("name", "service", "lines"), EVERY)
def test_every_container_is_confined(name: str, service: str, lines: dict[str, Any]) -> None:
    assert lines["image"] in IMAGES
    assert lines["read_only"] is True
    assert lines["cap_drop"] == ["ALL"]
    assert lines["security_opt"] == ["no-new-privileges:true"]
    assert ("ports" in lines) == (service == "nginx")
    assert ("cap_add" in lines) == (service == "secrets")
    assert "ulimits" not in lines
    if service in ENDS:
        assert "restart" not in lines
    else:
        assert lines["restart"] == "unless-stopped"
        assert lines["mem_limit"]
    assert lines.get("user") != "root" or lines["network_mode"] == "none"


def test_the_stores_are_reached_by_the_chat_alone() -> None:
    found = services("docker-compose.yml")
    assert {name for name, lines in found.items() if "stores" in lines.get("networks", [])} == {
        "web", "migrate", "postgres", "redis",
    }  # fmt: skip
    for name in ("postgres", "redis"):
        assert found[name]["networks"] == ["stores"]
    networks = yaml.load((ROOT / "docker-compose.yml").read_text(), Loader)["networks"]  # noqa: S506
    assert networks["stores"]["internal"]
    assert networks["inner"]["internal"]


def test_the_database_has_connections_for_all_processes_of_an_update() -> None:
    found = services("docker-compose.yml")
    replicas = int(re.fullmatch(r"\$\{REPLICAS:-(\d+)\}", str(found["web"]["scale"]))[1])  # type: ignore[index]
    [connections] = [int(word.split("=")[1]) for word in found["postgres"]["command"] if "max_connections" in word]
    of_a_process = limits.READ_THREADS + limits.PAGE_THREADS + 2  # a writer, and who asks whether we are ready

    assert connections >= 2 * (replicas + 3) * of_a_process  # for more replicas too, as deploy/README.md says


@pytest.mark.parametrize("name", ["docker-compose.yml", "compose.small.yml"])
def test_uploads_are_written_by_the_chat_and_read_by_nginx(name: str) -> None:
    mounts = {service: set(lines.get("volumes", [])) for service, lines in services(name).items()}
    holding = {(service, mount) for service, all_of_it in mounts.items() for mount in all_of_it if "uploads" in mount}

    assert holding == {("web", "uploads:/var/lib/chat/uploads"), ("nginx", "uploads:/srv/uploads:ro")}
    assert services(name)["nginx"]["environment"]["UPLOADS_ROOT"] == "/srv/uploads"
    [made] = [line for line in (ROOT / "Dockerfile").read_text().splitlines() if "install -d -o chat" in line]
    assert "/var/lib/chat/uploads" in made.split()  # whose owner the volume takes over at the first start


def test_no_dockerfile_asks_for_what_is_not_there() -> None:
    lines = (ROOT / "Dockerfile").read_text().splitlines()
    assert not [line for line in lines if line.replace(" ", "").startswith("#syntax=")]
    assert {line.split()[1] for line in lines if line.startswith("FROM ")} == {"python:3.12-slim"}
