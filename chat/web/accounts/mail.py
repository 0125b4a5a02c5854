"""Writes to people, behind the answer: how long a page takes tells nobody whether there was somebody to write to."""

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import BoundedSemaphore

from django.conf import settings
from django.contrib.auth.tokens import default_token_generator
from django.core import signing
from django.core.mail import send_mail
from django.db import connection
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

from chat import limits
from chat.actions import tries
from chat.actions.tries import Bound
from chat.models import User
from chat.queries import people

logger = logging.getLogger(__name__)

_SALT = "chat.confirm-email"
_MOST_ACCOUNTS = 5  # that one address gets a way into
_worker = ThreadPoolExecutor(1, thread_name_prefix="mail")
_waiting = BoundedSemaphore(limits.WAITING_MAILS)


def ask_to_confirm(request: HttpRequest, person: User) -> None:
    """Send a link by which whoever reads this person's mail says so."""
    token = signing.dumps({"person": person.pk, "address": person.email}, salt=_SALT)
    link = _origin(request) + reverse("account:confirm_email", args=[token])
    name, address = person.display_name, person.email
    _later(lambda: _send("confirm", address, name=name, link=link))


def confirmed(token: str) -> tuple[int, str] | None:
    """Whom the token is of, and which address; None for one that is not ours or too old."""
    try:
        said = signing.loads(token, salt=_SALT, max_age=limits.CONFIRM_LINK_SECONDS)
    except signing.BadSignature:
        return None
    return said["person"], said["address"]


def tell_former(request: HttpRequest, person: User, address: str) -> None:
    """Tell the address that was confirmed until now that it counts no longer: it may not have been the person."""
    name, link = person.display_name, _origin(request) + reverse("account:password")
    _later(lambda: _send("moved", address, name=name, link=link))


def offer_reset(request: HttpRequest, address: str) -> None:
    """Send a link to a new password for each account that has this address. All of it is found out later."""
    origin = _origin(request)
    _later(lambda: _offer_reset(origin, address))


def _offer_reset(origin: str, address: str) -> None:
    for person in people.reachable_at(address)[:_MOST_ACCOUNTS]:
        uid, token = urlsafe_base64_encode(force_bytes(person.pk)), default_token_generator.make_token(person)
        link = origin + reverse("account:reset_confirm", args=[uid, token])
        _send("reset", person.email, name=person.display_name, link=link)


def _origin(request: HttpRequest) -> str:
    """Where links of mails lead: never to a host that only the request has named, where the operator has named one."""
    if settings.ALLOWED_ORIGINS:
        return str(settings.ALLOWED_ORIGINS[0])
    return request.build_absolute_uri("/")[:-1]


def _send(template: str, address: str, **said: str) -> None:
    """At most a few of a kind to one address, whoever asks for them."""
    bound = Bound(("mail", template, address.lower()), limits.RESET_MAILS, limits.RESET_MAIL_WAIT_SECONDS)
    if tries.take(bound):
        return
    subject, _, text = render_to_string(f"account/mail/{template}.txt", said).strip().partition("\n\n")
    send_mail(subject, text, None, [address])


def _later(work: Callable[[], None]) -> None:
    """In a thread, in the language of now. When too much waits already it is let go: whoever waits asks again."""
    if not settings.CHAT_MAIL or not _waiting.acquire(blocking=False):
        return
    language = translation.get_language()
    _worker.submit(_run, work, language)


def _run(work: Callable[[], None], language: str) -> None:
    try:
        with translation.override(language):
            work()
    except Exception as error:
        logger.warning("a mail was not sent (%s)", type(error).__name__)
    finally:
        connection.close()
        _waiting.release()
