"""Template tags for what is too small for a template of its own and stands in a page a hundred times."""

from collections.abc import Mapping
from typing import Any

from django import template
from django.template.base import Parser, TextNode, Token
from django.utils.html import format_html
from django.utils.safestring import SafeString

_ICON = '<svg class="icon" viewBox="0 0 20 20" aria-hidden="true" focusable="false"><use href="#icon-{}"></use></svg>'
_AVATAR = '<span class="avatar avatar--{colour}" data-avatar aria-hidden="true">{initials}</span>'

register = template.Library()


@register.tag
def icon(_: Parser, token: Token) -> TextNode:
    """`{% icon "name" %}`, one of templates/_icons.html; made when the template is read, so it costs a page nothing."""
    try:
        [_tag, name] = token.split_contents()
    except ValueError:
        raise template.TemplateSyntaxError("icon takes one name") from None
    return TextNode(format_html(_ICON, name.strip("\"'")))


@register.simple_tag
def avatar(person: Mapping[str, Any]) -> SafeString:
    """What stands for a picture of somebody (shown.person); an empty one, for the page's scripts, of `""`."""
    return format_html(_AVATAR, **{"colour": "", "initials": "", **(person or {})})
