"""The card that says who she is here: portrait, summary, manners, faces, version."""

from __future__ import annotations

from bot.adapters.discord.locales import words_of
from bot.domain.card import Card, Face, Picture, Text
from bot.domain.persona import Companion, Persona
from cogs.presenters.persona import label_of

AVATAR_NAME = "avatar.png"
NO_FACE = "✦"  # before the name of a companion that has neither a portrait nor a face


def companion_card(companion: Companion, worn: Persona, *, avatar: bytes | None, mira: str) -> Card:
    """Say who the companion is; *worn* is the persona of the place, *mira* the version of the program."""
    manners = tuple(Text("companion_manner", {"persona": label_of(one)}) for one in companion.personas)
    about = [Text("companion_wears", {"persona": label_of(worn)}), Text("companion_manners", {"personas": manners})]
    faces = " ".join(face.emoji for face in companion.expressions)
    return Card(
        "companion" if companion.summary else "companion_bare",
        {"name": companion.name, "summary": companion.summary},
        title_key="companion_title",
        colour=worn.colour,
        sections=(
            tuple([*about, Text("companion_faces", {"faces": faces})] if faces else about),
            (Text("companion_is", {"version": companion.version, "mira": mira}),),
        ),
        face=_face(companion, avatar),
        footnote=Text("companion_footnote"),
    )


def _face(companion: Companion, avatar: bytes | None) -> Face:
    emoji = companion.expressions[0].emoji if companion.expressions else NO_FACE
    if avatar is None:
        return Face(emoji)
    alt = Text("companion_avatar_alt", {"name": companion.name})
    return Face(emoji, Picture(avatar, AVATAR_NAME, words_of(alt, is_plain=True)))
