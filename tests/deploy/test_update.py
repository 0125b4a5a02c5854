"""What deploy/update.sh asks of Docker, by a stand-in; tests/compose has an engine."""

import os
import subprocess
from pathlib import Path

import pytest

from tests.services.process import ROOT

DOCKER = """#!/bin/sh
echo "$*" >>"$ASKED"
case "$*" in
  'compose config --services') printf '%s\\n' $SERVICES ;;
  'compose ps --quiet web') sed -n '/up .*web=4/{s/.*/new-1 new-2/;s/ /\\n/;p;q}' "$ASKED"; printf 'old-1\\nold-2\\n' ;;
  *web=4*) exit "$NEW_ONES" ;;
esac
"""


def update(folder: Path, *, services: str = "web redis", new_ones: str = "0") -> tuple[int, list[str]]:
    """How it ended, and what it asked of Docker; `new_ones` is the status of bringing up new processes."""
    docker, asked = folder / "docker", folder / "asked"
    docker.write_text(DOCKER)
    docker.chmod(0o755)
    env = os.environ | {"PATH": f"{folder}:{os.environ['PATH']}", "ASKED": str(asked)}
    done = subprocess.run(
        [ROOT / "deploy" / "update.sh"], env=env | {"SERVICES": services, "NEW_ONES": new_ones}, check=False
    )
    return done.returncode, asked.read_text().splitlines()


def test_the_old_ones_go_when_the_new_ones_are_there_one_at_a_time(tmp_path: Path) -> None:
    status, asked = update(tmp_path)

    assert status == 0
    beginning = asked.index(next(line for line in asked if "web=4" in line))
    assert asked.index("compose run --rm --no-deps migrate") < beginning
    changing = [line for line in asked[beginning + 1 :] if line.startswith(("stop", "rm", "compose up"))]
    assert changing[:4] == ["stop old-1", "rm old-1", "stop old-2", "rm old-2"]
    assert "web=2" in changing[4]


def test_where_the_new_ones_do_not_come_up_they_go_and_the_old_ones_stay(tmp_path: Path) -> None:
    status, asked = update(tmp_path, new_ones="1")

    assert status == 1
    assert [line for line in asked if line.startswith(("stop", "rm"))] == ["rm --force new-1", "rm --force new-2"]


@pytest.mark.parametrize("services", ["web", "secrets migrate web nginx"])
def test_the_one_process_of_the_small_deployment_is_replaced(tmp_path: Path, services: str) -> None:
    status, asked = update(tmp_path, services=services)

    assert (status, asked) == (0, ["compose config --services", "compose up --build --detach --wait"])
