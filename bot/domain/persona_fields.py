"""Take values out of parsed persona files, strictly: every misfit is noted with its file and key.

A misfit yields a harmless stand-in, so that one look at the files finds all that is wrong with them.
"""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Mapping, Sequence
from difflib import get_close_matches

from bot.errors import ConfigError

NAME_FIELD = "{name}"
ANY_FIELD = re.compile(r"\{[^{}\n]*\}")
# Emoji are joined by U+200D and Persian by U+200C, so of the format characters only those go that turn
# text round or hide it.
UNFIT = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff\U000e0000-\U000e007f]"
)
EXAMPLE_LIMIT = 400  # characters of one side of an exchange
NEARNESS = 0.65  # how alike a misspelt key must be to the one meant; chosen by ear
WORD_LIMIT = 32  # characters of an entry in a list of words


class PersonaError(ConfigError):
    """A companion cannot be read; each of *problems* names the file and the key."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)


class Problems:
    """What is wrong with a companion so far."""

    def __init__(self) -> None:
        self._found: list[str] = []

    def add(self, file: str, key: str, what: str) -> None:
        """Note a problem; *key* is empty where a whole file is meant, *file* where the folder is."""
        self._found.append(": ".join(part for part in (file, key, what) if part))

    def count(self, file: str, found: int, least: int, most: int, key: str = "") -> None:
        """Note a list that is too short or too long."""
        if not least <= found <= most:
            self.add(file, key, f"must hold {least} to {most} entries, holds {found}")

    def prose(self, file: str, text: str, name: str, *, most: int, key: str = "") -> str:
        """Give *text* with the companion's name in it, noting what may not stand in prose."""
        prose = text.strip()
        if not prose:
            self.add(file, key, "is empty")
        if len(prose) > most:
            self.add(file, key, f"is {len(prose)} characters long, at most {most} fit")
        for field in ANY_FIELD.findall(prose):
            if field != NAME_FIELD:
                self.add(file, key, f"{field!r} is no known field; only {NAME_FIELD} is")
        if found := UNFIT.search(prose):
            self.add(file, key, f"holds the control character {found.group()!r}")
        return prose.replace(NAME_FIELD, name)

    def raise_any(self) -> None:
        """Raise what was found.

        Raises:
            PersonaError: something was.
        """
        if self._found:
            raise PersonaError(self._found)


class Fields:
    """One table of a file; `finish` notes the keys that nobody asked for."""

    def __init__(self, file: str, table: Mapping[str, object], problems: Problems, prefix: str = "") -> None:
        self._file = file
        self._table = table
        self._problems = problems
        self._prefix = prefix
        self._known: set[str] = set()

    def __contains__(self, key: str) -> bool:
        self._known.add(key)
        return key in self._table

    def path(self, key: str) -> str:
        """Name a key with the tables it stands in."""
        return f"{self._prefix}{key}"

    def finish(self) -> None:
        """Note every key that is not part of the schema, with the nearest one that is."""
        for key in self._table:
            if key not in self._known:
                near = get_close_matches(key, self._known, n=1, cutoff=NEARNESS)
                hint = f"; did you mean {near[0]!r}?" if near else f"; known are {', '.join(sorted(self._known))}"
                self._note(key, f"is no known key{hint}")

    def text(self, key: str, *, most: int) -> str:
        """Read a text of 1 to *most* characters, without control characters."""
        value = self._get(key)
        if value is None:
            return ""
        if not isinstance(value, str):
            self._note(key, f"must be a text, is {value!r}")
            return ""
        return self._plain(key, value, most)

    def prose(self, key: str, name: str) -> str:
        """Read one side of an exchange; it may have paragraphs and hold the companion's name."""
        value = self._get(key)
        if value is None:
            return ""
        if not isinstance(value, str):
            self._note(key, f"must be a text, is {value!r}")
            return ""
        return self._problems.prose(self._file, value, name, most=EXAMPLE_LIMIT, key=self.path(key))

    def match(self, key: str, pattern: re.Pattern[str], like: str) -> str:
        """Read a text that matches *pattern* whole; *like* says what it looks like."""
        value = self._get(key)
        if value is None:
            return ""
        if not isinstance(value, str) or not pattern.fullmatch(value):
            self._note(key, f"must be {like}, is {value!r}")
            return ""
        return value

    def choice(self, key: str, choices: Sequence[str]) -> str:
        """Read one of *choices*."""
        value = self._get(key)
        if value is not None and value not in choices:
            self._note(key, f"must be one of {', '.join(map(str, choices))}, is {value!r}")
        return value if isinstance(value, str) and value in choices else next(iter(choices), "")

    def emoji(self, key: str, *, most: int) -> str:
        """Read one emoji: no letters, no digits alone, no spaces."""
        value = self.text(key, most=most)
        if value and (value.isascii() or any(char.isalpha() or char.isspace() for char in value)):
            self._note(key, f"must be one emoji, is {value!r}")
        return value

    def flag(self, key: str) -> bool:
        """Read true or false."""
        value = self._get(key)
        if value is not None and not isinstance(value, bool):
            self._note(key, f"must be true or false, is {value!r}")
        return value is True

    def number(self, key: str, low: float, high: float) -> float:
        """Read a number from *low* to *high*."""
        value = self._get(key)
        if value is None:
            return low
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
            self._note(key, f"must be a number, is {value!r}")
            return low
        if not low <= value <= high:
            self._note(key, f"must be from {low:g} to {high:g}, is {value!r}")
        return float(value)

    def whole(self, key: str, low: int, high: int) -> int:
        """Read a whole number from *low* to *high*."""
        value = self._get(key)
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            self._note(key, f"must be a whole number from {low} to {high}, is {value!r}")
            return low
        return value

    def words(
        self,
        key: str,
        *,
        most: int,
        each: re.Pattern[str] | None = None,
        like: str = "a short text",
        is_required: bool = True,
    ) -> tuple[str, ...]:
        """Read a list of different short texts."""
        if key not in self and not is_required:
            return ()
        value = self._get(key)
        if not isinstance(value, list) or not all(isinstance(word, str) for word in value):
            if value is not None:
                self._note(key, f"must be a list of texts, is {value!r}")
            return ()
        self._problems.count(self._file, len(value), 1 if is_required else 0, most, self.path(key))
        for word in value:
            if each is not None and not each.fullmatch(word):
                self._note(key, f"{word!r} is not {like}")
            self._plain(key, word, WORD_LIMIT)
        if len(set(value)) < len(value):
            self._note(key, "names something twice")
        return tuple(value)

    def names(self, key: str, known: Collection[str], what: str) -> tuple[str, ...]:
        """Read an optional list of different names out of *known*; *what* says what they name."""
        words = self.words(key, most=len(known), is_required=False)
        for word in words:
            if word not in known:
                near = get_close_matches(word.casefold(), known, n=1, cutoff=NEARNESS)
                hint = f"did you mean {near[0]!r}?" if near else f"known are {', '.join(known)}"
                self._note(key, f"{word!r} is no known {what}; {hint}")
        return tuple(word for word in words if word in known)

    def samples(self, key: str, *, most: int) -> tuple[tuple[str, str], ...]:
        """Read an optional table of texts, each some lines long, by a word."""
        table = self.table(key, is_required=False)
        words = tuple(table._table)
        self._problems.count(self._file, len(words), 0, most, self.path(key))
        return tuple((word, table.text(word, most=EXAMPLE_LIMIT * 2)) for word in words)

    def table(self, key: str, *, is_required: bool = True) -> Fields:
        """Read a table; a missing one reads as empty."""
        if key not in self and not is_required:
            return Fields(self._file, {}, self._problems, f"{self.path(key)}.")
        value = self._get(key)
        if value is not None and not isinstance(value, Mapping):
            self._note(key, f"must be a table, is {value!r}")
        return Fields(self._file, value if isinstance(value, Mapping) else {}, self._problems, f"{self.path(key)}.")

    def tables(self, key: str, *, least: int, most: int) -> list[Fields]:
        """Read a list of tables."""
        value = self._get(key)
        if not isinstance(value, list) or not all(isinstance(entry, Mapping) for entry in value):
            if value is not None:
                self._note(key, "must be a list of tables, written [[" + key + "]]")
            return []
        self._problems.count(self._file, len(value), least, most, self.path(key))
        return [
            Fields(self._file, entry, self._problems, f"{self.path(key)}[{number}].")
            for number, entry in enumerate(value, 1)
        ]

    def _get(self, key: str) -> object:
        self._known.add(key)
        if key not in self._table:
            self._note(key, "is missing")
        return self._table.get(key)

    def _plain(self, key: str, value: str, most: int) -> str:
        text = value.strip()
        if not text:
            self._note(key, "is empty")
        if len(text) > most:
            self._note(key, f"is {len(text)} characters long, at most {most} fit")
        if UNFIT.search(text) or "\n" in text:
            self._note(key, "holds a line break or a control character")
        return text

    def _note(self, key: str, what: str) -> None:
        self._problems.add(self._file, self.path(key), what)
