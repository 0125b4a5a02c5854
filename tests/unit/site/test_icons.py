"""What a browser shows of the site outside its pages."""

import json
from pathlib import Path
from xml.etree import ElementTree

from django.conf import settings

ICONS = Path(settings.BASE_DIR, "static/icons")


def test_every_icon_of_the_manifest_is_a_picture() -> None:
    icons = json.loads((ICONS / "site.webmanifest").read_text())["icons"]

    assert {icon["type"]: _is_picture(ICONS / icon["src"]) for icon in icons} == {
        "image/png": True,
        "image/svg+xml": True,
    }


def _is_picture(path: Path) -> bool:
    if path.suffix == ".svg":
        return ElementTree.parse(path).getroot().tag == "{http://www.w3.org/2000/svg}svg"  # noqa: S314 - our own
    return path.read_bytes().startswith(b"\x89PNG\r\n")
