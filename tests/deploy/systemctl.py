"""Stands for systemd where it is not the first process: runs the units of deploy/systemd as they are written.

Of a unit it takes the command lines, environment and its files, the signals and time-outs and what it requires, in a
folder that stands for the root of the machine. Accounts, sandbox and restarts after a crash are left out;
`systemd-analyze` looks at these (test_units.py). Its `systemctl` is a program for PATH that asks us over a socket.
"""

import fnmatch
import json
import os
import shlex
import signal
import socketserver
import subprocess
import sys
import threading
from collections import defaultdict
from pathlib import Path
from typing import Self

from tests.services.process import ROOT, Process, free_port, new_folder, remove_folder
from tests.services.server import Reachable

_PROGRAM = """#!{python}
import json, socket, sys
with socket.socket(socket.AF_UNIX) as line:
    line.connect({address!r})
    line.sendall(json.dumps(sys.argv[1:]).encode() + b"\\n")
    status, said = json.loads(line.makefile().read())
print(said, end="")
sys.exit(status)
"""


class Unit(Process):
    """One unit, or instance of a template, by its whole name: `chat@8001.service`."""

    def __init__(self, name: str, machine: Path) -> None:
        self.name = name
        self._machine = machine
        template, _, self._instance = name.removesuffix(".service").partition("@")
        file = ROOT / "deploy" / "systemd" / f"{template}{'@' if '@' in name else ''}.service"
        self._lines: defaultdict[str, list[str]] = defaultdict(list)
        for line in file.read_text().splitlines():
            if line and line[0] not in "#[":
                key, _, value = line.partition("=")
                self._lines[key].append(self._here(value))
        self.stop_seconds = float(self._last("TimeoutStopSec", "90"))
        self.stop_signal = signal.Signals[self._last("KillSignal", "SIGTERM")]
        super().__init__(shlex.split(self._lines["ExecStart"][-1]), machine / f"{name}.log")
        self._inherited = dict(self.env)
        self._has_run = False

    @property
    def required(self) -> list[str]:
        return self._lines["Requires"]

    @property
    def is_active(self) -> bool:
        return self._has_run if self._last("Type", "simple") == "oneshot" else self.is_running

    def start(self) -> None:
        self.env = self._inherited | self._environment()
        if self._last("Type", "simple") == "oneshot":
            self._run("ExecStart")
            self._has_run = True
            return
        super().start()
        try:
            self._run("ExecStartPost", MAINPID=str(self.pid))
        except subprocess.CalledProcessError:
            self.stop()
            raise

    def is_ready(self) -> bool:
        """Started is all that systemd waits for; the rest is ExecStartPost's."""
        return True

    def reload(self) -> None:
        self.env = self._inherited | self._environment()
        self._run("ExecReload")

    def _run(self, key: str, **more: str) -> None:
        """Raises CalledProcessError."""
        for line in self._lines[key]:
            with self._log.open("ab") as log:
                running = subprocess.Popen(
                    shlex.split(line), env=self.env | more, cwd=ROOT, stdout=log, stderr=subprocess.STDOUT
                )
            while running.returncode is None:
                try:
                    running.wait(0.1)
                except subprocess.TimeoutExpired:
                    self.is_running  # noqa: B018 - a main process that has ended is not kept as a zombie
            if running.returncode:
                raise subprocess.CalledProcessError(running.returncode, line)

    def _environment(self) -> dict[str, str]:
        found: dict[str, str] = {}
        for line in self._lines["Environment"]:
            found |= dict(word.split("=", 1) for word in shlex.split(line))
        for name in self._lines["EnvironmentFile"]:
            file = Path(name.removeprefix("-"))
            if file.exists() or not name.startswith("-"):
                found |= dict(word.split("=", 1) for word in shlex.split(file.read_text(), comments=True))
        return found

    def _last(self, key: str, default: str) -> str:
        return self._lines[key][-1] if self._lines[key] else default

    def _here(self, value: str) -> str:
        """With this instance, and with paths of this checkout and of the machine's folder."""
        value = value.replace("%i", self._instance)
        value = value.replace("/srv/chat/.venv/bin/python", sys.executable).replace("/srv/chat", str(ROOT))
        for folder in ("/etc/chat", "/var/lib/chat", "/run/chat-nginx"):
            value = value.replace(folder, f"{self._machine}{folder}")
        if value.endswith("/deploy/nginx.sh") and os.geteuid() == 0:
            value += " -g 'user root;'"  # its workers would not be allowed to read our folders
        return value


class Machine(Reachable):
    """Where units are started by `systemctl`: nginx at `port`, the chat's processes at `backends`."""

    def __init__(self) -> None:
        self.port, self.backends = free_port(), sorted([free_port(), free_port()])
        self.folder = new_folder("machine")
        for name in ("etc/chat", "var/lib/chat", "run/chat-nginx", "bin"):
            (self.folder / name).mkdir(parents=True)
        self.env = os.environ | {"PATH": f"{self.folder / 'bin'}:{os.environ['PATH']}"}
        self._units: dict[str, Unit] = {}
        self._server = _Server(str(self.folder / "socket"), _Line)
        self._server.machine = self
        program = self.folder / "bin" / "systemctl"
        program.write_text(_PROGRAM.format(python=sys.executable, address=self._server.server_address))
        program.chmod(0o755)

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        for unit in reversed(self._units.values()):
            unit.stop()
        remove_folder(self.folder)

    def configure(self, name: str, **settings: str) -> None:
        """Write a file of /etc/chat."""
        lines = [f"{key}={shlex.quote(value)}\n" for key, value in settings.items()]
        (self.folder / "etc" / "chat" / name).write_text("".join(lines))

    def run(self, *words: str) -> str:
        """Run a program that finds `systemctl`; what it printed. Its failure shows that and the units' logs."""
        done = subprocess.run(
            words, env=self.env, cwd=ROOT, check=False, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
        assert done.returncode == 0, f"{words} ended with {done.returncode}:\n{done.stdout}\n{self.logs()}"
        return done.stdout

    def unit(self, name: str) -> Unit:
        name = name if name.endswith(".service") else f"{name}.service"
        if name not in self._units:
            self._units[name] = Unit(name, self.folder)
        return self._units[name]

    def pids(self) -> list[int]:
        """Of the chat's processes that run, by their ports."""
        return [unit.pid for port in self.backends if (unit := self.unit(f"chat@{port}")).is_active]

    def logs(self) -> str:
        return "\n".join(f"--- {unit.name}\n{unit.log()}" for unit in self._units.values())

    def systemctl(self, verb: str, *words: str) -> str:
        given = [word for word in words if not word.startswith("--")]
        match verb:
            case "list-units":
                active = [unit.name for unit in self._units.values() if unit.is_active]
                found = fnmatch.filter(active, given[0])
                return "".join(f"{name} loaded active running of a test\n" for name in found)
            case "start":
                for name in given:
                    self._start(self.unit(name))
            case "restart":
                for name in given:
                    self.unit(name).stop()
                    self._start(self.unit(name))
            case "reload":
                for name in given:
                    self.unit(name).reload()
            case _:
                raise ValueError(f"expected a verb that the stand-in knows, got {verb!r}")
        return ""

    def _start(self, unit: Unit) -> None:
        for name in unit.required:
            if not self.unit(name).is_active:
                self._start(self.unit(name))
        if not unit.is_active:
            unit.start()


class _Server(socketserver.ThreadingUnixStreamServer):
    daemon_threads = True
    machine: Machine


class _Line(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        assert isinstance(self.server, _Server)
        try:
            answer = (0, self.server.machine.systemctl(*json.loads(self.rfile.readline())))
        except Exception as failed:  # whatever it is, the program has to end
            answer = (1, f"{type(failed).__name__}: {failed}\n")
        self.wfile.write(json.dumps(answer).encode())
