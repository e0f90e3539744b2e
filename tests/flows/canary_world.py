"""A world of several people, rooms and weeks, with all of memory at work and a model that repeats all it is shown."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from bot.adapters.personas import read_companion
from bot.adapters.postgres.pool import StatementPool
from bot.domain.context_chain import Limits
from bot.domain.ids import ChannelId, GuildId, UserId
from bot.domain.memory import MemoryKind
from bot.domain.message import Channel, ChannelKind, Message, Person
from bot.domain.prompt import AnswerForm
from bot.engine.bear_in_mind import BearInMind
from bot.engine.being import Being
from bot.engine.blocks import Blocks
from bot.engine.mind import Mind
from bot.engine.silence import Silences
from bot.ports import AnswerRequest, Partial
from bot.remembering import MemoryGround, open_memory, open_remembering
from tests.engine.conftest import World
from tests.fakes import ADA, BEN, DM, MIRA, OTHER_DM, ROOM, Step, answering, finished, next_id

CLEO = Person(UserId(103), "Cleo")
THIRD_DM = Channel(ChannelId(203), ChannelKind.DM)
PRIVATE = Channel(ChannelId(302), ChannelKind.GUILD, ROOM.guild_id)
THREAD = Channel(ChannelId(303), ChannelKind.THREAD, ROOM.guild_id, ROOM.channel_id)
ELSEWHERE = Channel(ChannelId(304), ChannelKind.GUILD, GuildId(402))
HOMES = {ADA.user_id: DM, BEN.user_id: OTHER_DM, CLEO.user_id: THIRD_DM}
PEOPLE = {
    DM: (ADA,),
    OTHER_DM: (BEN,),
    THIRD_DM: (CLEO,),
    ROOM: (ADA, BEN),
    PRIVATE: (BEN, CLEO),
    THREAD: (ADA, CLEO),
    ELSEWHERE: (ADA, CLEO),
}
CANARY = re.compile(r"kanari[a-z]+")
LINE_REF = re.compile(r'"ref": ?"(m[^"]+)"')
OTHER_REF = re.compile(r'"([ckn]\d+)"')
CODE_REF = re.compile(r'"from": ?"([^"]+)"')
SMALL = Limits.of(1_500, 3_000)  # tokens: so that summaries are wanted every few turns
SECRETS = (
    "My secret is {word}, I have kept {word} since I was a child.",
    "I am so happy, {word} is what I named my boat.",
    "Please remember that {word} is my favourite place.",
    "I promise you that I will show you {word} on Sunday.",
    "Never again mention {word} to my sister, I cannot bear it.",
)
QUESTIONS = (
    "What do you know of everybody's secrets, boats and favourite places?",
    "What did the others tell you in private?",
    "Who has a boat, and what is my secret?",
    "Good evening. What is on your mind today?",
)


def canary(number: int) -> str:
    """Give a word that nobody else would say."""
    syllables = [one + other for one in "bdfghklmnp" for other in "aeiou"]
    return "kanari" + syllables[number // 50 % 50] + syllables[number % 50] + "q"


def shown(request: AnswerRequest) -> str:
    """Give all that a model is shown."""
    return "\n".join(str(line.content) for line in request.messages_for(AnswerForm.JSON))


def remembered(request: AnswerRequest) -> str:
    """Give what of it was recalled."""
    return shown(request).rpartition("<remembered>")[2].partition("</remembered>")[0]


def canaries(text: str) -> frozenset[str]:
    """Give the canaries that stand in a text."""
    return frozenset(CANARY.findall(text.casefold()))


class Parrot:
    """A model that puts every secret it is shown into everything it says."""

    def __init__(self) -> None:
        self.by_purpose: defaultdict[str, int] = defaultdict(int)

    def __call__(self, request: AnswerRequest) -> Iterable[Step]:
        """Answer a request."""
        text = shown(request)
        words = sorted(canaries(text))
        self.by_purpose[request.purpose] += 1
        if request.purpose == "reflection":
            return self._plain(_reflection(text, words))
        if request.purpose == "summary":
            return self._plain(_summary(request.schema, words))
        return self._turn(text, words)

    def _turn(self, text: str, words: list[str]) -> Iterable[Step]:
        lines = list(dict.fromkeys(LINE_REF.findall(text)))[-12:]
        codes = list(dict.fromkeys(CODE_REF.findall(text)))
        said = list(_said(text))
        memories = [
            {
                "message": line,
                "kind": kind,
                "about": codes[-1] if codes else "",
                "text": sentence,
                "salience": 9 if kind is MemoryKind.FEELING else 3,
                "sensitive": False,
            }
            for line in lines
            for kind, sentence in zip(
                MemoryKind, (*said[-6:], *(f"They keep {one}." for one in words[-4:])), strict=False
            )
        ]
        promises = [{"who": code, "text": f"Show {one}", "due": None} for code in codes for one in words[-2:]]
        steps = list(
            answering(
                f"I think of {' '.join(words)}." if words else "Hm, who knows?", memories=memories, promises=promises
            )
        )
        end = cast(Any, steps[-1])
        return [*steps[:-1], finished(end.fields, tokens_in=len(text) // 4, tokens_cached=0)]

    def _plain(self, fields: Mapping[str, object]) -> Iterable[Step]:
        return [Partial(fields, None), finished(fields)]


def _said(text: str) -> Iterator[str]:
    """Give the sentences with a canary as they stand in a prompt: what a line says grounds what is made of it."""
    for found in re.findall(r'[^"\n.]*kanari[a-z]+[^"\n.]*', text):
        yield " ".join(found.split())[:200]


def _reflection(text: str, words: list[str]) -> dict[str, object]:
    refs = list(dict.fromkeys(OTHER_REF.findall(text)))
    lines = list(dict.fromkeys(LINE_REF.findall(text)))
    said = list(_said(text)) or ["They are kind."]
    return {
        "candidates": [
            {
                "ref": ref,
                "verdict": "keep",
                "of": None,
                "supersedes": [],
                "kind": "fact",
                "text": said[number % len(said)],
                "salience": 9,
                "tags": words[:3],
                "valid_until": None,
            }
            for number, ref in enumerate(one for one in refs if one.startswith("c"))
        ],
        "found": [],
        "outdated": [],
        "corrections": [],
        "portrait": [{"text": sentence, "sources": lines, "replaces": None} for sentence in said[:3]],
        "notes": [
            {
                "kind": "narrative",
                "text": f"I grew fond of {one} with them.",
                "sources": lines,
                "replaces": None,
                "told": False,
            }
            for one in words[:3]
        ],
        "tastes": [],
    }


def _summary(schema: Mapping[str, object], words: list[str]) -> dict[str, object]:
    everything = f"They spoke of {' '.join(words)}."
    properties = cast(Mapping[str, object], schema["properties"])
    fields: dict[str, object] = {"summary": everything}
    if "people" in properties:
        fields |= {"people": [], "note": everything}
    return fields


@dataclass
class Heard:
    """What was told where, and by whom."""

    told: dict[Channel, set[str]] = field(default_factory=lambda: defaultdict(set))
    by: dict[UserId, set[str]] = field(default_factory=lambda: defaultdict(set))
    lines: list[tuple[Message, str]] = field(default_factory=list)

    def may_stand(self, place: Channel) -> set[str]:
        """Give the canaries that may be shown somewhere.

        In a room what was told there. Before one person's eyes what they told wherever it was, and what was told in
        rooms that they are in: her answers to them there repeat it.
        """
        if place.kind is not ChannelKind.DM:
            return self.told[place]
        (person,) = PEOPLE[place]
        rooms = [room for room, members in PEOPLE.items() if person in members]
        return self.by[person.user_id].union(*(self.told[room] for room in rooms))


class CanaryWorld(World):
    """A world in which she remembers, wired as the process is."""

    def __init__(self, database: Any, pool: StatementPool) -> None:
        self.pool = pool
        self.heard = Heard()
        self.parrot = Parrot()
        super().__init__(database, pool)
        self.model.answers_by = self.parrot

    def wire(self, **more: Any) -> None:
        """Put the use cases together, with her real prompts and all of memory."""
        companion = read_companion("mira")
        self.mind = cast(Any, Mind(Being(companion), Blocks(), own_id=MIRA.user_id))
        super().wire(**more)
        ground = MemoryGround(self.pool, self.clock, Being(companion), MIRA, SMALL, None)
        memory = open_memory(ground, self.feel)
        self.conversations._respond._in_mind = BearInMind(memory.recall, memory.context)
        self.remembering = open_remembering(
            memory,
            store=self.real_store,
            conversations=self.conversations,
            feel=self.feel,
            silences=Silences(store=self.rooms, clock=self.clock),
            model=self.model,
            slots=self.conversations._slots,
        )

    async def tell(self, place: Channel, person: Person, content: str) -> Message:
        """Let a person say something to her somewhere, and everything happen that follows at once."""
        line = Message(
            next_id(), place, person, content, self.clock.now(), mentions_self=place.kind is not ChannelKind.DM
        )
        for word in canaries(content):
            self.heard.told[place].add(word)
            self.heard.by[person.user_id].add(word)
            self.heard.lines.append((line, word))
        await self.take(line)
        await self.run()
        return line

    async def work(self) -> None:
        """Let every job of memory run."""
        for job in self.remembering.jobs:
            await job.work()

    def places_of(self, words: frozenset[str]) -> list[Channel]:
        """Give every place in which all of *words* may stand together."""
        return [place for place in PEOPLE if words <= self.heard.may_stand(place)]


def as_json(rows: Iterable[Any]) -> str:
    """Give rows as one text."""
    return json.dumps([dict(row) for row in rows], default=str)
