"""Builds the body of a chat-completions request for one rung, and bends it to what a server refused."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence

from bot.adapters.llm.failures import StatusFailure
from bot.adapters.llm.ladder import Footing
from bot.adapters.llm.presets import Endpoint
from bot.adapters.llm.rungs import Rung
from bot.domain.prompt import AnswerForm, ChatMessage
from bot.ports import AnswerRequest

# A long reply is about 1,000 tokens; the rest is room for appraisals and for models that think.
ANSWER_TOKEN_LIMIT = 4096
HASH_CHARS = 16
SYSTEM_ROLE = "system role"  # servers whose chat template knows no system message
SAME_ROLES = "same roles in a row"  # servers whose chat template wants user and assistant in turn
_TOKEN_LIMITS = ("max_completion_tokens", "max_tokens")
# Parameters an answer can do without, in the order in which a vague refusal is blamed on them.
_SPARE_PARAMETERS = (
    "reasoning_effort",
    "temperature",
    "stream_options",
    "parallel_tool_calls",
    *_TOKEN_LIMITS,
)
_NO_STREAM_WORDS = re.compile(
    r"only.{0,20}\bstream\W{1,5}false|\bstream\b\W{0,3}(?:must|should|has to|needs to|can only) be.{0,12}\bfalse"
    r"|\bstream(?:ing)?\b.{0,30}\b(?:not|isn't|cannot be) (?:yet |currently )?"
    r"(?:be )?(?:supported|allowed|available|enabled|implemented|permitted)"
    r"|\bstream(?:ing)?\b.{0,20}\b(?:unsupported|disabled|forbidden)|unsupported.{0,20}\bstream(?:ing)?\b"
    r"|(?:not|n't) (?:support|allow|implement|permit)\w* (?:\w+ )?\W?\bstream(?:ing)?\b"
    r"|non-?streaming (?:\w+ )?only|only (?:\w+ )?non-?stream|\bset stream\b\W{0,3}(?:to\b)?\W{0,3}false",
    re.IGNORECASE,
)


class RequestBuilder:
    """Builds the bodies of one request, whatever rung and quirks it meets; asks for each form once."""

    def __init__(self, endpoint: Endpoint, request: AnswerRequest) -> None:
        self._endpoint = endpoint
        self._request = request
        self._messages: dict[AnswerForm, Sequence[ChatMessage]] = {}

    def messages(self, rung: Rung) -> Sequence[ChatMessage]:
        """Give the prompt in the form that *rung* needs."""
        form = rung.form
        if form not in self._messages:
            self._messages[form] = self._request.messages_for(form)
        return self._messages[form]

    def body(self, footing: Footing) -> dict[str, object]:
        """Give the body to send on *footing*."""
        body: dict[str, object] = {
            "model": self._endpoint.model,
            "messages": self._wire_messages(footing),
            "stream": True,
            "stream_options": {"include_usage": True},
            self._token_limit(footing): ANSWER_TOKEN_LIMIT,
        }
        if self._endpoint.temperature is not None:
            body["temperature"] = self._endpoint.temperature
        if self._endpoint.reasoning_effort is not None:
            body["reasoning_effort"] = self._endpoint.reasoning_effort
        body |= self._shape(footing.rung)
        for name in footing.dropped:
            body.pop(name, None)
        if "stream" not in body:
            body.pop("stream_options", None)
        return body

    def _token_limit(self, footing: Footing) -> str:
        preferred = self._endpoint.token_limit_param
        if preferred not in footing.dropped:
            return preferred
        return next(name for name in _TOKEN_LIMITS if name != preferred)

    def _shape(self, rung: Rung) -> dict[str, object]:
        name, schema = self._request.schema_name, self._request.schema
        match rung:
            case Rung.SCHEMA:
                wanted = {"name": name, "strict": True, "schema": schema}
                return {"response_format": {"type": "json_schema", "json_schema": wanted}}
            case Rung.TOOL:
                function: dict[str, object] = {
                    "name": name,
                    "description": "Give the answer.",
                    "parameters": schema,
                }
                if self._endpoint.sends_strict_tools:
                    function["strict"] = True
                return {
                    "tools": [{"type": "function", "function": function}],
                    "tool_choice": {"type": "function", "function": {"name": name}},
                    "parallel_tool_calls": False,
                }
            case Rung.OBJECT:
                return {"response_format": {"type": "json_object"}}
        return {}

    def _wire_messages(self, footing: Footing) -> list[dict[str, str]]:
        messages = [{"role": one.role, "content": one.content} for one in self.messages(footing.rung)]
        if footing.rung is Rung.OBJECT and messages:
            # no server shows the model a schema here, and OpenAI insists on the word JSON; on the first,
            # stable message it leaves the cached prefix whole
            schema = json.dumps(self._request.schema, separators=(",", ":"), ensure_ascii=False)
            rule = f"Answer with one JSON object and nothing else. Its JSON schema:\n{schema}"
            messages[0]["content"] += f"\n\n{rule}"
        if SYSTEM_ROLE in footing.dropped:
            for message in messages:
                message["role"] = "user" if message["role"] == "system" else message["role"]
        if SAME_ROLES in footing.dropped or SYSTEM_ROLE in footing.dropped:
            return _joined(messages)
        return messages


def refused_part(failure: StatusFailure, body: Mapping[str, object]) -> str | None:
    """Tell which spare part of *body* the server would not take, by the name to drop it under."""
    text = failure.message.lower()
    if failure.status in (400, 422, 500, 501):
        if "roles must alternate" in text or "alternate user" in text:
            return SAME_ROLES
        if "system" in text and ("role" in text or "system message" in text) and "support" in text:
            return SYSTEM_ROLE
        if "stream" in body and (failure.param == "stream" or _NO_STREAM_WORDS.search(text)):
            return "stream"
        if failure.kind() == "too_long" and ("completion" in text or str(ANSWER_TOKEN_LIMIT) in text):
            return next((name for name in _TOKEN_LIMITS if name in body), None)
    return failure.refused_parameter([name for name in _SPARE_PARAMETERS if name in body])


def prompt_hash(messages: Sequence[ChatMessage]) -> str:
    """Give the fingerprint of a prompt: the same prompt, the same sixteen hexadecimal characters."""
    digest = hashlib.sha256()
    for message in messages:
        digest.update(f"{message.role}\0{message.content}\0".encode("utf-8", "surrogatepass"))
    return digest.hexdigest()[:HASH_CHARS]


def _joined(messages: Sequence[dict[str, str]]) -> list[dict[str, str]]:
    joined: list[dict[str, str]] = []
    for message in messages:
        if joined and joined[-1]["role"] == message["role"]:
            joined[-1]["content"] += f"\n\n{message['content']}"
        else:
            joined.append(dict(message))
    return joined
