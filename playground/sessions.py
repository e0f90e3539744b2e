"""The application's gateway sessions: what each receives, its sequence numbers and its replay buffer.

A session outlives its socket for a while; `gateway` attaches sockets to sessions.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Protocol

from playground.faults import Faults
from playground.intents import wants

EVENTS_REPLAYABLE = 2_000  # per session; a client that missed more must start a new session
RESUMABLE_S = 300.0  # how long a session without a socket is kept; chosen to match what clients observe
HELD_AT_MOST_S = 0.5  # a reordered event goes out after this even if no other follows


class Wire(Protocol):
    """What a session needs of a socket."""

    def send(self, frame: bytes) -> None:
        """Queue one uncompressed frame."""


@dataclass(slots=True, eq=False)
class Session:
    """One IDENTIFY and what followed from it."""

    intents: int
    shard: tuple[int, int]
    faults: Faults
    session_id: str = field(default_factory=lambda: secrets.token_hex(16))
    sequence: int = 0
    wire: Wire | None = None
    detached_at: float | None = None
    presence: dict[str, object] | None = None
    _sent: deque[tuple[int, bytes]] = field(default_factory=lambda: deque(maxlen=EVENTS_REPLAYABLE))
    _held: tuple[str, bytes] | None = None

    def receives(self, event: str, guild_id: int | None) -> bool:
        """Whether *event* of this guild, or of direct messages, is for this session."""
        shard_id, shard_count = self.shard
        home = (guild_id >> 22) % shard_count if guild_id is not None else 0
        return home == shard_id and wants(self.intents, event, in_guild=guild_id is not None)

    def dispatch(self, event: str, data: bytes) -> None:
        """Send *event* with its encoded *data*, as the faults in force will have it."""
        if self._held is None and self.faults.for_event("reorder_events", event):
            self._held = (event, data)
            asyncio.get_running_loop().call_later(HELD_AT_MOST_S, self._release)
            return
        self._emit(event, data)
        if self.faults.for_event("duplicate_events", event):
            self._emit(event, data)
        self._release()

    def _release(self) -> None:
        if self._held is not None:
            held, self._held = self._held, None
            self._emit(*held)

    def _emit(self, event: str, data: bytes) -> None:
        self.sequence += 1
        frame = b'{"t":"%b","s":%d,"op":0,"d":%b}' % (event.encode(), self.sequence, data)
        self._sent.append((self.sequence, frame))
        if self.wire is not None:
            self.wire.send(frame)

    def replay_after(self, sequence: int) -> list[bytes] | None:
        """Return the frames a client that saw *sequence* has missed, or None if they are gone."""
        if sequence > self.sequence or sequence < 0:
            return None
        oldest = self._sent[0][0] if self._sent else self.sequence + 1
        if sequence + 1 < oldest:
            return None
        return [frame for number, frame in self._sent if number > sequence]


class Sessions:
    """All live sessions of the application."""

    def __init__(self) -> None:
        self._sessions: dict[str, Session] = {}

    def __iter__(self) -> Iterator[Session]:
        return iter(list(self._sessions.values()))

    def add(self, session: Session) -> None:
        """Start keeping *session*, and let go of those nobody came back for."""
        limit = time.monotonic() - RESUMABLE_S
        for old in self:
            if old.detached_at is not None and old.detached_at < limit:
                self.end(old)
        self._sessions[session.session_id] = session

    def resumable(self, session_id: object) -> Session | None:
        """Return the session of that id while it can still be resumed."""
        session = self._sessions.get(session_id) if isinstance(session_id, str) else None
        if session is None or session.detached_at is None:
            return session
        return session if time.monotonic() - session.detached_at < RESUMABLE_S else None

    def end(self, session: Session) -> None:
        """Forget *session*."""
        self._sessions.pop(session.session_id, None)

    @property
    def is_online(self) -> bool:
        """Whether any session has a socket."""
        return any(session.wire is not None for session in self._sessions.values())

    @property
    def intents(self) -> int:
        """All intents of the sessions that have a socket."""
        combined = 0
        for session in self._sessions.values():
            combined |= session.intents if session.wire is not None else 0
        return combined

    def deliver(self, event: str, guild_id: int | None, data: bytes) -> None:
        """Dispatch *event* to every session it is for."""
        for session in self._sessions.values():
            if session.receives(event, guild_id):
                session.dispatch(event, data)
