"""House rules that no tool knows: who asks the database, who holds rules, who may know whom."""

import ast
import re
from pathlib import Path

import pytest

from chat import limits

ROOT = Path(limits.__file__).parents[1]
CHAT = ROOT / "chat"


def modules(*folders: str) -> list[Path]:
    found = [path for folder in folders for path in sorted((ROOT / folder).rglob("*.py"))]
    return [path for path in found if "migrations" not in path.parts]


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


ALL = modules("chat", "chatsite")


def imports(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{name(path)}: a relative import"
            found |= {f"{node.module}.{alias.name}" for alias in node.names} | {str(node.module)}
    return found


def test_there_are_modules_to_look_at() -> None:
    assert len(ALL) > 40


@pytest.mark.parametrize("path", modules("chat/realtime", "chat/web"), ids=name)
def test_sockets_and_pages_ask_no_model_for_rows(path: Path) -> None:
    assert ".objects" not in path.read_text()


@pytest.mark.parametrize("path", [*modules("chat/queries", "chat/realtime", "chat/web"), CHAT / "policy.py"], ids=name)
def test_only_actions_write(path: Path) -> None:
    writes = r"\.(save|delete|bulk_create|bulk_update|update_or_create|get_or_create|create)\("
    calls = [line for line in path.read_text().splitlines() if re.search(writes, line)]
    assert not [line for line in calls if ".objects" in line or "models." in line]


@pytest.mark.parametrize("path", modules("chat/wire", "chat/text"), ids=name)
def test_wire_and_text_are_pure(path: Path) -> None:
    foreign = {
        module
        for module in imports(path)
        if module.split(".")[0] in ("django", "channels", "daphne", "twisted", "asyncio")
    }
    assert not foreign


@pytest.mark.parametrize("path", ALL, ids=name)
def test_imports_stand_at_the_top(path: Path) -> None:
    allowed_below = {"chatsite/asgi.py", "chatsite/settings.py"}  # what Django has to be set up for
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and name(path) not in allowed_below:
            assert not [inner for inner in ast.walk(node) if isinstance(inner, ast.Import | ast.ImportFrom)], node.name


@pytest.mark.parametrize("path", [path for path in ALL if path.read_text().strip()], ids=name)
def test_every_module_says_in_a_sentence_what_it_owns(path: Path) -> None:
    sentence = ast.get_docstring(ast.parse(path.read_text()))
    assert sentence
    assert sentence.splitlines()[0].rstrip().endswith((".", ":", ";", ",")) or "\n" in sentence


@pytest.mark.parametrize("path", ALL, ids=name)
def test_nobody_sleeps_in_a_thread_or_prints(path: Path) -> None:
    text = path.read_text()
    assert "time.sleep" not in text
    assert not re.search(r"^\s*print\(", text, re.MULTILINE)


@pytest.mark.parametrize("path", sorted((ROOT / "templates").rglob("*.html")), ids=name)
def test_templates_trust_no_text_but_the_html_that_markup_made(path: Path) -> None:
    text = path.read_text()
    trusted = re.findall(r"\{\{\s*([^}]*\|\s*safe)[^}]*\}\}", text)
    assert set(trusted) <= {"message.html|safe"}
    assert "autoescape off" not in text
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=|javascript:", text)


@pytest.mark.parametrize("path", sorted((ROOT / "static" / "js").rglob("*.js")), ids=name)
def test_scripts_make_no_html_of_text(path: Path) -> None:
    text = path.read_text()
    assert not re.search(r"\beval\(|new Function|document\.write|insertAdjacentHTML|outerHTML", text)
    if "innerHTML" in text:
        assert name(path) == "static/js/ui/markup.js"
