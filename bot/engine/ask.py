"""Ask the model for one answer and follow it as it streams.

Each finished paragraph passes the gate and is handed on while the rest arrives. One repair where
nothing usable came, one rewrite where the first paragraph broke a rule; both only while nothing is out.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from datetime import timedelta

from bot.domain import answer
from bot.domain.echo import is_repeat
from bot.domain.prompt import AnswerForm, ChatMessage
from bot.domain.safety import Rule, Verdict, judge
from bot.domain.text import is_blank, up_to_sentence, without_codes
from bot.domain.turn import CallTrace, Gathered, Intent
from bot.engine.draft import Draft
from bot.engine.lately import Lately
from bot.engine.mind import Mind
from bot.engine.voices import Voices
from bot.errors import ProviderError
from bot.ports import AnswerRequest, ChatModel, Clock, Finished, Partial

ANSWER_DEADLINE = timedelta(minutes=3)  # a local model on a small machine may need that long

Say = Callable[[Draft, str], Awaitable[None]]
Fields = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Heard:
    """What the model said in the end, and whether it can be acted on."""

    fields: Fields
    is_usable: bool


class Broken(Exception):
    """The first paragraph broke a rule: nothing of this answer is out, so it may be asked anew."""

    def __init__(self, paragraph: str, verdict: Verdict) -> None:
        super().__init__(", ".join(sorted(verdict.broken)))
        self.paragraph = paragraph
        self.verdict = verdict


@dataclass(slots=True)
class Hearing:
    """How the gate finds the drafts of one turn; *instead* is the line that a rewrite has to be better than.

    *is_flagged* says that any draft sounded like an assistant, *is_sent_flagged* that something said does.
    """

    is_flagged: bool = False
    is_sent_flagged: bool = False
    instead: Broken | None = None

    def note(self, verdict: Verdict) -> None:
        """Count a paragraph that was judged."""
        self.is_flagged = self.is_flagged or verdict.sound.is_flagged

    def note_sent(self, verdict: Verdict) -> None:
        """Count a paragraph that was said."""
        self.is_sent_flagged = self.is_sent_flagged or verdict.sound.is_flagged


class Ask:
    """One question to the model, with its repair and its rewrite."""

    def __init__(
        self,
        *,
        model: ChatModel,
        mind: Mind,
        clock: Clock,
        lately: Lately | None = None,
        voices: Voices | None = None,
    ) -> None:
        """Take whom to ask; with *lately* what she says is compared with what she said, with *voices* it is counted."""
        self._model = model
        self._mind = mind
        self._clock = clock
        self._lately = lately
        self._voices = voices

    async def __call__(self, draft: Draft, gathered: Gathered, say: Say) -> Fields:
        """Ask and follow; *say* is called for each paragraph that may go out, in order.

        Gives the fields of the answer.

        Raises:
            ProviderError: nothing usable came, and nothing was said.
        """
        hearing = Hearing()
        try:
            return await self._answer(draft, gathered, say, hearing)
        finally:
            self._count(draft, hearing)

    def _count(self, draft: Draft, hearing: Hearing) -> None:
        if self._voices is None or not (draft.has_words and draft.is_committed):
            return
        persona = draft.persona or self._mind.persona
        model = draft.calls[-1].model if draft.calls else self._model.health().model
        self._voices.note(model, persona.slug, is_flagged=hearing.is_flagged, is_sent_flagged=hearing.is_sent_flagged)

    async def _answer(self, draft: Draft, gathered: Gathered, say: Say, hearing: Hearing) -> Fields:
        try:
            heard = await self._listen(draft, gathered, say, "turn", hearing)
        except Broken as broken:
            draft.notes.append(f"rewritten: {broken}")
            return await self._rewrite(draft, gathered, say, hearing, broken)
        if heard.is_usable or draft.is_committed:
            return heard.fields
        draft.notes.append("repaired: the answer could not be read")
        heard = await self._listen(draft, gathered, say, "repair", hearing, self._mind.repair_note())
        if not heard.is_usable and not draft.is_committed:
            raise ProviderError("no usable answer after one repair", kind="broken", retryable=True)
        return heard.fields

    async def _rewrite(self, draft: Draft, gathered: Gathered, say: Say, hearing: Hearing, broken: Broken) -> Fields:
        """Ask once more; where that is no better, say the less bad of the two lines or hold it."""
        note = self._mind.rewrite_note(broken.verdict.faults)
        hearing.instead = broken
        fields: Fields = {"reply": broken.paragraph}
        try:
            fields = (await self._listen(draft, gathered, say, "rewrite", hearing, note)).fields
        except ProviderError:
            if broken.verdict.is_held:
                raise
        if not draft.is_committed and not broken.verdict.is_held:
            await say(draft, broken.paragraph)
            hearing.note_sent(broken.verdict)
        draft.is_held = not draft.is_committed
        if draft.is_held:
            draft.notes.append("held by the gate")
        return fields

    async def _listen(
        self,
        draft: Draft,
        gathered: Gathered,
        say: Say,
        purpose: str,
        hearing: Hearing,
        note: str | None = None,
    ) -> Heard:
        speech = _Speech(draft, say, self._lately, hearing, is_last=purpose != "turn")
        finished: Finished | None = None
        begun = self._clock.now()
        pieces = self._model.answer(self._request(draft, gathered, purpose, note))
        try:
            async with aclosing(pieces) as stream:
                async for piece in stream:
                    if isinstance(piece, Finished):
                        finished = piece
                        draft.calls.append(trace(piece, purpose, self._mind.version))
                    elif _may_speak(piece):
                        await speech.follow(piece.fields, is_open=piece.open_key == "reply")
        except Broken:
            draft.calls.append(self._cut_short(purpose, self._clock.now() - begun))
            raise
        if finished is None:
            raise ProviderError("the answer had no end", kind="broken", retryable=not draft.is_committed)
        await speech.end(finished)
        return Heard(finished.fields, is_usable=finished.whole and answer.is_usable(finished.fields))

    def _cut_short(self, purpose: str, duration: timedelta) -> CallTrace:
        """Give what a call was that nobody listened to the end of: what it took in and gave is not known."""
        health = self._model.health()
        return CallTrace(
            purpose=purpose,
            model=health.model,
            rung=health.rung,
            prompt_hash="",
            persona_version=self._mind.version,
            attempts=1,
            duration=duration,
            outcome="cut short",
        )

    def _request(self, draft: Draft, gathered: Gathered, purpose: str, note: str | None) -> AnswerRequest:
        now = self._clock.now()

        def messages_for(form: AnswerForm) -> tuple[ChatMessage, ...]:
            return self._mind.prompt(
                draft.claim,
                gathered,
                now=now,
                form=form,
                note=note,
                persona=draft.persona,
                bridge=draft.bridge,
            )

        return AnswerRequest(
            purpose=purpose,
            messages_for=messages_for,
            schema_name=answer.SCHEMA_NAME,
            schema=answer.ANSWER_SCHEMA,
            deadline=ANSWER_DEADLINE,
        )


class _Speech:
    """The paragraphs of one streamed answer on their way through the gate."""

    def __init__(self, draft: Draft, say: Say, lately: Lately | None, hearing: Hearing, *, is_last: bool) -> None:
        self._draft = draft
        self._say = say
        self._lately = lately
        self._hearing = hearing
        self._is_last = is_last
        self._is_over = False
        self._seen = 0
        self._said: list[str] = []

    async def follow(self, fields: Fields, *, is_open: bool) -> None:
        if answer.read_intent(fields) is not Intent.REPLY:
            return
        for paragraph in answer.read_paragraphs(fields, is_open=is_open)[self._seen :]:
            self._seen += 1
            if not self._draft.is_committed:
                self._draft.aim = answer.read_aim(fields, self._draft.claim)
            await self._pass(without_codes(paragraph, self._draft.names))

    async def end(self, finished: Finished) -> None:
        """Take what the end of the stream completed; of a broken-off one, whole sentences at most."""
        await self.follow(finished.fields, is_open=not finished.whole)
        if finished.whole:
            return
        self._draft.notes.append("the answer broke off")
        reply = finished.fields.get("reply")
        if self._is_last and not self._draft.is_committed and isinstance(reply, str):
            await self.follow({"reply": up_to_sentence(reply)}, is_open=False)

    async def _pass(self, paragraph: str) -> None:
        if self._is_over or is_blank(paragraph):
            return
        lately = await self._lately.lines() if self._lately is not None else ()
        verdict = judge(paragraph, (*lately, *self._said))
        self._hearing.note(verdict)
        is_first = not self._draft.is_committed
        if is_first and not self._is_last and not verdict.is_clean:
            raise Broken(paragraph, verdict)
        if is_first and (instead := self._better_than(verdict)) is not None:
            self._is_over = True  # what follows in the rewrite goes on from a line that is not said
            await self._speak(instead.paragraph, instead.verdict)
        elif _may_open(verdict) if is_first else self._may_follow(paragraph, verdict):
            await self._speak(paragraph, verdict)
        else:
            self._draft.notes.append(f"paragraph dropped: {', '.join(sorted(verdict.broken))}")

    def _better_than(self, verdict: Verdict) -> Broken | None:
        """Give the line that was to be rewritten, if it is less bad than its rewrite."""
        instead = self._hearing.instead
        if instead is None or instead.verdict.is_held or verdict.is_held:
            return None
        return instead if instead.verdict.badness < verdict.badness else None

    def _may_follow(self, paragraph: str, verdict: Verdict) -> bool:
        """Say whether a later paragraph goes out: without it the answer would lack its end, so only for good reason."""
        if Rule.ASSISTANT_TALK in verdict.broken and verdict.sound.is_courtesy:
            return False  # an offer or a sign-off, and nothing else
        broken = verdict.broken - {Rule.ASSISTANT_TALK}
        # some models go round in circles
        return not broken or (broken == {Rule.REPEAT} and not is_repeat(paragraph, self._said))

    async def _speak(self, paragraph: str, verdict: Verdict) -> None:
        await self._say(self._draft, paragraph)
        self._hearing.note_sent(verdict)
        self._said.append(paragraph)
        if self._lately is None:
            return
        if self._is_last and Rule.REPEAT in verdict.broken:
            self._lately.has_no_other_words()
        self._lately.note(paragraph)


def _may_open(verdict: Verdict) -> bool:
    """Say whether a first paragraph goes out that nothing better is to be had for."""
    return not verdict.is_held


def _may_speak(piece: Partial) -> bool:
    # an intent that may still grow ("re…") must not be acted on
    return piece.open_key != "intent" and "reply" in piece.fields


def trace(finished: Finished, purpose: str, version: str) -> CallTrace:
    """Give what a call was, without its content; *version* is that of the words she is made of."""
    return CallTrace(
        purpose=purpose,
        model=finished.model,
        rung=finished.rung,
        prompt_hash=finished.prompt_hash,
        persona_version=version,
        attempts=finished.attempts,
        duration=finished.duration,
        outcome="degraded" if finished.degraded else "whole" if finished.whole else "broke off",
        tokens_in=finished.tokens_in,
        tokens_out=finished.tokens_out,
        tokens_cached=finished.tokens_cached,
    )
