"""A restored database under running processes: a new epoch, and nobody keeps or gets what is not in it."""

import pytest

from tests.client import PlainClient, RichClient
from tests.services import Stack

BACK = """
from chat.models import Message, Room
from chat.actions import epochs
from django.db import transaction
with transaction.atomic():
    Message.objects.filter(number__gt=2).delete()
    Room.objects.update(last_seq=2)
    {begin}
"""


@pytest.mark.parametrize("begin", ["epochs.begin()", "pass"], ids=["by the restore", "found by the hub"])
async def test_everybody_starts_anew_from_what_was_restored(stack: Stack, begin: str) -> None:
    server = stack.serve(CHAT_RATE_LIMITS="off")
    async with RichClient(server.ws_url("lobby")) as ana, PlainClient(server.ws_url("lobby")) as bo:
        first = await ana.enter()
        for text in ("one", "two", "three", "four"):
            await ana.say(text)
        await bo.see("four")
        stack.manage("shell", "-c", BACK.format(begin=begin))
        assert await ana.closed() == 4412
        assert await bo.closed() == 4412
    async with RichClient(server.ws_url("lobby")) as ana:
        second = await ana.enter(since=4, epoch=first.epoch, key=first.key)
        assert second.epoch != first.epoch
        assert ana.texts == ["one", "two"]
        await ana.say("another three")
        assert ana.messages[3].message == "another three"
