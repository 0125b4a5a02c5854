"""Old messages are removed under people who talk: nobody waits long, and every log goes on without a gap."""

import asyncio
import time
from itertools import count

import pytest

from chat import limits
from chat.wire.codes import Code
from tests.chaos.database import query
from tests.client import PlainClient, Refused, RichClient
from tests.services import Stack

OLD = 8_000
FILL = f"""
from datetime import timedelta
from django.utils import timezone
from chat.models import Message
from tests.bench import fill
fill.members(1, 1)
fill.log("lobby", {OLD})
Message.objects.update(created_at=timezone.now() - timedelta(days=10))
"""
LONGEST_SECONDS = 2.0


async def test_people_talk_while_old_messages_are_removed(stack: Stack) -> None:
    stack.manage("shell", "-v", "0", "-c", FILL)
    server = stack.serve(CHAT_RATE_LIMITS="off")
    async with RichClient(server.ws_url("lobby")) as ana, PlainClient(server.ws_url("lobby")) as bo:
        hello = await ana.enter()
        await bo.enter()
        oldest = min(ana.messages)
        pruning = asyncio.create_task(asyncio.to_thread(stack.manage, "prune", CHAT_RETENTION_DAYS="9"))
        waits = []
        for number in count():
            begun = time.monotonic()
            await ana.say(f"new {number}")
            waits.append(time.monotonic() - begun)
            if pruning.done():
                break
        assert f"messages: {OLD}" in await pruning
        assert max(waits) < LONGEST_SECONDS
        await bo.see(f"new {number}")
        assert [said.id for said in bo.log] == list(range(OLD + 1, OLD + number + 2))
        assert oldest in ana.messages, "what was shown stays"
        with pytest.raises(Refused) as refused:
            await ana.edit(oldest, "again")
        assert refused.value.error.code == Code.NOT_FOUND
        assert not (await ana.ask(before=OLD + 1)).messages
    since = max(OLD + 1, OLD + number + 1 - limits.SYNC_MESSAGES)  # a slow machine prunes while a thousand are said
    async with RichClient(server.ws_url("lobby")) as back:
        assert (await back.enter(since=since, epoch=hello.epoch, key=hello.key)).seq == OLD + number + 1
        assert min(back.messages) == since + 1
    assert query(stack, "SELECT min(number), max(number), count(*) FROM chat_message") == [
        (OLD + 1, OLD + number + 1, number + 1)
    ]
