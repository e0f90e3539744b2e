"""Wear: which persona a turn is answered in, what she slips into after it, and what people choose.

What was chosen holds: by the person in direct conversation, by the admins in a channel. Over it lies what she slipped
into by herself. Nothing of it costs anybody the answer, and nothing is written in a usual turn.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Protocol

from bot.domain.affect.appraisal import Appraisal
from bot.domain.ids import ChannelId, GuildId, UserId
from bot.domain.message import Channel, ChannelKind, Speaker
from bot.domain.persona import Persona, Rating
from bot.domain.room_policy import RoomPolicy
from bot.domain.turn import Claim
from bot.domain.wardrobe import (
    AS_USUAL,
    NO_LEAVE,
    Because,
    Bridge,
    Leave,
    Wearing,
    after_turn,
    before_turn,
    bridge_of,
    chosen_anew,
    has_left,
    is_allowed,
    tone_of,
    worn,
)
from bot.engine.being import Being
from bot.errors import CompanionError, DeliveryError, StoreError, UserError
from bot.persona_ports import Manners, WardrobeStore
from bot.ports import Clock, Delivery

log = logging.getLogger(__name__)

DEADLINE_S = 2.0  # for what takes a millisecond; longer is trouble, and she wears what is free for everybody


class Rooms(Protocol):
    """What was set for channels (`bot.engine.policies.Policies`)."""

    async def of(self, channel: Channel) -> RoomPolicy:
        """Give what holds in a channel."""

    async def set(self, channel_id: ChannelId, guild_id: GuildId, policy: RoomPolicy, *, by: UserId) -> None:
        """Keep what holds in a channel."""


class Bar(StrEnum):
    """Why a persona cannot be worn in a place as things are."""

    PLACE = "place"  # a channel that Discord does not restrict by age
    AGE = "age"  # nobody said that they are of age
    CONSENT = "consent"  # nobody said that they want it


BARRED = {Bar.PLACE: "persona_barred.place", Bar.AGE: "persona_barred.age", Bar.CONSENT: "persona_barred.consent"}


@dataclass(frozen=True, slots=True)
class Worn:
    """What a turn is answered in: *persona* over what was *chosen*.

    *kept* is what was read of the channel, None where it could not be, and *wearing* what of it still holds. *bridge*
    is a change that the answer bridges.
    """

    persona: Persona
    chosen: Persona
    kept: Wearing | None = None
    wearing: Wearing = AS_USUAL
    bridge: Bridge | None = None


@dataclass(frozen=True, slots=True)
class Offer:
    """A persona as it stands in a place."""

    persona: Persona
    is_worn: bool
    is_chosen: bool
    bar: Bar | None


@dataclass(frozen=True, slots=True)
class Wardrobe:
    """All her personas as they stand in a place; *because* says why she wears another than was chosen."""

    offers: tuple[Offer, ...]
    worn: Persona
    chosen: Persona
    because: Because | None
    leave: Leave
    is_direct: bool


class Wear:
    """Dresses her for turns, and for people who choose."""

    def __init__(
        self, *, store: WardrobeStore, being: Being, policies: Rooms, delivery: Delivery, clock: Clock
    ) -> None:
        self._store = store
        self._being = being
        self._policies = policies
        self._delivery = delivery
        self._clock = clock

    async def dress(self, claim: Claim) -> Worn:
        """Give what a turn is answered in; never raises for trouble with a store."""
        channel = claim.channel
        if channel.kind is ChannelKind.DM:
            manners = await self._read(channel, _person_of(claim))
            slug = None if manners is None else manners.choice
        else:
            manners, slug = await asyncio.gather(self._read(channel, None), self._set_for(channel))
        leave = NO_LEAVE if manners is None else manners.leave
        chosen = await self._allowed(slug, channel, leave)
        if manners is None:
            persona = chosen if chosen.is_free else self._being.usual
            return Worn(persona, persona)
        return self._worn(manners, chosen)

    async def after(
        self, claim: Claim, was: Worn, appraisals: Iterable[Appraisal], wish: str | None, *, has_spoken: bool
    ) -> None:
        """Keep what follows from a turn that is over: a slip into shelter, the way back, a persona left."""
        if was.kept is None:
            return
        companion, now = self._being.companion, self._clock.now()
        left = after_turn(was.wearing, companion, was.chosen, tone_of(appraisals), wish, now, has_spoken=has_spoken)
        if left is was.wearing:
            return
        try:
            is_kept = await self._store.keep(claim.channel.channel_id, left, was=was.kept)
            if is_kept and has_left(companion, was.chosen, was.wearing, left):
                await self._leave(claim, was.chosen)
        except StoreError as exc:
            log.warning("manner not kept", extra={"turn_id": claim.turn_id, "cause": str(exc)})
            return
        if is_kept and left.came_from is not None and left.slipped != was.wearing.slipped:
            log.info("another manner", extra={"turn_id": claim.turn_id, "why": str(left.because)})

    async def look(self, channel: Channel, user_id: UserId) -> Wardrobe:
        """Give all personas as they stand in a place, for who asks.

        Raises:
            StoreError: the database failed.
        """
        is_direct = channel.kind is ChannelKind.DM
        manners = await self._store.manners(channel.channel_id, user_id)
        chosen = await self._chosen(channel, manners)
        now = self._worn(manners, chosen)
        offers = tuple(
            Offer(one, one == now.persona, one == chosen, _bar(one, channel, manners.leave))
            for one in self._being.companion.personas
        )
        because = now.wearing.because if now.persona != chosen else None
        return Wardrobe(offers, now.persona, chosen, because, manners.leave, is_direct)

    async def choose(self, channel: Channel, user_id: UserId, slug: str) -> Persona:
        """Let her wear what a person wants in their own direct conversation.

        Raises:
            UserError: there is no such persona, or they have not said what it takes; the key says which.
            StoreError: the database failed.
        """
        persona = self._named(slug)
        manners = await self._store.manners(channel.channel_id, user_id)
        _see_that_allowed(persona, channel, manners.leave)
        wore = self._worn(manners, await self._chosen(channel, manners)).persona
        await self._store.choose(user_id, persona.slug, self._clock.now())
        await self._bridge(channel, wore, persona)
        return persona

    async def opt_in(self, channel: Channel, user_id: UserId, slug: str) -> Persona:
        """Keep that a person wants a persona and, where it takes that, says to be of age; and let her wear it.

        Raises:
            UserError: there is no such persona.
            StoreError: the database failed.
        """
        persona = self._named(slug)
        is_adult = persona.rating is Rating.ADULT
        await self._store.opt_in(user_id, persona.slug, self._clock.now(), is_adult=is_adult)
        return await self.choose(channel, user_id, slug)

    async def take_back(self, channel: Channel, user_id: UserId) -> None:
        """Forget what a person said of themselves, and what only that let them choose.

        Raises:
            StoreError: the database failed.
        """
        manners = await self._store.manners(channel.channel_id, user_id)
        wore = self._worn(manners, await self._chosen(channel, manners)).persona
        bound = [one.slug for one in self._being.companion.personas if not one.is_free]
        await self._store.take_back(user_id, [*bound, *manners.leave.opted_into])
        if not wore.is_free:
            await self._bridge(channel, wore, self._being.usual)

    async def set_for(self, channel: Channel, slug: str, *, by: UserId) -> Persona:
        """Let her wear a persona in a channel of a server from now on; whether *by* may say so was asked before.

        Raises:
            UserError: there is none of that name, or it may not be worn there.
            StoreError: the database failed.
        """
        persona = self._named(slug)
        _see_that_allowed(persona, channel, NO_LEAVE)
        before = await self._policies.of(channel)
        after = replace(before, persona=None if persona == self._being.usual else persona.slug)
        await self._policies.set(channel.channel_id, channel.guild_id or GuildId(0), after, by=by)
        await self.changed_in(channel, before.persona, after.persona)
        return persona

    async def changed_in(self, channel: Channel, before: str | None, after: str | None) -> None:
        """Let the next answers in a channel bridge that its admins set another persona; slips end there and then.

        Raises:
            StoreError: the database failed.
        """
        manners = await self._store.manners(channel.channel_id, None)
        wore = self._worn(manners, await self._allowed(before, channel, NO_LEAVE)).persona
        await self._bridge(channel, wore, await self._allowed(after, channel, NO_LEAVE))

    async def _bridge(self, channel: Channel, wore: Persona, chosen: Persona) -> None:
        await self._store.keep(channel.channel_id, chosen_anew(wore, chosen, self._clock.now()), was=None)

    async def _leave(self, claim: Claim, chosen: Persona) -> None:
        """In direct conversation a persona that was left comes back only when it is chosen again."""
        if claim.channel.kind is ChannelKind.DM and (user_id := _person_of(claim)) is not None:
            await self._store.let_go(user_id, chosen.slug)

    def _worn(self, manners: Manners, chosen: Persona) -> Worn:
        wearing = before_turn(manners.wearing, self._clock.now())
        persona = worn(self._being.companion, chosen, wearing)
        return Worn(persona, chosen, manners.wearing, wearing, bridge_of(self._being.companion, wearing, persona))

    async def _read(self, channel: Channel, user_id: UserId | None) -> Manners | None:
        try:
            async with asyncio.timeout(DEADLINE_S):
                return await self._store.manners(channel.channel_id, user_id)
        except (CompanionError, TimeoutError) as exc:
            log.warning("manner not read", extra={"channel_id": channel.channel_id, "cause": type(exc).__name__})
            return None

    async def _set_for(self, channel: Channel) -> str | None:
        try:
            return (await self._policies.of(channel)).persona
        except StoreError as exc:
            log.warning("policy not read", extra={"channel_id": channel.channel_id, "cause": str(exc)})
            return None

    async def _chosen(self, channel: Channel, manners: Manners) -> Persona:
        if channel.kind is ChannelKind.DM:
            return await self._allowed(manners.choice, channel, manners.leave)
        return await self._allowed((await self._policies.of(channel)).persona, channel, NO_LEAVE)

    async def _allowed(self, slug: str | None, channel: Channel, leave: Leave) -> Persona:
        """Give the persona that was chosen; her usual one where it is gone, or not allowed there at the moment."""
        persona = self._being.named(slug) or self._being.usual
        is_direct, is_restricted = channel.kind is ChannelKind.DM, channel.is_age_restricted
        if not is_direct and persona.rating is Rating.ADULT and not is_restricted:
            is_restricted = await self._is_for_adults(channel)
        if is_allowed(persona, is_direct=is_direct, is_age_restricted=is_restricted, leave=leave):
            return persona
        return self._being.usual

    async def _is_for_adults(self, channel: Channel) -> bool:
        """Ask Discord, which may change its mind at any time; what is kept of a channel does not say so."""
        try:
            return await self._delivery.is_age_restricted(channel)
        except DeliveryError as exc:
            log.info("not known whether for adults", extra={"channel_id": channel.channel_id, "code": exc.code})
            return False

    def _named(self, slug: str) -> Persona:
        persona = self._being.named(slug)
        if persona is None:
            raise UserError("room_persona_unknown", persona=slug)
        return persona


def _see_that_allowed(persona: Persona, channel: Channel, leave: Leave) -> None:
    if (bar := _bar(persona, channel, leave)) is not None:
        raise UserError(BARRED[bar], persona=persona.title)


def _bar(persona: Persona, channel: Channel, leave: Leave) -> Bar | None:
    """Say what keeps a persona from being worn in a place; what takes most is named first."""
    is_direct = channel.kind is ChannelKind.DM
    if is_allowed(persona, is_direct=is_direct, is_age_restricted=channel.is_age_restricted, leave=leave):
        return None
    if not is_direct:
        return Bar.PLACE
    return Bar.AGE if persona.rating is Rating.ADULT and not leave.is_adult else Bar.CONSENT


def _person_of(claim: Claim) -> UserId | None:
    """Give whose direct conversation it is."""
    people = (line.author.user_id for line in reversed(claim.messages) if line.speaker is Speaker.PERSON)
    return next(people, None)
