"""Take the chunks of a PNG file apart and put them together again, never further than the file goes; pure.

Only what a character card needs: lengths, checksums and text chunks are read, pictures are left to a library.

Source: PNG specification (third edition), sections 5 and 11
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.domain.card_report import CardError

SIGNATURE = b"\x89PNG\r\n\x1a\n"
CHUNKS_MOST = 20_000  # of one file; a picture of 8 MB in chunks of 8 KB has a thousand
TEXT_MOST = 8 * 1024 * 1024  # bytes of one text, unpacked
KEYWORD_MOST = 79  # bytes, as the specification has it
_HEAD = struct.Struct(">I4s")
_CHECKSUM = struct.Struct(">I")
_TEXT_KINDS = frozenset({b"tEXt", b"zTXt", b"iTXt"})
_PICTURE_KINDS = frozenset({b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND"})


@dataclass(frozen=True, slots=True)
class Chunk:
    """A chunk: its four letters, and what it holds."""

    kind: bytes
    data: bytes


def read_chunks(content: bytes) -> tuple[Chunk, ...]:
    """Give the chunks of a PNG file up to its end mark; what stands after that is no part of it.

    Raises:
        CardError: it is no PNG, is cut off, or a length or checksum is wrong; the text says at which byte.
    """
    if not content.startswith(SIGNATURE):
        raise CardError("is no PNG file: its first eight bytes are others")
    chunks: list[Chunk] = []
    at = len(SIGNATURE)
    while not chunks or chunks[-1].kind != b"IEND":
        if len(chunks) == CHUNKS_MOST:
            raise CardError(f"holds more than {CHUNKS_MOST} chunks")
        chunks.append(_chunk_at(content, at))
        at += len(chunks[-1].data) + _HEAD.size + _CHECKSUM.size
    if chunks[0].kind != b"IHDR":
        raise CardError(f"must begin with the chunk IHDR, begins with {_named(chunks[0].kind)}")
    return tuple(chunks)


def texts_of(chunks: Sequence[Chunk], keywords: frozenset[str]) -> Iterator[tuple[str, bytes]]:
    """Give the texts under one of *keywords*, in small letters, with the keyword of each.

    Raises:
        CardError: such a text is not of its form, or unpacks to more than may be read.
    """
    for number, chunk in enumerate(chunks, 1):
        if chunk.kind not in _TEXT_KINDS:
            continue
        keyword, mark, rest = chunk.data[: KEYWORD_MOST + 1].partition(b"\0")
        name = keyword.decode("latin-1").casefold()
        if not mark or name not in keywords:
            continue
        rest = chunk.data[len(keyword) + 1 :]
        yield name, _unpacked(chunk.kind, rest, f"chunk {number} ({_named(chunk.kind)} {name!r})")


def picture_alone(chunks: Sequence[Chunk]) -> bytes:
    """Give the file anew with what the picture needs and nothing else."""
    return write_chunks([chunk for chunk in chunks if chunk.kind in _PICTURE_KINDS])


def with_texts(content: bytes, texts: Sequence[tuple[str, bytes]]) -> bytes:
    """Put text chunks into a PNG file, right before its end mark; texts under the same keywords go.

    Raises:
        CardError: *content* is no PNG file.
    """
    own = frozenset(keyword for keyword, _ in texts)
    chunks = [chunk for chunk in read_chunks(content) if not (chunk.kind in _TEXT_KINDS and _keyword(chunk) in own)]
    added = [Chunk(b"tEXt", keyword.encode("latin-1") + b"\0" + text) for keyword, text in texts]
    return write_chunks([*chunks[:-1], *added, chunks[-1]])


def write_chunks(chunks: Sequence[Chunk]) -> bytes:
    """Write a PNG file of *chunks*, with their checksums."""
    parts = [SIGNATURE]
    for chunk in chunks:
        checksum = zlib.crc32(chunk.data, zlib.crc32(chunk.kind))
        parts += [_HEAD.pack(len(chunk.data), chunk.kind), chunk.data, _CHECKSUM.pack(checksum)]
    return b"".join(parts)


def _chunk_at(content: bytes, at: int) -> Chunk:
    if at + _HEAD.size > len(content):
        raise CardError(f"is cut off at byte {at}: a chunk should begin there")
    length, kind = _HEAD.unpack_from(content, at)
    start, end = at + _HEAD.size, at + _HEAD.size + length
    if not kind.isalpha() or not kind.isascii():
        raise CardError(f"byte {at}: {_named(kind)} is no name of a chunk")
    if end + _CHECKSUM.size > len(content):
        raise CardError(
            f"byte {at}: chunk {_named(kind)} claims {length} bytes, {max(len(content) - start, 0)} are left"
        )
    data = content[start:end]
    if _CHECKSUM.unpack_from(content, end)[0] != zlib.crc32(data, zlib.crc32(kind)):
        raise CardError(f"byte {at}: the checksum of chunk {_named(kind)} is wrong")
    return Chunk(kind, data)


def _unpacked(kind: bytes, rest: bytes, where: str) -> bytes:
    if kind == b"tEXt":
        return rest
    if kind == b"zTXt":
        return _inflated(rest[1:], where) if rest[:1] == b"\0" else _refuse(where, "is packed in an unknown way")
    flags, rest = rest[:2], rest[2:]
    _, first, rest = rest.partition(b"\0")
    _, second, text = rest.partition(b"\0")
    if len(flags) < 2 or not first or not second or flags[0] > 1 or (flags[0] and flags[1]):
        return _refuse(where, "is not of its form")
    return _inflated(text, where) if flags[0] else text


def _inflated(data: bytes, where: str) -> bytes:
    unpacker = zlib.decompressobj()
    try:
        text = unpacker.decompress(data, TEXT_MOST + 1)
    except zlib.error:
        return _refuse(where, "cannot be unpacked")
    if len(text) > TEXT_MOST:
        return _refuse(where, f"unpacks to more than {TEXT_MOST // 1024 // 1024} MB")
    return text if unpacker.eof else _refuse(where, "is cut off")


def _refuse(where: str, why: str) -> bytes:
    raise CardError(f"{where}: {why}")


def _keyword(chunk: Chunk) -> str:
    return chunk.data[: KEYWORD_MOST + 1].partition(b"\0")[0].decode("latin-1")


def _named(kind: bytes) -> str:
    return ascii(kind.decode("latin-1"))
