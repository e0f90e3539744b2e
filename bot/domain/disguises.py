"""What a text says beneath a disguise: letters of other alphabets, gaps, numbers for letters, codes; pure.

Only for looking for what must not be kept. Each look is a text in small letters without accents; the first is the text
itself.
"""

from __future__ import annotations

import base64
import binascii
import html
import re
import unicodedata
from collections.abc import Iterator, Mapping
from functools import lru_cache
from urllib.parse import unquote

from bot.domain.scripts import fold, script_of

TEXTS_KEPT = 512
DECODED_LEAST = 6  # letters of what a code hides
_LATIN_NAME = re.compile(r"LATIN (?:CAPITAL |SMALL )?LETTER (?:SMALL CAPITAL |TURNED )?([A-Z])$")
_ALIKE = str.maketrans(
    "аАвВсСеЕёЁнНіІїјЈкКмМоОрРѕЅтТуУхХѵѡгԁԛԝһӏαΑβΒεΕηΗιΙκΚμΜνΝοΟρΡτΤυΥχΧωζΖγ",
    "aabbcceeeehhiiijjkkmmooppssttyyxxvwrdqwhlaabbeehhiikkmmvnooppttuyxxwzzy",
)
_DIGITS = tuple(str.maketrans("013457@$!", f"o{one}eastas{one}") for one in "il")
_GAPPED = re.compile(r"(?<!\S)(?:\S ){4,}\S(?!\S)")
_SPACED = re.compile(r"(?<![^\W_])(?:[^\W_][\s.\-_*·|/,]{1,3}){3,}[^\W_](?![^\W_])")
_SIGNED = re.compile(r"[^\W_][.\-_*·|/,][^\W_][.\-_*·|/,\s]")
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{12,}={0,2}")
_HEX = re.compile(r"\b(?:0x)?(?:[0-9a-fA-F]{2}[\s:]?){8,}\b")
_ESCAPED = re.compile(r"\\u([0-9a-fA-F]{4})|\\x([0-9a-fA-F]{2})")
_MIXED_WORD = re.compile(r"[^\W\d_]+")
_LEET_WORD = re.compile(r"(?<![^\W_])[a-zA-Z013457@$!]{3,}(?![^\W_])")
_LEET_SIGN = re.compile(r"[013457@$!](?=[^\W_])|(?<=[^\W_])[0-57@$]")
_MARKS = re.compile(r"[*_~`|\\]+")
_ROT13 = str.maketrans("abcdefghijklmnopqrstuvwxyz", "nopqrstuvwxyzabcdefghijklm")


@lru_cache(maxsize=TEXTS_KEPT)
def looks_of(text: str) -> tuple[str, ...]:
    """Give what *text* may be read as, each once."""
    plain = bare(text)
    looks = [plain, *map(bare, _decoded(text))]
    for look in list(looks):
        unmixed = _MIXED_WORD.sub(lambda found: _unmixed(found.group()), look)
        looks += [unmixed, _together(unmixed), _MARKS.sub("", unmixed)]
    looks += [_numbers_read(look, digits) for look in list(looks) for digits in _DIGITS]
    looks += [look.translate(_ALIKE) for look in (plain,) if script_of(plain) != "LATIN"]
    return tuple(dict.fromkeys(looks))


def hidden_texts_of(text: str) -> tuple[str, ...]:
    """Give what codes in *text* hide, and *text* with the gaps closed that set its letters apart; case is kept."""
    closed = (_together(text), _GAPPED.sub(lambda found: found.group().replace(" ", ""), text))
    return tuple(dict.fromkeys((*_decoded(text), *(look for look in closed if look != text))))


def closed_up(text: str) -> str:
    """Give the letters that stand apart in *text*, without any gaps between them: of several words one."""
    return " ".join("".join(filter(str.isalnum, found.group())) for found in _SPACED.finditer(bare(text)))


def hidden_looks_of(text: str) -> tuple[str, ...]:
    """Give what *text* may be read as letter by letter shifted or backwards: only orders are looked for there."""
    plain = bare(text)
    return (plain.translate(_ROT13), plain[::-1])


@lru_cache(maxsize=TEXTS_KEPT)
def bare(text: str) -> str:
    """Give *text* in small letters, without accents and what cannot be seen, in the letters that it looks like."""
    if text.isascii() and text.isprintable():
        return text.lower()
    seen = "".join(char for char in unicodedata.normalize("NFKC", text) if not _is_unseen(char))
    return fold("".join(map(_plain_letter, seen)))


def _is_unseen(char: str) -> bool:
    kind = unicodedata.category(char)
    return kind in ("Cf", "Co", "Cn") or (kind == "Cc" and char not in "\n\t\r") or "\ufe00" <= char <= "\ufe0f"


@lru_cache(maxsize=8192)
def _plain_letter(char: str) -> str:
    if char.isascii():
        return char
    found = _LATIN_NAME.search(unicodedata.name(char, ""))
    return found.group(1).lower() if found is not None else char


def _unmixed(word: str) -> str:
    """Give a word of several alphabets as the Latin one that it looks like."""
    scripts = {script_of(char) for char in word}
    return word.translate(_ALIKE) if len(scripts) > 1 and "LATIN" in scripts else word


def _numbers_read(look: str, digits: Mapping[int, int]) -> str:
    if _LEET_SIGN.search(look) is None:
        return look
    return _LEET_WORD.sub(lambda found: _letters_read(found.group(), digits), look)


def _letters_read(word: str, digits: Mapping[int, int]) -> str:
    return word.translate(digits) if any(map(str.isalpha, word)) else word


def _together(look: str) -> str:
    """Close the gaps of letters that were set apart: "i g n o r e", "i.g.n.o.r.e"."""
    return _SPACED.sub(lambda found: _closed(found.group()), look)


def _closed(letters: str) -> str:
    """Close up letters set apart; where signs stand between those of a word, gaps stand between words."""
    between = r"[.\-_*·|/,]+" if _SIGNED.match(letters) else r"[\s.\-_*·|/,]+"
    return re.sub(between, "", letters)


def _decoded(text: str) -> Iterator[str]:
    """Give what codes in *text* hide."""
    for way in (html.unescape(text), unquote(text), _ESCAPED.sub(_escaped, text)):
        if way != text:
            yield way
    for found in _BASE64.finditer(text):
        yield from _readable(_from_base64(found.group()))
    for found in _HEX.finditer(text):
        digits = re.sub(r"[\s:]|^0x", "", found.group())
        yield from _readable(bytes.fromhex(digits) if len(digits) % 2 == 0 else b"")


def _escaped(found: re.Match[str]) -> str:
    return chr(int(found.group(1) or found.group(2), 16))


def _from_base64(code: str) -> bytes:
    bare_code = code.rstrip("=")
    try:
        return base64.b64decode(
            bare_code + "=" * (-len(bare_code) % 4), altchars=b"-_" if "-" in code or "_" in code else None
        )
    except (binascii.Error, ValueError):
        return b""


def _readable(hidden: bytes) -> Iterator[str]:
    try:
        text = hidden.decode("utf-8")
    except UnicodeDecodeError:
        return
    if sum(char.isalpha() for char in text) >= DECODED_LEAST and all(
        char.isprintable() or char.isspace() for char in text
    ):
        yield text
