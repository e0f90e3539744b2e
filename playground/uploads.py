"""Files people and the application attach: read from multipart bodies, kept in memory, served back safely."""

from __future__ import annotations

import mimetypes
import re
import struct
from collections import OrderedDict
from dataclasses import dataclass, field

from aiohttp import web

from playground.errors import Json

ATTACHMENTS_KEPT_BYTES = 64 * 1024 * 1024  # all files together; the oldest are dropped beyond it
FILE_LIMIT_BYTES = 10 * 1024 * 1024  # per file; Discord's limit without boosts
FILES_LIMIT = 10  # per message
# Only these are shown in the page; anything else is offered as a download, so that no file can act as a page.
INLINE_TYPES = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})


@dataclass(slots=True)
class Upload:
    """One file of a request, under its `files[n]` position."""

    position: int
    filename: str
    content_type: str
    content: bytes


@dataclass(slots=True)
class Uploads:
    """The kept files, by attachment id."""

    _files: OrderedDict[int, Upload] = field(default_factory=OrderedDict)
    _bytes: int = 0

    def keep(self, attachment_id: int, upload: Upload) -> None:
        """Keep one file, dropping the oldest beyond the bound."""
        self._files[attachment_id] = upload
        self._bytes += len(upload.content)
        while self._bytes > ATTACHMENTS_KEPT_BYTES:
            _, dropped = self._files.popitem(last=False)
            self._bytes -= len(dropped.content)

    def response(self, attachment_id: int) -> web.Response | None:
        """Return the file as an answer that no browser will run."""
        upload = self._files.get(attachment_id)
        if upload is None:
            return None
        is_inline = upload.content_type in INLINE_TYPES
        headers = {
            "Content-Type": upload.content_type if is_inline else "application/octet-stream",
            "Content-Disposition": "inline" if is_inline else f'attachment; filename="{upload.filename}"',
            "Content-Security-Policy": "default-src 'none'; sandbox",
            "X-Content-Type-Options": "nosniff",
        }
        return web.Response(body=upload.content, headers=headers)


def safe_filename(name: str) -> str:
    """Return *name* as Discord would keep it: letters, digits, dots, dashes, underscores."""
    return re.sub(r"[^\w.-]+", "_", name).strip(".")[-120:] or "file"


def content_type_of(filename: str, declared: str | None) -> str:
    """Return the content type a file is given."""
    guessed = mimetypes.guess_type(filename)[0]
    return guessed or (declared if declared and "/" in declared else "application/octet-stream")


def attachment_shape(attachment_id: int, upload: Upload, url: str, details: Json) -> Json:
    """Return the attachment as messages carry it."""
    shape: Json = {
        "id": str(attachment_id),
        "filename": upload.filename,
        "size": len(upload.content),
        "url": url,
        "proxy_url": url,
        "content_type": upload.content_type,
    }
    if details.get("description"):
        shape["description"] = details["description"]
    # a voice message tells how long it lasts and how it looks
    shape |= {key: details[key] for key in ("duration_secs", "waveform") if details.get(key) is not None}
    if upload.filename.startswith("SPOILER_"):
        shape["flags"] = 8
    size = image_size(upload.content)
    if size is not None:
        shape["width"], shape["height"] = size
    return shape


def image_size(content: bytes) -> tuple[int, int] | None:
    """Read width and height from the head of a PNG, GIF or JPEG; None for anything else."""
    if content[:8] == b"\x89PNG\r\n\x1a\n" and len(content) >= 24:
        width, height = struct.unpack(">II", content[16:24])
        return width, height
    if content[:6] in (b"GIF87a", b"GIF89a") and len(content) >= 10:
        width, height = struct.unpack("<HH", content[6:10])
        return width, height
    return _jpeg_size(content) if content[:2] == b"\xff\xd8" else None


def _jpeg_size(content: bytes) -> tuple[int, int] | None:
    """Walk a JPEG's segments to its frame header."""
    at = 2
    while at + 9 <= len(content) and content[at] == 0xFF:
        marker, length = content[at + 1], struct.unpack(">H", content[at + 2 : at + 4])[0]
        # C0 to CF are frame headers, but for the three that hold tables.
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack(">HH", content[at + 5 : at + 9])
            return width, height
        at += 2 + length
    return None
