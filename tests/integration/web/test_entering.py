"""Logging in and signing up: what a browser gets, what an attacker does not."""

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from chat import limits
from chat.actions import accounts, log_ins, sign_up_links
from chat.models import AccountEvent, Session, Tries, User
from chat.models.session import GUEST_KEY, TIE
from chat.queries import people
from chat.rates import Buckets
from chat.web.accounts import entering
from chat.wire.announcements import Account, AnyNews
from tests.cast import Cast, say
from tests.integration.sessions import user_of
from tests.integration.web.conftest import PASSWORD, enter, who

pytestmark = pytest.mark.django_db(transaction=True)


def be_a_guest(client: Client) -> User:
    """Look at a room, and be somebody there, as page and socket do together."""
    client.get("/chat/lobby/")
    return accounts.guest(client.session[GUEST_KEY])


# Logging in


def test_who_logs_in_is_known_on_every_page_and_comes_back_to_where_they_were(client: Client, ana: User) -> None:
    assert who(client) is None

    answer = enter(client, "ana", next="/chat/lobby/?x=1")

    assert (answer.status_code, answer["Location"]) == (302, "/chat/lobby/?x=1")
    assert who(client) == "Ana"


@pytest.mark.parametrize(
    "target",
    [
        *["https://evil.example/", "//evil.example", "///evil.example", "/\\evil.example", "\\\\evil.example"],
        *[
            "/\t/evil.example",
            "http:evil.example",
            "javascript:alert(1)",
            "evil",
            " //evil.example",
            "/\n/evil.example",
        ],
        *["http://testserver.evil.example/", "//testserver@evil.example", "https:///evil.example", "\x00//x"],
    ],
)
def test_nobody_is_led_to_another_site(client: Client, ana: User, target: str) -> None:
    page = client.get("/account/log-in/", {"next": target})
    assert "evil" not in page.content.decode().replace("next=", "")

    assert enter(client, "Ana", next=target)["Location"] == "/"
    answer = client.post(f"/account/sign-up/?next={target}")
    assert "evil" not in answer.get("Location", "")


def test_a_wrong_password_and_a_wrong_name_get_the_same_page(client: Client, ana: User, cast: Cast) -> None:
    accounts.deactivate(cast.bo)
    pages = set()
    for name in ("Ana", "Nobody", "Visitor", "Bo", "Zoe"):
        answer = enter(client, name, "wrong")
        assert answer.status_code == 400
        text = answer.content.decode().replace(f'value="{name}"', "")
        pages.add(re.sub(r'(csrfmiddlewaretoken" value=")[^"]*', "", text))

    assert len(pages) == 1
    assert "do not go together" in pages.pop()
    assert who(client) is None


def test_after_too_many_tries_one_sentence_says_how_long_to_wait(client: Client, ana: User) -> None:
    answers = [enter(client, "Ana", "wrong") for _ in range(limits.LOG_IN_TRIES + 1)]

    assert [answer.status_code for answer in answers] == [400] * limits.LOG_IN_TRIES + [429]
    assert "Wait a minute and try again." in answers[-1].content.decode()
    assert enter(client, "Ana").status_code == 429


def test_a_browser_that_knows_its_owner_is_not_kept_out_by_others_who_guess(client: Client, ana: User) -> None:
    enter(client, "Ana")
    client.post("/account/log-out/")
    stranger = Client()
    while enter(stranger, "Ana", "wrong").status_code != 429:
        pass

    assert enter(stranger, "Ana").status_code == 429
    assert enter(client, "Ana").status_code == 302


@pytest.mark.parametrize("cookie", ["", "x", "eyJtYXJrIjoieCIsInBlb3BsZSI6WzFdfQ:1:x"])
def test_a_browser_cannot_say_by_itself_whom_it_knows(client: Client, ana: User, cookie: str) -> None:
    client.cookies["browser"] = cookie
    while enter(client, "Ana", "wrong").status_code != 429:
        pass
    client.cookies["browser"] = cookie + "x"

    assert enter(client, "Ana").status_code == 429


def test_who_is_deactivated_is_told_so_after_the_right_password(client: Client, ana: User) -> None:
    accounts.deactivate(ana)

    answer = enter(client, "Ana")

    assert answer.status_code == 403
    assert "This account is deactivated" in answer.content.decode()
    assert who(client) is None


@pytest.mark.parametrize("sent", [{}, {"name": "Ana"}, {"password": PASSWORD}, {"name": "\x00", "password": "\x00"}])
def test_a_form_that_is_not_filled_in_is_no_fault(client: Client, ana: User, sent: dict[str, str]) -> None:
    assert client.post("/account/log-in/", sent).status_code == 400
    assert not Tries.objects.exists()


# Sessions


def test_a_log_in_leaves_nothing_of_the_session_before(client: Client, ana: User, announced: list[AnyNews]) -> None:
    guest = be_a_guest(client)
    before = client.session
    key, tie, secret = before.session_key, before[TIE], before[GUEST_KEY]

    enter(client, "Ana")

    after = client.session
    assert after.session_key != key
    assert after[TIE] != tie
    assert GUEST_KEY not in after
    assert user_of(key) is None
    assert Account("logged_out", guest.pk, tie, guest.display_name) in announced
    assert people.of_guest_key(secret) == guest  # who is still nobody else


def test_a_session_that_was_planted_is_not_the_one_that_is_logged_in(client: Client, ana: User) -> None:
    attacker = Client()
    be_a_guest(attacker)
    client.cookies["session"] = attacker.cookies["session"].value

    enter(client, "Ana")

    assert who(client) == "Ana"
    assert who(attacker) is None


def test_a_session_key_made_up_by_an_attacker_is_never_taken(client: Client, ana: User) -> None:
    client.cookies["session"] = "a" * 32

    enter(client, "Ana")

    assert client.session.session_key != "a" * 32
    assert not Session.objects.filter(session_key="a" * 32).exists()


def test_logging_in_as_another_ends_the_session_of_the_first(at_home: Client, cast: Cast, ana: User) -> None:
    key = at_home.session.session_key
    accounts.sign_up("Eve", PASSWORD)

    enter(at_home, "Eve")

    assert who(at_home) == "Eve"
    assert user_of(key or "") is None


def test_logging_in_never_merges_and_the_guest_stays_who_it_was(client: Client, ana: User, cast: Cast) -> None:
    guest = be_a_guest(client)
    say(cast.lobby, guest, "as a guest")

    enter(client, "Ana")

    unchanged = User.objects.get(pk=guest.pk)
    assert (unchanged.kind, unchanged.display_name) == ("guest", guest.display_name)
    assert User.objects.get(pk=ana.pk).display_name == "Ana"


# Signing up


def test_who_signs_up_is_logged_in(client: Client, cast: Cast) -> None:
    answer = client.post("/account/sign-up/", {"name": "Eve", "password": PASSWORD, "next": "/chat/lobby/"})

    assert answer["Location"] == "/chat/lobby/"
    assert who(client) == "Eve"


def test_a_guest_who_signs_up_is_the_same_person_with_a_new_session(client: Client, cast: Cast) -> None:
    guest = be_a_guest(client)
    key, tie = client.session.session_key, client.session[TIE]
    page = client.get("/account/sign-up/").content.decode()
    assert f'value="{guest.display_name}"' in page

    client.post("/account/sign-up/", {"name": guest.display_name, "password": PASSWORD})

    assert client.get("/").context["me"].pk == guest.pk
    assert client.session.session_key != key
    assert client.session[TIE] != tie
    assert user_of(key or "") is None
    assert AccountEvent.objects.filter(person=guest, change="password_changed", session_tie="").exists()


def test_a_planted_guest_session_does_not_share_the_account_that_claims_it(client: Client, cast: Cast) -> None:
    attacker = Client()
    be_a_guest(attacker)
    client.cookies["session"] = attacker.cookies["session"].value
    secret = attacker.session[GUEST_KEY]

    client.post("/account/sign-up/", {"name": "Eve", "password": PASSWORD})

    assert who(client) == "Eve"
    assert who(attacker) != "Eve"
    assert people.of_guest_key(secret) is None


def test_what_is_wrong_is_said_beside_its_field(client: Client, cast: Cast) -> None:
    for sent, told in [
        ({"name": "Ana", "password": PASSWORD}, "has this name"),
        ({"name": "\u202eevil", "password": PASSWORD}, "nothing invisible"),
        ({"name": "Eve", "password": "short"}, "too short"),
        ({"name": "Eve", "password": "password123"}, "too common"),
        ({"name": "Eve", "password": PASSWORD, "email": "no address"}, "valid email"),
        ({"name": "", "password": ""}, "required"),
    ]:
        page = client.post("/account/sign-up/", sent)
        assert page.status_code == 400
        text = page.content.decode()
        assert told in text
        assert 'aria-invalid="true"' in text
        for described in re.findall(r'aria-describedby="([^"]+)"', text):
            assert all(f'id="{name}"' in text for name in described.split())
        assert f'value="{sent["password"]}"' not in text
    assert not User.objects.filter(display_name="Eve").exists()


def test_an_address_that_another_gives_is_no_answer(client: Client, ana: User, mails: Any) -> None:
    """Nobody learns by signing up whose addresses are known here."""
    User.objects.filter(pk=ana.pk).update(email="ana@example.org")

    known = client.post("/account/sign-up/", {"name": "Eve", "password": PASSWORD, "email": "ana@example.org"})
    other = Client().post("/account/sign-up/", {"name": "Adam", "password": PASSWORD, "email": "new@example.org"})

    assert (known.status_code, known["Location"]) == (other.status_code, other["Location"])
    assert len(mails()) == 2


@pytest.mark.parametrize("setting", ["closed", "invitation"])
def test_where_not_everybody_may_sign_up_the_page_leads_to_the_log_in(
    client: Client, settings: Any, setting: str
) -> None:
    settings.CHAT_SIGN_UP = setting

    assert client.get("/account/sign-up/")["Location"] == "/account/log-in/"
    assert client.post("/account/sign-up/", {"name": "Eve", "password": PASSWORD})["Location"] == "/account/log-in/"
    for page in ("/", "/account/log-in/", "/account/"):
        assert "/account/sign-up/" not in client.get(page).content.decode()
    assert User.objects.count() == 0


def test_a_link_leads_to_signing_up_once(client: Client, settings: Any) -> None:
    settings.CHAT_SIGN_UP = "invitation"
    path = f"/account/sign-up/{sign_up_links.make(None).token}/"
    assert client.get(path).status_code == 200

    assert client.post(path, {"name": "Eve", "password": PASSWORD}).status_code == 302
    second = Client().post(path, {"name": "Adam", "password": PASSWORD})

    assert second.status_code == 400
    assert "used up" in second.content.decode()
    assert [user.display_name for user in User.objects.all()] == ["Eve"]


def test_sign_ups_from_one_address_are_bounded(client: Client, monkeypatch: pytest.MonkeyPatch, cast: Cast) -> None:
    monkeypatch.setattr(entering, "_sign_up_rates", Buckets(3, 0.001))
    assert {sign_up_from("192.0.2.8", f"Bo {number}", "short") for number in range(5)} == {400}  # nothing was tried

    assert [sign_up_from("192.0.2.8", f"Bo {number}") for number in range(4)] == [302, 302, 302, 429]
    assert sign_up_from("192.0.2.9", "Cy") == 302


def sign_up_from(address: str, name: str, password: str = PASSWORD) -> int:
    answer = Client().post("/account/sign-up/", {"name": name, "password": password}, REMOTE_ADDR=address)
    return answer.status_code


# Every form


def forms(patterns: Any = None, prefix: str = "/") -> list[str]:
    """The addresses of all that the site serves, with something in each gap."""
    found: list[str] = []
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        path = prefix + re.sub(r"<[^>]*>|\(\?P<[^)]*\)", "7", str(pattern.pattern)).replace("^", "").replace("\\Z", "")
        if isinstance(pattern, URLResolver):
            found += [] if "admin" in path else forms(pattern.url_patterns, path)
        elif isinstance(pattern, URLPattern):
            found.append(path)
    return found


def test_there_are_forms_to_look_at() -> None:
    assert len([path for path in forms() if path.startswith("/account/")]) >= 14


@pytest.mark.parametrize("path", forms())
def test_a_form_without_its_token_is_refused(static_root: Any, ana: User, path: str) -> None:
    """Of a member, whose cookies a foreign page would borrow; what takes no form at all refuses it as such."""
    member = Client(enforce_csrf_checks=True)
    member.force_login(ana)

    answer = member.post(path, {"name": "Eve", "password": PASSWORD})

    assert answer.status_code in (403, 405), path
    assert User.objects.get(pk=ana.pk).display_name == "Ana"
    assert user_of(member.session.session_key or "") == ana


def test_a_log_in_without_its_token_is_refused(static_root: Any, ana: User) -> None:
    """Or a foreign page could log somebody in as another."""
    stranger = Client(enforce_csrf_checks=True)

    assert enter(stranger, "Ana").status_code == 403
    assert "_auth_user_id" not in stranger.session


def test_the_forms_token_is_another_after_a_log_in(client: Client, ana: User) -> None:
    client.get("/account/log-in/")
    before = client.cookies["csrf"].value

    enter(client, "Ana")

    assert client.cookies["csrf"].value != before


def test_a_log_in_costs_as_much_for_nobody(client: Client, ana: User, django_assert_num_queries: Any) -> None:
    """As many statements; test_log_ins counts the hashing."""
    browser = log_ins.Browser("192.0.2.1")
    for name in ("Ana", "Nobody"):
        with pytest.raises(log_ins.WrongPassword):
            log_ins.check(name, "wrong", browser)
    for name in ("Ana", "Nobody"):
        with django_assert_num_queries(6), pytest.raises(log_ins.WrongPassword):
            log_ins.check(name, "wrong", browser)
