"""An e-mail address is one's own once the mail that was sent there has been answered."""

from typing import Any

import pytest
from django.test import Client
from django.test.utils import override_settings

from chat.actions import emails
from chat.models import User
from tests.cast import Cast
from tests.integration.web.conftest import PASSWORD, Mails
from tests.integration.web.test_passwords import link_in

pytestmark = pytest.mark.django_db(transaction=True)


def give(client: Client, address: str, password: str = PASSWORD) -> Any:
    return client.post("/account/email/", {"email": address, "password": password})


def is_confirmed(person: User) -> bool:
    return User.objects.get(pk=person.pk).email_confirmed_at is not None


def test_an_address_is_confirmed_by_the_link_and_the_button(at_home: Client, ana: User, mails: Mails) -> None:
    assert "We have written to ana@example.org" in give_and_follow(at_home, "ana@example.org")
    [sent] = mails()
    assert sent.to == ["ana@example.org"]
    reader = Client()

    page = reader.get(link_in(sent.body))
    assert "ana@example.org" in page.content.decode()
    assert not is_confirmed(ana)  # programs that look at mails follow links too

    assert reader.post(link_in(sent.body)).status_code == 200
    assert is_confirmed(ana)
    assert "_auth_user_id" not in reader.session


def give_and_follow(client: Client, address: str) -> str:
    give(client, address)
    return client.get("/account/").content.decode()


def test_who_signs_up_with_an_address_is_asked_at_once(client: Client, cast: Cast, mails: Mails) -> None:
    client.post("/account/sign-up/", {"name": "Eve", "password": PASSWORD, "email": "eve@example.org"})
    client.post(link_in(mails()[0].body))

    assert is_confirmed(User.objects.get(display_name="Eve"))


@pytest.mark.parametrize("how", ["forged", "another's", "changed", "old", "empty"])
def test_no_other_link_confirms(at_home: Client, ana: User, mails: Mails, how: str) -> None:
    give(at_home, "ana@example.org")
    path = link_in(mails()[0].body)
    match how:
        case "forged":
            path = path[:-3] + "xx/"
        case "another's":
            User.objects.filter(pk=ana.pk).update(email="other@example.org")
        case "changed":
            emails.change(ana, "new@example.org")
        case "empty":
            emails.change(ana, "")
    with override_settings():
        answer = at_home.post(path) if how != "old" else late(at_home, path)

    assert answer.status_code == 404
    assert "no longer good" in answer.content.decode()
    assert not is_confirmed(ana)


def late(client: Client, path: str) -> Any:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("chat.limits.CONFIRM_LINK_SECONDS", -1)
        return client.post(path)


def test_another_address_needs_the_password_and_a_new_confirmation(at_home: Client, ana: User, mails: Mails) -> None:
    give(at_home, "ana@example.org")
    emails.confirm(ana.pk, "ana@example.org")

    assert give(at_home, "evil@example.org", "wrong").status_code == 400
    assert User.objects.get(pk=ana.pk).email == "ana@example.org"
    give(at_home, "new@example.org")
    assert not is_confirmed(ana)
    give(at_home, "")
    assert User.objects.get(pk=ana.pk).email == ""


def test_the_former_address_is_told_when_it_had_been_confirmed(at_home: Client, ana: User, mails: Mails) -> None:
    give(at_home, "first@example.org")
    give(at_home, "second@example.org")  # the first was nobody's yet
    emails.confirm(ana.pk, "second@example.org")
    give(at_home, "third@example.org")
    emails.confirm(ana.pk, "third@example.org")
    give(at_home, "")

    told = [(mail.to, mail.subject) for mail in mails() if "changed" in mail.subject]
    assert told == [([f"{old}@example.org"], "Your e-mail address was changed") for old in ("second", "third")]


def test_without_a_mail_server_an_address_is_kept_and_not_confirmed(
    at_home: Client, ana: User, mailoutbox: list[Any]
) -> None:
    assert "Your e-mail address is saved." in give_and_follow(at_home, "ana@example.org")

    assert User.objects.get(pk=ana.pk).email == "ana@example.org"
    assert not is_confirmed(ana)
    assert mailoutbox == []
