"""What an honest author of another server could get wrong, one class for each.

Owns the faults. Must not know how messages pass: ``faulty_server`` does.
"""

from typing import Final

from tests.conformance.faulty_server import Message, PassThrough

# A server that knows less than the last 128 refs and 32 runs.
FEW_REFS, FEW_RUNS = 100, 20
# No client gives a command such a number.
OWN_REFS: Final = 1_000_000


class WrongProtocol(PassThrough):
    """Says hello in another protocol than the one that was named."""

    def down(self, answer: Message) -> list[Message]:
        return [answer | {"protocol": 2}] if answer["type"] == "hello" else [answer]


class LostAcks(PassThrough):
    """Stores lines, and never says so."""

    def down(self, answer: Message) -> list[Message]:
        return [] if answer["type"] == "ack" else [answer]


class AcksTwice(PassThrough):
    """Answers each command twice."""

    def down(self, answer: Message) -> list[Message]:
        return [answer, answer] if answer["type"] == "ack" else [answer]


class OtherRefs(PassThrough):
    """Counts refs by itself, and does not repeat the command's."""

    def down(self, answer: Message) -> list[Message]:
        # Not of `started`: a test that never hears of its visit cannot end it.
        if answer["type"] == "ack" and "ref" in answer:
            return [answer | {"ref": answer["ref"] - 1}]
        return [answer]


class NoType(PassThrough):
    """Sends something else as the type."""

    def down(self, answer: Message) -> list[Message]:
        return [answer | {"type": 5}]


class TooLong(PassThrough):
    """Sends lines that no client need read."""

    def down(self, answer: Message) -> list[Message]:
        return [answer | {"notice": "x" * 140_000}]


# The sentences of [P-3.6], one by one.


class NeedsNoLogin(PassThrough):
    """Carries out what a stranger asks for."""

    def down(self, answer: Message) -> list[Message]:
        if answer.get("code") == "login_first":
            return [{"type": "ack"} | ({"ref": answer["ref"]} if "ref" in answer else {})]
        return [answer]


class NoPingBeforeLogin(PassThrough):
    """Answers a stranger's ping with ``login_first``."""

    def down(self, answer: Message) -> list[Message]:
        self.signed_in = getattr(self, "signed_in", False) or answer["type"] == "logged_in"
        if answer["type"] == "pong" and not self.signed_in:
            return [{"type": "error", "code": "login_first", "message": "Sign in first."}]
        return [answer]


class LoginFirstForAll(PassThrough):
    """Tells a stranger to sign in for what no operator may do."""

    def down(self, answer: Message) -> list[Message]:
        if answer.get("code") == "not_yours":
            return [answer | {"code": "login_first"}]
        return [answer]


class SilentOnTyping(PassThrough):
    """Answers ``typing`` never, not even a stranger's."""

    def down(self, answer: Message) -> list[Message]:
        return [] if answer["type"] == "error" and "ref" not in answer else [answer]


# The sentences of [P-4.5], one by one.


class Joins(PassThrough):
    """Knows which sessions an operator was told to be in on this connection."""

    def __init__(self, shared: Message) -> None:
        super().__init__(shared)
        self.sessions: list[str] = []

    def down(self, answer: Message) -> list[Message]:
        if answer["type"] == "resumed":
            self.sessions.append(answer["session"])
        return [answer]


class LastSession(Joins):
    """Takes the session that came last, where none is named."""

    def up(self, command: Message) -> list[Message]:
        if command["type"] == "say" and self.sessions:
            return [{"session": self.sessions[-1]} | command]
        return [command]


class OnlyWhatIsResumed(Joins):
    """Counts only the sessions whose log it has sent on the connection."""

    def up(self, command: Message) -> list[Message]:
        if command["type"] == "say" and len(self.sessions) < 2:
            return [{"session": "".join(self.sessions) or "0000-0000-0000"} | command]
        return [command]


class NamesNeeded(PassThrough):
    """Wants every session to be named."""

    def up(self, command: Message) -> list[Message]:
        if command["type"] == "say":
            return [{"session": "0000-0000-0000"} | command]
        return [command]


class NoneIsMany(PassThrough):
    """Asks which session, where there is none."""

    def down(self, answer: Message) -> list[Message]:
        if answer.get("code") == "no_session":
            return [answer | {"code": "which_session"}]
        return [answer]


class LastComeFirstServed(PassThrough):
    """Lets ``take`` take who came last."""

    def __init__(self, shared: Message) -> None:
        super().__init__(shared)
        self.waiting: list[str] = []

    def up(self, command: Message) -> list[Message]:
        if command["type"] == "take" and self.waiting:
            return [{"session": self.waiting[-1]} | command]
        return [command]

    def down(self, answer: Message) -> list[Message]:
        if answer["type"] in {"opened", "left"}:
            self.waiting.append(answer["session"])
        elif answer["type"] == "joined" and answer["session"] in self.waiting:
            self.waiting.remove(answer["session"])
        return [answer]


# The sentences of [P-5.5], one by one.


class ForgetsRuns(PassThrough):
    """Knows a ref on its own connection only; so connections of one run do not replace another."""

    def up(self, command: Message) -> list[Message]:
        return [{name: value for name, value in command.items() if name != "run"}]


class ForgetsRunsOfOperators(ForgetsRuns):
    """Does so for operators."""

    def up(self, command: Message) -> list[Message]:
        return super().up(command) if command.get("role") == "operator" else [command]


class ForgetsOldRuns(PassThrough):
    """Knows the last few runs."""

    def up(self, command: Message) -> list[Message]:
        runs = self.shared.setdefault("runs", [])
        run = command.get("run")
        if run in runs[:-FEW_RUNS]:
            return [command | {"run": "forgotten"}]
        if run is not None:
            runs.append(run)
        return [command]


class OneRunForAll(PassThrough):
    """Takes all that name no run for one."""

    def up(self, command: Message) -> list[Message]:
        return [{"run": "everybody"} | command] if command["type"] == "hello" else [command]


class Renumbers(PassThrough):
    """Gives some commands a number of its own, so that the server takes them for new ones."""

    def __init__(self, shared: Message) -> None:
        super().__init__(shared)
        self.refs: dict[int, int] = {}
        self.asked: list[int] = []
        self.refused: dict[int, Message] = {}

    def is_new(self, command: Message) -> bool:
        """Return whether it takes this command for a new one."""
        del command
        return False

    def up(self, command: Message) -> list[Message]:
        ref = command.get("ref")
        if ref is None:
            return [command]
        if self.is_new(command):
            number = self.shared["last"] = self.shared.get("last", OWN_REFS) + 1
            self.refs[number] = ref
            command |= {"ref": number}
        self.asked.append(ref)
        return [command]

    def down(self, answer: Message) -> list[Message]:
        if answer.get("ref") in self.refs:
            answer |= {"ref": self.refs[answer["ref"]]}
        if answer["type"] == "error" and "ref" in answer:
            self.refused[answer["ref"]] = answer
        return [answer]


class KnowsOnlyLines(Renumbers):
    """Knows a line again, and no other command."""

    def is_new(self, command: Message) -> bool:
        return command["type"] != "say"


class ForgetsOldRefs(Renumbers):
    """Knows the last few commands of a run."""

    def is_new(self, command: Message) -> bool:
        return command["ref"] in self.asked[:-FEW_REFS]


class CarriesOutLate(Renumbers):
    """Decides anew what was refused, whatever was carried out meanwhile."""

    def is_new(self, command: Message) -> bool:
        return command["ref"] in self.refused


class RemembersErrors(Renumbers):
    """Answers with the same error, whatever has changed since."""

    def down(self, answer: Message) -> list[Message]:
        return [self.refused.get(answer.get("ref", 0), seen) for seen in super().down(answer)]


# The sentences of [P-5.16], one by one.


class NoGoodbye(PassThrough):
    """Closes without a word."""

    def down(self, answer: Message) -> list[Message]:
        return [] if answer["type"] == "bye" else [answer]


class OtherReason(PassThrough):
    """Says ``shutdown`` for everything, so that two windows chase each other."""

    def down(self, answer: Message) -> list[Message]:
        return [answer | {"reason": "shutdown"} if answer["type"] == "bye" else answer]
