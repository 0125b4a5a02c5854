"""One is idle where all one's devices are, in whatever rooms: in one process, and in two.

Ana and Cy are in the room, Bo is there with a phone and in another room with a laptop.
"""

from contextlib import AsyncExitStack

import pytest

from tests.client import RichClient
from tests.services import ServerProcess, Stack, complaints


@pytest.fixture
def servers(stack: Stack) -> tuple[ServerProcess, ServerProcess]:
    """The same one twice, where the channel layer is in its memory."""
    one = stack.serve(CHAT_RATE_LIMITS="off")
    return one, one if stack.kind == "embedded" else stack.serve(CHAT_RATE_LIMITS="off")


async def test_who_is_active_on_another_device_in_another_room_is_active(
    stack: Stack, servers: tuple[ServerProcess, ServerProcess], room: str
) -> None:
    one, other = servers
    async with AsyncExitStack() as opened:

        async def enter(server: ServerProcess, slug: str, key: str | None = None) -> RichClient:
            client = await opened.enter_async_context(RichClient(server.ws_url(slug)))
            await client.enter(key=key)
            return client

        ana, cy, phone = await enter(one, room), await enter(other, room), await enter(one, room)
        assert phone.hello is not None
        assert isinstance(phone.hello.key, str)
        laptop = await enter(other, f"{room}-2", phone.hello.key)
        bo = phone.me
        assert laptop.me == bo
        for client in (ana, cy):
            await client.see_people(ana.me.name, bo.name, cy.me.name)

        await phone.send(type="presence", state="idle")
        await ana.send(type="presence", state="idle")
        await cy.send(type="presence", state="idle")
        for client in (ana, cy):
            await client.until(lambda client=client: idle(client) == {ana.me.id, cy.me.id}, "the other two are idle")

        for state in ("idle", "active"):
            await laptop.send(type="presence", state=state)
            for client in (ana, cy):
                await client.until(
                    lambda client=client, state=state: (bo.id in idle(client)) is (state == "idle"), f"Bo is {state}"
                )
        await laptop.leave()
        for client in (ana, cy):
            await client.until(lambda client=client: bo.id in idle(client), "Bo has the idle phone alone")
    assert complaints(stack.logs()) == []


def idle(client: RichClient) -> set[int]:
    """Who is shown so."""
    return {person.id for person in client.here.values() if person.idle}
