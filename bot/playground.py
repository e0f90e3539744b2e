"""Try her without an account: the loopback Discord as a child process, the real bot against it."""

from __future__ import annotations

import socket
import sys
from contextlib import AsyncExitStack

from pydantic import SecretStr

from bot.adapters.postgres.sockets import LOOPBACK, free_port
from bot.app import App
from bot.children import child_line
from bot.errors import ConfigError
from bot.foundation import choose_model
from bot.settings import Settings


def _see_that_free(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError as exc:
            raise ConfigError(
                f"--port or MIRA_PLAYGROUND_PORT: port {port} is in use or not allowed ({exc.strerror}); "
                "choose another, or none to get a free one"
            ) from exc


async def play(settings: Settings, port: int | None) -> None:
    """Start the playground, connect the bot to it, and print the page's address when both are up."""
    if port:
        _see_that_free(port)
    async with AsyncExitStack() as stack:
        choice = await stack.enter_async_context(choose_model(settings, may_stand_in=True))
        status_port = settings.status_port or free_port()
        label = f"{choice.quality.model} ({choice.quality.kind})"
        command = [sys.executable, "-m", "playground", "--model-label", label]
        command += ["--panel-url", f"http://{LOOPBACK}:{status_port}/panel"]
        command += [] if port is None else ["--port", str(port)]
        hears_all = may_hear_all(settings)
        command += ["--message-content"] if hears_all else []
        place = await stack.enter_async_context(child_line(command))
        here = settings.model_copy(
            update={
                "discord_token": SecretStr(str(place["token"])),
                "discord_api_url": place["rest"],
                "discord_gateway_url": place["gateway"],
                "status_port": status_port,
                "message_content": hears_all,
            }
        )
        await App(here, choice=choice).run(on_ready=lambda: _invite(str(place["page"]), label))


def may_hear_all(settings: Settings) -> bool:
    """Say whether she may read everything here: nobody has to approve that, so only who says no does without."""
    return settings.message_content or "message_content" not in settings.model_fields_set


def _invite(page: str, label: str) -> None:
    print(f"\n  Talk to her: {page}\n  Model: {label}\n  Ctrl-C ends.\n", flush=True)
