"""Pictures made ready for a model: small, still, upright, without anything but pixels, and never a bomb."""

from __future__ import annotations

import asyncio
import contextlib
import io
import random
import struct
import threading
import time
import zlib

import pytest
from PIL import Image

from bot.adapters.pictures import AT_ONCE, EDGE_MOST, TWOFOLD_PIXELS_MOST, PillowPictures
from bot.domain.ids import MessageId
from bot.domain.pictures import PICTURE_BYTES_MOST, Picture
from bot.errors import DeliveryError

ORIENTATION, GPS, ARTIST = 0x0112, 0x8825, 0x013B


def packed(image: Image.Image, form: str, **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, form, **options)
    return out.getvalue()


def noise(width: int, height: int, mode: str = "RGB") -> Image.Image:
    bands = len(Image.new(mode, (1, 1)).getbands())
    return Image.frombytes(mode, (width, height), random.Random(1).randbytes(width * height * bands))


async def prepared(content: bytes) -> tuple[str, Image.Image, bytes]:
    done = await PillowPictures().prepare(Picture("", content, "p", MessageId(7)))
    assert (done.name, done.of) == ("p", 7)
    image = Image.open(io.BytesIO(done.content))
    image.load()
    assert image.get_format_mimetype() == done.mime
    return done.mime, image, done.content


@pytest.mark.parametrize("form", ["PNG", "JPEG", "GIF", "WEBP", "BMP", "AVIF"])
async def test_every_kind_becomes_png_or_jpeg_of_the_same_proportions(form):
    mime, image, _ = await prepared(packed(Image.new("RGB", (3000, 1500), "teal"), form))
    assert mime == ("image/jpeg" if form in ("JPEG", "WEBP", "AVIF") else "image/png")
    assert image.size == (EDGE_MOST, EDGE_MOST // 2)
    assert all(
        abs(one - other) < 12 for one, other in zip(image.convert("RGB").getpixel((9, 9)), (0, 128, 128), strict=True)
    )


async def test_small_pictures_are_not_made_larger():
    assert (await prepared(packed(Image.new("RGB", (7, 5), "red"), "PNG")))[1].size == (7, 5)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "I;16", "CMYK"])
async def test_every_mode_can_be_seen(mode):
    form = "JPEG" if mode == "CMYK" else "PNG"
    grey = Image.new("I" if mode.startswith("I") else "L", (8, 8), 0x8000 if mode.startswith("I") else 128)
    image = grey.convert(mode) if mode != "CMYK" else Image.new("CMYK", (8, 8), (0, 0, 0, 127))
    _, seen, _ = await prepared(packed(image, form))
    level = seen.convert("RGB").getpixel((4, 4))[0]
    assert level in (0, 255) if mode == "1" else abs(level - 128) < 6


async def test_transparency_stays_where_the_picture_is_small():
    mime, image, _ = await prepared(packed(Image.new("RGBA", (40, 40), (200, 0, 0, 0)), "PNG"))
    assert (mime, image.mode, image.getpixel((3, 3))[3]) == ("image/png", "RGBA", 0)


@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
async def test_what_is_large_as_a_png_becomes_a_jpeg(mode):
    mime, image, content = await prepared(packed(noise(1200, 1200, mode), "PNG"))
    assert (mime, image.size) == ("image/jpeg", (EDGE_MOST, EDGE_MOST))
    assert len(content) < 1_500_000


async def test_first_frame_alone_is_shown():
    frames = [Image.new("RGB", (20, 20), colour) for colour in ("red", "blue", "lime")]
    for form in ("GIF", "WEBP", "PNG"):
        film = packed(frames[0], form, save_all=True, append_images=frames[1:], duration=50)
        _, image, _ = await prepared(film)
        assert getattr(image, "n_frames", 1) == 1
        assert image.convert("RGB").getpixel((5, 5))[0] > 240


async def test_nothing_but_pixels_is_left_and_the_picture_stands_upright():
    wide = Image.new("RGB", (200, 100), "white")
    exif = wide.getexif()
    exif[ORIENTATION], exif[ARTIST] = 6, "Ada of Nowhere"
    exif.get_ifd(GPS)[1] = "N"
    for form, more in (("JPEG", {"comment": b"Ada's secret"}), ("PNG", {}), ("WEBP", {})):
        content = packed(wide, form, exif=exif, icc_profile=b"\0" * 128 + b"Ada's profile", **more)
        assert b"Ada" in content
        _, image, done = await prepared(content)
        assert image.size == (100, 200)
        assert (
            b"Ada" not in done
            and not image.getexif()
            and not set(image.info) - {"jfif", "jfif_version", "jfif_unit", "jfif_density", "transparency"}
        )


def bomb(width: int, height: int) -> bytes:
    """Give a PNG that says it is huge, with hardly a byte of pixels."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * 4096)) + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"hello",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n",
        b"\x89PNG\r\n\x1a\n",
        bomb(50_000, 50_000),
        bomb(9_000, 9_000),
        packed(Image.new("RGB", (64, 64), "red"), "PNG")[:-40],
        packed(noise(64, 64), "JPEG")[:300],
        packed(Image.new("RGB", (9, 9)), "TIFF"),
        packed(Image.new("RGB", (9, 9)), "ICO"),
    ],
    ids=["nothing", "words", "svg", "eps", "head", "bomb", "large", "cut png", "cut jpeg", "tiff", "ico"],
)
async def test_what_is_no_picture_is_refused(content):
    with pytest.raises(DeliveryError) as refused:
        await prepared(content)
    assert refused.value.__cause__ is None and not refused.value.retryable


async def test_damage_of_any_kind_is_a_picture_or_a_refusal():
    chance = random.Random(5)
    wholes = [packed(noise(40, 30), form) for form in ("PNG", "JPEG", "GIF", "WEBP", "BMP", "AVIF")]
    refused = 0
    for _ in range(300):
        content = bytearray(chance.choice(wholes))
        for _ in range(chance.randint(1, 12)):
            content[chance.randrange(len(content))] = chance.randrange(256)
        try:
            await prepared(bytes(content[: chance.choice([None, chance.randrange(len(content))])]))
        except DeliveryError:
            refused += 1
    assert 50 < refused < 300


async def test_the_loop_goes_on_while_pictures_are_made_ready():
    content = packed(noise(2400, 2400), "JPEG", quality=60)
    assert len(content) < PICTURE_BYTES_MOST
    pictures, late = PillowPictures(), 0.0
    work = asyncio.gather(*(pictures.prepare(Picture("", content, "p", MessageId(7))) for _ in range(4)))
    loop = asyncio.get_running_loop()
    while not work.done():
        begun = loop.time()
        await asyncio.sleep(0.005)
        late = max(late, loop.time() - begun)
    assert len(await work) == 4
    assert late < 0.5


async def test_pictures_nobody_waits_for_any_more_count_as_well(monkeypatch):
    counted, at_once, most = threading.Lock(), 0, 0

    def slow(content: bytes) -> tuple[str, bytes]:
        nonlocal at_once, most
        with counted:
            at_once += 1
            most = max(most, at_once)
        time.sleep(0.05)
        with counted:
            at_once -= 1
        return "image/png", content

    monkeypatch.setattr("bot.adapters.pictures._prepared", slow)
    pictures = PillowPictures()

    async def impatient() -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(0.01):
                await pictures.prepare(Picture("", b"", "p", MessageId(7)))

    for _ in range(4):
        await asyncio.gather(*(impatient() for _ in range(4)))
    done = await pictures.prepare(Picture("", b"last", "p", MessageId(7)))
    assert (done.content, most) == (b"last", AT_ONCE)


@pytest.mark.parametrize("form", ["WEBP", "AVIF"])
async def test_kinds_that_are_unpacked_into_more_than_their_size_may_have_less_of_it(form):
    edge = int((TWOFOLD_PIXELS_MOST * 1.1) ** 0.5)
    with pytest.raises(DeliveryError):
        await prepared(packed(Image.new("RGB", (edge, edge)), form))


@pytest.mark.parametrize("error", [AssertionError, zlib.error, LookupError, Image.DecompressionBombWarning])
async def test_whatever_a_reader_makes_of_hostile_bytes_costs_nobody_the_answer(monkeypatch, error):
    def fails(*args: object, **options: object) -> None:
        raise error("text of a picture")

    monkeypatch.setattr(Image, "open", fails)
    with pytest.raises(DeliveryError) as raised:
        await PillowPictures().prepare(Picture("", b"", "p", MessageId(7)))
    assert "text of a picture" not in str(raised.value)
