"""A restored backup begins a new life of the log: open sockets start anew, and an old `since` means nothing."""

from tests.client import PlainClient, RichClient, Sync
from tests.services import Stack


async def test_a_new_epoch_sends_everybody_away_and_voids_what_they_knew(stack: Stack, room: str) -> None:
    server = stack.serve(CHAT_POLL_SECONDS="0.2")
    async with RichClient(server.ws_url(room)) as ana, PlainClient(server.ws_url(room)) as plain:
        hello = await ana.enter()
        await plain.enter()
        await ana.say("before")
        await plain.see("before")
        stack.manage("shell", "-v", "0", "-c", "from chat.actions import epochs; epochs.begin()")

        assert await ana.closed() == 4412
        assert await plain.closed() == 4412
    async with RichClient(server.ws_url(room)) as back:
        again = await back.enter(since=1, epoch=hello.epoch)
        assert again.epoch != hello.epoch
        assert [sync.complete for sync in back.of(Sync)] == [False]
        assert back.texts == ["before"]
        await back.say("after")
        await back.see("after")
    assert "Traceback" not in server.log()


async def test_a_log_that_went_back_without_a_new_epoch_begins_one(embedded_stack: Stack, room: str) -> None:
    server = embedded_stack.serve(CHAT_POLL_SECONDS="0.2")
    async with RichClient(server.ws_url(room)) as ana:
        hello = await ana.enter()
        for text in ("one", "two", "three"):
            await ana.say(text)
        undo = (
            "from chat.models import *; Message.objects.filter(number__gt=1).delete(); Room.objects.update(last_seq=1)"
        )
        embedded_stack.manage("shell", "-v", "0", "-c", undo)
        assert await ana.closed() == 4412
    async with RichClient(server.ws_url(room)) as back:
        assert (await back.enter(since=3, epoch=hello.epoch)).epoch != hello.epoch
        assert back.texts == ["one"]
