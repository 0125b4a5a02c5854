"""One's own page: a name, a language, a time zone; and every page then is in them."""

from typing import Any

import pytest
from django.test import Client

from chat.actions import accounts
from chat.models import User
from chat.models.session import GUEST_KEY
from chat.wire.announcements import Account, AnyNews
from tests.cast import Cast, say
from tests.integration.web.conftest import who

pytestmark = pytest.mark.django_db(transaction=True)


def choose(client: Client, **given: str) -> Any:
    return client.post("/account/", {"name": "Ana", "language": "", "time_zone": ""} | given)


def test_a_new_name_shows_and_is_announced(at_home: Client, ana: User, announced: list[AnyNews]) -> None:
    assert choose(at_home, name=" Ána  Li ").status_code == 302

    assert who(at_home) == "Ána Li"
    assert announced[-1] == Account("renamed", ana.pk, name="Ána Li")
    assert "Saved." in at_home.get("/account/").content.decode()


@pytest.mark.parametrize("name", ["Bo", "B0", "", "x" * 41, "Admin", "\u200b", "a\x00b"])
def test_a_name_that_cannot_be_is_refused_and_nothing_is_saved(at_home: Client, ana: User, name: str) -> None:
    answer = choose(at_home, name=name, language="zh-hans")

    assert answer.status_code == 400
    assert User.objects.values_list("display_name", "language").get(pk=ana.pk) == ("Ana", "")


@pytest.mark.parametrize(
    "given", [{"language": "tlh"}, {"time_zone": "Mars/Olympus"}, {"time_zone": "../../etc/passwd"}]
)
def test_what_is_no_language_or_zone_is_refused(at_home: Client, ana: User, given: dict[str, str]) -> None:
    assert choose(at_home, **given).status_code == 400
    assert User.objects.values_list("language", "time_zone").get(pk=ana.pk) == ("", "")


def test_the_chosen_language_goes_before_what_the_browser_asks_for(at_home: Client, ana: User) -> None:
    assert language_of(at_home) == "en"
    choose(at_home, language="zh-hans")

    assert language_of(at_home, asks="de, en") == "zh-hans"
    assert language_of(Client(), asks="de, en") == "en"
    choose(at_home, language="")
    assert language_of(at_home, asks="zh-hans") == "zh-hans"


def language_of(client: Client, asks: str = "en") -> str:
    text = client.get("/account/log-in/", headers={"accept-language": asks}).content.decode()
    return text.split('<html lang="')[1].split('"')[0]


def test_a_language_that_the_site_no_longer_has_is_no_fault(at_home: Client, ana: User) -> None:
    accounts.prefer(ana, language="tlh", time_zone="")

    assert language_of(at_home) == "en"


def test_times_are_in_the_chosen_zone(at_home: Client, ana: User, cast: Cast) -> None:
    say(cast.lobby, ana, "when?")
    here = shown_hour(at_home)
    choose(at_home, time_zone="Asia/Kathmandu")

    assert shown_hour(at_home) != here  # 5:45 ahead of UTC: another minute at any rate
    assert shown_hour(Client()) == here


def shown_hour(client: Client) -> str:
    return client.get("/chat/lobby/").content.decode().split('class="message__time"')[1].split(">")[1].split("<")[0]


def test_a_guest_has_a_profile_too(client: Client, cast: Cast) -> None:
    client.get("/chat/lobby/")
    guest = accounts.guest(client.session[GUEST_KEY])
    assert "Sign up" in client.get("/account/").content.decode()

    client.post("/account/", {"name": "Vera", "language": "zh-hans", "time_zone": ""})

    assert User.objects.values_list("display_name", "language").get(pk=guest.pk) == ("Vera", "zh-hans")
    assert language_of(client) == "zh-hans"


def test_who_only_looks_at_the_page_makes_nobody(client: Client, cast: Cast) -> None:
    before = User.objects.count()

    assert client.get("/account/").status_code == 200
    assert User.objects.count() == before
    assert "session" not in client.cookies


def test_nobodys_profile_is_shared_by_a_cache(at_home: Client) -> None:
    answer = at_home.get("/account/")

    assert "no-store" in answer["Cache-Control"]
    assert {"Cookie", "Accept-Language"} <= {name.strip() for name in answer["Vary"].split(",")}
