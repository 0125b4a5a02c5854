"""The staff looks after people in the admin: through the actions, not past them, and not above their station."""

from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client

from chat.actions import accounts
from chat.models import SignUpLink, User
from chat.wire.announcements import Account, AnyNews
from tests.cast import Cast
from tests.integration.queries.test_people import logged_in
from tests.integration.sessions import user_of
from tests.integration.web.conftest import PASSWORD, enter

pytestmark = pytest.mark.django_db(transaction=True)

PEOPLE = "/admin/chat/user/"


@pytest.fixture
def staff(static_root: Any, cast: Cast) -> Client:
    return working(accounts.add("Stef", PASSWORD, is_staff=True))


@pytest.fixture
def superuser(static_root: Any, cast: Cast) -> Client:
    return working(accounts.add("Sue", PASSWORD, is_superuser=True, is_staff=True))


def working(person: User) -> Client:
    client = Client()
    enter(client, person.display_name)
    return client


def change(client: Client, person: User, **given: Any) -> Any:
    kept = {"display_name": person.display_name, "is_active": "on", "is_staff": "", "new_password": ""}
    return client.post(f"{PEOPLE}{person.pk}/change/", {k: v for k, v in (kept | given).items() if v})


def select(client: Client, action: str, *chosen: User) -> Any:
    return client.post(PEOPLE, {"action": action, "_selected_action": [person.pk for person in chosen]}, follow=True)


# Who may


@pytest.mark.parametrize("path", ["/admin/", PEOPLE, f"{PEOPLE}add/", "/admin/chat/signuplink/"])
def test_only_the_staff_gets_in_and_by_the_one_log_in(
    client: Client, at_home: Client, staff: Client, path: str
) -> None:
    for stranger in (Client(), at_home):
        answer = stranger.get(path, follow=True)
        assert answer.request["PATH_INFO"] == "/account/log-in/"
        assert answer.status_code == 200
    assert staff.get(path).status_code == 200


def test_after_the_log_in_one_is_where_one_wanted_to_be(client: Client, staff: Client) -> None:
    page = client.get(PEOPLE, follow=True)

    assert enter(client, "Stef", next=page.context["next"])["Location"] == PEOPLE


def test_who_is_deactivated_is_out_of_the_admin_at_once(staff: Client) -> None:
    accounts.deactivate(User.objects.get(display_name="Stef"))

    assert staff.get(PEOPLE).status_code == 403


def test_the_staff_does_not_touch_the_staff_or_make_itself_more(staff: Client, superuser: Client, cast: Cast) -> None:
    stef, sue = User.objects.get(display_name="Stef"), User.objects.get(display_name="Sue")

    for person in (stef, sue):
        assert change(staff, person, display_name="Changed", is_superuser="on").status_code == 403
        assert staff.post(f"{PEOPLE}{person.pk}/delete/", {"post": "yes"}).status_code == 403
    change(staff, cast.ana, is_staff="on", is_superuser="on")
    for action in ("deactivate", "log_out_everywhere", "delete_selected"):
        select(staff, action, sue)

    assert not User.objects.filter(display_name="Changed").exists()
    assert User.objects.get(pk=sue.pk).is_active
    assert User.objects.values_list("is_staff", "is_superuser").get(pk=cast.ana.pk) == (False, False)
    assert not User.objects.get(pk=stef.pk).is_superuser


def test_a_superuser_makes_staff(superuser: Client, cast: Cast) -> None:
    change(superuser, cast.ana, is_staff="on")

    assert User.objects.get(pk=cast.ana.pk).is_staff


# What they do


def test_a_person_is_made_renamed_and_given_a_password(staff: Client, cast: Cast, announced: list[AnyNews]) -> None:
    made = staff.post(f"{PEOPLE}add/", {"display_name": "Eve", "is_active": "on", "new_password": PASSWORD})
    eve = User.objects.get(display_name="Eve")
    assert made.status_code == 302
    assert enter(Client(), "Eve").status_code == 302
    announced.clear()

    change(staff, eve, display_name="Eva", new_password="another correct horse")

    assert [(news.change, news.person) for news in announced if isinstance(news, Account)] == [
        ("renamed", eve.pk),
        ("password_changed", eve.pk),
    ]
    assert enter(Client(), "Eva", "another correct horse").status_code == 302


@pytest.mark.parametrize(
    "given", [{"display_name": "Bo"}, {"display_name": "\u202eevil"}, {"new_password": "short"}, {"display_name": ""}]
)
def test_what_may_not_be_is_refused_and_changes_nothing(staff: Client, cast: Cast, given: dict[str, str]) -> None:
    answer = change(staff, cast.ana, **given)

    assert answer.status_code in (200, 302)
    shown = staff.get(answer["Location"]) if answer.status_code == 302 else answer
    assert "error" in shown.content.decode()
    unchanged = User.objects.get(pk=cast.ana.pk)
    assert (unchanged.display_name, unchanged.has_usable_password()) == ("Ana", False)


def test_people_are_sent_away_and_let_in_again(staff: Client, cast: Cast, announced: list[AnyNews]) -> None:
    change(staff, cast.visitor, is_active="")
    assert announced == [Account("deactivated", cast.visitor.pk, name="Visitor")]

    select(staff, "deactivate", cast.ana, cast.bo)
    assert not User.objects.filter(pk__in=(cast.ana.pk, cast.bo.pk), is_active=True).exists()
    select(staff, "reactivate", cast.ana, cast.visitor)
    assert User.objects.filter(pk__in=(cast.ana.pk, cast.visitor.pk), is_active=True).count() == 2


def test_somebody_is_logged_out_everywhere(staff: Client, cast: Cast) -> None:
    key = logged_in(cast.ana)

    select(staff, "log_out_everywhere", cast.ana)

    assert user_of(key) is None


def test_a_person_is_forgotten_and_the_row_stays(staff: Client, cast: Cast) -> None:
    change(staff, cast.ana, display_name="Anna")
    assert "Anna" in staff.get(f"{PEOPLE}{cast.ana.pk}/delete/").content.decode()

    staff.post(f"{PEOPLE}{cast.ana.pk}/delete/", {"post": "yes"})
    staff.post(PEOPLE, {"action": "delete_selected", "_selected_action": [cast.bo.pk], "post": "yes"})

    assert User.objects.filter(pk__in=(cast.ana.pk, cast.bo.pk), display_name="").count() == 2
    assert "Ann" not in str(list(LogEntry.objects.values()))
    assert staff.get(f"{PEOPLE}{cast.ana.pk}/change/").status_code == 302  # as for one who never was


def test_a_sign_up_link_is_shown_once_and_can_be_withdrawn(staff: Client, settings: Any) -> None:
    settings.CHAT_SIGN_UP = "invitation"
    page = staff.post("/admin/chat/signuplink/add/", {"uses_left": "3", "days": "2"}, follow=True).content.decode()
    path = "/account/sign-up/" + page.split("/account/sign-up/")[1].split("/")[0] + "/"
    assert "/account/sign-up/" not in staff.get("/admin/chat/signuplink/").content.decode()
    assert Client().get(path).status_code == 200
    [link] = SignUpLink.objects.all()
    assert (link.uses_left, link.made_by and link.made_by.display_name) == (3, "Stef")

    staff.post("/admin/chat/signuplink/", {"action": "withdraw", "_selected_action": [link.pk]})

    assert Client().post(path, {"name": "Eve", "password": PASSWORD}).status_code == 400


def test_every_page_of_the_admin_keeps_to_the_sites_policy(staff: Client, cast: Cast) -> None:
    for path in ("/admin/", PEOPLE, f"{PEOPLE}{cast.ana.pk}/change/", f"{PEOPLE}{cast.ana.pk}/delete/"):
        answer = staff.get(path)
        assert answer.status_code == 200
        assert "script-src 'self'" in answer["Content-Security-Policy"]
