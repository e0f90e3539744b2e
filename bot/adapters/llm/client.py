"""The way to a model server: one client of the openai package, whose waits and tries are left to whoever uses it."""

from __future__ import annotations

import logging

import httpx2
import openai

from bot.adapters.llm.presets import Endpoint

CONNECT_S = 5.0  # a server that does not even accept a connection in this time is down
KEEP_ALIVE_S = 55.0  # below the 60 s after which common proxies drop an idle connection


def open_client(endpoint: Endpoint, max_calls: int) -> openai.AsyncOpenAI:
    """Make a client that keeps at most *max_calls* connections; it tries nothing twice. The caller closes it."""
    for name in ("openai", "httpx2", "httpcore2"):
        logging.getLogger(name).setLevel(logging.WARNING)  # at debug they log whole requests
    http_client = openai.DefaultAioHttpClient(
        limits=httpx2.Limits(
            max_connections=max_calls, max_keepalive_connections=max_calls, keepalive_expiry=KEEP_ALIVE_S
        ),
        timeout=httpx2.Timeout(None, connect=CONNECT_S),  # the waits for bytes are ours, see Exchange
        trust_env=not endpoint.is_local,  # a proxy has no business between two programs of one machine
    )
    return openai.AsyncOpenAI(
        api_key=endpoint.api_key or "none",  # the SDK insists on one, keyless servers ignore it
        base_url=endpoint.base_url,
        max_retries=0,
        http_client=http_client,
    )
