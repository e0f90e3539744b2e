"""The ``mira`` command."""

from __future__ import annotations

import asyncio
import gc
import signal
import sys
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from bot.adapters.system import give_memory_back
from bot.domain.persona import Rating
from bot.errors import CompanionError, ConfigError
from bot.logs import set_up_logs
from bot.roles import Role, shards_of
from bot.settings import Settings, read_settings

CONFIG_EXIT = 2
CRASH_EXIT = 1
INTERRUPTED_EXIT = 130
GC_THRESHOLDS = (20_000, 20, 20)  # a turn makes some thousand short-lived objects, few of them in cycles

cli = typer.Typer(
    no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help="Mira, a companion for Discord."
)
persona = typer.Typer(no_args_is_help=True, help="Work on companions and their personas.")
cli.add_typer(persona, name="persona")
data = typer.Typer(no_args_is_help=True, help="Look after what is kept.")
cli.add_typer(data, name="data")

Main = Callable[[Settings], Coroutine[object, object, int | None]]


def _start(main: Main) -> None:
    """Read the settings, run *main*, and turn failures into a line and an exit code."""
    try:
        settings = read_settings()
        set_up_logs(level=settings.log_level, form=settings.log_format)
        give_memory_back()
        _calm_collector()
        code = asyncio.run(_until_told(main, settings))
    except ConfigError as exc:
        print(f"mira: {exc}", file=sys.stderr)
        raise typer.Exit(CONFIG_EXIT) from exc
    except CompanionError as exc:
        print(f"mira: {exc}", file=sys.stderr)
        raise typer.Exit(CRASH_EXIT) from exc
    except (KeyboardInterrupt, asyncio.CancelledError):
        code = INTERRUPTED_EXIT
    raise typer.Exit(code or 0)


async def _until_told(main: Main, settings: Settings) -> int | None:
    """Run *main*; SIGTERM ends it like Ctrl-C does, so that what it opened is closed."""
    running = asyncio.current_task()
    if running is not None and hasattr(signal, "SIGTERM") and sys.platform != "win32":
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, running.cancel)
    return await main(settings)


def _calm_collector() -> None:
    """Keep the garbage collector from walking the loaded libraries again and again (decision 0008)."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*GC_THRESHOLDS)


@cli.command()
def playground(
    port: Annotated[
        int | None, typer.Option(min=0, max=65535, help="Port of the page; 8420 by default, or a free one.")
    ] = None,
) -> None:
    """Try her in a browser: a small Discord on this machine, no account needed."""
    from bot.playground import play

    _start(lambda settings: play(settings, port if port is not None else settings.playground_port))


@cli.command()
def run(
    role: Annotated[Role, typer.Option(help="gateway only hears, worker only answers, all does both.")] = Role.ALL,
    shards: Annotated[
        str | None, typer.Option(help="The shards to hear, counted from 0, such as 0-3/16; all of them by default.")
    ] = None,
) -> None:
    """Run her on Discord."""
    from bot.app import App

    _start(lambda settings: App(settings, role=role, shards=shards_of(role, shards)).run())


@cli.command()
def chat() -> None:
    """Talk to her in this terminal."""
    from bot.chat import chat as talk

    _start(talk)


@cli.command()
def setup() -> None:
    """Say step by step what she needs to run, with the link that invites her."""
    from bot.setup import set_up

    _start(set_up)


@cli.command()
def doctor() -> None:
    """Check token, intents, database, migrations and model, and say what to do about each."""
    from bot.doctor import examine

    _start(examine)


@cli.command()
def migrate() -> None:
    """Bring the database up to date."""
    from bot.maintenance import migrate_now

    _start(migrate_now)


@cli.command()
def replay(
    since: Annotated[str, typer.Option(help="From when on: 2026-11-20T18:00, or how long ago: 90m, 2h, 3d.")],
    until: Annotated[str | None, typer.Option(help="Until when, likewise; until now by default.")] = None,
    channel: Annotated[int | None, typer.Option(help="Only this channel's, by its id.")] = None,
    changes: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="NAME=VALUE",
            help="What is tried: chattiness=7, quiet=23:00-07:00 (or off), hearing=listen; may be given again.",
        ),
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="Print every decision, not only those that flip.")] = False,
) -> None:
    """Decide a recorded span again, without a model, and print what would have flipped."""
    from bot.redeciding import Wishes, redecide_now

    wishes = Wishes(since, until, channel, tuple(changes or ()), prints_all=everything)
    _start(lambda settings: redecide_now(settings, wishes))


@data.command("backup")
def back_up_data(file: Annotated[Path, typer.Argument(help="The file to write; it must not be there yet.")]) -> None:
    """Write all that is kept to a file, as of one moment; she may go on running."""
    from bot.maintenance import back_up_now

    _start(lambda settings: back_up_now(settings, file))


@data.command("restore")
def restore_data(
    file: Annotated[Path, typer.Argument(help="A file that `mira data backup` wrote.")],
    replace: Annotated[bool, typer.Option("--replace", help="Put it in place of what is there.")] = False,
) -> None:
    """Put a backup into the database, whole or not at all; she must not be running."""
    from bot.maintenance import restore_now

    _start(lambda settings: restore_now(settings, file, is_replacing=replace))


@data.command("move")
def move_data(
    to: Annotated[str, typer.Option(help="The address of a database, or embedded; - reads it from standard input.")],
    source: Annotated[
        str | None, typer.Option("--from", help="The same of where it is now; by default what the settings say.")
    ] = None,
    replace: Annotated[bool, typer.Option("--replace", help="Put it in place of what is there.")] = False,
) -> None:
    """Take all that is kept to another database, and compare the two; she must not be running."""
    from bot.maintenance import move_now

    place = sys.stdin.readline().strip() if to == "-" else to  # an address in a command shows in lists of processes
    _start(lambda settings: move_now(settings, to=place, source=source, is_replacing=replace))


@data.command("upgrade")
def upgrade_data(
    old_binaries: Annotated[
        Path | None, typer.Option(help="The folder with the programs of the Postgres that wrote the data.")
    ] = None,
) -> None:
    """Bring the embedded database to the Postgres that this version brings; she must not be running."""
    from bot.maintenance import upgrade_now

    _start(lambda settings: upgrade_now(settings, old_binaries))


@data.command("export")
def export_data(
    user: Annotated[int, typer.Argument(help="Whose: their Discord id.")],
    to: Annotated[Path | None, typer.Option(help="The file to write; it must not be there yet.")] = None,
) -> None:
    """Write all that is kept of one person as JSON; she may go on running."""
    from bot.domain.ids import UserId
    from bot.maintenance import export_now

    _start(lambda settings: export_now(settings, UserId(user), to))


@data.command("erase")
def erase_data(
    user: Annotated[int, typer.Argument(help="Who: their Discord id.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Erase one person, with everything that was made of what they said; she may go on running."""
    from bot.domain.ids import UserId
    from bot.maintenance import erase_now

    _start(lambda settings: erase_now(settings, UserId(user), is_sure=yes))


@data.command("replay")
def replay_data(
    write: Annotated[bool, typer.Option("--write", help="Put what came out in place of what is kept.")] = False,
) -> None:
    """Work her feelings out again from their events, and say how far what is kept is off."""
    from bot.maintenance import replay_now

    _start(lambda settings: replay_now(settings, is_writing=write))


@contextmanager
def _told() -> Iterator[Settings]:
    """Give the settings, and turn failures inside the block into a line and an exit code."""
    try:
        yield read_settings()
    except ConfigError as exc:
        print(f"mira: {exc}", file=sys.stderr)
        raise typer.Exit(CONFIG_EXIT) from exc


Slug = Annotated[str | None, typer.Option(help="The folder's name: small letters, digits, hyphens.")]
To = Annotated[Path | None, typer.Option(help="The folder to put it in; MIRA_COMPANIONS by default.")]
Replace = Annotated[bool, typer.Option("--replace", help="Put it in place of what is there.")]
Whose = Annotated[str, typer.Argument(help="A companion's name, or the path of its folder.")]


@persona.command("new")
def new_persona(
    name: Annotated[str, typer.Argument(help="What the companion is called.")], slug: Slug = None, to: To = None
) -> None:
    """Copy the template of a companion under a new name, to be written."""
    from bot.companions import new_companion, place_of

    with _told() as settings:
        print(f"{name}: {new_companion(name, slug, place_of(settings, to))}")


@persona.command("check")
def check_persona(name: Whose = "mira") -> None:
    """Check a companion's files; every problem names its file and key."""
    from bot.adapters.personas import check_companion, companion_warnings

    with _told() as settings:
        place, own = _place(name), settings.companions_folder
    problems = check_companion(place, own)
    for line in (*problems, *companion_warnings(place, own)):
        print(line)
    print(f"{name}: {len(problems)} problem(s)" if problems else f"{name}: all well")
    raise typer.Exit(CONFIG_EXIT if problems else 0)


@persona.command("import")
def import_persona(
    file: Annotated[Path, typer.Argument(help="A character card of version 1, 2 or 3: PNG or JSON, at most 8 MB.")],
    name: Annotated[str | None, typer.Option(help="A name in place of the card's.")] = None,
    slug: Slug = None,
    rating: Annotated[
        Rating | None, typer.Option(help="Whom it is for; adult by default, unless its maker tagged it as safe.")
    ] = None,
    to: To = None,
    replace: Replace = False,
) -> None:
    """Make a companion of a character card, and say what of it was taken and left out."""
    from bot.companions import import_card, place_of
    from bot.domain.card_import import Wishes

    with _told() as settings:
        taken = import_card(file, Wishes(name, slug, rating), place_of(settings, to, is_replacing=replace))
        print(f"{taken.slug}: {taken.folder}", *(f"  {line}" for line in taken.report), sep="\n")


@persona.command("export")
def export_persona(
    name: Whose,
    file: Annotated[Path, typer.Argument(help="The file to write, with the ending .png or .json.")],
    spec: Annotated[
        int | None, typer.Option(min=2, max=3, help="The version of the card; a PNG has both by default, JSON has 3.")
    ] = None,
    replace: Replace = False,
) -> None:
    """Write a companion as a character card."""
    from bot.companions import export_card
    from bot.domain.character_card import Spec

    with _told() as settings:
        chosen = None if spec is None else Spec.V2 if spec == 2 else Spec.V3
        export_card(_place(name), file, settings.companions_folder, spec=chosen, is_replacing=replace)
        print(f"{name}: {file}")


@persona.command("talk")
def talk_to_persona(
    name: Annotated[str, typer.Argument(help="A companion's name.")] = "mira",
    worn: Annotated[str, typer.Option("--persona", help="The persona they speak in.")] = "default",
    of_age: Annotated[
        bool, typer.Option("--of-age", help="Say that you are of age: adult personas ask for it.")
    ] = False,
) -> None:
    """Talk to a companion in this terminal; without a model, the understudy answers and says so."""
    from bot.chat import Tryout
    from bot.chat import chat as talk

    _start(lambda settings: talk(settings, Tryout(name, worn, is_of_age=of_age)))


def _place(name: str) -> Path | str:
    return Path(name) if Path(name).is_dir() else name


def main() -> None:
    """Run the command."""
    cli()


if __name__ == "__main__":
    main()
