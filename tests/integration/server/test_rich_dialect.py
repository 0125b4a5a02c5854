"""chat.v1 from hello to close, over a real socket of a real server."""

import asyncio
import json
from functools import partial
from typing import Any
from uuid import uuid4

import pytest

from chat import limits
from chat.text import ids
from chat.wire import events
from tests.client import PlainClient, Refused, RichClient, Sync
from tests.integration.server.browser import Browser
from tests.integration.server.conftest import ON_ANY_SERVER, TICK_SECONDS
from tests.services import ServerProcess

pytestmark = ON_ANY_SERVER


async def test_a_hello_is_answered_with_who_one_is_and_where(server: ServerProcess, room: str) -> None:
    async with RichClient(server.ws_url(room)) as ana:
        hello = await ana.enter()

        assert ana.socket.subprotocol == "chat.v1"
        said = [type(frame) for frame in ana.frames if not isinstance(frame, events.Tick)]  # that may come at any time
        assert said[:3] == [events.Hello, Sync, events.Presence]
        assert set(said[3:]) <= {events.Presence}  # what changed since, oneself among it
    assert hello.user.guest
    assert hello.room == events.Room(room, room, "", "public", ["send", "edit", "delete", "react"])
    assert (hello.seq, hello.read, hello.tick) == (0, 0, TICK_SECONDS)
    assert hello.limits == {
        "message": 8000,
        "frame": 131_072,
        "burst": 10,
        "per_second": 2,
        "edit_seconds": 172_800,
    }
    assert {"edit", "delete"} <= set(hello.features)
    assert hello.epoch
    assert hello.key


async def test_the_first_catch_up_of_an_empty_room_is_empty(server: ServerProcess, room: str) -> None:
    async with RichClient(server.ws_url(room)) as ana:
        await ana.enter()

        assert ana.of(Sync) == [Sync([], 0, False, False)]


async def test_a_message_comes_whole_and_its_ack_names_its_id(server: ServerProcess, room: str) -> None:
    async with RichClient(server.ws_url(room)) as ana, RichClient(server.ws_url(room)) as bo:
        await ana.enter()
        await bo.enter()
        client_id = str(ids.uuid7())
        ack = await ana.say("hi *all*", client_id)
        message = await bo.see("hi *all*")

        assert ack == events.Ack(client_id, message.id)
        assert message == events.Message(
            id=1, seq=1, user=events.UserRef(ana.me.id, ana.me.name), message="hi *all*",
            html="<p>hi <em>all</em></p>", ts=message.ts, client_id=client_id,
        )  # fmt: skip
        assert await ana.see("hi *all*") == message


async def test_many_messages_quickly_from_two_are_in_one_order_for_both(server: ServerProcess, room: str) -> None:
    async with RichClient(server.ws_url(room)) as ana, RichClient(server.ws_url(room)) as bo:
        await ana.enter()
        await bo.enter()
        for number in range(100):
            await ana.post(f"ana {number}")
            await bo.post(f"bo {number}")
        for client in (ana, bo):
            await client.until(lambda client=client: len(client.messages) == 200, "all messages")
            await client.until(lambda client=client: len(client.of(events.Ack)) == 100, "all acks")

        assert ana.texts == bo.texts
        assert sorted(ana.messages) == list(range(1, 201))
        assert [text for text in ana.texts if text.startswith("bo")] == [f"bo {number}" for number in range(100)]


async def test_the_tick_tells_where_the_socket_stands(server: ServerProcess, room: str) -> None:
    async with RichClient(server.ws_url(room)) as ana:
        await ana.enter()
        await ana.say("one")
        await ana.edit(1, "two")

        await ana.until(lambda: any(tick.seq == 2 for tick in ana.of(events.Tick)), "a tick with 2")
        assert ana.number == 2


async def test_a_plain_path_of_everyday_sizes(server: ServerProcess, room: str) -> None:
    texts = [
        "😀" * 8000,
        "x" * 8000,
        "\u202egnp.exe",
        "e\u0301 é",
        "a\nb\n\nc",
        "<script>alert(1)</script>",
        " spaces ",
        "👩\u200d🚀",
    ]
    async with RichClient(server.ws_url(room)) as ana, PlainClient(server.ws_url(room)) as bo:
        await ana.enter()
        await bo.enter()
        for text in texts:
            await ana.say(text)
        await bo.see(texts[-1])

        assert ana.texts == bo.texts == texts
        assert all("<script" not in message.html for message in ana.messages.values())


# Catching up


async def test_who_comes_back_gets_exactly_what_changed(server: ServerProcess, room: str) -> None:
    async with RichClient(server.ws_url(room)) as ana:
        hello = await ana.enter()
        for number in range(1, 6):
            await ana.say(f"said {number}")
        await ana.edit(2, "edited 2")
        await ana.delete(4)
        assert ana.number == 7 or await ana.until(lambda: ana.number == 7, "all changes")
    async with RichClient(server.ws_url(room)) as back:
        await back.enter(since=3, epoch=hello.epoch)

        [sync] = back.of(Sync)
        assert [(message.id, message.seq) for message in sync.messages] == [(5, 5), (2, 6), (4, 7)]
        assert (sync.seq, sync.complete, sync.more) == (7, True, False)
        assert back.messages[4].deleted
        assert back.messages[4].message == back.messages[4].html == ""


@pytest.mark.parametrize(
    ("since", "epoch", "complete"),
    [
        (5, "same", True),
        (0, "same", True),
        (6, "same", False),  # above the newest
        (2**53, "same", False),
        (3, "other.1", False),
        (3, None, False),
        (None, "same", False),
        (None, None, False),
    ],
)
async def test_a_since_counts_only_in_its_epoch_and_up_to_the_newest(
    server: ServerProcess, room: str, since: int | None, epoch: str | None, complete: bool
) -> None:
    async with RichClient(server.ws_url(room)) as ana:
        hello = await ana.enter()
        for number in range(1, 6):
            await ana.say(f"said {number}")
    async with RichClient(server.ws_url(room)) as back:
        await back.enter(since=since, epoch=hello.epoch if epoch == "same" else epoch)

        [sync] = back.of(Sync)
        assert sync.complete is complete
        assert [message.id for message in sync.messages] == (
            list(range(1 + (since or 0), 6)) if complete else [1, 2, 3, 4, 5]
        )
        assert sync.seq == 5


async def test_rooms_have_epochs_of_their_own(server: ServerProcess, room: str) -> None:
    async with RichClient(server.ws_url(room)) as ana, RichClient(server.ws_url(f"{room}-2")) as bo:
        assert (await ana.enter()).epoch != (await bo.enter()).epoch


async def test_hello_again_catches_up_again_on_the_same_socket(server: ServerProcess, room: str) -> None:
    async with RichClient(server.ws_url(room)) as ana, RichClient(server.ws_url(room)) as bo:
        first = await ana.enter()
        await bo.enter()
        await bo.say("one")
        await ana.see("one")
        again = await ana.enter(since=0, epoch=first.epoch)
        await bo.say("two")
        await ana.see("two")

        assert again.user == first.user
        assert ana.of(Sync)[-1].complete
        assert [message.id for message in ana.of(Sync)[-1].messages] == [1]
        assert ana.texts == ["one", "two"]


async def test_a_socket_stays_who_it_is_whatever_a_later_hello_says(server: ServerProcess, room: str) -> None:
    async with RichClient(server.ws_url(room)) as other:
        key = (await other.enter()).key
    assert isinstance(key, str)
    async with RichClient(server.ws_url(room)) as watcher, RichClient(server.ws_url(room)) as ana:
        await watcher.enter()
        first = await ana.enter()
        again = await ana.enter(key=key)
        assert again.user == first.user
        assert again.key == first.key
        await ana.say("still me")
        assert (await watcher.see("still me")).user.id == first.user.id
        await watcher.see_people(watcher.me.name, first.user.name)


async def test_frames_right_behind_the_hello_are_handled_in_order(server: ServerProcess, room: str) -> None:
    async with RichClient(server.ws_url(room)) as ana:
        await ana.send(type="hello")
        sent = [await ana.post(f"early {number}") for number in range(30)]
        await ana.send(type="history", ref="h", before=1)
        acks = [await ana.outcome(client_id) for client_id in sent]

        assert [ack.id for ack in acks] == list(range(1, 31))
        assert (await ana.next(events.Hello)).seq == 0


async def test_a_key_makes_the_same_guest_and_its_repeats_safe(server: ServerProcess, room: str) -> None:
    client_id = str(ids.uuid7())
    async with RichClient(server.ws_url(room)) as ana:
        first = await ana.enter()
        ack = await ana.say("once", client_id)
    assert isinstance(first.key, str)
    async with RichClient(server.ws_url(room)) as back:
        again = await back.enter(key=first.key)
        assert again.user == first.user
        assert again.key == first.key
        assert await back.say("other words", client_id) == ack
        assert back.texts == ["once"]


@pytest.mark.parametrize("key", ["nobody's", "", "\x00", "x" * 64])
async def test_a_key_that_nobody_has_makes_a_new_guest_with_a_key_of_the_servers(
    server: ServerProcess, room: str, key: str
) -> None:
    async with RichClient(server.ws_url(room)) as ana:
        hello = await ana.enter(key=key)

        assert hello.key != key


async def test_who_has_a_cookie_gets_no_key_and_is_who_the_page_says(server: ServerProcess, room: str) -> None:
    browser = Browser(server)
    browser.room(room)
    async with RichClient(server.ws_url(room), cookie=browser.cookie, origin=browser.origin) as ana:
        hello = await ana.enter()
        assert hello.key is not hello.key or not isinstance(hello.key, str)
    async with RichClient(server.ws_url(f"{room}-2"), cookie=browser.cookie, origin=browser.origin) as again:
        assert (await again.enter()).user == hello.user


# Before the hello, and what is none


@pytest.mark.parametrize(
    "frame",
    ['{"type":"history","ref":"r","before":1}', f'{{"type":"send","client_id":"{uuid4()}","message":"hi"}}',
     '{"type":"presence","state":"idle"}', '{"message":"hi"}', '{"type":"hello","since":"x"}', "[]"],
)  # fmt: skip
async def test_before_the_hello_everything_is_refused_and_the_hello_still_works(
    server: ServerProcess, room: str, frame: str
) -> None:
    async with RichClient(server.ws_url(room)) as ana:
        await ana.send_frame(frame)
        assert (await ana.refused()).code == "bad_request"

        assert (await ana.enter()).seq == 0


async def test_a_hello_may_hold_what_is_not_known_yet(server: ServerProcess, room: str) -> None:
    async with RichClient(server.ws_url(room)) as ana:
        await ana.send(type="hello", colour="red", features=["polls"])

        await ana.next(events.Hello)


# Repeats


async def test_a_repeat_gets_the_same_ack_and_nobody_hears_it_twice(server: ServerProcess, room: str) -> None:
    client_id = str(ids.uuid7())
    async with RichClient(server.ws_url(room)) as ana, RichClient(server.ws_url(room)) as bo:
        await ana.enter()
        await bo.enter()
        acks = []
        for text in ("first", "first", "other words"):
            await ana.post(text, client_id)
            acks.append(await ana.next(events.Ack))
        await ana.say("last")
        await bo.see("last")

        assert set(acks) == {events.Ack(client_id, 1)}
        assert bo.texts == ["first", "last"]


async def test_a_repeat_is_compared_as_a_uuid_and_sent_back_as_it_came(server: ServerProcess, room: str) -> None:
    client_id = str(ids.uuid7())
    async with RichClient(server.ws_url(room)) as ana:
        await ana.enter()
        await ana.say("once", client_id)
        again = await ana.say("once", client_id.upper())
        bare = await ana.say("once", client_id.replace("-", ""))

        assert again == events.Ack(client_id.upper(), 1)
        assert bare == events.Ack(client_id.replace("-", ""), 1)


async def test_a_refusal_lets_nothing_overtake_and_a_repeat_after_it_counts(server: ServerProcess, room: str) -> None:
    client_id = str(ids.uuid7())
    async with RichClient(server.ws_url(room)) as ana:
        await ana.enter()
        with pytest.raises(Refused) as refused:
            await ana.say(" ", client_id)
        assert refused.value.error.code == "empty"
        assert refused.value.error.temporary is False

        assert (await ana.say("words now", client_id)).id == 1


# History


@pytest.fixture
async def talked(server: ServerProcess, room: str) -> str:
    """A room of 120 messages; 60 is edited, 61 deleted."""
    async with RichClient(server.ws_url(room)) as ana:
        await ana.enter()
        for number in range(1, 121):
            await ana.post(f"said {number}")
        await ana.see("said 120")
        await ana.edit(60, "edited 60")
        await ana.delete(61)
    return room


async def test_history_pages_join_without_a_hole(server: ServerProcess, talked: str) -> None:
    async with RichClient(server.ws_url(talked)) as bo:
        await bo.enter()
        assert sorted(bo.messages) == list(range(71, 121))
        found = []
        edge, more = 71, True
        while more:
            page = await bo.ask(before=edge, limit=30)
            found = [message.id for message in page.messages] + found
            edge, more = found[0], page.more.before
            assert page.more.after

        assert found == list(range(1, 71))


async def test_history_says_the_state_of_now(server: ServerProcess, talked: str) -> None:
    async with RichClient(server.ws_url(talked)) as bo:
        await bo.enter()
        page = await bo.ask(around=60, limit=3)

        states = {message.id: (message.seq, message.message, message.deleted) for message in page.messages}
        assert states == {59: (59, "said 59", False), 60: (121, "edited 60", False), 61: (122, "", True)}


@pytest.mark.parametrize(
    ("asked", "first", "last", "more"),
    [
        ({"before": 11, "limit": 5}, 6, 10, (True, True)),
        ({"before": 6, "limit": 5}, 1, 5, (False, True)),
        ({"after": 115, "limit": 5}, 116, 120, (True, False)),
        ({"after": 0, "limit": 5}, 1, 5, (False, True)),
        ({"around": 60, "limit": 10}, 55, 64, (True, True)),
        ({"around": 1, "limit": 4}, 1, 4, (False, True)),
        ({"around": 10_000, "limit": 4}, 119, 120, (True, False)),
        ({"before": 2**53}, 71, 120, (True, False)),
        ({"before": 101, "limit": 100}, 1, 100, (False, True)),
    ],
)
async def test_a_page_is_what_was_asked_for(
    server: ServerProcess, talked: str, asked: dict[str, int], first: int, last: int, more: tuple[bool, bool]
) -> None:
    async with RichClient(server.ws_url(talked)) as bo:
        await bo.enter()
        page = await bo.ask(**asked)

        assert [message.id for message in page.messages] == list(range(first, last + 1))
        assert page.more == events.More(*more)


@pytest.mark.parametrize("asked", [{}, {"before": 1, "after": 1}, {"before": 1, "around": 2, "after": 3}])
async def test_a_page_of_nothing_in_particular_is_refused_by_its_ref(
    server: ServerProcess, room: str, asked: dict[str, int]
) -> None:
    async with RichClient(server.ws_url(room)) as ana:
        await ana.enter()
        with pytest.raises(Refused) as refused:
            await ana.ask(**asked)

        assert refused.value.error.code == "bad_request"


async def test_history_does_not_raise_the_number(server: ServerProcess, talked: str) -> None:
    async with RichClient(server.ws_url(talked)) as bo:
        await bo.enter()
        before = bo.number
        await bo.ask(before=50)

        assert bo.number == before == 122


async def test_large_messages_come_in_parts_and_pages_of_a_bounded_size(server: ServerProcess, room: str) -> None:
    async with RichClient(server.ws_url(room)) as ana:
        hello = await ana.enter()
        for number in range(30):
            await ana.say(f"{number:04} " + "😀" * 7_900)
    async with RichClient(server.ws_url(room)) as bo:
        await bo.enter(since=0, epoch=hello.epoch)
        parts = bo.of(Sync)
        page = await bo.ask(before=31, limit=100)

        assert len(parts) > 5
        assert sorted(bo.messages) == list(range(1, 31))
        assert all(
            len(json.dumps([m.message for m in part.messages], ensure_ascii=False).encode()) < limits.PART_BYTES
            for part in parts
        )
        numbers = [message.id for message in page.messages]
        assert 1 < len(numbers) < 10
        assert numbers[-1] == 30
        assert page.more.before


# Edits and deletions


async def test_an_edit_is_seen_by_all_and_its_done_names_its_number(server: ServerProcess, room: str) -> None:
    async with RichClient(server.ws_url(room)) as ana, RichClient(server.ws_url(room)) as bo:
        await ana.enter()
        await bo.enter()
        await ana.say("hello wrold")
        await ana.say("next")
        done = await ana.edit(1, "hello world")
        message = await bo.see("hello world")

        assert done.seq == message.seq == 3
        assert (message.id, message.html) == (1, "<p>hello world</p>")
        assert message.edited
        assert bo.texts == ["hello world", "next"]


async def test_only_ones_own_can_be_changed(server: ServerProcess, room: str) -> None:
    async with RichClient(server.ws_url(room)) as ana, RichClient(server.ws_url(room)) as bo:
        await ana.enter()
        await bo.enter()
        await ana.say("mine")
        await bo.see("mine")
        for change in (bo.edit(1, "yours"), bo.delete(1), bo.edit(99, "nothing")):
            with pytest.raises(Refused) as refused:
                await change
            assert refused.value.error.code in ("forbidden", "not_found")
            assert refused.value.error.temporary is False
        await bo.say("last")
        await ana.see("last")

        assert ana.texts == ["mine", "last"]


async def test_a_message_of_another_room_does_not_exist_here(server: ServerProcess, room: str) -> None:
    async with RichClient(server.ws_url(room)) as ana, RichClient(server.ws_url(f"{room}-2")) as elsewhere:
        key = (await ana.enter()).key
        assert isinstance(key, str)
        await elsewhere.enter(key=key)
        await ana.say("one")
        await ana.say("two")
        await elsewhere.say("one")
        with pytest.raises(Refused) as refused:
            await elsewhere.delete(2)

        assert refused.value.error.code == "not_found"
        assert ana.texts == ["one", "two"]


# Presence


async def test_who_comes_and_goes_is_seen(server: ServerProcess, room: str) -> None:
    async with RichClient(server.ws_url(room)) as ana:
        await ana.enter()
        await ana.see_people(ana.me.name)
        async with RichClient(server.ws_url(room)) as bo:
            await bo.enter()
            await ana.see_people(ana.me.name, bo.me.name)
            await bo.see_people(ana.me.name, bo.me.name)
            assert ana.count == 2
        await ana.see_people(ana.me.name)
        assert ana.count == 1


async def test_who_is_idle_is_seen_to_be(server: ServerProcess, room: str) -> None:
    async with RichClient(server.ws_url(room)) as ana, RichClient(server.ws_url(room)) as bo:
        await ana.enter()
        await bo.enter()
        await ana.see_people(ana.me.name, bo.me.name)
        await bo.send(type="presence", state="idle")
        await ana.until(lambda: ana.here[bo.me.id].idle, "Bo is idle")
        await bo.send(type="presence", state="active")
        await ana.until(lambda: not ana.here[bo.me.id].idle, "Bo is active")


async def test_one_person_in_two_tabs_is_one(server: ServerProcess, room: str) -> None:
    async with RichClient(server.ws_url(room)) as ana, RichClient(server.ws_url(room)) as tab:
        key = (await ana.enter()).key
        assert isinstance(key, str)
        await tab.enter(key=key)
        async with RichClient(server.ws_url(room)) as bo:
            await bo.enter()
            await bo.see_people(ana.me.name, bo.me.name)
            await tab.leave()
            await ana.say("still here")
            await bo.see("still here")

            assert bo.count == 2


# Isolation


async def test_what_is_said_in_one_room_never_reaches_another(server: ServerProcess, room: str) -> None:
    """In both dialects, and with a neighbour that hears its own room before and after."""
    async with (
        RichClient(server.ws_url(room)) as ana,
        RichClient(server.ws_url(f"{room}-2")) as rich,
        PlainClient(server.ws_url(f"{room}-2")) as plain,
    ):
        await ana.enter()
        await rich.enter()
        await plain.say("before")
        await rich.see("before")
        for number in range(20):
            await ana.say(f"secret {number}")
        await ana.edit(1, "secret edit")
        await rich.say("after")
        await plain.see("after")
        await ana.see("secret edit")

        assert rich.texts == plain.texts == ["before", "after"]
        assert len(plain.frames) == 2
        assert all("secret" not in str(frame) for frame in rich.frames)
        assert ana.me.name not in rich.names


async def test_spellings_of_one_room_lead_to_one_room(server: ServerProcess, room: str) -> None:
    async with RichClient(server.ws_url(room.upper())) as ana, PlainClient(server.ws_url(room)) as bo:
        assert (await ana.enter()).room.slug == room
        await bo.enter()
        await ana.say("hi")
        await bo.see("hi")


async def test_a_room_may_have_a_name_of_any_letters(server: ServerProcess, room: str) -> None:
    name = f"聊天室-{room}"
    async with RichClient(server.ws_url(name)) as ana, RichClient(server.ws_url(name)) as bo:
        hello = await ana.enter()
        await bo.enter()
        await ana.say("你好")
        await bo.see("你好")

    assert hello.room.slug == name


# Everybody at once


ALL_CHANGES = 4 * (30 + 6)  # four people, thirty messages each, every fifth of them edited


def has_more_than(client: RichClient, number: int) -> bool:
    return (client.number or 0) > min(number, ALL_CHANGES - 1)


async def test_views_of_a_busy_room_are_the_same_whenever_one_came(server: ServerProcess, room: str) -> None:
    async def talk(name: str) -> None:
        async with RichClient(server.ws_url(room)) as client:
            await client.enter()
            for number in range(30):
                ack = await client.say(f"{name} {number}")
                if number % 5 == 0:
                    await client.edit(ack.id, f"{name} {number} edited")

    async def come_and_go(views: list[dict[int, Any]], epoch: str) -> None:
        since, messages = 0, {}
        for _ in range(6):
            async with RichClient(server.ws_url(room)) as client:
                client.messages = messages
                await client.enter(since=since, epoch=epoch)
                await client.until(partial(has_more_than, client, since), "something new")
                since = client.number or 0
        async with RichClient(server.ws_url(room)) as client:
            client.messages = messages
            await client.enter(since=since, epoch=epoch)
            await client.until(lambda: client.number == ALL_CHANGES, "everything")
        views.append(messages)

    views: list[dict[int, Any]] = []
    async with RichClient(server.ws_url(room)) as first:
        epoch = (await first.enter()).epoch
    async with asyncio.TaskGroup() as group:
        for name in ("ana", "bo", "cy", "di"):
            group.create_task(talk(name))
        for _ in range(3):
            group.create_task(come_and_go(views, epoch))
    async with RichClient(server.ws_url(room)) as late:
        hello = await late.enter()
        await late.enter(since=0, epoch=hello.epoch)

        assert len(late.messages) == 120
        assert late.number == ALL_CHANGES
    assert all(view == late.messages for view in views)
