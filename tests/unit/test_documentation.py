"""README and .env.example list every setting of the environment, and none that is not there."""

import ast
import re
from pathlib import Path

from chat import limits

ROOT = Path(limits.__file__).parents[1]
README = ROOT / "README.md"
COMPOSE = [ROOT / "docker-compose.yml", ROOT / "compose.small.yml"]
# Of verbs that a person starts, not of chatsite/settings.py
OF_COMMANDS = {"HOST", "PORT"}


def read_by_settings() -> set[str]:
    """The names that chatsite/settings.py gives to chatsite.environment."""
    names: set[str] = set()
    for node in ast.walk(ast.parse((ROOT / "chatsite" / "settings.py").read_text())):
        if isinstance(node, ast.Call) and re.fullmatch(r"environment\.\w+", ast.unparse(node.func)):
            first = node.args[0]
            assert isinstance(first, ast.Constant), ast.unparse(node)
            names.add(str(first.value))
            if ast.unparse(node.func) in ("environment.secret_key", "environment.secret"):
                names.add(f"{first.value}_FILE")
    return names


def listed() -> set[str]:
    """What stands in backticks in the first column of README's table of settings."""
    assert README.exists(), "README.md is missing: it has to list the settings in a table, `NAME` first"
    return {name for line in README.read_text().splitlines() for name in re.findall(r"^\| `([A-Z][A-Z_]*)`", line)}


def test_the_settings_of_this_test_are_those_that_are_there() -> None:
    assert {"SECRET_KEY", "SECRET_KEY_FILE", "DATABASE_URL", "REDIS_URL", "DEBUG", "VAR_DIR"} <= read_by_settings()


def test_readme_lists_every_setting() -> None:
    missing = (read_by_settings() | OF_COMMANDS) - listed()

    assert not missing, f"README.md's table of settings lacks {sorted(missing)}"


def test_readme_lists_no_setting_that_is_none() -> None:
    bounds = {f"CHAT_{name}" for name in vars(limits) if name.isupper()}
    extra = listed() - read_by_settings() - OF_COMMANDS - bounds

    assert not extra, f"README.md's table of settings has {sorted(extra)}, which nothing reads"


def read_by_compose() -> set[str]:
    """The variables that the compose files put in: `${NAME:-default}`."""
    return {name for path in COMPOSE for name in re.findall(r"\$\{([A-Z_]+)", path.read_text())}


def test_the_example_of_an_env_file_has_every_setting_and_no_other() -> None:
    example = set(re.findall(r"^#?([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))

    assert example == listed() | read_by_compose()


def test_the_operators_page_tells_what_compose_reads() -> None:
    page = (ROOT / "deploy" / "README.md").read_text()
    untold = {name for name in read_by_compose() - listed() if f"`{name}`" not in page}

    assert not untold, f"deploy/README.md lacks {sorted(untold)}"


def test_readme_says_how_bounds_are_overridden_and_where_they_are() -> None:
    text = README.read_text()

    assert "CHAT_" in text
    assert "chat/limits.py" in text
    assert "chat/wire/README.md" in text


def test_every_bound_can_be_overridden_under_its_own_name() -> None:
    fixed = {"SLUG_LENGTH", "REF_LENGTH", "EMOJI_LENGTH"}
    source = (ROOT / "chat" / "limits.py").read_text()
    for name in (name for name in vars(limits) if name.isupper()):
        assert name in fixed or re.search(rf'^{name} = _\w+\("{name}"', source, re.MULTILINE), name


def test_every_bound_is_used() -> None:
    code = "".join(path.read_text() for folder in ("chat", "chatsite") for path in (ROOT / folder).rglob("*.py"))
    unused = {
        name for name in vars(limits) if name.isupper() and f"limits.{name}" not in code and name != "RATE_LIMITS"
    }

    assert not unused, f"chat/limits.py has bounds that nothing keeps: {sorted(unused)}"
