"""Character cards for tests: those in tests/data/cards, and PNG files put together by hand."""

from __future__ import annotations

import base64
import io
import json
import struct
import zlib
from pathlib import Path
from typing import Any

from PIL import Image

from bot.adapters.personas import read_source
from bot.domain.card_import import Wishes, companion_of
from bot.domain.card_report import Report
from bot.domain.character_card import read_card
from bot.domain.persona import Companion, CompanionSource, build_companion
from bot.domain.prompt import AnswerForm, system_blocks
from bot.engine.blocks import Blocks

FOLDER = Path(__file__).parent / "data" / "cards"
RICH = ("detective", "sea_captain", "hedge_witch", "robot_gardener", "shrine_keeper", "lamp_keeper")
TEMPLATE = Path(__file__).parents[1] / "personas" / "_template"
FACES = read_source(TEMPLATE).expressions
PROMPT_MOST = 12_600  # bytes, as for the companions that ship
SIGNATURE = b"\x89PNG\r\n\x1a\n"


def card(name: str) -> dict[str, Any]:
    return json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))


def v2(**fields: object) -> dict[str, Any]:
    """Make a whole card of version 2, with *fields* in place of the defaults."""
    texts = "name description personality scenario first_mes mes_example creator_notes system_prompt"
    data: dict[str, Any] = dict.fromkeys(
        [*texts.split(), "post_history_instructions", "creator", "character_version"], ""
    )
    data |= {"alternate_greetings": [], "tags": [], "extensions": {}, "name": "Robin Vale"}
    return {"spec": "chara_card_v2", "spec_version": "2.0", "data": {**data, **fields}}


def taken(value: object, wishes: Wishes | None = None) -> tuple[CompanionSource, Report]:
    """Take a parsed card in, and see that a companion can be built of what came out."""
    report = Report()
    source = companion_of(read_card(value, report), wishes or Wishes(), FACES, report)
    build_companion(source)
    return source, report


def said_by(source: CompanionSource) -> str:
    """Give everything of a companion that could reach a prompt."""
    companion = build_companion(source)
    return "\n\n".join(prompts_of(companion).values())


def prompts_of(companion: Companion) -> dict[str, str]:
    """Give the system prompt of each persona."""
    texts = Blocks().texts
    return {
        persona.slug: "\n\n".join(
            f"# {block.title}\n\n{block.text}" for block in system_blocks(companion, persona, texts, AnswerForm.JSON)
        )
        for persona in companion.personas
    }


def chunk(kind: bytes, data: bytes, *, crc: int | None = None, length: int | None = None) -> bytes:
    checksum = zlib.crc32(kind + data) if crc is None else crc
    return struct.pack(">I", len(data) if length is None else length) + kind + data + struct.pack(">I", checksum)


def text_chunk(keyword: str, value: object) -> bytes:
    return chunk(b"tEXt", keyword.encode() + b"\0" + base64.b64encode(json.dumps(value).encode()))


def picture(width: int = 40, height: int = 60) -> bytes:
    packed = io.BytesIO()
    Image.linear_gradient("L").resize((width, height)).convert("RGB").save(packed, "PNG")
    return packed.getvalue()


def png(*extra: bytes, base: bytes | None = None) -> bytes:
    """Put chunks into a picture, before its end mark."""
    whole = base or picture()
    return whole[:-12] + b"".join(extra) + whole[-12:]
