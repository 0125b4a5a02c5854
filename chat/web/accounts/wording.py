"""The reader's words for refusals."""

from math import ceil

from django.utils.translation import gettext, ngettext

from chat import limits
from chat.actions.accounts import NameTaken
from chat.actions.log_ins import WrongPassword
from chat.wire.codes import ChatError, Code


def sentence(refusal: ChatError) -> str:
    """One sentence that says what to do. A weak password's own reasons are words already."""
    if isinstance(refusal, NameTaken):
        return gettext("Somebody here has this name, or one that looks like it. Choose another.")
    if isinstance(refusal, WrongPassword):
        return gettext("This name and this password do not go together.")
    return {
        Code.RATE_LIMITED: wait(refusal.retry_after or 0),
        Code.FORBIDDEN: gettext("You may not do this here."),
        Code.NOT_FOUND: gettext("This link has been used up, has expired, or has been withdrawn."),
        Code.UNAVAILABLE: gettext("The server could not save this in time. Try again in a moment."),
    }.get(refusal.code, gettext("That did not work. Try again."))


def bad_name() -> str:
    return gettext("A name has 1 to %(most)s characters, a letter or digit among them, and nothing invisible.") % {
        "most": limits.NAME_LENGTH
    }


def wait(seconds: float) -> str:
    minutes = max(1, ceil(seconds / 60))
    return ngettext(
        "That was too often. Wait a minute and try again.",
        "That was too often. Wait %(minutes)s minutes and try again.",
        minutes,
    ) % {"minutes": minutes}


def status(refusal: ChatError) -> int:
    """The answer's HTTP status."""
    return {Code.RATE_LIMITED: 429, Code.UNAVAILABLE: 503, Code.INTERNAL: 500, Code.FORBIDDEN: 403}.get(
        refusal.code, 400
    )
