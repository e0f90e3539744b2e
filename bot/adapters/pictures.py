"""Makes pictures ready for a model: checked, the first frame alone, small, without anything but pixels."""

from __future__ import annotations

import asyncio
import io
import logging
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Final

from PIL import Image, ImageOps, features

from bot.domain.pictures import Picture
from bot.errors import DeliveryError

EDGE_MOST = 1024  # pixels; vision models look at tiles of 512 to 768, and more costs tokens
PIXELS_MOST = 36_000_000  # unpacked at once: 144 MB at four bytes each; an 8K screen has 33 million
TWOFOLD_PIXELS_MOST = 18_000_000  # of kinds whose readers hold a picture two or three times while they unpack it
JPEG_PIXELS_MOST = 85_000_000  # a JPEG is unpacked at a fraction of its size; Pillow itself warns from 89 million on
PNG_BYTES_MOST = 1024 * 1024  # what is larger is a photograph, and does better as a JPEG
JPEG_QUALITY = 85
AT_ONCE = 2  # of a process, also those that nobody waits for any more: it is the memory that counts
_FORMATS = ("PNG", "JPEG", "GIF", "WEBP", "BMP", *(("AVIF",) if features.check("avif") else ()))
_TWOFOLD = frozenset({"WEBP", "AVIF"})
_LOSSY = frozenset({"JPEG", "MPO", "WEBP", "AVIF"})
_SIXTEEN_BIT: Final = frozenset({"I", "I;16", "I;16B", "I;16L", "I;16N"})


class PillowPictures:
    """A `PicturePreparer` that works in threads of its own, a few at a time.

    A thread cannot be stopped: who gives up waiting leaves it at work, and the next picture waits behind it.
    """

    def __init__(self) -> None:
        logging.getLogger("PIL").setLevel(logging.INFO)  # at debug it logs what cameras wrote into a picture
        self._threads = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="picture")

    async def prepare(self, picture: Picture) -> Picture:
        """Give *picture* as a PNG or JPEG of at most `EDGE_MOST` pixels a side.

        Raises:
            DeliveryError: it is no picture, broken, or more than may be unpacked.
        """
        loop = asyncio.get_running_loop()
        mime, content = await loop.run_in_executor(self._threads, _prepared, picture.content)
        return replace(picture, mime=mime, content=content)


def _prepared(content: bytes) -> tuple[str, bytes]:
    try:
        with Image.open(io.BytesIO(content), formats=_FORMATS) as image:
            return _packed(_small(image), is_lossy=image.format in _LOSSY)
    except Exception as error:  # noqa: BLE001 - of hostile bytes a reader may make anything; the turn goes on without
        raise DeliveryError(f"not a picture ({type(error).__name__})", code=0, retryable=False) from None


def _small(image: Image.Image) -> Image.Image:
    """Give the first frame, upright and small, in RGB or RGBA."""
    is_stepwise = image.format in ("JPEG", "MPO") and not image.info.get("progressive")
    if image.width * image.height > (JPEG_PIXELS_MOST if is_stepwise else PIXELS_MOST):
        raise ValueError("more pixels than may be unpacked")
    image.draft("RGB", (EDGE_MOST, EDGE_MOST))  # lets a JPEG be read at a fraction of its size; others do nothing
    if image.width * image.height > (TWOFOLD_PIXELS_MOST if image.format in _TWOFOLD else PIXELS_MOST):
        raise ValueError("more pixels than may be unpacked")
    image.load()
    if image.mode in _SIXTEEN_BIT:
        plain = image.convert("I").point([value // 256 for value in range(65536)], "L")
    else:
        plain = image
    mode = "RGBA" if plain.has_transparency_data else "RGB"
    small = plain if plain.mode == mode else plain.convert(mode)  # a copy would cost its size once more
    small.thumbnail((EDGE_MOST, EDGE_MOST), Image.Resampling.LANCZOS, reducing_gap=2.0)
    return ImageOps.exif_transpose(small)


def _packed(image: Image.Image, *, is_lossy: bool) -> tuple[str, bytes]:
    image.info.clear()  # where it was taken and by whom is nobody's business
    if not is_lossy or image.mode == "RGBA":
        content = _saved(image, "PNG")
        if len(content) <= PNG_BYTES_MOST:
            return "image/png", content
    if image.mode == "RGBA":
        ground = Image.new("RGBA", image.size, "white")
        image = Image.alpha_composite(ground, image).convert("RGB")
    return "image/jpeg", _saved(image, "JPEG", quality=JPEG_QUALITY)


def _saved(image: Image.Image, form: str, **options: int) -> bytes:
    packed = io.BytesIO()
    image.save(packed, form, **options)
    return packed.getvalue()
