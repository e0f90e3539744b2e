"""How the understudy reads a prompt and decides on an answer: word lists and a fixed choice, no model.

Her guesses stay simple on purpose. What she answers follows from the prompt alone, so tests can rely on it.
"""

from __future__ import annotations

import json
import re
import tomllib
import unicodedata
from base64 import b64decode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Any

from playground.completions import text_of
from playground.uploads import image_size

SIGNED_AXES = (
    "desirability",
    "praiseworthiness",
    "warmth",
    "respect",
    "trust_signal",
    "user_valence",
    "prospect",
)
UNSIGNED_AXES = ("unexpectedness", "interest", "humor", "apology", "own_fault")
AXIS_LIMIT = 3  # the appraisal's integers run from -3 to 3, or from 0
SURE, UNSURE = 0.6, 0.2  # how far a word list may be trusted with and without a word found
NAME_CHARS = 32  # Discord's longest display name
IDENTITY, QUESTION, NOTHING = "identity", "question", "nothing"  # cues of understudy.toml named in the code
_NO_SPACES = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff]")  # scripts whose words stand together
_PLAIN_NAME = re.compile(r"[^\w .'’-]")
_FACT = re.compile(
    r"\b(?:my name is|i live in|i work as|i work at|my favou?rite \w+ is|i am from|i'm from)\b[^.!?\n]{2,80}",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Line:
    """One thing somebody said to her."""

    ref: str
    speaker: str
    name: str
    text: str


def answer(messages: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Give the whole answer to a prompt, in the order in which it is streamed."""
    lines = read_lines(messages)
    newest = lines[-1] if lines else Line("", "", "", "")
    cue = next(iter(cues_in(newest.text)), NOTHING)
    said = [text_of(message) for message in messages if message.get("role") == "assistant"]
    seen = _seen(messages)
    return {
        "appraisals": [appraise(line) for line in lines if line.ref],
        "intent": "reply",
        "reply": f"{seen}\n\n{reply_to(newest, cue, said)}" if seen else reply_to(newest, cue, said),
        "reaction": None,
        "expression": _CUES[cue].get("expression"),
        "persona": None,
        "later": None,
        "reminders": [],
        "memories": [memory for line in lines if (memory := _memory(line))],
        "promises": [],
    }


def read_lines(messages: Sequence[Mapping[str, Any]]) -> list[Line]:
    """Find what was said to her since she last spoke, oldest first."""
    newest: list[Mapping[str, Any]] = []
    for message in reversed(messages):
        if message.get("role") == "assistant":
            break
        newest.insert(0, message)
    lines = [line for message in newest for line in _lines_of(text_of(message))]
    if lines:
        return lines
    plain = [text_of(message) for message in newest if message.get("role") == "user"]
    return [Line("", "", "", plain[-1])] if plain else []


def decide(messages: Sequence[Mapping[str, Any]]) -> bool:
    """Say whether the newest line is anything to speak to, for a prompt that asks just that."""
    lines = read_lines(messages)
    return bool(lines) and next(iter(cues_in(lines[-1].text)), NOTHING) != NOTHING


def pictures_in(messages: Sequence[Mapping[str, Any]]) -> list[tuple[int, int] | None]:
    """Give the sizes of the pictures of a prompt in order, None where one cannot be told."""
    parts = [part for message in messages if isinstance(message.get("content"), list) for part in message["content"]]
    urls = [(part.get("image_url") or {}).get("url") for part in parts if isinstance(part, dict)]
    return [_size_of(str(url)) for url in urls if url]


def _size_of(url: str) -> tuple[int, int] | None:
    try:
        return image_size(b64decode(url.partition(";base64,")[2]))
    except ValueError:
        return None


def _seen(messages: Sequence[Mapping[str, Any]]) -> str:
    sizes = pictures_in(messages)
    if not sizes:
        return ""
    count = "One picture" if len(sizes) == 1 else f"{len(sizes)} pictures"
    told = ", ".join(f"{size[0]} by {size[1]}" for size in sizes if size)
    return str(_BOOK["seen"]).replace("{pictures}", f"{count}, {told}" if told else count)


def _lines_of(text: str) -> list[Line]:
    lines = []
    for row in text.splitlines():
        start = row.find("{")
        if start < 0 or '"text"' not in row:
            continue
        try:
            said = json.loads(row[start : row.rfind("}") + 1])
        except ValueError:
            continue
        if isinstance(said, dict) and isinstance(said.get("text"), str) and said.get("ref"):
            speaker, name = str(said.get("from", "")), str(said.get("name", ""))
            lines.append(Line(str(said["ref"]), speaker, name, said["text"]))
    return lines


def plain(text: str) -> str:
    """Give *text* in lower case, without accents and with straight quotes, as the word lists are written."""
    lowered = text.casefold().replace("’", "'").replace("ä", "ae").replace("ö", "oe").replace("ü", "ue")
    parted = unicodedata.normalize("NFKD", lowered.replace("ı", "i"))
    return unicodedata.normalize("NFC", "".join(char for char in parted if not unicodedata.combining(char)))


def _pattern(words: Sequence[str]) -> re.Pattern[str]:
    alternatives = [plain(word) for word in words]
    spaced = "|".join(word for word in alternatives if not _NO_SPACES.search(word))
    together = "|".join(word for word in alternatives if _NO_SPACES.search(word))
    pattern = rf"(?<!\w)(?:{spaced})(?!\w)"
    return re.compile(f"{pattern}|(?:{together})" if together else pattern)


def _read_book() -> dict[str, Any]:
    return tomllib.loads(Path(__file__).with_name("understudy.toml").read_text(encoding="utf-8"))


_BOOK = _read_book()
_CUES: dict[str, dict[str, Any]] = _BOOK["cues"]
_PATTERNS = {cue: _pattern(entry["words"]) for cue, entry in _CUES.items() if "words" in entry}
_QUESTION = re.compile(rf"^\W*(?:{'|'.join(_BOOK['question_words'])})(?!\w)")
_NEGATED = re.compile(rf"(?:^|\W)(?:{'|'.join(_BOOK['negations'])})\s+(?:\w+\s+)?$")


def cues_in(text: str) -> list[str]:
    """Find what *text* seems to be about, the most telling first."""
    said = plain(text)
    found = [cue for cue, pattern in _PATTERNS.items() if _occurs(pattern, said)]
    if said.rstrip().endswith(("?", "？", "؟")) or _QUESTION.search(said):
        found.append(QUESTION)
    return [cue for cue in _CUES if cue in found]


def _occurs(pattern: re.Pattern[str], said: str) -> bool:
    return any(not _NEGATED.search(said[: found.start()]) for found in pattern.finditer(said))


def appraise(line: Line) -> dict[str, Any]:
    """Guess what a line means, as the small integers that a real model would give."""
    cues = cues_in(line.text)
    axes = dict.fromkeys((*SIGNED_AXES, *UNSIGNED_AXES), 0)
    for cue in cues:
        for axis, amount in _CUES[cue].get("effects", {}).items():
            axes[axis] += amount
    for axis, amount in axes.items():
        lowest = -AXIS_LIMIT if axis in SIGNED_AXES else 0
        axes[axis] = min(max(amount, lowest), AXIS_LIMIT)
    return {"message": line.ref, **axes, "confidence": SURE if cues else UNSURE}


def reply_to(line: Line, cue: str, said: Sequence[str]) -> str:
    """Choose a line: fixed by what was said, but none she has said lately while there is another."""
    choices = _CUES[cue]["lines"]
    start = int.from_bytes(blake2b(line.text.encode("utf-8", "replace"), digest_size=4).digest(), "big")
    turned = [choices[(start + step) % len(choices)] for step in range(len(choices))]
    spoken = "\n".join(said)
    fresh = [choice for choice in turned if _opening(choice) not in spoken]
    text = _named(fresh[0] if fresh else turned[len(said) % len(turned)], line.name)
    is_first = not said
    return f"{text}\n\n{_BOOK['notice']}" if is_first and cue is not IDENTITY else text


def _opening(choice: str) -> str:
    return choice.split("{name}")[0].split("\n")[0]


def _named(text: str, name: str) -> str:
    clean = _PLAIN_NAME.sub("", name).strip()[:NAME_CHARS]
    if clean:
        return text.replace("{name}", clean)
    return re.sub(r",? \{name\}", "", text)


def _memory(line: Line) -> dict[str, Any] | None:
    found = _FACT.search(line.text)
    if found is None:
        return None
    return {"kind": "fact", "about": line.speaker, "text": found.group().strip(), "salience": 4}


def conform(value: Any, schema: Mapping[str, Any]) -> Any:  # noqa: ANN401 — JSON of any shape
    """Bend *value* to a strict JSON schema: its properties, in its order, nothing else."""
    kinds = schema.get("type", ())
    kinds = (kinds,) if isinstance(kinds, str) else tuple(kinds)
    options = schema.get("anyOf") or schema.get("oneOf")
    if options:
        return _conform_to_one(value, options)
    if "enum" in schema and value not in schema["enum"]:
        return None if None in schema["enum"] or "null" in kinds else schema["enum"][0]
    if "properties" in schema and (isinstance(value, dict) or "null" not in kinds):
        given = value if isinstance(value, dict) else {}
        return {name: conform(given.get(name), part) for name, part in schema["properties"].items()}
    if isinstance(value, list) and "items" in schema:
        return [conform(one, schema["items"]) for one in value]
    if value is None and kinds and "null" not in kinds:
        return {"string": "", "integer": 0, "number": 0, "boolean": False, "array": [], "object": {}}.get(kinds[0])
    return value


def _conform_to_one(value: Any, options: Sequence[Mapping[str, Any]]) -> Any:  # noqa: ANN401
    if value is None and any(option.get("type") == "null" for option in options):
        return None
    return conform(value, next(option for option in options if option.get("type") != "null"))
