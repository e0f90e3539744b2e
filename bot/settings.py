"""Every setting, read once from the environment and an optional .env file, and passed down.

docs/settings.md has a row for each; a test matches the two. Names the ecosystem knows stay as they
are, ours carry the prefix MIRA_, and an unknown MIRA_ name is refused with the nearest known one.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from difflib import get_close_matches
from io import StringIO
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import available_timezones

from dotenv import dotenv_values
from dotenv.parser import parse_stream
from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from bot.domain.affect.constants import DEFAULT_LEAK
from bot.domain.context_chain import SOFT_TOKENS
from bot.domain.spend import read_prices
from bot.errors import ConfigError

PREFIX = "MIRA_"
OWN_COMPANIONS = "companions"  # in the data folder, unless a setting says where
LOG_LEVELS = ("debug", "info", "warning", "error")


class Settings(BaseSettings):
    """All settings of one process. Durations are seconds, ports 0–65535."""

    model_config = SettingsConfigDict(
        extra="ignore", case_sensitive=True, env_ignore_empty=True, hide_input_in_errors=True
    )

    discord_token: SecretStr | None = Field(None, alias="DISCORD_TOKEN")
    discord_api_url: str | None = Field(None, alias="DISCORD_API_URL")
    discord_gateway_url: str | None = Field(None, alias="DISCORD_GATEWAY_URL")

    database_url: SecretStr | None = Field(None, alias="DATABASE_URL")
    data_dir: Path = Field(Path("data"), alias="MIRA_DATA_DIR")

    openai_api_key: SecretStr | None = Field(None, alias="OPENAI_API_KEY")
    openai_base_url: str | None = Field(None, alias="OPENAI_BASE_URL")
    provider: str | None = Field(None, alias="MIRA_PROVIDER")
    model: str | None = Field(None, alias="MIRA_MODEL")
    fast_model: str | None = Field(None, alias="MIRA_FAST_MODEL")
    embed_model: str | None = Field(None, alias="MIRA_EMBED_MODEL")
    embedder: Literal["auto", "off", "provider", "local"] = Field("auto", alias="MIRA_EMBEDDER")
    embed_weights: Path | None = Field(None, alias="MIRA_EMBED_WEIGHTS")
    allow_understudy: bool = Field(False, alias="MIRA_ALLOW_UNDERSTUDY")
    vision: Literal["auto", "on", "off"] = Field("auto", alias="MIRA_VISION")
    model_calls: Annotated[int, Field(ge=1, le=10_000)] | None = Field(None, alias="MIRA_MODEL_CALLS")
    context_soft: Annotated[int, Field(ge=100, le=10_000_000)] = Field(SOFT_TOKENS, alias="MIRA_CONTEXT_SOFT")
    context_hard: Annotated[int, Field(ge=100, le=10_000_000)] | None = Field(None, alias="MIRA_CONTEXT_HARD")
    prices: str | None = Field(None, alias="MIRA_PRICES")
    fallback_provider: str | None = Field(None, alias="MIRA_FALLBACK_PROVIDER")
    fallback_base_url: str | None = Field(None, alias="MIRA_FALLBACK_BASE_URL")
    fallback_api_key: SecretStr | None = Field(None, alias="MIRA_FALLBACK_API_KEY")
    fallback_model: str | None = Field(None, alias="MIRA_FALLBACK_MODEL")

    companion: str = Field("mira", alias="MIRA_COMPANION")
    companions: Path | None = Field(None, alias="MIRA_COMPANIONS")
    message_content: bool = Field(False, alias="MIRA_MESSAGE_CONTENT")
    settle_s: Annotated[float, Field(ge=0, le=60)] = Field(0.7, alias="MIRA_SETTLE_S")
    typing_wait_s: Annotated[float, Field(ge=0, le=120)] = Field(8.0, alias="MIRA_TYPING_WAIT_S")
    pace: Annotated[float, Field(ge=0, le=10)] = Field(1.0, alias="MIRA_PACE")
    catch_up_h: Annotated[float, Field(ge=0, le=336)] = Field(12.0, alias="MIRA_CATCH_UP_H")
    consider_a_day: Annotated[int, Field(ge=0, le=10_000)] = Field(200, alias="MIRA_CONSIDER_A_DAY")
    time_zone: str = Field("UTC", alias="MIRA_TIMEZONE")

    affect: Literal["lite", "rich"] = Field("rich", alias="MIRA_AFFECT")
    traits: Literal["lite", "rich"] = Field("rich", alias="MIRA_TRAITS")
    affect_leak: Annotated[float, Field(ge=0, le=1)] = Field(DEFAULT_LEAK, alias="MIRA_AFFECT_LEAK")
    soul_scope: Literal["global", "guild"] = Field("global", alias="MIRA_SOUL_SCOPE")
    decay_every_s: Annotated[float, Field(ge=1, le=86_400)] = Field(240.0, alias="MIRA_DECAY_EVERY_S")

    playground_port: Annotated[int, Field(ge=0, le=65535)] | None = Field(None, alias="MIRA_PLAYGROUND_PORT")
    status_port: Annotated[int, Field(ge=0, le=65535)] | None = Field(None, alias="MIRA_STATUS_PORT")
    log_level: str = Field("info", alias="MIRA_LOG_LEVEL")
    log_format: str = Field("auto", alias="MIRA_LOG_FORMAT")

    @property
    def companions_folder(self) -> Path:
        """Give the folder of companions that the operator made or imported."""
        return self.companions or self.data_dir / OWN_COMPANIONS

    @field_validator("discord_api_url", "discord_gateway_url", "openai_base_url", "fallback_base_url")
    @classmethod
    def _has_scheme(cls, value: str | None) -> str | None:
        if value is not None and not value.startswith(("http://", "https://", "ws://", "wss://")):
            raise ValueError("must be an address that begins with http://, https://, ws:// or wss://")
        return None if value is None else value.rstrip("/")

    @field_validator("prices")
    @classmethod
    def _are_prices(cls, value: str | None) -> str | None:
        read_prices(value or "")
        return value

    @field_validator("log_level")
    @classmethod
    def _known_level(cls, value: str) -> str:
        if value.lower() not in LOG_LEVELS:
            raise ValueError(f"must be one of {', '.join(LOG_LEVELS)}")
        return value.lower()

    @field_validator("log_format")
    @classmethod
    def _known_format(cls, value: str) -> str:
        if value not in ("auto", "json", "text"):
            raise ValueError("must be auto, json or text")
        return value

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        if value not in available_timezones():
            raise ValueError("must be the name of a time zone, such as Europe/Berlin")
        return value

    @field_validator("discord_token", "openai_api_key", "fallback_api_key", "database_url")
    @classmethod
    def _stripped(cls, value: SecretStr | None) -> SecretStr | None:
        # a pasted secret often brings a line end along
        return None if value is None else SecretStr(value.get_secret_value().strip())


def setting_names() -> list[str]:
    """List every setting by its name in the environment."""
    return [str(field.alias) for field in Settings.model_fields.values()]


def read_settings(environment: Mapping[str, str] | None = None, env_file: Path | None = Path(".env")) -> Settings:
    """Read the settings; the environment wins over the file.

    Raises:
        ConfigError: a value is out of range, or a MIRA_ name is not known.
    """
    values: dict[str, str] = {}
    if env_file is not None and env_file.is_file():
        values |= {name: value for name, value in _read_file(env_file).items() if value}
    source = os.environ if environment is None else environment
    values |= {name: value for name, value in source.items() if value}
    _refuse_unknown(values)
    known = {name: values[name] for name in setting_names() if name in values}
    try:
        return Settings.model_validate(known)
    except ValidationError as exc:
        raise ConfigError(_explain(exc)) from None


def _read_file(path: Path) -> dict[str, str | None]:
    try:
        text = path.read_text("utf-8-sig")
        for binding in parse_stream(StringIO(text)):
            if binding.error:
                raise ConfigError(
                    f"{path}, line {binding.original.line}: not of the form NAME=value; mend or remove it"
                )
        return dotenv_values(stream=StringIO(text))
    except (OSError, UnicodeDecodeError) as exc:
        raise ConfigError(f"{path} cannot be read: {exc}; mend or remove it") from exc


def _refuse_unknown(values: Mapping[str, str]) -> None:
    known = setting_names()
    for name in values:
        if name.startswith(PREFIX) and name not in known:
            near = get_close_matches(name, known, n=1, cutoff=0.5)
            hint = f"; did you mean {near[0]}?" if near else "; see docs/settings.md"
            raise ConfigError(f"{name} is no setting of Mira{hint}")


def _explain(exc: ValidationError) -> str:
    lines = []
    for error in exc.errors(include_input=False, include_url=False):
        name = ".".join(str(place) for place in error["loc"])
        lines.append(f"{name}: {error['msg'].removeprefix('Value error, ')}")
    return "; ".join(lines)
