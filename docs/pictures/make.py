"""Make the pictures of the README; ``.venv/bin/python docs/pictures/make.py`` does it again.

Owns the story. Both screens and the demo run as they are, without a terminal, against the real
server, and are played by hand, so to speak: with keys.
"""

import asyncio
import tempfile
from collections.abc import AsyncGenerator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from stage import PASSWORD, Story, stage
from svg import cleaned
from textual.app import App
from textual.pilot import Pilot

from livehelp import OperatorClient, TokenFile, VisitorClient
from tui.demo.app import DemoApp
from tui.operator.app import OperatorApp
from tui.visitor.app import VisitorApp
from tui.visitor.state import Stage

FOLDER: Final = Path(__file__).parent
# What the screens call the server; the real one listens on some free port.
SERVER: Final = "help.example.gov"
# Everything happens on this machine; whatever takes this many seconds will not happen.
PATIENCE: Final = 30.0

PLACE: Final = "State office, kiosk 3"
TOPIC: Final = "Vehicles and licences"
HELLO: Final = "Hello, it is me again. The clerk says my form is from last year."
GREETING: Final = "Good morning Ann. You were here on Friday about your new address."
ANSWER: Final = (
    "The form changed on 1 December: please bring the new TC 96-13. The county clerk has it, and "
    "it needs no notary any more."
)
THANKS: Final = "That is good to know. Do I still need a utility bill?"
LAST: Final = "Yes, one that is not older than 60 days."


def main() -> None:
    """Make all three."""
    for play in (visitor, operator, demo):
        story = Story(datetime(2005, 12, 19, 10, 2, tzinfo=UTC))
        with stage(story) as address:
            asyncio.run(play(story, address))


async def visitor(story: Story, address: str) -> None:
    """Ann asks, dana answers."""
    app = VisitorApp(address, place=PLACE, clock=story.clock)
    app.server_name = SERVER
    async with signed_in(address, "dana") as dana, app.run_test(size=(90, 26)) as pilot:
        await until(pilot, lambda: app.state.server)
        app.begin("Ann Lee", TOPIC)
        await until(pilot, lambda: app.state.position)
        await keys(pilot, HELLO)
        story.later()
        session = (await dana.take()).session or ""
        await until(pilot, lambda: app.state.operators)
        await dana.say(session, GREETING)
        await dana.say(session, ANSWER)
        await until(pilot, lambda: len(app.state.talk.entries) == 5)
        story.later()
        await keys(pilot, THANKS)
        await until(pilot, lambda: not app.state.talk.unsent)
        await dana.typing(session, True)
        await until(pilot, lambda: app.state.typing and app.state.stage is Stage.TALKING)
        save(app, "visitor")


async def operator(story: Story, address: str) -> None:
    """Dana helps Ann, who was here before; Sam has said something, and two are waiting."""
    app = OperatorApp(address, name="dana", clock=story.clock)
    app.server_name = SERVER
    async with AsyncExitStack() as cast:
        tokens = TokenFile(cast.enter_context(tempfile.TemporaryDirectory()))
        eli = await cast.enter_async_context(signed_in(address, "eli"))
        today = story.now()
        story.jump(datetime(2005, 12, 16, 15, 40, tzinfo=UTC))
        await earlier_visit(address, eli, tokens)
        story.jump(today)

        ann = await visiting(cast, address, "Ann Lee", TOPIC, tokens=tokens)
        sam = await visiting(cast, address, "Sam Ortiz", "Taxes")
        pilot = await cast.enter_async_context(app.run_test(size=(118, 35)))
        await until(pilot, lambda: app.state.connection.up)
        await keys(pilot, PASSWORD)
        await until(pilot, lambda: len(app.state.overview.waiting) == 2)
        for helped in (1, 2):
            await pilot.press("f2")
            await until(pilot, lambda n=helped: len(app.state.desk) == n and app.state.may_write)
        await keys(pilot, "Good morning Sam. What can I do for you?")
        await pilot.press("alt+1")
        await until(pilot, lambda: app.state.current == ann.session)
        await ann.say(HELLO)
        await keys(pilot, GREETING)
        story.later()
        await visiting(cast, address, "Jo Banks", "Benefits")
        await until(pilot, lambda: app.state.overview.waiting)
        await keys(pilot, ANSWER)
        story.later()
        await ann.say(THANKS)
        await sam.say("I cannot find the form for the homestead exemption.")
        story.later()
        await visiting(cast, address, "Kim", "This portal")
        await until(pilot, lambda: len(app.state.overview.waiting) == 2)
        await pilot.press("f4")
        await keys(pilot, "The old form is still on the portal: told the web desk.")
        await until(pilot, lambda: not app.state.chat(app.state.current).talk.unsent)
        await keys(pilot, LAST, enter=False)
        await until(pilot, lambda: app.state.chat(ann.session or "").earlier)
        save(app, "operator")


async def earlier_visit(address: str, eli: OperatorClient, tokens: TokenFile) -> None:
    """What was said on Friday."""
    async with VisitorClient.connect(address, tokens=tokens) as ann:
        session = (await ann.start(name="Ann Lee", topic=TOPIC)).session
        await eli.take(session)
        await ann.say("I have moved. How do I change the address on my licence?")
        await eli.say(session, "With form TC 96-13, at your county clerk's office.")
        await ann.say("Thank you, I will go on Monday.")
        await ann.end()


async def demo(story: Story, address: str) -> None:
    """Both sides of the demo."""
    app = DemoApp(address, "dana", PASSWORD, clock=story.clock)
    async with app.run_test(size=(100, 28)) as pilot:
        await until(pilot, lambda: app.operator.may_take and app.visitor.state.position)
        await keys(pilot, "Hello, my licence plates are worn. How do I get new ones?")
        story.later()
        await pilot.press("f2")
        await until(pilot, lambda: app.operator.helping and app.visitor.state.operators)
        await keys(pilot, "Good morning Pat. Your county clerk replaces them. Which county is it?")
        await pilot.press("tab")
        await keys(pilot, "Franklin county.")
        story.later()
        await pilot.press("tab")
        await keys(pilot, "Then it is the clerk in Frankfort. Bring the old plates,", enter=False)
        await until(pilot, lambda: app.visitor.state.typing)
        save(app, "demo")
        await pilot.press("ctrl+q")


# The hands.


async def keys(pilot: Pilot[Any], text: str, *, enter: bool = True) -> None:
    """Type ``text`` where the cursor is, and Enter."""
    await pilot.press(*text, *(["enter"] if enter else []))
    await pilot.pause()


async def until(pilot: Pilot[Any], condition: Callable[[], object]) -> None:
    """Wait until ``condition`` holds and is on the screen."""
    async with asyncio.timeout(PATIENCE):
        while not condition():
            await pilot.pause()
    await pilot.pause()


@asynccontextmanager
async def signed_in(address: str, name: str) -> AsyncGenerator[OperatorClient]:
    """An operator without a screen."""
    async with OperatorClient.connect(address) as operator:
        await operator.login(name, PASSWORD)
        yield operator


async def visiting(
    cast: AsyncExitStack, address: str, name: str, topic: str, tokens: TokenFile | None = None
) -> VisitorClient:
    """A visitor without a screen, who stays until the end."""
    connection = VisitorClient.connect(address, place=PLACE, tokens=tokens)
    visitor = await cast.enter_async_context(connection)
    await visitor.start(name=name, topic=topic)
    return visitor


def save(app: App[Any], name: str) -> None:
    """Write the screen as it is now to ``name.svg``."""
    picture = cleaned(app.export_screenshot(), name)
    (FOLDER / f"{name}.svg").write_text(picture, encoding="utf-8")


if __name__ == "__main__":
    main()
