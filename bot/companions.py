"""What `mira persona` does with companions' folders: make a new one, take a character card in, write one out."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import blake2b
from pathlib import Path

from bot.adapters.character_cards import (
    CARD_COPY,
    avatar_of,
    json_of,
    picture_in,
    plain_picture,
    png_with,
    read_card_copy,
    read_card_file,
    write_companion,
    write_file,
)
from bot.adapters.personas import (
    companion_names,
    folder_of,
    read_avatar,
    read_companion,
    read_pictures,
    read_source,
)
from bot.domain.card_export import Kept, card_of, with_assets
from bot.domain.card_import import Wishes, companion_of, plain_name, slug_of
from bot.domain.card_report import CardError, Fate, Report, shown
from bot.domain.card_rest import main_icon
from bot.domain.character_card import CharacterCard, Spec, read_card
from bot.domain.companion_files import files_of
from bot.domain.persona import (
    AVATAR,
    PICTURE,
    PICTURES,
    CompanionSource,
    PersonaError,
    build_companion,
)
from bot.settings import Settings

COPY_FORM = 1
TEMPLATE = "_template"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a companion's folder goes, and whether it may take the place of one that is there.

    *is_by_name* that companions in it are found by their names, where those that ship go before them.
    """

    parent: Path
    is_replacing: bool = False
    is_by_name: bool = True


@dataclass(frozen=True, slots=True)
class Imported:
    """A companion that was taken in: its folder, and what became of each field of the card."""

    slug: str
    folder: Path
    report: tuple[str, ...]


def place_of(settings: Settings, to: Path | None, *, is_replacing: bool = False) -> Place:
    """Give where companions go: the folder *to*, or the one of the settings."""
    own = settings.companions_folder
    return Place(to or own, is_replacing, is_by_name=to is None or to.absolute() == own.absolute())


def import_card(file: Path, wishes: Wishes, place: Place) -> Imported:
    """Take a character card in as a companion's folder.

    Raises:
        CardError: the file holds no card that may be taken, or the folder cannot be written.
    """
    report = Report()
    read = read_card_file(file)
    if read.is_version_2_beside:
        report.add("chara", Fate.LEFT_OUT, "the card of version 3 beside it holds more")
    try:
        card = read_card(read.card, report)
        source = companion_of(card, wishes, read_source(_template()).expressions, report)
    except CardError as exc:
        raise CardError(f"{file.name}: {exc}") from None
    _see_that_found(source.slug, place)
    pictures = _faces_in(card, source, report)
    source = _with_pictures(source, pictures)
    _see_that_fit(source, file.name)
    files = {name: text.encode() for name, text in files_of(source).items()}
    files |= pictures | _avatar_in(card, read.picture, report)
    files[CARD_COPY] = json_of({"form": COPY_FORM, "made": made_of(source), "card": card.whole}, indent=None)
    folder = write_companion(place.parent, source.slug, files, is_replacing=place.is_replacing)
    return Imported(source.slug, folder, report.lines())


def export_card(name: str | Path, file: Path, own: Path, *, spec: Spec | None, is_replacing: bool) -> None:
    """Write a companion as a card: a PNG with both versions, or JSON of version 3; with *spec* of that version alone.

    Raises:
        CardError: the file's ending is neither, or it cannot be written.
        PersonaError: there is no such companion, or its files have a fault.
    """
    kind = file.suffix.casefold()
    if kind not in (".png", ".json"):
        raise CardError(f"{file}: a card is written as .png or .json")
    companion, source = read_companion(name, own), read_source(name, own)
    kept, now = _kept(folder_of(name, own), source), int(time.time())
    pictures, avatar = read_pictures(name, companion, own), read_avatar(name, own)
    specs = [spec] if spec else [Spec.V3] if kind == ".json" else [Spec.V2, Spec.V3]
    cards: dict[Spec, Mapping[str, object]] = {}
    for one in specs:
        card = card_of(companion, source, kept, spec=one, written_at=now, is_backfill=len(specs) > 1)
        faces = {
            face.slug: (face.picture, pictures[face.slug])
            for face in companion.expressions
            if face.picture is not None and face.slug in pictures
        }
        cards[one] = with_assets(card, faces, avatar if kind == ".json" else None)
    if kind == ".json":
        content = json_of(cards[specs[0]])
    else:
        keywords = {Spec.V2: "chara", Spec.V3: "ccv3"}
        picture = avatar or plain_picture(companion.default_persona.colour)
        content = png_with(picture, {keywords[one]: card for one, card in cards.items()})
    write_file(file, content, is_replacing=is_replacing)


def new_companion(name: str, slug: str | None, place: Place) -> Path:
    """Copy the template under a new *name*, and give the folder.

    Raises:
        CardError: the name does not do, or the folder cannot be written.
    """
    if plain_name(name) != name:
        raise CardError(f"{shown(name)} cannot be anybody's name here: letters, digits and spaces, 32 at most")
    template = _template()
    robin = read_companion(template)
    chosen = slug_of(name, Wishes(slug=slug))
    _see_that_found(chosen, place)
    told, wanted = json.dumps(robin.name), json.dumps(name, ensure_ascii=False)
    files = {}
    for path in sorted(template.rglob("*")):
        if path.is_file():
            content = path.read_bytes()
            if path.suffix in (".toml", ".md"):
                for key in ("name", "title"):
                    content = content.replace(f"{key} = {told}".encode(), f"{key} = {wanted}".encode())
            files[path.relative_to(template).as_posix()] = content
    folder = write_companion(place.parent, chosen, files, is_replacing=False)
    read_companion(folder)
    return folder


def made_of(source: CompanionSource) -> str:
    """Name what a companion's files say, whatever comments and order they have."""
    digest = blake2b(digest_size=8)
    for name, text in sorted(files_of(source).items()):
        digest.update(f"{name}\0{text}\0".encode())
    return digest.hexdigest()


def _template() -> Path:
    return folder_of(companion_names()[0]).with_name(TEMPLATE)


def _kept(folder: Path, source: CompanionSource) -> Kept | None:
    """Give what was kept of the card that a companion came from."""
    copy = read_card_copy(folder)
    whole = copy.get("card") if copy is not None and copy.get("form") == COPY_FORM else None
    return Kept(whole, copy is not None and copy.get("made") == made_of(source)) if isinstance(whole, Mapping) else None


def _see_that_found(slug: str, place: Place) -> None:
    if place.is_by_name and slug in companion_names():
        raise CardError(f"{slug}: a companion of that name ships and would go before this one; choose another --slug")


def _see_that_fit(source: CompanionSource, where: str) -> None:
    try:
        build_companion(source)
    except PersonaError as exc:
        raise CardError(f"{where}: no companion can be made of it: {'; '.join(exc.problems[:5])}") from None


def _avatar_in(card: CharacterCard, picture: bytes | None, report: Report) -> dict[str, bytes]:
    """Give the companion's own picture: the card's main icon, or the picture the card came in."""
    icon = main_icon(card)
    if icon is not None and icon.uri.startswith("data:"):
        try:
            content = avatar_of(picture_in(icon.uri))
            report.add(icon.place, Fate.TAKEN, "as the companion's picture, made small")
            return {AVATAR: content}
        except CardError as exc:
            report.add(icon.place, Fate.LEFT_OUT, str(exc))
    if picture is None:
        return {}
    try:
        content = avatar_of(picture)
    except CardError as exc:
        report.add("picture", Fate.LEFT_OUT, str(exc))
        return {}
    report.add("picture", Fate.TAKEN, "as the companion's own, made small")
    return {AVATAR: content}


def _faces_in(card: CharacterCard, source: CompanionSource, report: Report) -> dict[str, bytes]:
    """Give the pictures of faces that the companion has, by their files."""
    slugs = {str(face.get("slug")) for face in _faces_of(source)}
    pictures: dict[str, bytes] = {}
    for asset in card.assets:
        if asset.kind != "emotion" or not asset.uri.startswith("data:"):
            continue
        file = f"{asset.name}.png"
        if asset.name not in slugs or not PICTURE.fullmatch(file):
            report.add(asset.place, Fate.KEPT, "no face of that name is there")
            continue
        try:
            pictures[f"{PICTURES}/{file}"] = avatar_of(picture_in(asset.uri))
            report.add(asset.place, Fate.TAKEN, "as the picture of a face")
        except CardError as exc:
            report.add(asset.place, Fate.LEFT_OUT, str(exc))
    return pictures


def _with_pictures(source: CompanionSource, pictures: Mapping[str, bytes]) -> CompanionSource:
    """Name the pictures with the faces they belong to."""
    faces = []
    for face in _faces_of(source):
        file = f"{face.get('slug')}.png"
        faces.append({**face, "picture": file} if f"{PICTURES}/{file}" in pictures else dict(face))
    return replace(source, expressions={**source.expressions, "expression": faces})


def _faces_of(source: CompanionSource) -> Sequence[Mapping[str, object]]:
    faces = source.expressions.get("expression")
    return [face for face in faces if isinstance(face, Mapping)] if isinstance(faces, list) else []
