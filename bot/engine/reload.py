"""Reload: be what the companion's files say as soon as they say something else; what does not read changes nothing."""

from __future__ import annotations

import asyncio
import logging

from bot.domain.persona import PersonaError
from bot.engine.being import Being
from bot.persona_ports import CompanionFiles

log = logging.getLogger(__name__)


class Reload:
    """Looks whether the files changed; a job that runs every few seconds."""

    def __init__(self, files: CompanionFiles, being: Being) -> None:
        """Take the files as they were read for *being* already, or a moment before."""
        self._files = files
        self._being = being
        self._read: str | None = None  # the mark of what was read well last
        self._broken: str | None = None  # the mark of what did not read, seen once
        self._told: str | None = None  # and of what was told of

    async def __call__(self) -> None:
        """Read anew what changed; files that are just being written are given until the next look."""
        mark = await asyncio.to_thread(self._files.mark)
        if mark == self._read:
            self._being.problems = ()  # what was broken meanwhile was put back
        if mark in (self._read, self._told):
            return
        try:
            read = await asyncio.to_thread(self._files.read)
        except PersonaError as exc:
            if mark == self._broken:
                self._being.problems, self._told = exc.problems, mark
                log.warning("companion not read anew", extra={"files": self._being.trouble})
            self._broken = mark
            return
        was = self._being.companion.version
        self._being.become(read)
        self._read, self._broken, self._told = mark, None, None
        if read.companion.version != was:
            log.info("companion read anew", extra={"version": read.companion.version})
