"""Check what Mira needs to run, one line each, with what to do about it."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from bot.adapters.discord.client import CompanionClient, point_at
from bot.adapters.embedding.local import LocalEmbedder
from bot.adapters.llm.embeddings import OpenAIEmbedder
from bot.adapters.llm.presets import FALLBACK_NAMES, MAIN_NAMES, Endpoint, SettingNames, choose, with_fallback
from bot.adapters.llm.probe import find_ollama, probe_endpoint
from bot.adapters.personas import check_companion
from bot.adapters.postgres.address import DatabaseAddress
from bot.adapters.postgres.engine import check_server, open_engine
from bot.adapters.postgres.migrate import MigrationState, check
from bot.adapters.postgres.pool import StatementPool
from bot.adapters.postgres.rooms import PostgresRooms
from bot.adapters.postgres.service import PostgresService
from bot.adapters.postgres.vectors import PostgresVectors
from bot.adapters.postgres.voices import PostgresVoices
from bot.adapters.system import SystemClock
from bot.embedders import kind_of, weights_of
from bot.engine.oversee import Oversee
from bot.errors import CompanionError, ProviderError
from bot.foundation import NO_MODEL_HELP, database_address, fallback_wishes_of, wishes_of
from bot.running_report import report_of
from bot.settings import Settings

FAILED_EXIT = 1
ANSWER_WITHIN = timedelta(seconds=15)
USES = "asked where she listens, and to find memories by meaning"


class Mark(StrEnum):
    """How a check went."""

    GOOD = "✓"
    NOTE = "·"
    BAD = "✗"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the report."""

    mark: Mark
    subject: str
    said: str


async def examine(settings: Settings) -> int:
    """Print every finding; gives the exit code: 0 when she could run, 1 when not."""
    is_well = True
    for step in (_discord, _database, _model, _embedder, _companion):
        async with aclosing(_guarded(step(settings), step.__name__.strip("_"))) as findings:
            async for finding in findings:
                print(f"{finding.mark} {finding.subject}: {finding.said}", flush=True)
                is_well = is_well and finding.mark is not Mark.BAD
    return 0 if is_well else FAILED_EXIT


async def _guarded(findings: AsyncGenerator[Finding], subject: str) -> AsyncGenerator[Finding]:
    try:
        async for finding in findings:
            yield finding
    except CompanionError as exc:
        yield Finding(Mark.BAD, subject, str(exc))


async def _discord(settings: Settings) -> AsyncGenerator[Finding]:
    if settings.discord_token is None:
        yield Finding(Mark.BAD, "token", "DISCORD_TOKEN is not set; put it into .env (the playground needs none)")
        return
    point_at(settings.discord_api_url, settings.discord_gateway_url)
    client = CompanionClient(message_content=settings.message_content)
    try:
        user = await client.sign_in(settings.discord_token.get_secret_value())
        yield Finding(Mark.GOOD, "token", f"Discord knows it: {user.name} ({user.id})")
        yield _intents(settings, client)
    finally:
        await client.close()


def _intents(settings: Settings, client: CompanionClient) -> Finding:
    flags = client.application_flags
    is_granted = flags.gateway_message_content or flags.gateway_message_content_limited
    if settings.message_content and not is_granted:
        return Finding(
            Mark.BAD,
            "intents",
            "MIRA_MESSAGE_CONTENT is on, but the message-content intent is not: turn it on in the developer "
            "portal (Bot → Privileged Gateway Intents), or unset the setting",
        )
    if settings.message_content:
        return Finding(Mark.GOOD, "intents", "message content is asked for and granted")
    return Finding(
        Mark.GOOD,
        "intents",
        "none privileged; on servers she sees mentions and pinging replies only, also where `/channel listen` is set: "
        "there, MIRA_MESSAGE_CONTENT=1 and the message-content intent let her hear the rest",
    )


async def _database(settings: Settings) -> AsyncGenerator[Finding]:
    async with database_address(settings) as address:
        engine = open_engine(address, pool_size=2)
        try:
            await check_server(engine, address)
            kind = "DATABASE_URL" if settings.database_url else f"embedded in {settings.data_dir}"
            yield Finding(Mark.GOOD, "database", f"{kind} answers and has pgvector")
            state = await check(engine)
            yield _migrations(state)
            if state is MigrationState.CURRENT:
                for finding in await _running(settings, address):
                    yield finding
        finally:
            await engine.dispose()


def _migrations(state: MigrationState) -> Finding:
    if state is MigrationState.NEWER:
        return Finding(Mark.BAD, "migrations", "the database is newer than this version: update Mira")
    if state is MigrationState.CURRENT:
        return Finding(Mark.GOOD, "migrations", "current")
    return Finding(Mark.NOTE, "migrations", f"{state}; done at the next start, or now with `mira migrate`")


async def _running(settings: Settings, address: DatabaseAddress) -> list[Finding]:
    """Say what runs, what waits, what failed lately, and where she listens; none of it keeps her from starting."""
    pool = await StatementPool.open(address, size=2)
    try:
        voices = PostgresVoices(pool)
        view = await Oversee(PostgresService(pool), SystemClock(), within=ANSWER_WITHIN, voices=voices)()
        listening = len(await PostgresRooms(pool).listening())
        vectors = await PostgresVectors(pool).census()
    finally:
        await pool.close()
    notes = [Finding(Mark.NOTE, subject, said) for subject, said in report_of(view)]
    return [*notes, _listening(listening, has_content=settings.message_content), *_vectors(vectors)]


def _vectors(census: Mapping[str | None, int]) -> list[Finding]:
    """Say how far the texts of memory have vectors, and of which embedder: while one is changed, of two."""
    if not any(name is not None for name in census):
        return []
    parts = [f"{number:,} {'wait' if name is None else f'of {name}'}" for name, number in census.items()]
    return [Finding(Mark.NOTE, "vectors", f"{sum(census.values()):,} texts: {', '.join(parts)}")]


def _listening(channels: int, *, has_content: bool) -> Finding:
    """Say in how many channels an admin lets her listen, and whether she can."""
    if not channels:
        return Finding(Mark.NOTE, "listening", "in no channel; admins let her with `/channel listen`")
    if has_content:
        return Finding(Mark.NOTE, "listening", f"set for {channels} channel(s)")
    return Finding(
        Mark.NOTE,
        "listening",
        f"set for {channels} channel(s), but without message content she hears only mentions and pinging replies "
        "there, and sees pictures in those alone: set MIRA_MESSAGE_CONTENT=1 and turn the intent on in the developer "
        "portal",
    )


async def _model(settings: Settings) -> AsyncGenerator[Finding]:
    wishes = wishes_of(settings)
    choice = choose(wishes, (await find_ollama() or ()) if wishes.is_empty() else ())
    if choice is None:
        mark = Mark.NOTE if settings.allow_understudy else Mark.BAD
        yield Finding(mark, "model", f"the understudy: canned lines, for trying only. {NO_MODEL_HELP}")
        return
    for name, endpoint in {"model": choice.quality, "fast model": choice.fast}.items():
        yield await _probed(name, endpoint)
    second = with_fallback(choice, fallback_wishes_of(settings)).fallback
    if second is not None:
        yield await _probed("second model", second, FALLBACK_NAMES)


async def _probed(name: str, endpoint: Endpoint, names: SettingNames = MAIN_NAMES) -> Finding:
    report = await probe_endpoint(endpoint, names)
    return Finding(Mark.GOOD if report.is_ok else Mark.BAD, name, report.advice)


async def _embedder(settings: Settings) -> AsyncGenerator[Finding]:
    kind = kind_of(settings)
    if kind == "local":
        yield await _local(settings)
    elif kind == "provider" and settings.embed_model is not None:
        yield await _provided(settings, settings.embed_model)
    else:
        why = "MIRA_EMBED_MODEL is not set" if settings.embed_model is None else "MIRA_EMBEDDER is off"
        said = f"{why}: her interest does not draw her into talk, and she remembers by words alone"
        yield Finding(Mark.NOTE, "embedder", said)


async def _local(settings: Settings) -> Finding:
    embedder = LocalEmbedder.open(weights_of(settings))
    try:
        await embedder.embed(("ping",))
        return Finding(Mark.GOOD, "embedder", f"{embedder.name} runs; {USES}")
    except ProviderError as exc:
        return Finding(Mark.NOTE, "embedder", f"{embedder.name} gives nothing ({exc}); she does without")
    finally:
        await embedder.aclose()


async def _provided(settings: Settings, model: str) -> Finding:
    wishes = wishes_of(settings)
    choice = choose(wishes, (await find_ollama() or ()) if wishes.is_empty() else ())
    if choice is None:
        return Finding(Mark.NOTE, "embedder", "MIRA_EMBED_MODEL is set, but there is no model server to ask")
    embedder = OpenAIEmbedder(choice.quality, model)
    try:
        await embedder.embed(("ping",))
        return Finding(Mark.GOOD, "embedder", f"{model} answers; {USES}")
    except ProviderError as exc:
        return Finding(Mark.NOTE, "embedder", f"{model} gives nothing ({exc}); she does without")
    finally:
        await embedder.aclose()


async def _companion(settings: Settings) -> AsyncGenerator[Finding]:
    problems = check_companion(settings.companion, settings.companions_folder)
    for problem in problems:
        yield Finding(Mark.BAD, "companion", problem)
    if not problems:
        yield Finding(Mark.GOOD, "companion", f"{settings.companion} reads well")
