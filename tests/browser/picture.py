"""Takes README's picture of a running room: `python -m tests.browser.picture`; wants fonts for Chinese and emoji."""

import asyncio
from contextlib import AsyncExitStack, ExitStack

from tests.browser.driver import open_window
from tests.browser.person import Person
from tests.browser.test_rooms import open_private_room
from tests.client import PlainClient
from tests.services import ServerProcess, StackMaker
from tests.services.process import ROOT, new_folder, remove_folder
from tests.services.stack import manage

ROOM = "garden-week"
OTHER_ROOMS = ("lobby", "kitchen", "tool-shed")
ME = "Mira"
TALK = (
    ("Ana", "Morning! The seedlings arrived 🌱 twelve trays, all alive."),
    ("Ana", "Who can carry them out after lunch?"),
    ("Bo", "I can, from **two** on. Where do they go?"),
    (
        ME,
        "Beans along the fence, the rest so:\n\n1. tomatoes by the wall\n2. herbs in the tubs\n3. `zone-c` stays empty",
    ),
    ("李雷", "我三点到，带上水管和手套。"),
    ("Ana", "谢谢！ 🙏 The water is on again, by the way."),
    ("Zoë", "> Where do they go?\n\nThere is a plan: https://garden.example.org/plan"),
    (ME, "I'll bring coffee ☕ and the good trowel."),
)


def main() -> None:
    with ExitStack() as opened:
        folder = new_folder("picture")
        opened.callback(remove_folder, folder)
        static = folder / "static"
        manage("collectstatic", "--noinput", env={"VAR_DIR": str(folder), "STATIC_ROOT": str(static)})
        maker = StackMaker(static)
        opened.callback(maker.close)
        server = opened.enter_context(maker.embedded()).serve(CHAT_RATE_LIMITS="off")
        mira = Person(opened.enter_context(open_window()))
        mira.sign_up(server, ME)
        for room in OTHER_ROOMS:
            mira.enter_room(server, room)
        open_private_room(mira, server, "Committee")
        mira.enter_room(server, ROOM)
        asyncio.run(_talk(server, mira))


async def _talk(server: ServerProcess, mira: Person) -> None:
    async with AsyncExitStack() as opened:
        others = {
            name: await opened.enter_async_context(PlainClient(server.ws_url(ROOM, name=name)))
            for name, _ in TALK
            if name != ME
        }
        for name, text in TALK:
            if name == ME:
                await asyncio.to_thread(_say_in_lines, mira, text)
            else:
                await others[name].say(text)
        await asyncio.to_thread(_take, mira, [*others, ME])


def _say_in_lines(mira: Person, text: str) -> None:
    before = len(mira.texts)
    mira.say(text)
    mira.until(lambda: len(mira.texts) > before and not mira.waiting, "it is said")


def _take(mira: Person, people: list[str]) -> None:
    mira.see_people(*people)
    mira.until(lambda: len(mira.texts) == len(TALK), "all is said")
    mira.until(lambda: mira.ask("return document.getAnimations().length === 0"), "nothing moves any longer")
    (ROOT / "README.png").write_bytes(mira.driver.get_screenshot_as_png())


if __name__ == "__main__":
    main()
