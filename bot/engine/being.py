"""Who she is at the moment: the one place that holds the companion, so that all see the same one after a change.

Whoever needs something of her asks here each time and keeps no copy.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import overload

from bot.domain.persona import DEFAULT_PERSONA, Companion, Persona
from bot.persona_ports import CompanionRead


class Being:
    """Holds the companion as its files last read well.

    *pictures* are those of the faces by their slugs, the same mapping for good, *avatar* is her own. *problems* say, by
    file and key, why the files as they are now do not read; empty where they do. *usual* is worn in place of the
    default persona.
    """

    def __init__(self, companion: Companion, usual: str = DEFAULT_PERSONA) -> None:
        self.companion = companion
        self._usual = usual
        self.pictures: dict[str, bytes] = {}
        self.avatar: bytes | None = None
        self.problems: tuple[str, ...] = ()
        self._followers: list[Callable[[], None]] = []

    @property
    def usual(self) -> Persona:
        """Give the persona worn unless another is chosen."""
        return self.named(self._usual) or self.companion.default_persona

    def named(self, slug: str | None) -> Persona | None:
        """Give a persona of hers; None where there is none of that name."""
        return next((one for one in self.companion.personas if one.slug == slug), None)

    def slugs(self) -> Sequence[str]:
        """Name her personas."""
        return tuple(persona.slug for persona in self.companion.personas)

    @property
    def trouble(self) -> tuple[str, ...]:
        """Name the files that do not read, and the key in each."""
        return tuple(dict.fromkeys(": ".join(problem.split(": ")[:2]) for problem in self.problems))

    def texts(self) -> Sequence[str]:
        """Give what the files let her say of herself: identity and voices."""
        return (self.companion.identity, *(persona.voice for persona in self.companion.personas))

    def follow(self, changed: Callable[[], None]) -> None:
        """Tell *changed* after each change of the files: it made something of them that has to be made anew."""
        self._followers.append(changed)

    def become(self, read: CompanionRead) -> None:
        """Be what was read, from the next question on."""
        is_other = read.companion != self.companion
        self.companion, self.problems = read.companion, ()
        self.avatar = read.avatar
        self.pictures.clear()
        self.pictures.update(read.pictures)
        for changed in self._followers if is_other else ():
            changed()


class Live(Sequence[str]):
    """Texts of hers as they are whenever they are looked at."""

    def __init__(self, give: Callable[[], Sequence[str]]) -> None:
        self._give = give

    def __len__(self) -> int:
        return len(self._give())

    def __iter__(self) -> Iterator[str]:
        return iter(self._give())

    @overload
    def __getitem__(self, place: int) -> str: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[str]: ...
    def __getitem__(self, place: int | slice) -> str | Sequence[str]:
        return self._give()[place]
