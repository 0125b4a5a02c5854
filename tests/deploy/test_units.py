"""systemd understands the units, and they name the programs that are there."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.services.process import ROOT

UNITS = sorted((ROOT / "deploy" / "systemd").glob("*.service"))


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="there is no systemd here")
def test_systemd_has_nothing_to_say_of_the_units(tmp_path: Path) -> None:
    copies = []
    for unit in UNITS:
        text = unit.read_text().replace("/srv/chat/.venv/bin/python", sys.executable)
        copies.append(tmp_path / unit.name)
        copies[-1].write_text(text.replace("/srv/chat/deploy", str(ROOT / "deploy")))
    verified = subprocess.run(["systemd-analyze", "verify", *copies], check=False, capture_output=True, text=True)

    assert len(copies) == 3
    assert (verified.returncode, verified.stderr) == (0, "")


@pytest.mark.parametrize("script", sorted((ROOT / "deploy").glob("*.sh")), ids=lambda path: path.name)
def test_a_script_can_be_run_and_read_by_any_shell(script: Path) -> None:
    assert script.stat().st_mode & 0o111
    assert subprocess.run(["sh", "-n", str(script)], check=False).returncode == 0
