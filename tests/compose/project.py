"""docker compose with the files of this checkout, under a name, ports and a network of the test's own."""

import json
import os
import subprocess
from collections.abc import Sequence
from typing import Any, Self

from tests.services.process import ROOT, free_port, wait_for
from tests.services.server import Reachable

COMMAND_SECONDS = 900
HEALTHY_SECONDS = 180


class Project(Reachable):
    def __init__(self, file: str = "docker-compose.yml", **settings: str) -> None:
        self.port, self.tls_port = free_port(), free_port()
        self._name = f"chat-test-{self.port}"
        self._env = os.environ | {
            "COMPOSE_FILE": file,
            "COMPOSE_PROJECT_NAME": self._name,
            "PORT": str(self.port),
            "TLS_PORT": str(self.tls_port),
            "INNER_NETWORK": f"10.232.{self.port % 256}.0/24",
            **settings,
        }

    def __enter__(self) -> Self:
        try:
            self.compose("up", "--build", "--wait", "--detach")
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        print(self.compose("logs", "--no-color", "--tail", "200"))  # noqa: T201 - shown for a test that failed
        self.compose("down", "--volumes", "--timeout", "5")

    def compose(self, *words: str, given: str = "") -> str:
        """Run docker compose; what it printed. Its failure shows all that it said."""
        return self.run("docker", "compose", *words, given=given)

    def run(self, *words: str, given: str = "", may_fail: bool = False) -> str:
        done = subprocess.run(
            words, cwd=ROOT, env=self._env, check=False, text=True, input=given, capture_output=True,
            timeout=COMMAND_SECONDS,
        )  # fmt: skip
        how = f"{' '.join(words)} ended with {done.returncode}:\n{done.stdout}\n{done.stderr}"
        assert may_fail or done.returncode == 0, how
        return done.stdout

    def containers(self, service: str = "") -> list[str]:
        """The ids of those that run."""
        return self.compose("ps", "--quiet", *([service] if service else [])).split()

    def inspected(self, containers: Sequence[str]) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = json.loads(self.run("docker", "inspect", *containers))
        return found

    def healthy(self, service: str, count: int) -> None:
        """Wait until so many containers of a service are healthy."""

        def look() -> bool:
            states = [one["State"] for one in self.inspected(self.containers(service))]
            return [state["Health"]["Status"] for state in states] == ["healthy"] * count

        assert wait_for(look, HEALTHY_SECONDS), f"not {count} healthy containers of {service} in time"
