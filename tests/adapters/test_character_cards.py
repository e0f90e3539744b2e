"""Files with character cards: read within their limits, written whole, and nothing outside the folder that is named."""

from __future__ import annotations

import base64
import io
import json
import os
import re
import struct
import tracemalloc
import zlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from bot.adapters.character_cards import (
    FILE_MOST,
    PICTURE_BYTES,
    avatar_of,
    parse_json,
    picture_in,
    plain_picture,
    png_with,
    read_card_copy,
    read_card_file,
    write_companion,
    write_file,
)
from bot.domain.card_report import CardError
from bot.domain.png_chunks import TEXT_MOST, read_chunks
from tests.cards import SIGNATURE, card, chunk, picture, png, text_chunk, v2

CARD = v2()


def put(folder: Path, content: bytes, name: str = "card.png") -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


def refused(folder: Path, content: bytes, what: str) -> None:
    with pytest.raises(CardError, match=what) as caught:
        read_card_file(put(folder, content))
    assert str(caught.value).startswith("card.png: ")


@pytest.mark.parametrize("keyword", ["chara", "ccv3", "Chara"])
def test_card_is_found_in_a_picture(tmp_path: Path, keyword: str):
    read = read_card_file(put(tmp_path, png(text_chunk(keyword, CARD), chunk(b"tEXt", b"Author\0somebody"))))
    assert read.card == CARD
    assert read.picture is not None
    assert b"tEXt" not in read.picture
    assert Image.open(io.BytesIO(read.picture)).size == (40, 60)


def test_version_3_goes_before_version_2_beside_it(tmp_path: Path):
    newer = card("lamp_keeper")
    read = read_card_file(put(tmp_path, png(text_chunk("chara", CARD), text_chunk("ccv3", newer))))
    assert (read.card, read.is_version_2_beside) == (newer, True)


def test_card_is_found_in_packed_and_international_text(tmp_path: Path):
    packed = base64.b64encode(json.dumps(CARD).encode())
    for extra in (
        chunk(b"zTXt", b"chara\0\0" + zlib.compress(packed)),
        chunk(b"iTXt", b"chara\0\0\0en\0\0" + packed),
        chunk(b"iTXt", b"chara\0\1\0\0\0" + zlib.compress(packed)),
        chunk(b"tEXt", b"chara\0" + b"\n".join(packed[at : at + 60] for at in range(0, len(packed), 60))),
    ):
        assert read_card_file(put(tmp_path, png(extra))).card == CARD


def test_card_is_read_from_json(tmp_path: Path):
    assert read_card_file(put(tmp_path, json.dumps(CARD).encode(), "card.json")).card == CARD
    assert read_card_file(put(tmp_path, b"\xef\xbb\xbf" + json.dumps(CARD).encode(), "card.txt")).card == CARD


def test_broken_pictures_name_the_place(tmp_path: Path):
    whole = png(text_chunk("chara", CARD))
    bomb = zlib.compress(b"A" * (TEXT_MOST + 2))
    odd = b"\xff\xfe{"
    for content, what in {
        picture(): "without a card",
        SIGNATURE: "cut off at byte 8",
        whole[:-12]: "cut off at byte",
        whole[:40]: "byte 33.*claims|cut off at byte 33",
        SIGNATURE + struct.pack(">I", 0x7FFFFFFF) + b"IHDR": "byte 8.*claims 2147483647",
        SIGNATURE + struct.pack(">I", 0xFFFFFFFF) + b"tEXt" + b"x" * 50: "claims 4294967295",
        SIGNATURE + struct.pack(">I", 2) + b"\0\1\2\3xx\0\0\0\0": "is no name of a chunk",
        png(chunk(b"tEXt", b"chara\0e30=", crc=7)): "checksum of chunk 'tEXt'",
        SIGNATURE + chunk(b"IEND", b""): "must begin with the chunk IHDR",
        png(chunk(b"tEXt", b"chara\0not base64!")): "chunk chara: is no base64",
        png(chunk(b"tEXt", b"chara\0" + base64.b64encode(odd))): "chunk chara: is not UTF-8 at byte 0",
        png(chunk(b"tEXt", b"ccv3\0" + base64.b64encode(b"{'a'"))): "chunk ccv3: is no JSON.*line 1",
        png(chunk(b"tEXt", b"chara\0")): "is no JSON",
        png(chunk(b"zTXt", b"chara\0\0" + bomb)): "unpacks to more than 8 MB",
        png(chunk(b"iTXt", b"chara\0\1\0\0\0" + bomb)): "unpacks to more than 8 MB",
        png(chunk(b"zTXt", b"chara\0\0" + b"junk")): "cannot be unpacked",
        png(chunk(b"zTXt", b"chara\0\0" + zlib.compress(b"abc" * 99)[:-6])): "is cut off",
        png(chunk(b"zTXt", b"chara\0\7x")): "packed in an unknown way",
        png(chunk(b"iTXt", b"chara\0")): "is not of its form",
        png(chunk(b"iTXt", b"chara\0\1\1\0\0x")): "is not of its form",
        png(text_chunk("chara", CARD), text_chunk("chara", v2(name="Other"))): "two different cards under 'chara'",
        png(*[chunk(b"teXt", b"")] * 20_001): "more than 20000 chunks",
        b"PK\x03\x04card.json": "zip or CHARX",
        b"\xff\xd8\xff\xe0": "JPEG picture",
        b"RIFF....WEBP": "WebP picture",
        b"": "is no JSON",
    }.items():
        refused(tmp_path, content, what)


def test_the_same_card_twice_is_one_card(tmp_path: Path):
    assert read_card_file(put(tmp_path, png(text_chunk("chara", CARD), text_chunk("chara", CARD)))).card == CARD


def test_what_stands_after_the_end_is_no_part_of_the_file(tmp_path: Path):
    assert read_card_file(put(tmp_path, png(text_chunk("chara", CARD)) + text_chunk("ccv3", {}) * 3)).card == CARD


@pytest.mark.parametrize(
    ("text", "what"),
    [
        (b"{" * 50_000, "no JSON|nested"),
        (b"[" * 900_000, "more values"),
        (b'{"a":' * 20_000 + b"1" + b"}" * 20_000, "nested"),
        (b'{"a": NaN}', "NaN is no number"),
        (b'{"a": -Infinity}', "Infinity is no number"),
        (b'{"a": 1e999}', "too large"),
        (b'{"a": ' + b"9" * 5_000 + b"}", "5000 digits"),
        (b'{"a": 0.' + b"9" * 100_000 + b"}", "too large"),
        (b'{"a": "\xc3("}', "not UTF-8 at byte 7"),
        (b'{"a": "\x01"}', "Invalid control character"),
        ("{}".encode("utf-16"), "not UTF-8"),
        (b"\0" * 99, "no JSON"),
        (b"{} {}", "no JSON"),
    ],
)
def test_hostile_json_names_the_place(text: bytes, what: str):
    with pytest.raises(CardError, match=what):
        parse_json(text)


@given(st.binary(max_size=400))
def test_any_bytes_are_refused_or_read(tmp_path_factory: pytest.TempPathFactory, content: bytes):
    for start in (b"", SIGNATURE, b"{"):
        path = put(tmp_path_factory.getbasetemp(), start + content, "any")
        try:
            read_card_file(path)
        except CardError as exc:
            assert str(exc).startswith("any: ")


@given(st.data())
def test_any_change_of_a_good_file_is_refused_or_read(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject):
    whole = bytearray(png(text_chunk("chara", CARD)))
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(whole) - 1))
        whole[at : at + data.draw(st.integers(0, 9))] = data.draw(st.binary(max_size=9))
    try:
        read = read_card_file(put(tmp_path_factory.getbasetemp(), bytes(whole), "any"))
    except CardError as exc:
        assert str(exc).startswith("any: ")
        return
    if read.picture is not None:
        try:
            avatar_of(read.picture)
        except CardError as exc:
            assert "picture" in str(exc)


def test_large_files_are_not_read(tmp_path: Path):
    huge = tmp_path / "card.png"
    with huge.open("wb") as file:
        file.write(SIGNATURE)
        file.truncate(50 * 1024 * 1024)
    tracemalloc.start()
    with pytest.raises(CardError, match="larger than 8 MB"):
        read_card_file(huge)
    assert tracemalloc.get_traced_memory()[1] < 3 * FILE_MOST
    tracemalloc.stop()


def test_a_text_bomb_takes_no_more_than_its_limit(tmp_path: Path):
    bomb = put(tmp_path, png(chunk(b"zTXt", b"chara\0\0" + zlib.compress(b"\0" * 500_000_000, 9))))
    tracemalloc.start()
    with pytest.raises(CardError, match="unpacks"):
        read_card_file(bomb)
    assert tracemalloc.get_traced_memory()[1] < 4 * TEXT_MOST
    tracemalloc.stop()


def test_only_ordinary_files_are_read(tmp_path: Path):
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path, tmp_path / "pipe", tmp_path / "none", Path("/dev/zero"), Path("a\0b")):
        with pytest.raises(CardError, match=r"no ordinary file|cannot be read"):
            read_card_file(path)


def test_picture_becomes_a_small_square_without_anything_beside_pixels():
    noise = Image.effect_noise((1200, 1800), 90).convert("RGB")
    packed = io.BytesIO()
    noise.save(packed, "PNG", dpi=(72, 72))
    made = avatar_of(packed.getvalue())
    shown = Image.open(io.BytesIO(made))
    assert shown.width == shown.height >= 128
    assert len(made) <= PICTURE_BYTES
    assert {one.kind for one in read_chunks(made)} == {b"IHDR", b"IDAT", b"IEND"}
    assert avatar_of(made) == avatar_of(avatar_of(made))


@pytest.mark.parametrize(
    "content", [b"", b"GIF89a", picture()[:60], SIGNATURE + chunk(b"IHDR", b"\xff" * 13) + chunk(b"IEND", b"")]
)
def test_what_is_no_picture_is_refused(content: bytes):
    with pytest.raises(CardError, match="picture"):
        avatar_of(content)


def test_picture_bombs_are_not_unpacked():
    for side in (20_000, 60_000):
        head = chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0))
        rows = zlib.compress(b"\0" * ((side // 8 + 1) * 2_000), 9)
        with pytest.raises(CardError, match=r"million pixels|DecompressionBomb"):
            avatar_of(SIGNATURE + head + chunk(b"IDAT", rows) + chunk(b"IEND", b""))


def test_pictures_are_taken_out_of_data_addresses_only():
    address = "data:image/png;base64," + base64.b64encode(picture()).decode()
    assert picture_in(address) == picture()
    for other in (
        "https://cards.example/a.png",
        "data:image/png,abc",
        "data:;base64,***",
        "file:///etc/passwd",
        "data:;base64,é",
    ):
        with pytest.raises(CardError):
            picture_in(other)


def test_written_picture_holds_both_cards_and_reads_back(tmp_path: Path):
    newer = card("lamp_keeper")
    made = png_with(plain_picture(0x7AA2F7), {"chara": CARD, "ccv3": newer})
    found = {
        one.data.partition(b"\0")[0]: json.loads(base64.b64decode(one.data.partition(b"\0")[2]))
        for one in read_chunks(made)
        if one.kind == b"tEXt"
    }
    assert found == {b"chara": CARD, b"ccv3": newer}
    assert Image.open(io.BytesIO(made)).size == (512, 512)
    again = png_with(made, {"chara": CARD})
    assert again.count(b"tEXt") == 1
    assert read_card_file(put(tmp_path, again)).card == CARD


def test_companion_is_written_whole_or_not_at_all(tmp_path: Path):
    files = {"companion.toml": b"a", "identity.md": b"b", "expressions/expressions.toml": b"c"}
    folder = write_companion(tmp_path / "all", "robin", files, is_replacing=False)
    assert {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()
    } == files
    with pytest.raises(CardError, match="is there already"):
        write_companion(tmp_path / "all", "robin", {"companion.toml": b"x"}, is_replacing=False)
    assert (folder / "companion.toml").read_bytes() == b"a"
    write_companion(tmp_path / "all", "robin", {"companion.toml": b"x"}, is_replacing=True)
    assert [path.name for path in (tmp_path / "all").iterdir()] == ["robin"]
    assert (folder / "companion.toml").read_bytes() == b"x"
    assert not (folder / "identity.md").exists()


def test_nothing_is_written_outside_the_folder_or_over_what_is_no_companion(tmp_path: Path):
    for slug in ("../up", "/tmp/x", "A", "", ".", "a/b", "a\0"):
        with pytest.raises(ValueError, match="names"):
            write_companion(tmp_path, slug, {}, is_replacing=True)
    for name in ("../up.md", "/up.md", "a/b.md", "expressions/../../up.md", ".hidden.md", "x.py", "x.md\0"):
        with pytest.raises(ValueError, match="names"):
            write_companion(tmp_path, "robin", {name: b""}, is_replacing=True)
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "one.jpg").write_bytes(b"mine")
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "file").write_bytes(b"mine")
    for slug in ("photos", "link", "file"):
        with pytest.raises(CardError, match="left as it is"):
            write_companion(tmp_path, slug, {"companion.toml": b""}, is_replacing=True)
    assert (tmp_path / "photos" / "one.jpg").read_bytes() == b"mine"
    assert not list((tmp_path / "elsewhere").iterdir())
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")]


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path):
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(CardError, match="cannot be written"):
        write_companion(tmp_path / "file", "robin", {"companion.toml": b""}, is_replacing=False)
    with pytest.raises(CardError, match="cannot be written"):
        write_file(tmp_path / "none" / "card.png", b"", is_replacing=False)


def test_files_are_replaced_only_when_asked(tmp_path: Path):
    target = put(tmp_path, b"old", "out.json")
    with pytest.raises(CardError, match="--replace"):
        write_file(target, b"new", is_replacing=False)
    write_file(target, b"new", is_replacing=True)
    assert target.read_bytes() == b"new"
    (tmp_path / "link.json").symlink_to(target)
    for path in (tmp_path, tmp_path / "link.json"):
        with pytest.raises(CardError, match="is there already"):
            write_file(path, b"x", is_replacing=True)
    assert [path.name for path in sorted(tmp_path.iterdir())] == ["link.json", "out.json"]


def test_a_broken_copy_of_the_card_is_as_good_as_none(tmp_path: Path):
    assert read_card_copy(tmp_path) is None
    for content in (b"", b"[]", b"{", b"\xff"):
        (tmp_path / "card.json").write_bytes(content)
        assert read_card_copy(tmp_path) is None
    (tmp_path / "card.json").write_bytes(b'{"a": 1}')
    assert read_card_copy(tmp_path) == {"a": 1}


def test_errors_hold_no_control_characters(tmp_path: Path):
    bad = SIGNATURE + struct.pack(">I", 0) + b"\x1b[3m" + b"\0" * 9
    with pytest.raises(CardError) as caught:
        read_card_file(put(tmp_path, bad))
    assert re.fullmatch(r"[\x20-\x7e]+", str(caught.value))
