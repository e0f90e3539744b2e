"""What she may do in each channel: what was set there, a thread after its channel, held in memory for ten seconds.

Every line asks for it, so the database is asked once for a channel and then only from time to time.
"""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.domain.ids import ChannelId, GuildId, UserId
from bot.domain.message import Channel, ChannelKind
from bot.domain.room_policy import CHATTINESS_MOST, MINUTES_A_DAY, USUAL, Hearing, QuietHours, RoomPolicy
from bot.domain.zones import zone_names
from bot.errors import StoreError, UserError
from bot.ports import Clock
from bot.room_ports import PolicyStore

log = logging.getLogger(__name__)

FRESH_FOR = timedelta(seconds=10)  # by then, other processes go by what was set
AGAIN_AFTER = timedelta(seconds=2)  # the database is not asked oftener while it gives no answer
CHANNELS_KEPT = 20_000  # some 5 MB


@dataclass(frozen=True, slots=True)
class Setting:
    """What holds in one channel; *is_own* is a thread that she opened herself."""

    policy: RoomPolicy
    is_own: bool
    until: datetime


class Policies:
    """Knows what she may do where."""

    def __init__(self, *, store: PolicyStore, clock: Clock, personas: Collection[str] = ()) -> None:
        """Take where it is kept; *personas* are the slugs of those she has at the moment."""
        self._store = store
        self._clock = clock
        self._personas = personas
        self._settings: OrderedDict[ChannelId, Setting] = OrderedDict()
        self._asked_again_at: datetime | None = None
        self._locks: dict[ChannelId, asyncio.Lock] = {}
        self._changes = 0

    async def of(self, channel: Channel) -> RoomPolicy:
        """Give what holds in a channel: what was set for it, else for the channel it is a thread of, else the usual.

        She listens in a thread that she opened herself, unless an admin has set otherwise for it or wants her to
        ignore the channel.

        Raises:
            StoreError: the database does not answer, and nothing is known of the channel.
        """
        return (await self._setting(channel)).policy

    async def is_own(self, channel: Channel) -> bool:
        """Say whether a channel is a thread that she opened herself.

        Raises:
            StoreError: as for `of`.
        """
        return (await self._setting(channel)).is_own

    def known(self, channel: Channel) -> RoomPolicy | None:
        """Give what holds in a channel where that need not be looked up."""
        if channel.kind is ChannelKind.DM:
            return USUAL
        setting = self._fresh(channel.channel_id)
        return None if setting is None else setting.policy

    async def among(self, channel_ids: Collection[ChannelId]) -> Mapping[ChannelId, RoomPolicy]:
        """Give what was set for these channels themselves, of those for which something was.

        Raises:
            StoreError: the database failed.
        """
        return await self._store.policies(channel_ids)

    async def set(self, channel_id: ChannelId, guild_id: GuildId, policy: RoomPolicy, *, by: UserId) -> None:
        """Keep what holds in a channel, and in its threads that have no setting of their own.

        It holds at once here, and everywhere within ten seconds.

        Raises:
            UserError: it cannot be so; the key says why.
            StoreError: the database failed.
        """
        self._check(policy)
        await self._store.set_policy(channel_id, guild_id, policy, by=by, now=self._clock.now())
        self._changes += 1
        self._settings.clear()  # threads follow their channels; admins set something a few times a day

    def _check(self, policy: RoomPolicy) -> None:
        if not 0 <= policy.chattiness <= CHATTINESS_MOST:
            raise UserError("room_chattiness", most=CHATTINESS_MOST)
        if policy.persona is not None and policy.persona not in self._personas:
            raise UserError("room_persona_unknown", persona=policy.persona)
        if policy.quiet is not None:
            _check_hours(policy.quiet)

    async def _setting(self, channel: Channel) -> Setting:
        if channel.kind is ChannelKind.DM:
            return Setting(USUAL, is_own=False, until=self._clock.now())
        if (fresh := self._fresh(channel.channel_id)) is not None:
            return fresh
        lock = self._locks.setdefault(channel.channel_id, asyncio.Lock())
        try:
            async with lock:
                return self._fresh(channel.channel_id) or await self._read(channel)
        finally:
            if not lock.locked():
                self._locks.pop(channel.channel_id, None)

    def _fresh(self, channel_id: ChannelId) -> Setting | None:
        setting = self._settings.get(channel_id)
        if setting is None or setting.until <= self._clock.now():
            return None
        self._settings.move_to_end(channel_id)
        return setting

    async def _read(self, channel: Channel) -> Setting:
        changes = self._changes
        try:
            setting = await self._looked_up(channel)
        except StoreError as exc:
            stale = self._settings.get(channel.channel_id)
            if stale is None:
                raise
            log.info("what was set for a channel was not read", extra={"cause": str(exc)})
            setting = replace(stale, until=self._clock.now() + AGAIN_AFTER)
        if changes == self._changes:  # else what was read may be older than what was set
            self._keep(channel.channel_id, setting)
        return setting

    async def _looked_up(self, channel: Channel) -> Setting:
        here, above = channel.channel_id, channel.parent_id
        asked = (here,) if above is None else (here, above)
        if self._asked_again_at is not None and self._clock.now() < self._asked_again_at:
            raise StoreError("what was set for the channel is not known yet")
        try:
            found = await self._store.policies(asked)
        except StoreError:
            self._asked_again_at = self._clock.now() + AGAIN_AFTER
            raise
        is_thread = channel.kind is ChannelKind.THREAD
        is_own = is_thread and here in await self._store.own_threads((here,))
        policy = found.get(here)
        if policy is None:
            policy = USUAL if above is None else found.get(above, USUAL)
            if is_own and policy.hearing is not Hearing.IGNORE:
                policy = replace(policy, hearing=Hearing.LISTEN)
        return Setting(policy, is_own, self._clock.now() + FRESH_FOR)

    def _keep(self, channel_id: ChannelId, setting: Setting) -> None:
        self._settings[channel_id] = setting
        self._settings.move_to_end(channel_id)
        if len(self._settings) > CHANNELS_KEPT:
            self._settings.popitem(last=False)


def _check_hours(quiet: QuietHours) -> None:
    if not (0 <= quiet.begins < MINUTES_A_DAY and 0 <= quiet.ends < MINUTES_A_DAY) or quiet.begins == quiet.ends:
        raise UserError("room_quiet_hours")
    if quiet.zone not in zone_names():
        raise UserError("zone_unknown")
