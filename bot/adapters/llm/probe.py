"""Looks whether a model server answers and knows the model, and says what to do when it does not.

For `doctor` and for the start without settings; never in the way of a reply. One short request each.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

import aiohttp

from bot.adapters.llm.presets import MAIN_NAMES, OLLAMA_BASE_URL, PRESETS, Endpoint, SettingNames, is_loopback

LOCAL_PROBE_S = 0.7  # a listening loopback server answers in milliseconds; nobody should wait longer at a start
REMOTE_PROBE_S = 8.0  # a slow line and a cold function; doctor may take this long
LISTED_AT_MOST = 5  # model names in a sentence


class ProbeState(StrEnum):
    """What a probe found."""

    READY = "ready"
    UNLISTED = "unlisted"  # answers, gives no list of models to check against
    NO_MODEL = "no_model"
    REFUSED_KEY = "refused_key"
    UNREACHABLE = "unreachable"
    STRANGE = "strange"  # something answers that is no model server


@dataclass(frozen=True, slots=True)
class Probe:
    """What a probe found; *advice* is one sentence for the operator, *models* what the server lists."""

    state: ProbeState
    advice: str
    models: tuple[str, ...] = ()
    took: timedelta = timedelta()

    @property
    def is_ok(self) -> bool:
        """Say whether talk can be expected to work."""
        return self.state in (ProbeState.READY, ProbeState.UNLISTED)


async def find_ollama(base_url: str = OLLAMA_BASE_URL) -> tuple[str, ...] | None:
    """Give the models of an Ollama on this machine; None when none answers."""
    probe = await _list_models(base_url, api_key="", timeout_s=LOCAL_PROBE_S)
    return probe.models if probe.state is ProbeState.READY else None


async def probe_endpoint(endpoint: Endpoint, names: SettingNames = MAIN_NAMES) -> Probe:
    """Ask the configured server for its models and look for the configured one among them.

    *names* are the settings to name in the advice.
    """
    timeout_s = LOCAL_PROBE_S * 3 if endpoint.is_local else REMOTE_PROBE_S
    probe = await _list_models(endpoint.base_url, api_key=endpoint.api_key, timeout_s=timeout_s)
    if probe.state is not ProbeState.READY:
        return Probe(probe.state, _advice(probe.state, endpoint, names), took=probe.took)
    if not probe.models:
        return Probe(ProbeState.UNLISTED, _advice(ProbeState.UNLISTED, endpoint, names), took=probe.took)
    state = ProbeState.READY if _knows(probe.models, endpoint.model) else ProbeState.NO_MODEL
    return Probe(state, _advice(state, endpoint, names, probe.models), probe.models, probe.took)


async def _list_models(base_url: str, *, api_key: str, timeout_s: float) -> Probe:
    began = time.monotonic()
    headers = {"Authorization": f"Bearer {api_key}"} if api_key else {}
    try:
        async with (
            aiohttp.ClientSession(trust_env=not is_loopback(base_url)) as session,
            session.get(
                f"{base_url.rstrip('/')}/models", headers=headers, timeout=aiohttp.ClientTimeout(timeout_s)
            ) as response,
        ):
            state, models = await _read(response)
    except (aiohttp.ClientError, TimeoutError, OSError):
        state, models = ProbeState.UNREACHABLE, ()
    return Probe(state, "", models, timedelta(seconds=time.monotonic() - began))


async def _read(response: aiohttp.ClientResponse) -> tuple[ProbeState, tuple[str, ...]]:
    if response.status in (401, 403):
        return ProbeState.REFUSED_KEY, ()
    try:
        body = await response.json(content_type=None)
    except (ValueError, UnicodeDecodeError):
        return ProbeState.STRANGE, ()
    if response.status >= 500:
        return ProbeState.UNREACHABLE, ()
    if response.status >= 400:  # an API that keeps no list still refuses in JSON
        return (ProbeState.READY if isinstance(body, dict) else ProbeState.STRANGE), ()
    listed = body.get("data", body.get("models")) if isinstance(body, dict) else body
    if listed is None:
        listed = []  # Ollama without models says null
    if not isinstance(listed, list):
        return ProbeState.STRANGE, ()
    return ProbeState.READY, tuple(name for one in listed if (name := _name(one)))


def _name(listed: object) -> str:
    if isinstance(listed, Mapping):
        return str(listed.get("id") or listed.get("name") or "")
    return listed if isinstance(listed, str) else ""


def _knows(models: tuple[str, ...], wanted: str) -> bool:
    # Ollama lists "llama3:latest" for "llama3", Gemini "models/x" for "x"
    return any(name in (wanted, f"{wanted}:latest", f"models/{wanted}") for name in models)


def _advice(state: ProbeState, endpoint: Endpoint, names: SettingNames, models: tuple[str, ...] = ()) -> str:
    label = PRESETS[endpoint.kind].label if endpoint.kind in PRESETS else endpoint.kind
    where = f"{label} at {endpoint.base_url}"
    match state:
        case ProbeState.READY:
            return f"{where} answers and knows {endpoint.model!r}."
        case ProbeState.UNLISTED:
            return f"{where} answers but lists no models, so {endpoint.model!r} could not be checked."
        case ProbeState.NO_MODEL:
            return _missing_model(where, endpoint, names, models)
        case ProbeState.REFUSED_KEY:
            return f"{where} refuses the key: set {names.api_key} to one that is valid there."
        case ProbeState.STRANGE:
            return f"What answers at {endpoint.base_url} is no model server: does {names.base_url} end in /v1?"
    return _not_running(where, endpoint, names)


def _missing_model(where: str, endpoint: Endpoint, names: SettingNames, models: tuple[str, ...]) -> str:
    if endpoint.kind == "ollama":
        return f"{where} has no {endpoint.model!r}: run `ollama pull {endpoint.model}`, or set {names.model}."
    listed = ", ".join(models[:LISTED_AT_MOST]) + (", …" if len(models) > LISTED_AT_MOST else "")
    return f"{where} does not list {endpoint.model!r}: set {names.model} to one it has ({listed})."


def _not_running(where: str, endpoint: Endpoint, names: SettingNames) -> str:
    if endpoint.kind == "ollama":
        return f"{where} does not answer: start it with `ollama serve`."
    if endpoint.kind == "lmstudio":
        return f"{where} does not answer: start its server on the Developer page of LM Studio."
    if endpoint.is_local:
        return f"{where} does not answer: is it started, and on this port?"
    return f"{where} does not answer: check {names.base_url} and this machine's network."
