"""The model of a chaos run: says which messages it was asked about, breaks as told, and keeps account."""

from __future__ import annotations

import json
import random
import re
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from aiohttp import web

from playground.completions import text_of
from tests.scripted_model import Behaviour, ScriptedModelServer, plain_answer

TOKEN = re.compile(r"\bt\d{5}\b")
ASKED = re.compile(r"Answer now: (?P<what>[^\n]*)")
CODE = re.compile(r"\bm[a-z0-9]{5}[2-9]\b")
PART = re.compile(r"^(?P<reply>r\d{5}) (?P<number>\d)/(?P<total>\d): (?P<rest>.*)$", re.DOTALL)
WORDS = (
    *("amber", "river", "lantern", "quiet", "copper", "window", "garden", "thunder", "paper", "orange", "silver"),
    *("morning", "velvet", "harbour"),
)
MOST_PARTS = 3
FIRST_BYTE_S = (0.05, 0.6)
CHUNK_S = 0.004

Breakage = Callable[[Behaviour, random.Random], Behaviour]


@dataclass(slots=True)
class Call:
    """One request: who asked (each process has a key of its own), what about, and how it went."""

    key: str
    started: float
    tokens: tuple[str, ...]
    reply: str
    ended: float | None = None
    broken: str = ""


def asked_about(body: Mapping[str, Any]) -> tuple[str, ...]:
    """Give the tokens of the messages that a prompt asks to be answered, in the order of the talk."""
    text = "\n".join(text_of(message) for message in body["messages"] if message.get("role") == "user")
    found = ASKED.findall(text)
    codes = CODE.findall(found[-1]) if found else []
    lines = [line for line in map(_quoted, text.splitlines()) if line is not None]
    if found and "from" in found[-1]:
        # "every line from m1234 on": the code's last place, for it may stand for an older line as well
        first = max((at for at, line in enumerate(lines) if line["ref"] in codes), default=len(lines))
        wanted = lines[first:]
    else:
        latest = {line["ref"]: at for at, line in enumerate(lines)}
        wanted = [line for at, line in enumerate(lines) if line["ref"] in codes and latest[line["ref"]] == at]
    return tuple(token for line in wanted for token in TOKEN.findall(str(line.get("text", "")))[:1])


def _quoted(line: str) -> dict[str, Any] | None:
    if not line.startswith("{"):
        return None
    try:
        read = json.loads(line)
    except ValueError:
        return None
    return read if isinstance(read, dict) and "ref" in read else None


class ChaosModel(ScriptedModelServer):
    """Answers with the tokens it was asked about, in a few numbered parts; the first names them all."""

    def __init__(self, seed: int, *, most_parts: int = MOST_PARTS) -> None:
        super().__init__()
        self.keeps_requests = False
        self.calls: list[Call] = []
        self.down_until = 0.0
        self._most_parts = most_parts
        self._chance = random.Random(f"model {seed}")
        self._breakages: deque[tuple[str, Breakage]] = deque()

    def break_next(self, name: str, times: int, how: Breakage) -> None:
        """Break the next requests."""
        self._breakages.extend([(name, how)] * times)

    def heal(self) -> None:
        """Lift what is still to break."""
        self._breakages.clear()
        self.down_until = 0.0

    def open_calls_of(self, key: str) -> list[Call]:
        """Give what a process is being answered at the moment."""
        return [call for call in self.calls[-200:] if call.key == key and call.ended is None]

    async def _perform(self, request: web.Request, body: Mapping[str, Any], does: Behaviour) -> web.StreamResponse:
        key = request.headers.get("Authorization", "").removeprefix("Bearer ")
        call = Call(key, time.time(), asked_about(body), f"r{len(self.calls):05d}")
        self.calls.append(call)
        try:
            return await super()._perform(request, body, self._broken(call, self._answer(call, body)))
        finally:
            call.ended = time.time()

    def _answer(self, call: Call, body: Mapping[str, Any]) -> Behaviour:
        total = self._chance.randint(1, self._most_parts)
        parts = [" ".join(call.tokens)] + [" ".join(self._chance.sample(WORDS, 8)) for _ in range(total - 1)]
        said = [f"{call.reply} {number}/{total}: {rest}" for number, rest in enumerate(parts, start=1)]
        return Behaviour(
            answer={**plain_answer(body), "reply": "\n\n".join(said)},
            first_delay_s=self._chance.uniform(*FIRST_BYTE_S),
            chunk_delay_s=CHUNK_S,
        )

    def _broken(self, call: Call, whole: Behaviour) -> Behaviour:
        if time.time() < self.down_until:
            call.broken = "down"
            return Behaviour(status=503)
        if not self._breakages:
            return whole
        call.broken, how = self._breakages.popleft()
        return how(whole, self._chance)


def somewhere(whole: Behaviour, chance: random.Random) -> int:
    """Choose a chunk of the answer, from its first to its last."""
    return chance.randint(1, max(1, len(json.dumps(whole.answer)) // whole.chunk_chars))


def refuses(status: int, **headers: str) -> Breakage:
    """Answer with a status."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda _whole, _chance: Behaviour(status=status, headers=named)


def resets(_whole: Behaviour, _chance: random.Random) -> Behaviour:
    """Close the socket without a byte."""
    return Behaviour(drop=True, first_delay_s=0.1)


def says_nothing(_whole: Behaviour, _chance: random.Random) -> Behaviour:
    """Give an empty answer."""
    return Behaviour(text="")


def cuts(whole: Behaviour, chance: random.Random) -> Behaviour:
    """Reset the connection somewhere in the answer."""
    return replace(whole, cut_after=somewhere(whole, chance))


def ends_early(whole: Behaviour, chance: random.Random) -> Behaviour:
    """End the stream somewhere in the answer, as if all were said."""
    return replace(whole, end_after=somewhere(whole, chance))


def sends_error(whole: Behaviour, chance: random.Random) -> Behaviour:
    """Send an error event somewhere in the answer."""
    return replace(whole, error_after=somewhere(whole, chance))


def stalls(seconds: float) -> Breakage:
    """Take long to begin."""
    return lambda whole, _chance: replace(whole, first_delay_s=seconds)
