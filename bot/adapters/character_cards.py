"""Character cards as files: PNG with a card in a text chunk, or JSON; and folders of companions that are made of them.

Nothing is read further than its limits, fetched from elsewhere, or written outside the folder that is named.
"""

from __future__ import annotations

import base64
import binascii
import io
import json
import math
import re
import secrets
import shutil
import stat
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageDraw, ImageOps

from bot.domain.card_report import CardError
from bot.domain.persona import MANIFEST, PICTURES, SLUG
from bot.domain.png_chunks import SIGNATURE, picture_alone, read_chunks, texts_of, with_texts

FILE_MOST = 8 * 1024 * 1024  # bytes
MARKS_MOST = 800_000  # brackets and commas of a JSON text, before it is parsed; a card has some hundred
DIGITS_MOST = 40  # of a number
CARD_COPY = "card.json"  # beside the companion's files: the card it came from
AVATAR_EDGES = (512, 384, 256, 192, 128)  # pixels; the largest that stays within the bytes
PICTURE_BYTES = 256 * 1024  # what a companion's pictures may have
PIXELS_MOST = 16_000_000
FACE_HEIGHT = 0.2  # portraits have the face in the upper part
_KEYWORDS = frozenset({"chara", "ccv3"})
_FORMATS = ("PNG", "JPEG", "WEBP")
_FILE = re.compile(rf"(?:{PICTURES}/)?[a-z0-9][a-z0-9_-]{{0,40}}\.(?:md|toml|json|png)")
_OTHER_KINDS = (
    (b"PK\x03\x04", "a zip or CHARX file"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"RIFF", "a WebP picture"),
)


@dataclass(frozen=True, slots=True)
class CardFile:
    """What a file holds: the parsed *card*, and the *picture* that it came in, with nothing but pixels."""

    card: object
    picture: bytes | None = None
    is_version_2_beside: bool = False


def read_card_file(path: Path) -> CardFile:
    """Read a PNG or JSON file of at most `FILE_MOST` bytes.

    Raises:
        CardError: it cannot be read, or holds no card; the text names the file and the place in it.
    """
    try:
        return _card_in(_read(path))
    except CardError as exc:
        raise CardError(f"{path.name}: {exc}") from None


def parse_json(data: bytes) -> object:
    """Parse JSON that may be hostile.

    Raises:
        CardError: it is none, or too much of it.
    """
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as exc:
        raise CardError(f"is not UTF-8 at byte {exc.start}") from None
    if sum(map(text.count, "[{,")) > MARKS_MOST:
        raise CardError("holds more values than any card")
    try:
        return json.loads(text, parse_constant=_no_constant, parse_float=_finite, parse_int=_whole)
    except json.JSONDecodeError as exc:
        raise CardError(f"is no JSON: {exc.msg} in line {exc.lineno}, column {exc.colno}") from None
    except RecursionError:
        raise CardError("is nested too deeply") from None


def avatar_of(content: bytes) -> bytes:
    """Make a square PNG of a picture, small enough for a companion's own; nothing but pixels stays.

    Raises:
        CardError: it is no picture, broken, or more than may be unpacked.
    """
    image = _opened(content)
    for edge in AVATAR_EDGES:
        side = min(edge, max(image.size))
        fitted = ImageOps.fit(image, (side, side), Image.Resampling.LANCZOS, centering=(0.5, FACE_HEIGHT))
        packed = io.BytesIO()
        fitted.save(packed, "PNG", optimize=True)
        if packed.tell() <= PICTURE_BYTES:
            return packed.getvalue()
    raise CardError("the picture cannot be made small enough")


def picture_in(uri: str) -> bytes:
    """Give the bytes of a base64 ``data:`` address.

    Raises:
        CardError: it is none, or not of base64.
    """
    head, comma, body = uri.partition(",")
    if not head.startswith("data:") or not comma or not head.endswith(";base64"):
        raise CardError("is no base64 data address")
    return _from_base64(body.encode("ascii", "replace"))


def plain_picture(colour: int) -> bytes:
    """Draw a disc in *colour* (0xRRGGBB), for a card of a companion without a picture."""
    edge, fine = 512, 4
    image = Image.new("RGBA", (edge * fine, edge * fine))
    draw = ImageDraw.Draw(image)
    draw.ellipse((0, 0, edge * fine - 1, edge * fine - 1), fill=(colour >> 16, colour >> 8 & 255, colour & 255, 255))
    packed = io.BytesIO()
    image.resize((edge, edge), Image.Resampling.LANCZOS).save(packed, "PNG", optimize=True)
    return packed.getvalue()


def png_with(picture: bytes, cards: Mapping[str, object]) -> bytes:
    """Put *cards* into a PNG picture, each under its keyword.

    Raises:
        CardError: *picture* is no PNG.
    """
    texts = [(keyword, base64.b64encode(json_of(card, indent=None))) for keyword, card in cards.items()]
    return with_texts(picture_alone(read_chunks(picture)), texts)


def json_of(card: object, indent: int | None = 2) -> bytes:
    """Write *card* as JSON."""
    return json.dumps(card, ensure_ascii=True, indent=indent, allow_nan=False).encode("ascii")


def write_file(path: Path, content: bytes, *, is_replacing: bool) -> None:
    """Write a file that is not there yet, or may be replaced; whole or not at all.

    Raises:
        CardError: it is there, or cannot be written.
    """
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        if path.is_symlink() or (path.exists() and not (is_replacing and path.is_file())):
            raise CardError(f"{path}: is there already; choose another name, or --replace")
        part.write_bytes(content)
        part.replace(path)
    except OSError as exc:
        part.unlink(missing_ok=True)
        raise CardError(f"{path}: cannot be written: {exc.strerror or exc}") from exc


def write_companion(parent: Path, slug: str, files: Mapping[str, bytes], *, is_replacing: bool) -> Path:
    """Write a companion's folder below *parent*, whole or not at all, and give where it is.

    Raises:
        CardError: it is there already and may not be replaced, or cannot be written.
        ValueError: a name leads out of the folder.
    """
    if not SLUG.fullmatch(slug) or not all(map(_FILE.fullmatch, files)):
        raise ValueError("a companion's files have names of their own kind")
    folder = parent / slug
    _see_that_free(folder, is_replacing=is_replacing)
    made = parent / f".{slug}.{secrets.token_hex(4)}"
    try:
        (made / PICTURES).mkdir(parents=True)
        for name, content in files.items():
            (made / name).write_bytes(content)
        _put_in_place(made, folder)
    except OSError as exc:
        raise CardError(f"{folder}: cannot be written: {exc.strerror or exc}") from exc
    finally:
        shutil.rmtree(made, ignore_errors=True)
    return folder


def read_card_copy(folder: Path) -> Mapping[str, object] | None:
    """Read what was kept of the card that a companion came from; None where there is nothing that can be read."""
    try:
        kept = parse_json(_read(folder / CARD_COPY, most=2 * FILE_MOST))
    except CardError:
        return None
    return kept if isinstance(kept, Mapping) else None


def _read(path: Path, most: int = FILE_MOST) -> bytes:
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise CardError("is no ordinary file")
        with path.open("rb") as file:
            content = file.read(most + 1)
    except (OSError, ValueError) as exc:
        raise CardError(f"cannot be read: {getattr(exc, 'strerror', None) or exc}") from None
    if len(content) > most:
        raise CardError(f"is larger than {most // 1024 // 1024} MB")
    return content


def _card_in(content: bytes) -> CardFile:
    if not content.startswith(SIGNATURE):
        for mark, kind in _OTHER_KINDS:
            if content.startswith(mark):
                raise CardError(f"is {kind}; cards are read from PNG and JSON files")
        return CardFile(parse_json(content))
    chunks = read_chunks(content)
    found: dict[str, bytes] = {}
    for keyword, text in texts_of(chunks, _KEYWORDS):
        if found.setdefault(keyword, text) != text:
            raise CardError(f"holds two different cards under {keyword!r}")
    if not found:
        raise CardError("is a picture without a card: it has no text chunk named ccv3 or chara")
    keyword = "ccv3" if "ccv3" in found else "chara"
    try:
        card = parse_json(_from_base64(found[keyword]))
    except CardError as exc:
        raise CardError(f"chunk {keyword}: {exc}") from None
    return CardFile(card, picture_alone(chunks), is_version_2_beside=len(found) > 1)


def _from_base64(text: bytes) -> bytes:
    try:
        return base64.b64decode(b"".join(text.split()), validate=True)
    except binascii.Error as exc:
        raise CardError(f"is no base64: {exc}") from None


def _opened(content: bytes) -> Image.Image:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(content), formats=_FORMATS) as image:
                if image.width * image.height > PIXELS_MOST:
                    raise CardError(f"the picture has more than {PIXELS_MOST // 1_000_000} million pixels")
                image.load()
                opened = image.convert("RGBA")
    except CardError:
        raise
    except Exception as exc:  # noqa: BLE001 - of hostile bytes a reader may make anything
        raise CardError(f"the picture cannot be used ({type(exc).__name__})") from None
    opened.info.clear()
    return opened


def _see_that_free(folder: Path, *, is_replacing: bool) -> None:
    if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
        raise CardError(f"{folder}: is no folder; it is left as it is")
    if not folder.exists():
        return
    if not is_replacing:
        raise CardError(f"{folder}: is there already; choose another --slug, or --replace")
    if not (folder / MANIFEST).is_file():
        raise CardError(f"{folder}: is no companion's folder; it is left as it is")


def _put_in_place(made: Path, folder: Path) -> None:
    """Let the new folder take the place of the old one, which is back where that fails."""
    if not folder.exists():
        made.rename(folder)
        return
    old = folder.with_name(f"{made.name}.old")
    folder.rename(old)
    try:
        made.rename(folder)
    except OSError:
        old.rename(folder)
        raise
    shutil.rmtree(old, ignore_errors=True)


def _no_constant(name: str) -> float:
    raise CardError(f"is no JSON: {name} is no number of it")


def _finite(digits: str) -> float:
    number = float(digits) if len(digits) <= 2 * DIGITS_MOST else math.inf
    if not math.isfinite(number):
        raise CardError("holds a number that is too large")
    return number


def _whole(digits: str) -> int:
    if len(digits) > DIGITS_MOST:
        raise CardError(f"holds a number of {len(digits)} digits")
    return int(digits)
