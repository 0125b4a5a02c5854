"""A person as templates show them, with what stands for a picture of them."""

from typing import Any

from chat.text import names


def person(id: int, name: str, **more: Any) -> dict[str, Any]:  # noqa: A002 - the wire's word
    """{id, name, initials, colour}; static/js/lib/avatars.js works the latter two out in the same way."""
    return {"id": id, "name": name, "initials": names.initials(name), "colour": id % 10, **more}
