"""A backup of a chat in which people talk, and a restore of it under their feet: they come back to what it holds."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest
from websockets.exceptions import ConnectionClosed

from chat.text import ids
from chat.wire import events
from tests.chaos.database import query
from tests.client import PlainClient, Refused, RichClient
from tests.services import ServerProcess, Stack

ROOMS = ("lobby", "kitchen")
TALKERS = 3


class Talker:
    """Says one thing after another in a room, and notes what was acked."""

    def __init__(self, server: ServerProcess, room: str, name: str) -> None:
        self.client = RichClient(server.ws_url(room))
        self.room, self.name = room, name
        self.acked: list[tuple[int, str]] = []
        self._stop = False

    async def talk(self) -> None:
        while not self._stop:
            text, once = f"{self.name} says {len(self.acked)}", str(ids.uuid7())
            self.acked.append(((await self._say(text, once)), text))
            await asyncio.sleep(0.005)

    async def _say(self, text: str, once: str) -> int:
        while True:
            try:
                return (await self.client.say(text, once)).id
            except Refused as refused:
                if not refused.error.temporary:
                    raise

    async def acks(self, count: int) -> None:
        wanted = len(self.acked) + count
        await self.client.until(lambda: len(self.acked) >= wanted, f"{wanted} acks")

    def stop(self) -> None:
        self._stop = True


@asynccontextmanager
async def talking(servers: list[ServerProcess]) -> AsyncIterator[list[Talker]]:
    """People in each room, on each server in turn, talking until the block ends."""
    places = [(room, number) for room in ROOMS for number in range(TALKERS)]
    talkers = [Talker(servers[number % len(servers)], room, f"{room} {number}") for room, number in places]
    for talker in talkers:
        await talker.client.__aenter__()
        await talker.client.enter()
    tasks = [asyncio.create_task(talker.talk()) for talker in talkers]
    await asyncio.gather(*(talker.acks(5) for talker in talkers))
    yield talkers
    for talker in talkers:
        talker.stop()
    await asyncio.gather(*tasks)


def saved(stack: Stack) -> dict[str, list[tuple[int, str]]]:
    rows = query(
        stack,
        "SELECT r.slug, m.number, m.text FROM chat_message m JOIN chat_room r ON r.id = m.room_id ORDER BY m.number",
    )
    return {room: [(number, text) for slug, number, text in rows if slug == room] for room in ROOMS}


async def test_people_who_talk_come_back_to_what_the_backup_holds(stack: Stack, tmp_path: Path) -> None:
    file = str(tmp_path / "backup")
    settings = {"CHAT_RATE_LIMITS": "off", "CHAT_POLL_SECONDS": "0.2"}
    servers = [stack.serve(**settings) for _ in range(1 if stack.kind == "embedded" else 2)]
    async with talking(servers) as talkers:
        before = {room: [ack for one in talkers if one.room == room for ack in one.acked] for room in ROOMS}
        assert "Saved" in await asyncio.to_thread(stack.manage, "backup", file)
        during = saved(stack)
        await asyncio.gather(*(talker.acks(5) for talker in talkers))
    assert all(len(rows) > len(during[room]) for room, rows in saved(stack).items())

    assert "Restored" in await asyncio.to_thread(stack.manage, "restore", file)

    for talker in talkers:
        assert await talker.client.closed() == 4412
    restored = saved(stack)
    for room in ROOMS:
        assert [number for number, _ in restored[room]] == list(range(1, len(restored[room]) + 1)), "a hole"
        assert set(before[room]) <= set(restored[room]), "what was acked before the backup is not in it"
        assert restored[room] == during[room][: len(restored[room])], "what is restored was never so"
    assert query(stack, "SELECT slug, last_seq FROM chat_room ORDER BY slug") == [
        (room, len(restored[room])) for room in sorted(ROOMS)
    ]
    for talker in talkers:
        hello = talker.client.hello
        assert hello is not None
        number = talker.client.number
        await talker.client.leave()
        async with RichClient(servers[0].ws_url(talker.room)) as back:
            again = await back.enter(since=number, epoch=hello.epoch, key=hello.key)
            assert again.epoch != hello.epoch
            assert again.user.id == hello.user.id
            newest = [text for _, text in restored[talker.room]][-50:]
            assert back.texts == newest
            await back.leave()
    async with RichClient(servers[-1].ws_url("lobby")) as ana, PlainClient(servers[0].ws_url("lobby")) as bo:
        await ana.enter()
        await bo.enter()
        assert (await ana.say("and on it goes")).id == len(restored["lobby"]) + 1
        await bo.see("and on it goes")
    assert "Traceback" not in "".join(server.log() for server in servers)


async def test_who_talks_while_it_is_restored_comes_back_to_what_is_there(stack: Stack, tmp_path: Path) -> None:
    file = str(tmp_path / "backup")
    server = stack.serve(CHAT_RATE_LIMITS="off", CHAT_POLL_SECONDS="0.2")
    async with RichClient(server.ws_url("lobby")) as ana:
        hello = await ana.enter()
        for number in range(20):
            await ana.say(f"first {number}")
        stack.manage("backup", file)
        restoring = asyncio.create_task(asyncio.to_thread(stack.manage, "restore", file))
        while ana.close_code is None:
            with suppress(Refused, AssertionError, ConnectionClosed):  # cut off in the middle of a word
                await ana.say("meanwhile")
        assert ana.close_code == 4412
        await restoring
    async with RichClient(server.ws_url("lobby")) as back:
        await back.enter(since=ana.number, epoch=hello.epoch, key=hello.key)
        await back.say("second")
        # What was on its way when the restore was through is said in the new life of the room.
        texts = [text for _, text in saved(stack)["lobby"]]
        assert back.texts == texts[-len(back.texts) :]
        late = texts[20:-1]
        assert set(late) <= {"meanwhile"}
        assert texts == [*(f"first {number}" for number in range(20)), *late, "second"]


@pytest.mark.parametrize("to", ["embedded", "distributed"])
async def test_a_site_moves_from_one_database_to_the_other(
    embedded_stack: Stack, distributed_stack: Stack, to: str, tmp_path: Path
) -> None:
    there, here = (embedded_stack, distributed_stack)[:: 1 if to == "distributed" else -1]
    file = str(tmp_path / "backup")
    old = there.serve(CHAT_RATE_LIMITS="off")
    async with RichClient(old.ws_url("lobby")) as ana:
        first = await ana.enter()
        for text in ("one", "two", "聊天 👩‍👩‍👧"):
            await ana.say(text)
        await ana.edit(1, "*once*")
        before = dict(ana.messages) | {1: await ana.until(lambda: _edited(ana), "the edit")}
    there.manage("backup", file)
    here.manage("restore", file)

    new = here.serve(CHAT_RATE_LIMITS="off")
    async with RichClient(new.ws_url("lobby")) as ana:
        second = await ana.enter(key=first.key)
        assert (second.user, second.room, second.seq) == (first.user, first.room, 4)
        assert ana.messages == before
        await ana.say("and on it goes")
    async with RichClient(new.ws_url("lobby")) as bo:
        assert (await bo.enter()).user.id > second.user.id


def _edited(client: RichClient) -> events.Message | None:
    return client.messages[1] if client.messages[1].edited else None


async def test_a_broken_backup_changes_nothing_and_disturbs_nobody(stack: Stack, tmp_path: Path) -> None:
    file = tmp_path / "backup"
    server = stack.serve(CHAT_RATE_LIMITS="off", CHAT_POLL_SECONDS="0.2")
    async with RichClient(server.ws_url("lobby")) as ana:
        await ana.enter()
        await ana.say("one")
        stack.manage("backup", str(file))
        await ana.say("two")
        file.write_bytes(file.read_bytes()[:-100])
        with pytest.raises(AssertionError, match="CommandError: The backup is"):
            stack.manage("restore", str(file))
        await ana.say("three")
        assert ana.close_code is None
        assert ana.texts == ["one", "two", "three"]
