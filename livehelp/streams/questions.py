"""What a visitor without a screen is asked: before the conversation, and after it.

Owns the questions. Must not know what is said between them. All of the last ones are voluntary.
"""

import math

import anyio
import msgspec

from livehelp.client.errors import Refused
from livehelp.client.visitor import VisitorClient
from livehelp.sentences import still_open
from livehelp.streams.prompt import Prompt
from livehelp.streams.shutdown import FAREWELL_SECONDS
from livehelp.wire.base import MAX_NAME, MAX_TEXT, MAX_TOPIC, Email
from livehelp.wire.replies import ServerHello
from livehelp.wire.text import clean_name, clean_text
from livehelp.words import NAMELESS, operators_here


class Questions:
    """Asks, one line for each answer.

    Args:
        dialogue: Who is asked.
        server: What the server said of itself.
    """

    def __init__(self, dialogue: Prompt, server: ServerHello) -> None:
        self._dialogue = dialogue
        self._server = server

    async def notice(self) -> None:
        """Show what must not be typed, and whether anybody is here."""
        here = operators_here(self._server.operators)
        await self._dialogue.write(f"{clean_text(self._server.notice)}\n{here}\n")

    async def go_on(self) -> bool:
        """Return whether to go on with the earlier visit; nobody is asked in a pipe."""
        earlier = self._server.earlier
        if earlier is None or not earlier.open or not self._dialogue.by_hand:
            return False
        at = earlier.at.astimezone()
        await self._dialogue.write(f"{still_open(earlier, f'{at.day} {at:%b %H:%M}')}\n")
        answer = await self._dialogue.ask("Go on with it? Enter is yes, n begins a new one:")
        return answer is not None and not answer.lower().startswith("n")

    async def name(self) -> str | None:
        """Return what the visitor wants to be called; None if the visitor leaves instead."""
        answer = await self._dialogue.ask("Your name, or leave it empty:")
        return None if answer is None else clean_name(answer)[:MAX_NAME] or NAMELESS

    async def topic(self) -> str | None:
        """Return what it is about; None if the visitor leaves instead."""
        topics = [clean_name(topic) for topic in self._server.topics]
        for number, topic in enumerate(topics, 1):
            await self._dialogue.write(f"{number} {topic}\n")
        how = "a number, or a few words" if topics else "a few words"
        while (answer := await self._dialogue.ask(f"It is about ({how}):")) is not None:
            if answer.isdecimal() and 1 <= int(answer) <= len(topics):
                return topics[int(answer) - 1]
            if topic := clean_name(answer)[:MAX_TOPIC]:
                return topic
            await self._dialogue.write("Please choose a topic, or write one in your own words.\n")
        return None

    async def interview(self, client: VisitorClient, *, wait: bool) -> bool:
        """Ask the exit interview and for an address, and send what was answered.

        Args:
            client: Where to.
            wait: First wait for Enter: somebody else ended it, perhaps in the middle of a word.

        Returns:
            Whether the server has taken all that was answered.
        """
        if wait and await self._dialogue.ask("Press Enter to go on:") is None:
            return True
        if self._server.questions:
            await self._dialogue.write(
                "Thank you. If you like, answer a few questions. Leave empty what you want.\n"
            )
        answers: dict[str, str] = {}
        for question in self._server.questions:
            answer = await self._dialogue.ask(clean_name(question))
            answers[question] = (answer or "")[:MAX_TEXT]
        email = await self._email()
        # A person waits for a lost link as long as they like; a script cannot know that it should.
        patience = math.inf if self._dialogue.by_hand else FAREWELL_SECONDS
        with anyio.move_on_after(patience):
            return await self._send(client, answers, email)
        await self._dialogue.write("* The server does not answer; it may not have the answers.\n")
        return False

    async def _send(self, client: VisitorClient, answers: dict[str, str], email: str) -> bool:
        try:
            if any(answers.values()):
                await client.interview(answers)
                await self._dialogue.write("Your answers were saved.\n")
            if email:
                await client.request_transcript(email)
        except Refused as refused:
            await self._dialogue.write(f"* Not saved: {clean_text(refused.message)}\n")
            return False
        return True

    async def _email(self) -> str:
        question = "To ask for the transcript by e-mail, give your address:"
        while email := await self._dialogue.ask(question):
            try:
                return msgspec.convert(email, Email)
            except msgspec.ValidationError:
                question = "That is no e-mail address. Correct it, or leave it empty:"
        return ""
