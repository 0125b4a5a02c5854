"""Rights as a table: who may do what in which room, decided from plain facts alone."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import override_settings

from chat import limits, policy
from chat.policy import STRANGER, Denied, Standing, allows
from chat.wire.codes import Code

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
SOON = NOW + timedelta(hours=1)


@dataclass(frozen=True)
class Person:
    pk: int = 1
    is_active: bool = True
    is_guest: bool = False
    is_staff: bool = False


@dataclass(frozen=True)
class Place:
    kind: str = "public"
    is_archived: bool = False
    members_only: bool = False
    slow_seconds: int = 0


MEMBER, OTHER, GUEST, STAFF, GONE = (
    Person(),
    Person(pk=2),
    Person(pk=3, is_guest=True),
    Person(pk=4, is_staff=True),
    Person(pk=5, is_active=False),
)
PUBLIC, PRIVATE, DIRECT, DELETED = (Place(kind) for kind in ("public", "private", "direct", "deleted"))
MEMBERS_ONLY, ARCHIVE = Place(members_only=True), Place(is_archived=True)
PRIVATE_ARCHIVE = Place("private", is_archived=True)
OWNS, MODERATES, BELONGS, VISITS = (Standing(role) for role in ("owner", "moderator", "member", "guest"))
BANNED, MUTED = Standing(banned=True), Standing(muted_until=SOON)

TALK = "send edit delete react"
MODERATION = "moderate invite"


@pytest.mark.parametrize(
    ("who", "room", "standing", "may"),
    [
        (None, PUBLIC, STRANGER, TALK),
        (GUEST, PUBLIC, STRANGER, TALK),
        (MEMBER, PUBLIC, STRANGER, f"{TALK} report"),
        (MEMBER, PUBLIC, BELONGS, f"{TALK} report leave"),
        (MEMBER, PUBLIC, VISITS, f"{TALK} report leave"),  # invited as a guest, has an account since
        (MEMBER, PUBLIC, MODERATES, f"{TALK} report leave {MODERATION}"),
        (MEMBER, PUBLIC, OWNS, f"{TALK} report leave {MODERATION} manage"),
        (STAFF, PUBLIC, STRANGER, f"{TALK} report {MODERATION} manage"),
        (GUEST, PUBLIC, Standing("owner"), f"{TALK} report leave"),  # no such row is made; it would give nothing
        (GONE, PUBLIC, OWNS, ""),
        (MEMBER, PUBLIC, BANNED, ""),
        (MEMBER, PUBLIC, Standing("owner", banned=True), ""),
        (MEMBER, PUBLIC, MUTED, "delete report"),
        (None, MEMBERS_ONLY, STRANGER, "delete"),
        (GUEST, MEMBERS_ONLY, STRANGER, "delete"),
        (GUEST, MEMBERS_ONLY, VISITS, f"{TALK} report leave"),
        (MEMBER, MEMBERS_ONLY, STRANGER, "delete report join"),
        (MEMBER, MEMBERS_ONLY, BELONGS, f"{TALK} report leave"),
        (STAFF, MEMBERS_ONLY, STRANGER, f"{TALK} report join {MODERATION} manage"),
        (None, ARCHIVE, STRANGER, ""),
        (MEMBER, ARCHIVE, BELONGS, "report leave"),
        (MEMBER, ARCHIVE, MODERATES, "delete report leave moderate"),
        (MEMBER, ARCHIVE, OWNS, "delete report leave moderate manage"),
        (None, PRIVATE, STRANGER, ""),
        (MEMBER, PRIVATE, STRANGER, ""),
        (GUEST, PRIVATE, VISITS, f"{TALK} report leave"),
        (MEMBER, PRIVATE, BELONGS, f"{TALK} report leave"),
        (MEMBER, PRIVATE, Standing("member", banned=True), ""),
        (MEMBER, PRIVATE, Standing("member", muted_until=SOON), "delete report leave"),
        (MEMBER, PRIVATE, OWNS, f"{TALK} report leave {MODERATION} manage"),
        (MEMBER, PRIVATE_ARCHIVE, BELONGS, "report leave"),
        (MEMBER, DIRECT, BELONGS, f"{TALK} report"),
        (GUEST, DIRECT, VISITS, f"{TALK} report"),
        (MEMBER, DIRECT, STRANGER, ""),
        (STAFF, DIRECT, BELONGS, f"{TALK} report"),
        (STAFF, DELETED, OWNS, ""),
        (MEMBER, DELETED, OWNS, ""),
        (None, DELETED, STRANGER, ""),
    ],
)
def test_what_one_may_do_in_a_room_that_one_is_in(who: Any, room: Place, standing: Standing, may: str) -> None:
    assert policy.rights(who, room, standing) == may.split()


@pytest.mark.parametrize(
    ("who", "room", "standing", "code"),
    [
        (MEMBER, PRIVATE, STRANGER, Code.NOT_FOUND),
        (MEMBER, PRIVATE, BANNED, Code.NOT_FOUND),
        (MEMBER, DIRECT, STRANGER, Code.NOT_FOUND),
        (STAFF, PRIVATE, STRANGER, Code.NOT_FOUND),
        (STAFF, DIRECT, STRANGER, Code.NOT_FOUND),
        (MEMBER, DELETED, OWNS, Code.NOT_FOUND),
        (GONE, PUBLIC, STRANGER, Code.NOT_FOUND),
        (GONE, PRIVATE, OWNS, Code.NOT_FOUND),
        (MEMBER, PUBLIC, BANNED, Code.FORBIDDEN),
        (GUEST, PUBLIC, BANNED, Code.FORBIDDEN),
    ],
)
def test_a_hidden_room_is_refused_as_one_that_is_not_there(
    who: Any, room: Place, standing: Standing, code: Code
) -> None:
    for rule in (policy.see, policy.speak, policy.leave, policy.report, policy.join):
        with pytest.raises(Denied) as caught:
            rule(who, room, standing)
        assert caught.value.code is code
        if code is Code.NOT_FOUND:
            assert caught.value.message == Denied(Code.NOT_FOUND).message


def test_the_staff_keep_order_also_where_they_cannot_look_in() -> None:
    for room in (PUBLIC, PRIVATE, DIRECT, ARCHIVE):
        policy.moderate(STAFF, room, STRANGER)
    policy.manage(STAFF, PRIVATE, STRANGER)
    policy.delete_room(STAFF, DIRECT, STRANGER)
    assert not allows(policy.moderate, STAFF, DELETED, STRANGER)
    assert not allows(policy.manage, STAFF, DIRECT, STRANGER)
    assert not allows(policy.moderate, Person(is_active=False, is_staff=True), PUBLIC, STRANGER)


# Messages


def test_slow_mode_lets_one_message_pass_and_says_how_long_to_wait() -> None:
    slow = Place(slow_seconds=30)
    policy.post(MEMBER, slow, BELONGS, None, NOW)
    policy.post(MEMBER, slow, BELONGS, NOW - timedelta(seconds=30), NOW)
    with pytest.raises(Denied) as caught:
        policy.post(MEMBER, slow, BELONGS, NOW - timedelta(seconds=10), NOW)
    assert (caught.value.code, caught.value.retry_after) == (Code.RATE_LIMITED, 20)

    for who, standing in ((MEMBER, MODERATES), (MEMBER, OWNS), (STAFF, STRANGER)):
        policy.post(who, slow, standing, NOW, NOW)
    policy.post(MEMBER, PUBLIC, BELONGS, NOW, NOW)


def test_ones_own_words_can_be_changed_for_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "EDIT_SECONDS", 60)
    for rule in (policy.edit, policy.delete):
        rule(MEMBER, PUBLIC, STRANGER, MEMBER.pk, NOW - timedelta(seconds=60), NOW)
        assert not allows(rule, MEMBER, PUBLIC, STRANGER, MEMBER.pk, NOW - timedelta(seconds=61), NOW)
        assert not allows(rule, OTHER, PUBLIC, STRANGER, MEMBER.pk, NOW, NOW)
        assert not allows(rule, MEMBER, ARCHIVE, STRANGER, MEMBER.pk, NOW, NOW)
        assert not allows(rule, MEMBER, PUBLIC, BANNED, MEMBER.pk, NOW, NOW)
    assert not allows(policy.edit, MEMBER, PUBLIC, MUTED, MEMBER.pk, NOW, NOW)
    policy.delete(MEMBER, PUBLIC, MUTED, MEMBER.pk, NOW, NOW)


def test_moderators_delete_anybodys_words_at_any_time_and_edit_nobodys() -> None:
    long_ago = NOW - timedelta(days=4_000)
    for who, standing in ((OTHER, MODERATES), (OTHER, OWNS), (STAFF, STRANGER)):
        for room in (PUBLIC, PRIVATE, ARCHIVE):
            policy.delete(who, room, standing, MEMBER.pk, long_ago, NOW)
            assert not allows(policy.edit, who, room, standing, MEMBER.pk, NOW, NOW)
    assert not allows(policy.delete, OTHER, DIRECT, BELONGS, MEMBER.pk, NOW, NOW)


def test_earlier_versions_are_for_the_author_and_those_who_moderate() -> None:
    policy.read_versions(MEMBER, PUBLIC, STRANGER, MEMBER.pk)
    policy.read_versions(OTHER, PUBLIC, MODERATES, MEMBER.pk)
    policy.read_versions(STAFF, PUBLIC, STRANGER, MEMBER.pk)
    assert not allows(policy.read_versions, OTHER, PUBLIC, BELONGS, MEMBER.pk)
    assert not allows(policy.read_versions, MEMBER, PRIVATE, STRANGER, MEMBER.pk)


# People


RANKS = [(STAFF, STRANGER), (MEMBER, OWNS), (OTHER, MODERATES)]
BELOW = [(Person(pk=9), BELONGS), (Person(pk=9), STRANGER), (GUEST, VISITS), (GUEST, STRANGER)]


def test_one_acts_on_those_below_and_on_nobody_else() -> None:
    for place, (who, standing) in enumerate(RANKS):
        for other, other_standing in RANKS[place + 1 :] + BELOW:
            policy.act_on(who, PRIVATE, standing, other, other_standing)
        for other, other_standing in RANKS[: place + 1]:
            twin = Person(pk=77, is_staff=other.is_staff)
            assert not allows(policy.act_on, who, PRIVATE, standing, twin, other_standing)
    for who, standing in BELOW:
        for other, other_standing in RANKS + BELOW:
            assert not allows(policy.act_on, who, PRIVATE, standing, other, other_standing)


def test_nobody_acts_on_themselves_or_in_a_direct_room() -> None:
    assert not allows(policy.act_on, MEMBER, PRIVATE, OWNS, MEMBER, BELONGS)
    assert not allows(policy.act_on, STAFF, DIRECT, STRANGER, MEMBER, BELONGS)


def test_one_is_removed_only_from_where_one_cannot_walk_in_again() -> None:
    for room in (PRIVATE, MEMBERS_ONLY):
        policy.remove(MEMBER, room, OWNS, OTHER, BELONGS)
        assert not allows(policy.remove, MEMBER, room, OWNS, OTHER, STRANGER)
    assert not allows(policy.remove, MEMBER, PUBLIC, OWNS, OTHER, BELONGS)


def test_roles_are_given_by_owners_to_people_with_an_account() -> None:
    for role in ("owner", "moderator", "member"):
        policy.set_role(MEMBER, PRIVATE, OWNS, OTHER, BELONGS, role)
        policy.set_role(STAFF, PRIVATE, STRANGER, OTHER, BELONGS, role)
        assert not allows(policy.set_role, MEMBER, PRIVATE, MODERATES, OTHER, BELONGS, role)
        assert not allows(policy.set_role, MEMBER, PRIVATE, OWNS, GUEST, VISITS, role)
        assert not allows(policy.set_role, MEMBER, PRIVATE, OWNS, OTHER, STRANGER, role)
        assert not allows(policy.set_role, MEMBER, DIRECT, BELONGS, OTHER, BELONGS, role)
    assert not allows(policy.set_role, MEMBER, PRIVATE, OWNS, OTHER, BELONGS, "guest")


def test_who_may_be_let_in() -> None:
    policy.add(OTHER, STRANGER)
    policy.add(GUEST, STRANGER)
    for who, standing in ((OTHER, BELONGS), (OTHER, BANNED), (GONE, STRANGER)):
        assert not allows(policy.add, who, standing)
    policy.accept(GUEST, PRIVATE, STRANGER)
    policy.accept(OTHER, PUBLIC, STRANGER)
    for room in (DIRECT, DELETED, ARCHIVE, PRIVATE_ARCHIVE):
        assert not allows(policy.accept, OTHER, room, STRANGER)
    assert not allows(policy.accept, OTHER, PRIVATE, BANNED)
    assert not allows(policy.accept, GONE, PRIVATE, STRANGER)


def test_direct_rooms_are_opened_with_an_account_to_people_who_are_there() -> None:
    policy.talk_to(MEMBER, [OTHER])
    policy.talk_to(MEMBER, [GUEST])
    policy.talk_to(MEMBER, [OTHER] * (limits.DIRECT_PEOPLE - 1))
    for who, others in (
        (GUEST, [OTHER]), (GONE, [OTHER]), (None, [OTHER]), (MEMBER, []), (MEMBER, [GONE]), (MEMBER, [OTHER, GONE]),
        (MEMBER, [OTHER] * limits.DIRECT_PEOPLE),
    ):  # fmt: skip
        assert not allows(policy.talk_to, who, others)


# The site


@pytest.mark.parametrize(
    ("by", "allowed"), [("anyone", {None, GUEST, MEMBER, STAFF}), ("members", {MEMBER, STAFF}), ("staff", {STAFF})]
)
def test_public_rooms_are_made_by_whom_the_site_lets(by: str, allowed: set[Any]) -> None:
    with override_settings(CHAT_ROOMS_BY=by):
        for who in (None, GUEST, MEMBER, STAFF, GONE):
            assert allows(policy.make, who, "public") is (who in allowed)
            assert allows(policy.make_by_entering, who, "lobby") is (who in allowed)
            assert not allows(policy.make_by_entering, who, "~" + "a" * 20)
            assert allows(policy.make, who, "private") is (who in {MEMBER, STAFF})


def test_a_site_without_guests_shows_them_nothing() -> None:
    with override_settings(CHAT_GUESTS=False):
        for room, standing in ((PUBLIC, STRANGER), (PRIVATE, VISITS)):
            assert not allows(policy.see, GUEST, room, standing)
            assert not allows(policy.see, None, room, standing)
        policy.see(MEMBER, PUBLIC, STRANGER)


def test_only_the_staff_look_after_the_site() -> None:
    policy.look_after_the_site(STAFF)
    for who in (None, GUEST, MEMBER, Person(is_staff=True, is_active=False)):
        assert not allows(policy.look_after_the_site, who)


def test_a_right_is_told_only_where_its_rule_holds() -> None:
    """Nothing is listed in `may` whose rule would then refuse it."""
    rules = {"send": policy.speak, "invite": policy.invite, "manage": policy.manage, "leave": policy.leave}
    for who in (None, MEMBER, GUEST, STAFF, GONE):
        for room in (PUBLIC, PRIVATE, DIRECT, DELETED, MEMBERS_ONLY, ARCHIVE, PRIVATE_ARCHIVE):
            for standing in (STRANGER, OWNS, MODERATES, BELONGS, VISITS, BANNED, MUTED):
                may = policy.rights(who, room, standing)
                assert {word for word, rule in rules.items() if allows(rule, who, room, standing)} == set(may) & set(
                    rules
                )
