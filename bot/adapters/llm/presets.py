"""Which model server is meant: presets for the known ones, and the endpoint that settings add up to.

Reads no environment and makes no call; `probe` finds out what is really there.
"""

from __future__ import annotations

import difflib
import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from urllib.parse import urlsplit

from bot.adapters.llm.rungs import Rung
from bot.adapters.llm.sight import Vision
from bot.errors import ConfigError

HOSTED_FIRST_TOKEN_S = 45.0  # hosted reasoning models may think for half a minute without a byte
LOCAL_FIRST_TOKEN_S = 180.0  # a server at home may load 20 GB of weights before its first token
CALLS_AT_ONCE = 256  # to one endpoint; hosted servers refuse far earlier
HOME_CALLS_AT_ONCE = 2  # a machine at home answers one after the other, and slows down to a halt under more
# Default ports of servers for one person, as their manuals name them: Jan, GPT4All, KoboldCpp. llama.cpp's and vLLM's
# are everybody's.
HOME_PORTS = frozenset({1337, 4891, 5001})
OLLAMA_BASE_URL = "http://127.0.0.1:11434/v1"
LM_STUDIO_BASE_URL = "http://127.0.0.1:1234/v1"
OPENROUTER_KEY_START = "sk-or-"
# Model families of OpenAI that think before they answer and take reasoning_effort.
OPENAI_REASONING_PREFIXES = ("gpt-5", "gpt-6", "o1", "o3", "o4")
EMBEDDING_MARKS = ("embed", "bge-", "minilm", "rerank", "whisper", "tts")  # names of models that do not chat


@dataclass(frozen=True, slots=True)
class Preset:
    """What is known beforehand about a kind of server."""

    kind: str
    label: str
    base_url: str
    model: str
    fast_model: str
    needs_key: bool
    first_rung: Rung = Rung.SCHEMA
    token_limit_param: str = "max_tokens"
    sends_strict_tools: bool = False
    first_token_timeout_s: float = HOSTED_FIRST_TOKEN_S
    calls_at_once: int = CALLS_AT_ONCE
    is_blind: bool = False


# Default models: a current mid-priced and a small one of each maker, November 2026.
PRESETS: dict[str, Preset] = {
    preset.kind: preset
    for preset in (
        Preset(
            "openai",
            "OpenAI",
            "https://api.openai.com/v1",
            "gpt-5.4",
            "gpt-5.4-mini",
            needs_key=True,
            token_limit_param="max_completion_tokens",
            sends_strict_tools=True,
        ),
        # DeepSeek has no json_schema; its JSON mode streams better than its forced tool calls. It takes no pictures.
        Preset(
            "deepseek",
            "DeepSeek",
            "https://api.deepseek.com/v1",
            "deepseek-chat",
            "deepseek-chat",
            needs_key=True,
            first_rung=Rung.OBJECT,
            is_blind=True,
        ),
        Preset(
            "openrouter",
            "OpenRouter",
            "https://openrouter.ai/api/v1",
            "deepseek/deepseek-chat",
            "openai/gpt-5.4-mini",
            needs_key=True,
        ),
        Preset(
            "ollama",
            "Ollama",
            OLLAMA_BASE_URL,
            "llama3.1:8b",
            "llama3.1:8b",
            needs_key=False,
            first_token_timeout_s=LOCAL_FIRST_TOKEN_S,
            calls_at_once=HOME_CALLS_AT_ONCE,
        ),
        Preset(
            "lmstudio",
            "LM Studio",
            LM_STUDIO_BASE_URL,
            "",
            "",
            needs_key=False,
            first_token_timeout_s=LOCAL_FIRST_TOKEN_S,
            calls_at_once=HOME_CALLS_AT_ONCE,
        ),
        Preset("compatible", "OpenAI-compatible server", "", "", "", needs_key=False),
        Preset("understudy", "understudy", "", "understudy", "understudy", needs_key=False),
    )
}
PROVIDER_NAMES = tuple(kind for kind in PRESETS if kind != "understudy")


@dataclass(frozen=True, slots=True)
class SettingNames:
    """How the settings are called that wishes came from, for advice."""

    api_key: str = "OPENAI_API_KEY"
    base_url: str = "OPENAI_BASE_URL"
    model: str = "MIRA_MODEL"
    provider: str = "MIRA_PROVIDER"


MAIN_NAMES = SettingNames()
FALLBACK_NAMES = SettingNames(
    "MIRA_FALLBACK_API_KEY", "MIRA_FALLBACK_BASE_URL", "MIRA_FALLBACK_MODEL", "MIRA_FALLBACK_PROVIDER"
)


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the operator set; empty strings mean not set. The key never shows in a repr."""

    api_key: str = field(default="", repr=False)
    base_url: str = ""
    model: str = ""
    fast_model: str = ""
    provider: str = ""
    names: SettingNames = MAIN_NAMES

    def is_empty(self) -> bool:
        """Say whether nothing points to any server."""
        return not (self.api_key or self.base_url or self.provider)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One model on one server, with all that is known of how to ask it.

    *is_blind* says that it is known to take no pictures, *vision* what the operator said of that.
    """

    kind: str
    base_url: str
    model: str
    api_key: str = field(default="", repr=False)
    first_rung: Rung = Rung.SCHEMA
    token_limit_param: str = "max_tokens"
    sends_strict_tools: bool = False
    reasoning_effort: str | None = None
    temperature: float | None = None
    first_token_timeout_s: float = HOSTED_FIRST_TOKEN_S
    calls_at_once: int = CALLS_AT_ONCE
    is_blind: bool = False
    vision: Vision = Vision.AUTO

    @property
    def host(self) -> str:
        """Give host and port, without credentials, for people and logs."""
        parts = urlsplit(self.base_url)
        return f"{parts.hostname or ''}:{parts.port}" if parts.port else parts.hostname or ""

    @property
    def key(self) -> str:
        """Give the name under which what is learnt of the server is remembered; holds no secret."""
        return f"{self.host}{urlsplit(self.base_url).path.rstrip('/')}"

    def suited_to(self, *, temperature: float | None = None, vision: str | None = None) -> Endpoint:
        """Give the same endpoint with what suits a companion's voice and eyes; None leaves what was there."""
        return replace(
            self,
            temperature=self.temperature if temperature is None else temperature,
            vision=self.vision if vision is None else Vision(vision),
        )

    @property
    def is_local(self) -> bool:
        """Say whether the server is on this machine."""
        return is_loopback(self.base_url)

    def calls_within(self, most: int | None) -> int:
        """Give how many calls to make at once where *most* was set with another server in mind.

        That one may be a hosted one: a machine at home never gets more than it can bear.
        """
        if most is None:
            return self.calls_at_once
        return min(most, self.calls_at_once) if self.calls_at_once <= HOME_CALLS_AT_ONCE else most


@dataclass(frozen=True, slots=True)
class ModelChoice:
    """The models to use: *quality* for talk, *fast* for cheap calls, *fallback* where the first gives nothing."""

    quality: Endpoint
    fast: Endpoint
    fallback: Endpoint | None = None


def is_loopback(url: str) -> bool:
    """Say whether *url* names this machine."""
    host = urlsplit(url).hostname or ""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def detect(wishes: Wishes) -> Preset:
    """Tell which preset the settings mean; of a named provider and an address the name wins.

    Raises:
        ConfigError: the provider's name is not a known one.
    """
    if wishes.provider:
        return _by_name(wishes.provider, wishes.names)
    if wishes.base_url:
        return PRESETS[_kind_of_url(wishes.base_url, wishes.names)]
    if wishes.api_key.startswith(OPENROUTER_KEY_START):
        return PRESETS["openrouter"]
    return PRESETS["openai"]


def choose(wishes: Wishes, local_models: Sequence[str] = ()) -> ModelChoice | None:
    """Turn settings into endpoints; None when they name no server and *local_models* is empty.

    *local_models* are the models that a server on this machine offers, where one was asked; the
    first that can chat stands in for a model that is not set. Without any wish they are Ollama's.

    Raises:
        ConfigError: unknown provider, a missing key or address, or no model to use.
    """
    if wishes.is_empty():
        if not chat_models(local_models):
            return None
        wishes = Wishes(provider="ollama", model=wishes.model, fast_model=wishes.fast_model)
    preset = detect(wishes)
    base_url = _base_url(wishes, preset)
    if preset.needs_key and not wishes.api_key:
        raise ConfigError(f"{preset.label} needs a key: set {wishes.names.api_key}.")
    model = wishes.model or _offered(preset.model, local_models)
    if not model:
        raise ConfigError(f"{wishes.names.model} is not set: name the model that {base_url} should use.")
    default_fast = "" if wishes.model else _offered(preset.fast_model, local_models)
    fast = wishes.fast_model or default_fast or model
    return ModelChoice(_endpoint(preset, base_url, model, wishes), _endpoint(preset, base_url, fast, wishes))


def with_fallback(choice: ModelChoice, wishes: Wishes) -> ModelChoice:
    """Add the second model that *wishes* name; without an address or a provider it is on the first one's server.

    The first one's key is used for it on the same server only: no other server is shown it.

    Raises:
        ConfigError: as for `choose`, or it is the first model over again.
    """
    if wishes == Wishes(names=wishes.names):
        return choice
    first = choice.quality
    second = _beside(first, wishes) if _is_same_server(first, wishes) else _elsewhere(first, wishes)
    if (second.base_url, second.model, second.api_key) == (first.base_url, first.model, first.api_key):
        raise ConfigError(
            f"{wishes.names.model} means {first.model!r} at {first.host} again, which is the first model: "
            f"name another model, server or key for the second."
        )
    return replace(choice, fallback=second)


def _is_same_server(first: Endpoint, wishes: Wishes) -> bool:
    if wishes.base_url:
        return False
    if wishes.provider:
        return detect(wishes).kind == first.kind
    return not wishes.api_key.startswith(OPENROUTER_KEY_START) or first.kind == "openrouter"


def _beside(first: Endpoint, wishes: Wishes) -> Endpoint:
    model = wishes.model or first.model
    effort = _reasoning_effort(first.kind, model)
    return replace(first, model=model, api_key=wishes.api_key or first.api_key, reasoning_effort=effort)


def _elsewhere(first: Endpoint, wishes: Wishes) -> Endpoint:
    preset = detect(wishes)
    is_same_server = _origin(_base_url(wishes, preset)) == _origin(first.base_url)
    if is_same_server and not wishes.api_key:
        wishes = replace(wishes, api_key=first.api_key)
    chosen = choose(wishes)
    assert chosen is not None  # only empty wishes come to nothing, and `with_fallback` has seen to those
    return chosen.quality


def _origin(url: str) -> tuple[str, str, int]:
    parts = urlsplit(url)
    return parts.scheme, parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)


def understudy(base_url: str) -> ModelChoice:
    """Give the endpoints of the understudy that listens at *base_url*."""
    endpoint = _endpoint(PRESETS["understudy"], base_url, "understudy", Wishes())
    return ModelChoice(endpoint, endpoint)


def chat_models(names: Sequence[str]) -> list[str]:
    """Leave out the models whose names say that they do not chat."""
    return [name for name in names if not any(mark in name.lower() for mark in EMBEDDING_MARKS)]


def _by_name(name: str, names: SettingNames) -> Preset:
    wanted = name.strip().lower().replace("-", "").replace("_", "").replace(" ", "")
    if wanted in PRESETS:
        return PRESETS[wanted]
    near = difflib.get_close_matches(wanted, PROVIDER_NAMES, n=1)
    hint = f" Did you mean {near[0]!r}?" if near else ""
    raise ConfigError(f"{names.provider} {name!r} is not known.{hint} Known: {', '.join(PROVIDER_NAMES)}.")


def _kind_of_url(url: str, names: SettingNames) -> str:
    parts = urlsplit(url)
    host = parts.hostname or ""
    for kind in ("openai", "deepseek", "openrouter"):
        known = urlsplit(PRESETS[kind].base_url).hostname or ""
        if host == known or host.endswith("." + known.removeprefix("api.")):
            return kind
    ports = {11434: "ollama", 1234: "lmstudio"}  # their documented default ports
    return ports.get(_port(url, names), "compatible")


def _port(url: str, names: SettingNames) -> int:
    try:
        return urlsplit(url).port or 0
    except ValueError as error:
        raise ConfigError(f"{names.base_url} {url!r} has a port that is no number.") from error


def _base_url(wishes: Wishes, preset: Preset) -> str:
    url = (wishes.base_url or preset.base_url).strip().rstrip("/")
    if not url:
        raise ConfigError(
            f"{wishes.names.base_url} is not set: give the address of the compatible server, ending in /v1."
        )
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ConfigError(f"{wishes.names.base_url} {url!r} is not an http or https address.")
    _port(url, wishes.names)
    if not parts.path and preset.kind in ("ollama", "lmstudio", "openai", "deepseek"):
        return url + "/v1"  # people copy these servers' addresses without it
    return url


def _offered(preferred: str, local_models: Sequence[str]) -> str:
    able = chat_models(local_models)
    if not able or preferred in able:
        return preferred
    return able[0]


def _endpoint(preset: Preset, base_url: str, model: str, wishes: Wishes) -> Endpoint:
    first_token_s = LOCAL_FIRST_TOKEN_S if is_loopback(base_url) else preset.first_token_timeout_s
    is_at_home = is_loopback(base_url) and urlsplit(base_url).port in HOME_PORTS
    return Endpoint(
        kind=preset.kind,
        base_url=base_url,
        model=model,
        api_key=wishes.api_key,
        first_rung=preset.first_rung,
        token_limit_param=preset.token_limit_param,
        sends_strict_tools=preset.sends_strict_tools,
        reasoning_effort=_reasoning_effort(preset.kind, model),
        first_token_timeout_s=first_token_s,
        calls_at_once=HOME_CALLS_AT_ONCE if is_at_home else preset.calls_at_once,
        is_blind=preset.is_blind,
    )


def _reasoning_effort(kind: str, model: str) -> str | None:
    thinks = kind == "openai" and model.startswith(OPENAI_REASONING_PREFIXES)
    return "none" if thinks and "chat" not in model else None  # talk should start at once
