"""The smallest parts of pages."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.template import Context, Template, TemplateSyntaxError

from chat.web import shown


def test_an_icon_is_drawn_from_the_sheet_of_all() -> None:
    assert '<use href="#icon-close"></use>' in Template('{% icon "close" %}').render(Context())


def test_every_icon_that_pages_show_is_there() -> None:
    pages = "".join(path.read_text() for path in Path(settings.BASE_DIR, "templates").rglob("*.html"))
    shown = set(re.findall(r'{% icon "([a-z-]+)" %}', pages))

    assert len(shown) > 20
    assert shown <= set(re.findall(r'id="icon-([a-z-]+)"', pages))


@pytest.mark.parametrize("tag", ["{% icon %}", '{% icon "a" "b" %}'])
def test_an_icon_has_one_name(tag: str) -> None:
    with pytest.raises(TemplateSyntaxError, match="one name"):
        Template(tag)


def test_an_avatar_is_the_initials_in_one_of_ten_colours() -> None:
    drawn = Template("{% avatar person %}").render(Context({"person": shown.person(42, "Ana <b>Blue")}))

    assert drawn == '<span class="avatar avatar--2" data-avatar aria-hidden="true">A&lt;</span>'


def test_one_for_the_pages_scripts_is_empty() -> None:
    assert Template('{% avatar "" %}').render(Context()) == (
        '<span class="avatar avatar--" data-avatar aria-hidden="true"></span>'
    )
