"""Read companions from their folders: which files, how large, in what shape; never out of the folder.

What the files must say is checked by `bot.domain.persona`.
"""

from __future__ import annotations

import re
import stat
import tomllib
from collections.abc import Sequence
from difflib import get_close_matches
from hashlib import blake2b
from importlib import resources
from pathlib import Path

from bot.domain.persona import (
    EXAMPLES,
    EXPRESSIONS,
    IDENTITY,
    MANIFEST,
    PICTURES,
    SLUG,
    Companion,
    CompanionSource,
    Expression,
    PersonaError,
    PersonaSource,
    build_companion,
    check_lines,
)

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


def companion_names() -> tuple[str, ...]:
    """List the companions that ship, in alphabetical order."""
    folder = _shipped()
    return tuple(sorted(path.name for path in folder.iterdir() if SLUG.fullmatch(path.name) and path.is_dir()))


def read_companion(name: str | Path) -> Companion:
    """Read a companion by the name of one that ships, or by the path of a folder.

    A text is always a name: it cannot lead out of the folder of companions.

    Raises:
        PersonaError: it is not there or does not fit; ``problems`` name file and key.
    """
    folder = _find(name)
    companion = build_companion(_read_source(folder))
    _Pictures(folder, companion).raise_any()
    return companion


def read_pictures(name: str | Path, companion: Companion) -> dict[str, bytes]:
    """Read the faces' pictures of a companion by the slugs of the faces; a face without one is not in it.

    Raises:
        PersonaError: a picture is there and cannot be used.
    """
    pictures = _Pictures(_find(name), companion)
    pictures.raise_any()
    return pictures.by_slug


def check_companion(name: str | Path) -> list[str]:
    """List what is wrong with a companion: misfits of the schema, and lines no companion may speak by."""
    try:
        folder = _find(name)
        source = _read_source(folder)
        companion = build_companion(source)
        _Pictures(folder, companion).raise_any()
    except PersonaError as exc:
        return list(exc.problems)
    texts = {IDENTITY: source.identity}
    texts |= {f"{slug}.md": persona.voice for slug, persona in source.personas.items()}
    problems = [
        f"{file}: {'voice line' if file != IDENTITY else 'line'} {claim.line}: {claim.what}"
        for file, text in texts.items()
        for claim in check_lines(text)
    ]
    for number, example in enumerate(companion.examples, 1):
        problems += [f"{EXAMPLES}: exchange[{number}].you: {claim.what}" for claim in check_lines(example.you)]
    return problems


def companion_warnings(name: str | Path) -> list[str]:
    """List what a companion lacks and runs without: pictures named and not there; empty where it cannot be read."""
    try:
        folder = _find(name)
        return _Pictures(folder, build_companion(_read_source(folder))).missing
    except PersonaError:
        return []


def _shipped() -> Path:
    return Path(str(resources.files(PACKAGE)))


def _find(name: str | Path) -> Path:
    if isinstance(name, Path):
        return name.absolute()
    names = companion_names()
    if name in names:
        return _shipped() / name
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
    """The pictures of a companion's faces: read, missing, and unusable."""

    def __init__(self, folder: Path, companion: Companion) -> None:
        self.by_slug: dict[str, bytes] = {}
        self.missing: list[str] = []
        self._problems: list[str] = []
        reader = _Reader(folder)
        for number, face in enumerate(companion.expressions, 1):
            if face.picture is not None:
                self._read(reader, face, face.picture, f"{EXPRESSIONS}: expression[{number}].picture: {face.picture!r}")

    def raise_any(self) -> None:
        """Raise what cannot be used.

        Raises:
            PersonaError: something cannot.
        """
        if self._problems:
            raise PersonaError(self._problems)

    def _read(self, reader: _Reader, face: Expression, picture: str, where: str) -> None:
        try:
            data = reader.data(f"{PICTURES}/{picture}", most=PICTURE_LIMIT)
        except FileNotFoundError:
            self.missing.append(f"{where} is missing; {face.emoji} is shown instead")
            return
        except OSError as exc:
            self._problems.append(f"{where} cannot be read: {exc.strerror or exc}")
            return
        suffix = Path(picture).suffix
        if not PICTURE_MARKS[suffix].match(data):
            self._problems.append(f"{where} is no {suffix.removeprefix('.')} picture")
            return
        self.by_slug[face.slug] = data


def _fingerprint(texts: dict[str, str]) -> str:
    digest = blake2b(digest_size=HASH_BYTES)
    for name in sorted(texts):
        for part in (name, texts[name]):
            data = part.encode()
            digest.update(len(data).to_bytes(8, "big") + data)
    return digest.hexdigest()
