"""Changing a password, and getting a new one by mail, from a mail server that speaks SMTP."""

import re
from collections.abc import Iterator
from email.message import Message
from email.parser import BytesParser
from email.policy import default
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from django.test import Client

from chat import limits
from chat.actions import accounts, emails, passwords
from chat.models import Session, User
from chat.models.session import TIE
from chat.web.accounts import mail
from chat.wire.announcements import Account, AnyNews
from tests.cast import Cast
from tests.integration.web.conftest import PASSWORD, Mails, enter, who, written
from tests.services.process import free_port

pytestmark = pytest.mark.django_db(transaction=True)

NEW = "another correct horse"


@pytest.fixture
def reachable(ana: User) -> User:
    emails.change(ana, "ana@example.org")
    return emails.confirm(ana.pk, "ana@example.org")


def link_in(text: str) -> str:
    """The path of the one link in a mail."""
    [link] = re.findall(r"https?://\S+", text)
    return "/" + link.split("/", 3)[3]


def ask(client: Client, address: str) -> Any:
    return client.post("/account/reset/", {"email": address})


# Changing


def test_another_password_keeps_this_session_under_a_new_key_and_ends_the_others(
    at_home: Client, ana: User, announced: list[AnyNews]
) -> None:
    other = Client()
    enter(other, "Ana")
    key, tie = at_home.session.session_key, at_home.session[TIE]

    answer = at_home.post("/account/password/", {"password": PASSWORD, "new_password": NEW})

    assert answer["Location"] == "/account/"
    assert (who(at_home), who(other)) == ("Ana", None)
    assert at_home.session.session_key != key
    assert at_home.session[TIE] == tie
    assert announced[-1] == Account("password_changed", ana.pk, tie, "Ana")
    assert list(Session.objects.filter(user=ana).values_list("tie", flat=True)) == [tie]
    assert (enter(Client(), "Ana").status_code, enter(Client(), "Ana", NEW).status_code) == (400, 302)


@pytest.mark.parametrize(
    ("sent", "told"),
    [
        ({"password": "wrong", "new_password": NEW}, "This is not your password."),
        ({"password": PASSWORD, "new_password": "short"}, "too short"),
        ({"password": PASSWORD, "new_password": "password123"}, "too common"),
        ({"password": PASSWORD}, "required"),
        ({}, "required"),
    ],
)
def test_a_change_that_may_not_be_changes_nothing(at_home: Client, ana: User, sent: dict[str, str], told: str) -> None:
    answer = at_home.post("/account/password/", sent)

    assert answer.status_code == 400
    assert told in answer.content.decode()
    assert User.objects.get(pk=ana.pk).check_password(PASSWORD)
    assert who(at_home) == "Ana"


def test_a_guest_has_no_password_page(client: Client, cast: Cast) -> None:
    client.get("/chat/lobby/")

    assert client.get("/account/password/")["Location"] == "/account/log-in/?next=%2Faccount%2Fpassword%2F"


# A new one by mail


def test_who_has_forgotten_the_password_gets_a_new_one_by_mail(
    client: Client, at_home: Client, reachable: User, mails: Mails, announced: list[AnyNews]
) -> None:
    assert ask(client, "ANA@example.org")["Location"] == "/account/reset/sent/"
    [sent] = mails()
    assert sent.to == ["ana@example.org"]
    path = link_in(sent.body)
    stranger = Client()
    page = stranger.get(path, follow=True)
    assert page.status_code == 200
    assert path.split("/")[4] not in page.request["PATH_INFO"]  # the token is out of the address

    answer = stranger.post(page.request["PATH_INFO"], {"new_password": NEW})

    assert answer["Location"] == "/account/log-in/"
    assert "Your new password is set" in stranger.get("/account/log-in/").content.decode()
    assert (who(stranger), who(at_home)) == (None, None)
    assert announced[-1] == Account("password_changed", reachable.pk, name="Ana")
    assert enter(stranger, "Ana", NEW).status_code == 302


def test_a_link_is_good_once(client: Client, reachable: User, mails: Mails) -> None:
    ask(client, "ana@example.org")
    path = link_in(mails()[0].body)
    page = client.get(path, follow=True)
    client.post(page.request["PATH_INFO"], {"new_password": NEW})

    again = Client().get(path, follow=True)

    assert "no longer good" in again.content.decode()
    assert "<form" not in again.content.decode().split("<main")[1]


@pytest.mark.parametrize("change", ["password", "log-in", "address", "deactivated", "old", "forged"])
def test_a_link_is_void_after_whatever_happens_to_the_account(
    client: Client, reachable: User, mails: Mails, settings: Any, change: str
) -> None:
    ask(client, "ana@example.org")
    path = link_in(mails()[0].body)
    match change:
        case "password":
            passwords.change(reachable, "yet another horse")
        case "log-in":
            enter(Client(), "Ana")
        case "address":
            emails.change(reachable, "elsewhere@example.org")
        case "deactivated":
            accounts.delete(reachable)
        case "old":
            settings.PASSWORD_RESET_TIMEOUT = -1
        case "forged":
            path = path[:-2] + ("a" if path[-2] != "a" else "b") + "/"

    assert "no longer good" in client.get(path, follow=True).content.decode()


@pytest.mark.parametrize("uid", ["", "x", "MQ", "%00", "OTk5OTk5OTk5OTk5OTk5OTk5OTk5OTk5"])
def test_a_made_up_link_is_no_fault(client: Client, reachable: User, uid: str) -> None:
    assert client.get(f"/account/reset/{uid}/x-y/", follow=True).status_code in (200, 404)


@pytest.mark.parametrize(
    "address", ["nobody@example.org", "unconfirmed@example.org", "guest@example.org", "gone@example.org"]
)
def test_the_answer_does_not_tell_whose_addresses_are_known(
    client: Client, reachable: User, cast: Cast, mails: Mails, address: str
) -> None:
    passwords.change(cast.bo, PASSWORD)
    emails.change(cast.bo, "unconfirmed@example.org")
    User.objects.filter(pk=cast.visitor.pk).update(email="guest@example.org")
    User.objects.filter(pk=cast.zoe.pk).update(email="gone@example.org", email_confirmed_at="2026-01-01T00:00:00Z")
    known, other = ask(client, "ana@example.org"), ask(client, address)

    assert (known.status_code, known["Location"]) == (other.status_code, other["Location"])
    assert steady(known) == steady(other)
    assert [sent.to for sent in mails()] == [["ana@example.org"]]


def steady(answer: Any) -> dict[str, str]:
    """The headers but for the one that tells the second of the answer."""
    return {name: value for name, value in answer.headers.items() if name != "Expires"}


def test_the_answer_comes_before_anybody_is_looked_up_or_written_to(
    client: Client, reachable: User, mails: Mails, django_assert_num_queries: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    monkeypatch.setattr(mail, "_later", lambda work: asked.append("later"))
    for address in ("ana@example.org", "nobody@example.org"):
        with django_assert_num_queries(0):
            assert ask(client, address).status_code == 302
    assert asked == ["later", "later"]
    assert mails() == []


def test_nobody_is_buried_in_mails(client: Client, reachable: User, mails: Mails) -> None:
    answers = {ask(client, "ana@example.org").status_code for _ in range(limits.RESET_MAILS + 5)}

    assert answers == {302}
    assert len(mails()) == limits.RESET_MAILS


def test_links_never_lead_to_a_host_that_only_the_request_names(
    client: Client, reachable: User, mails: Mails, settings: Any
) -> None:
    settings.ALLOWED_ORIGINS = ["https://chat.example.org"]
    settings.ALLOWED_HOSTS = ["*"]

    client.post("/account/reset/", {"email": "ana@example.org"}, headers={"host": "evil.example"})

    assert "evil" not in mails()[0].body
    assert "https://chat.example.org/account/reset/" in mails()[0].body


def test_a_host_that_is_not_ours_gets_no_mail_sent(client: Client, reachable: User, mails: Mails) -> None:
    answer = client.post("/account/reset/", {"email": "ana@example.org"}, headers={"host": "evil.example"})

    assert answer.status_code == 400
    assert mails() == []


def test_without_a_mail_server_the_page_says_whom_to_ask(
    client: Client, reachable: User, mailoutbox: list[Any]
) -> None:
    assert "Ask the people who run it" in client.get("/account/reset/").content.decode()
    client.post("/account/reset/", {"email": "ana@example.org"})
    written()

    assert mailoutbox == []


@pytest.mark.parametrize(
    "address", ["", "x", "a@b", "a@example.org\r\nBcc: all@example.org", "x" * 400 + "@example.org"]
)
def test_what_is_no_address_is_refused(client: Client, mails: Mails, address: str) -> None:
    assert ask(client, address).status_code == 400
    assert mails() == []


# A real server


class Postbox:
    def __init__(self) -> None:
        self.mails: list[Message] = []

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        self.mails.append(BytesParser(policy=default).parsebytes(envelope.content))
        return "250 taken"


@pytest.fixture
def postbox(settings: Any) -> Iterator[Postbox]:
    box = Postbox()
    # By a name of its own: to ask for that of the machine may take longer than it may take to be ready.
    controller = Controller(box, hostname="127.0.0.1", port=free_port(), server_hostname="localhost", ready_timeout=60)
    controller.start()
    settings.CHAT_MAIL = True
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = controller.hostname, controller.port
    settings.DEFAULT_FROM_EMAIL = "Chat <chat@example.org>"
    yield box
    written()
    controller.stop()


def test_a_mail_goes_out_by_smtp_and_its_link_works(client: Client, reachable: User, postbox: Postbox) -> None:
    ask(client, "ana@example.org")
    written()

    [sent] = postbox.mails
    assert (sent["To"], sent["From"]) == ("ana@example.org", "Chat <chat@example.org>")
    assert sent["Subject"] == "A new password"
    text = sent.get_payload()
    assert "for Ana." in text
    assert client.get(link_in(text), follow=True).status_code == 200


def test_a_mail_is_written_in_the_language_of_who_asks_and_any_name_fits(
    client: Client, reachable: User, postbox: Postbox
) -> None:
    accounts.rename(reachable, "<b>Ána & Söhne</b>")
    ask(client, "ana@example.org")
    written()

    [sent] = postbox.mails
    assert "<b>Ána & Söhne</b>" in sent.get_payload(decode=True).decode()


def test_a_mail_server_that_is_away_is_no_fault_of_the_page(
    client: Client, reachable: User, postbox: Postbox, settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    settings.EMAIL_PORT = 1  # nobody listens there

    assert ask(client, "ana@example.org").status_code == 302
    written()

    assert "a mail was not sent (ConnectionRefusedError)" in caplog.text
    assert "ana@example.org" not in caplog.text
