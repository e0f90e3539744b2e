"""Read companions from their folders: which files, how large, in what shape; never out of the folder.

What the files must say is checked by `bot.domain.persona`.
"""

from __future__ import annotations

import os
import re
import stat
import tomllib
from collections.abc import Sequence
from difflib import get_close_matches
from hashlib import blake2b
from importlib import resources
from pathlib import Path

from bot.domain.persona import (
    AVATAR,
    EXAMPLES,
    EXPRESSIONS,
    IDENTITY,
    MANIFEST,
    PICTURES,
    SLUG,
    WORDS_MOST,
    Companion,
    CompanionSource,
    Expression,
    PersonaError,
    PersonaSource,
    build_companion,
    check_lines,
)
from bot.persona_ports import CompanionRead

FILE_LIMIT = 64 * 1024  # bytes; the longest file that may fit the prompt has some 16 KB
PICTURE_LIMIT = 256 * 1024  # bytes; what Discord takes for an emoji is enough for a face
# How the files of each kind begin; WebP has its length in between.
PICTURE_MARKS = {
    ".png": re.compile(rb"\x89PNG\r\n\x1a\n"),
    ".webp": re.compile(rb"RIFF.{4}WEBP", re.DOTALL),
    ".gif": re.compile(rb"GIF8[79]a"),
}
FENCE = "+++"
HASH_BYTES = 4  # eight hexadecimal characters tell versions of one companion apart
PACKAGE = "personas"
TEMPLATE_MARK = "_"  # folders that are there to be copied, not to be run


def companion_names(own: Path | None = None) -> tuple[str, ...]:
    """List the companions in alphabetical order: those that ship, and those in the operator's folder *own*."""
    folders = [_shipped(), *([own] if own is not None and own.is_dir() else [])]
    found = {path.name for folder in folders for path in folder.iterdir() if path.is_dir()}
    return tuple(sorted(name for name in found if SLUG.fullmatch(name)))


def read_companion(name: str | Path, own: Path | None = None) -> Companion:
    """Read a companion by name, of one that ships or else of one in the folder *own*, or by the path of a folder.

    A text is always a name: it cannot lead out of the folders of companions.

    Raises:
        PersonaError: it is not there or does not fit; ``problems`` name file and key.
    """
    folder = _find(name, own)
    companion = build_companion(_read_source(folder))
    _Pictures(folder, companion.expressions).raise_any()
    return companion


def read_source(name: str | Path, own: Path | None = None) -> CompanionSource:
    """Read a companion's files as parsed, before anything of them is trusted.

    Raises:
        PersonaError: one is not there or cannot be parsed.
    """
    return _read_source(_find(name, own))


def folder_of(name: str | Path, own: Path | None = None) -> Path:
    """Give the folder of a companion.

    Raises:
        PersonaError: there is none of that name.
    """
    return _find(name, own)


def read_pictures(name: str | Path, companion: Companion, own: Path | None = None) -> dict[str, bytes]:
    """Read the faces' pictures of a companion by the slugs of the faces; a face without one is not in it.

    Raises:
        PersonaError: a picture is there and cannot be used.
    """
    pictures = _Pictures(_find(name, own), companion.expressions)
    pictures.raise_any()
    return pictures.by_slug


def read_avatar(name: str | Path, own: Path | None = None) -> bytes | None:
    """Read the companion's own picture, a PNG; None where there is none.

    Raises:
        PersonaError: it is there and cannot be used.
    """
    pictures = _Pictures(_find(name, own), ())
    pictures.raise_any()
    return pictures.avatar


def check_companion(name: str | Path, own: Path | None = None) -> list[str]:
    """List what is wrong with a companion: misfits of the schema, and lines no companion may speak by."""
    try:
        folder = _find(name, own)
        source = _read_source(folder)
        companion = build_companion(source)
        _Pictures(folder, companion.expressions).raise_any()
    except PersonaError as exc:
        return list(exc.problems)
    texts = {IDENTITY: source.identity}
    texts |= {f"{slug}.md": persona.voice for slug, persona in source.personas.items()}
    problems = [
        f"{file}: {'voice line' if file != IDENTITY else 'line'} {claim.line}: {claim.what}"
        for file, text in texts.items()
        for claim in check_lines(text)
    ]
    lines = {MANIFEST: companion.summary} | {f"{one.slug}.md": one.summary for one in companion.personas}
    problems += [f"{file}: summary: {claim.what}" for file, line in lines.items() for claim in check_lines(line)]
    for number, example in enumerate(companion.examples, 1):
        problems += [f"{EXAMPLES}: exchange[{number}].you: {claim.what}" for claim in check_lines(example.you)]
    return problems


def companion_warnings(name: str | Path, own: Path | None = None) -> list[str]:
    """List what a companion lacks and runs without; empty where it cannot be read.

    That is a line for people about them or a persona, brevity, and pictures named and not there.
    """
    try:
        folder = _find(name, own)
        companion = build_companion(_read_source(folder))
    except PersonaError:
        return []
    bare = [] if companion.summary else [f"{MANIFEST}: summary: is missing; the profile keeps its own words"]
    bare += [
        f"{persona.slug}.md: summary: is missing; lists show the title alone"
        for persona in companion.personas
        if not persona.summary
    ]
    bare += [
        f"{persona.slug}.md: with identity, examples and faces {size} bytes of every prompt; {WORDS_MOST} are plenty"
        for persona in companion.personas
        if (size := companion.words_bytes(persona)) > WORDS_MOST
    ]
    return bare + _Pictures(folder, companion.expressions).missing


class CompanionFolder:
    """Implements `bot.persona_ports.CompanionFiles` over the folder of a companion by its *name*."""

    def __init__(self, name: str | Path, own: Path | None = None) -> None:
        self._name = name
        self._own = own

    def mark(self) -> str:
        """See `bot.persona_ports.CompanionFiles.mark`."""
        try:
            return _mark_of(_find(self._name, self._own))
        except (OSError, PersonaError) as exc:
            return type(exc).__name__

    def read(self) -> CompanionRead:
        """See `bot.persona_ports.CompanionFiles.read`."""
        try:
            companion = read_companion(self._name, self._own)
            pictures = read_pictures(self._name, companion, self._own)
            return CompanionRead(companion, pictures, read_avatar(self._name, self._own))
        except OSError as exc:  # the folder changes while it is read
            raise PersonaError([f"{self._name}: cannot be read: {exc.strerror or exc}"]) from exc


def _mark_of(folder: Path) -> str:
    """Give a mark of when each file was changed last, and how; over no link."""
    digest = blake2b(digest_size=HASH_BYTES)
    for place in (folder, folder / PICTURES):
        for entry in sorted(os.scandir(place), key=lambda one: one.name) if place.is_dir() else ():
            kept = entry.stat(follow_symlinks=False)
            digest.update(f"{entry.name}\0{kept.st_mtime_ns}\0{kept.st_size}\0{kept.st_ino}\0".encode(errors="replace"))
    return digest.hexdigest()


def _shipped() -> Path:
    return Path(str(resources.files(PACKAGE)))


def _find(name: str | Path, own: Path | None) -> Path:
    if isinstance(name, Path):
        return name.absolute()
    if name in companion_names():
        return _shipped() / name
    names = companion_names(own)
    if own is not None and name in names:
        return own / name
    near = get_close_matches(name.casefold(), names, n=1)
    hint = f"did you mean {near[0]!r}?" if near else f"there is {', '.join(names)}"
    raise PersonaError([f"MIRA_COMPANION: no companion is called {name!r}; {hint}"])


def _read_source(folder: Path) -> CompanionSource:
    slug = folder.name.removeprefix(TEMPLATE_MARK)
    if not SLUG.fullmatch(slug):
        raise PersonaError([f"{folder.name}: a companion's folder is named in small letters, digits and hyphens"])
    if folder.is_symlink() or not folder.is_dir():
        raise PersonaError([f"{folder.name}: is no folder, or a link to one"])
    reader = _Reader(folder)
    texts = {name: reader.text(name) for name in (MANIFEST, IDENTITY, EXAMPLES, EXPRESSIONS)}
    texts |= {name: reader.text(name) for name in reader.persona_files()}
    tables = {name: reader.toml(name, texts[name]) for name in (MANIFEST, EXAMPLES, EXPRESSIONS)}
    personas = {
        name.removesuffix(".md"): reader.persona(name, text)
        for name, text in texts.items()
        if name.endswith(".md") and name != IDENTITY
    }
    if reader.problems:
        raise PersonaError(reader.problems)
    return CompanionSource(
        slug=slug,
        fingerprint=_fingerprint(texts),
        manifest=tables[MANIFEST],
        identity=texts[IDENTITY],
        personas=personas,
        examples=tables[EXAMPLES],
        expressions=tables[EXPRESSIONS],
    )


class _Reader:
    """Reads the files of one folder and notes what cannot be read."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.problems: list[str] = []

    def persona_files(self) -> Sequence[str]:
        """List the Markdown files that are personas; hidden files of editors are not."""
        return sorted(
            path.name
            for path in self._folder.iterdir()
            if path.suffix == ".md" and path.name != IDENTITY and not path.name.startswith(".")
        )

    def text(self, name: str) -> str:
        """Read a file as UTF-8 with plain line ends; empty when it cannot be."""
        try:
            return self.data(name).decode("utf-8-sig").replace("\r\n", "\n")
        except UnicodeDecodeError as exc:
            return self._note(name, f"is not UTF-8 at byte {exc.start}")
        except FileNotFoundError:
            return self._note(name, "is missing")
        except OSError as exc:
            return self._note(name, f"cannot be read: {exc.strerror or exc}")

    def toml(self, name: str, text: str) -> dict[str, object]:
        """Parse TOML; empty when it cannot be."""
        try:
            return tomllib.loads(text)
        except tomllib.TOMLDecodeError as exc:
            self._note(name, f"is no TOML: {exc}")
            return {}

    def persona(self, name: str, text: str) -> PersonaSource:
        """Part a persona file into its front matter and the voice below it."""
        lines = text.split("\n")
        fences = [number for number, line in enumerate(lines) if line.rstrip() == FENCE]
        if len(fences) < 2 or fences[0] != 0:
            if text:
                self._note(name, f"must begin with TOML between two lines of {FENCE}")
            return PersonaSource({}, "")
        front = "\n".join(lines[1 : fences[1]])
        return PersonaSource(self.toml(name, front), "\n".join(lines[fences[1] + 1 :]))

    def data(self, name: str, *, most: int = FILE_LIMIT) -> bytes:
        """Read an ordinary file of at most *most* bytes, over no link.

        Raises:
            OSError: there is none, or it is no such file.
        """
        path = self._folder
        for part in Path(name).parts:
            path = path / part
            if path.is_symlink():
                raise OSError(f"{part!r} is a link; copy the file instead")
        if not stat.S_ISREG(path.stat().st_mode):
            raise OSError("is no ordinary file")
        with path.open("rb") as file:
            data = file.read(most + 1)
        if len(data) > most:
            raise OSError(f"is larger than {most // 1024} KB")
        return data

    def _note(self, name: str, what: str) -> str:
        self.problems.append(f"{name}: {what}")
        return ""


class _Pictures:
    """The pictures of a companion, of faces and of their own: read, missing, and unusable."""

    def __init__(self, folder: Path, faces: Sequence[Expression]) -> None:
        self.by_slug: dict[str, bytes] = {}
        self.missing: list[str] = []
        self._problems: list[str] = []
        self._reader = _Reader(folder)
        self.avatar = self._avatar()
        for number, face in enumerate(faces, 1):
            if face.picture is not None:
                self._take(face, face.picture, f"{EXPRESSIONS}: expression[{number}].picture: {face.picture!r}")

    def raise_any(self) -> None:
        """Raise what cannot be used.

        Raises:
            PersonaError: something cannot.
        """
        if self._problems:
            raise PersonaError(self._problems)

    def _avatar(self) -> bytes | None:
        try:
            return self._read(AVATAR, f"{AVATAR}:")
        except FileNotFoundError:
            return None

    def _take(self, face: Expression, picture: str, where: str) -> None:
        try:
            data = self._read(f"{PICTURES}/{picture}", where)
        except FileNotFoundError:
            self.missing.append(f"{where} is missing; {face.emoji} is shown instead")
            return
        if data is not None:
            self.by_slug[face.slug] = data

    def _read(self, picture: str, where: str) -> bytes | None:
        """Read a picture; None where it cannot be used, which is noted.

        Raises:
            FileNotFoundError: there is none.
        """
        suffix = Path(picture).suffix
        try:
            data = self._reader.data(picture, most=PICTURE_LIMIT)
        except FileNotFoundError:
            raise
        except OSError as exc:
            self._problems.append(f"{where} cannot be read: {exc.strerror or exc}")
            return None
        if not PICTURE_MARKS[suffix].match(data):
            self._problems.append(f"{where} is no {suffix.removeprefix('.')} picture")
            return None
        return data


def _fingerprint(texts: dict[str, str]) -> str:
    digest = blake2b(digest_size=HASH_BYTES)
    for name in sorted(texts):
        for part in (name, texts[name]):
            data = part.encode()
            digest.update(len(data).to_bytes(8, "big") + data)
    return digest.hexdigest()
