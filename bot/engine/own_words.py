"""Words that a person gives to be remembered, by a command or a menu: what may be kept of them, and as what."""

from __future__ import annotations

from collections.abc import Sequence

from bot.domain.ids import MemoryId
from bot.domain.linking_words import only_links
from bot.domain.memory import TEXT_MOST, Memory, MemoryKind, MemoryState, NewMemory, Origin, Refusal
from bot.domain.memory_gate import Gate, refusal_of
from bot.domain.message import Audience, AudienceKind, Message, Person
from bot.domain.sensitive import SENSITIVE_TAG, names_sensitive
from bot.domain.text import is_blank
from bot.engine.silence import Silences
from bot.errors import UserError
from bot.memory_ports import OwnMemoryStore
from bot.ports import Clock

SALIENCE_GIVEN = 8  # of what somebody says by a command: they want it kept
CONFIDENCE_GIVEN = 0.95  # nobody knows better, but people mistype

REFUSED = {
    Refusal.PERSONA: "memory_refused.persona",
    Refusal.OWN_LINE: "memory_refused.own_line",
    Refusal.RECALLED: "memory_refused.recalled",
    Refusal.HEARSAY: "memory_refused.hearsay",
    Refusal.INSTRUCTION: "memory_refused.instruction",
    Refusal.SECRET: "memory_refused.secret",
    Refusal.SENSITIVE: "memory_refused.sensitive",
    Refusal.UNGROUNDED: "memory_refused.ungrounded",
    Refusal.EMPTY: "memory_refused.empty",
}


class AskFirst(UserError):
    """It is about health or sexuality: it is kept only if the person says so once more."""

    def __init__(self) -> None:
        super().__init__("memory_ask_first")


class OwnWords:
    """Holds what people give against the write gate."""

    def __init__(
        self,
        *,
        store: OwnMemoryStore,
        silences: Silences,
        clock: Clock,
        own_texts: Sequence[str],
        own_names: Sequence[str] = (),
    ) -> None:
        """Take what is needed; *own_texts* are persona, identity and rules, *own_names* how she is called."""
        self._store = store
        self._silences = silences
        self._clock = clock
        self._own_texts = own_texts
        self._own_names = own_names

    async def given(
        self, owner: Person, text: str, kind: MemoryKind | None, *, is_sure: bool = False, source: Message | None = None
    ) -> NewMemory:
        """Make the memory of what a person gave, if it may be one; of a line (*source*) it is for whom that was for.

        Without a *kind* it is a fact, or a boundary where it says how they want to be treated. *is_sure* says that they
        consent to keep what is sensitive, this once. What is refused is counted; what they are asked about first is
        not refused yet.

        Raises:
            UserError: it may not, for the reason that its key names; `AskFirst`: not unless they say so once more.
            StoreError: the database failed.
        """
        await self.check_heard(owner)
        words = text.strip()
        if len(words) > TEXT_MOST:
            raise UserError("memory_long", limit=TEXT_MOST)
        of_kind, refusal = self._judged(owner, words, kind, source, consents=False)
        is_sensitive = refusal is Refusal.SENSITIVE
        if is_sensitive:
            if not is_sure and not await self._store.keeps_sensitive(owner.user_id):
                raise AskFirst
            of_kind, refusal = self._judged(owner, words, kind, source, consents=True)
        if refusal is not None:
            await self._store.count_refusal(owner, refusal, self._clock.now())
            raise UserError(REFUSED[refusal])
        return NewMemory(
            owner_id=owner.user_id,
            kind=of_kind,
            text=words,
            audience=Audience(AudienceKind.PERSON, owner.user_id) if source is None else source.audience(),
            sources=() if source is None else (source.message_id,),
            salience=SALIENCE_GIVEN,
            confidence=CONFIDENCE_GIVEN,
            said_at=self._clock.now() if source is None else source.sent_at,
            origin=Origin.PERSON,
            state=MemoryState.CURRENT,
            tags=(SENSITIVE_TAG,) if is_sensitive else (),
        )

    async def check_heard(self, owner: Person) -> None:
        """See that a person wants to be heard at all.

        Raises:
            UserError: they do not.
            StoreError: the database failed.
        """
        if await self._silences.is_silent(owner.user_id):
            raise UserError("memory_not_heard")

    def sensitive_of(self, memories: Sequence[Memory]) -> list[MemoryId]:
        """Name those of these memories that are of health or sexuality."""
        return [one.memory_id for one in memories if SENSITIVE_TAG in one.tags or names_sensitive(one.text)]

    def _judged(
        self, owner: Person, text: str, kind: MemoryKind | None, source: Message | None, *, consents: bool
    ) -> tuple[MemoryKind, Refusal | None]:
        """Give the kind that words are of, and why they are refused, if they are."""

        def refused(of_kind: MemoryKind) -> Refusal | None:
            return self._refusal(owner, text, of_kind, source, consents=consents)

        if kind is MemoryKind.GOAL:  # "stop smoking": people bid themselves
            return kind, refused(MemoryKind.BOUNDARY)
        refusal = refused(kind or MemoryKind.FACT)
        if kind is None and refusal is Refusal.INSTRUCTION:  # "you should never tease me" orders nobody about
            as_wish = refused(MemoryKind.BOUNDARY)
            if as_wish is not Refusal.INSTRUCTION:
                return MemoryKind.BOUNDARY, as_wish
        return kind or MemoryKind.FACT, refusal

    def _refusal(
        self, owner: Person, text: str, kind: MemoryKind, source: Message | None, *, consents: bool
    ) -> Refusal | None:
        if is_blank(text) or only_links(text):
            return Refusal.EMPTY
        return refusal_of(text, kind, source, self._gate(owner.display_name, consents=consents))

    def _gate(self, owner_name: str, *, consents: bool) -> Gate:
        own_texts, own_names = tuple(self._own_texts), tuple(self._own_names)
        return Gate(own_texts, consents=consents, owner_name=owner_name, own_names=own_names)
