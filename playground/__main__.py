"""Runs a playground as a program: one JSON line when ready, until standard input closes."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import logging
import os
import signal
import sys
import threading

from playground.core import Options
from playground.server import Playground

EXIT_CANNOT_START = 2


def read_arguments(arguments: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="playground", description="A Discord-compatible server on this machine.")
    parser.add_argument("--port", type=int, default=None, help="port to listen on (8420, else a free one)")
    parser.add_argument("--panel-url", default=None, help="where the bot tells its state, on this machine")
    parser.add_argument("--model-label", default="", help="what the page calls the model in use")
    parser.add_argument("--also", action="append", default=[], metavar="NAME", help="a further application's bot")
    parser.add_argument("--message-content", action="store_true", help="approve the message-content intent")
    parser.add_argument("--no-rate-limits", action="store_true", help="answer as fast as asked")
    return parser.parse_args(arguments)


async def serve(arguments: argparse.Namespace) -> int:
    """Run until standard input closes or a signal comes; return the exit code."""
    options = Options(
        rate_limits=not arguments.no_rate_limits,
        panel_url=arguments.panel_url,
        model_label=arguments.model_label,
    )
    ended = asyncio.Event()
    try:
        also = arguments.also
        async with Playground(port=arguments.port, options=options, extra_applications=also) as playground:
            if arguments.message_content:
                playground.approve_message_content()
            _end_on_signals(ended)
            _end_with_input(ended)
            _announce(playground, also)
            await ended.wait()
    except OSError as error:
        sys.stderr.write(f"playground: cannot listen on port {arguments.port}: {error.strerror}\n")
        return EXIT_CANNOT_START
    except ValueError as error:
        sys.stderr.write(f"playground: {error}\n")
        return EXIT_CANNOT_START
    return 0


def _announce(playground: Playground, also: list[str]) -> None:
    """Print where everything is, in one line that programs can read."""
    places: dict[str, object] = {
        "page": playground.page_url,
        "rest": playground.rest_url,
        "gateway": playground.gateway_url,
        "token": playground.token,
    }
    if also:
        places["also"] = {name: playground.application(name).token for name in also}
    sys.stdout.write(json.dumps(places) + "\n")
    sys.stdout.flush()


def _end_on_signals(ended: asyncio.Event) -> None:
    for name in (signal.SIGINT, signal.SIGTERM):
        # Windows' loops know no signal handlers; there Ctrl+C ends the program directly.
        with contextlib.suppress(NotImplementedError):
            asyncio.get_running_loop().add_signal_handler(name, ended.set)


def _end_with_input(ended: asyncio.Event) -> None:
    """Watch standard input from a thread, which works for pipes, terminals and files alike."""
    loop = asyncio.get_running_loop()

    def watch() -> None:
        with contextlib.suppress(OSError, ValueError):
            while os.read(sys.stdin.fileno(), 4096):
                pass
        with contextlib.suppress(RuntimeError):  # the loop may be gone by then
            loop.call_soon_threadsafe(ended.set)

    threading.Thread(target=watch, name="standard-input", daemon=True).start()


def main() -> None:
    """Start the program."""
    logging.basicConfig(level=logging.INFO, stream=sys.stderr, format="%(levelname)s %(name)s %(message)s")
    with contextlib.suppress(KeyboardInterrupt):
        sys.exit(asyncio.run(serve(read_arguments())))


if __name__ == "__main__":
    main()
