"""Builds the body of a chat-completions request for one rung, and bends it to what a server refused."""

from __future__ import annotations

import hashlib
import json
import re
from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import replace

from bot.adapters.llm.failures import StatusFailure
from bot.adapters.llm.ladder import Footing
from bot.adapters.llm.presets import Endpoint
from bot.adapters.llm.rungs import Rung
from bot.adapters.llm.sight import PICTURES, Vision
from bot.domain.prompt import AnswerForm, ChatMessage
from bot.ports import AnswerRequest

# A long reply is about 1,000 tokens; the rest is room for appraisals and for models that think.
ANSWER_TOKEN_LIMIT = 4096
HASH_CHARS = 16
SYSTEM_ROLE = "system role"  # servers whose chat template knows no system message
SAME_ROLES = "same roles in a row"  # servers whose chat template wants user and assistant in turn
NOT_SHOWN = (
    "(After all, {count} could not be shown to you. You have not seen any, and make no guess at what they show.)"
)
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
    """Builds the bodies of one request, whatever rung and quirks it meets; asks for each form once.

    `hide_pictures` leaves pictures out from then on, for this request alone.
    """

    def __init__(self, endpoint: Endpoint, request: AnswerRequest) -> None:
        self._endpoint = endpoint
        self._request = request
        self._messages: dict[AnswerForm, Sequence[ChatMessage]] = {}
        self._hides_pictures = endpoint.vision is Vision.OFF

    def messages(self, footing: Footing) -> Sequence[ChatMessage]:
        """Give the prompt as *footing* needs it, with or without its pictures."""
        messages = self._prompt(footing.rung)
        if not self.has_pictures(footing) or self._may_show(footing):
            return messages
        return [_without_pictures(one) if one.pictures else one for one in messages]

    def has_pictures(self, footing: Footing) -> bool:
        """Say whether pictures came with the prompt, sent or not."""
        return any(one.pictures for one in self._prompt(footing.rung))

    def shows_pictures(self, footing: Footing) -> bool:
        """Say whether pictures would be sent on *footing*."""
        return self._may_show(footing) and self.has_pictures(footing)

    def hide_pictures(self) -> None:
        """Leave pictures out of this request from now on, and say in the text that they are not shown."""
        self._hides_pictures = True

    def _may_show(self, footing: Footing) -> bool:
        if self._hides_pictures:
            return False
        return PICTURES not in footing.dropped or self._endpoint.vision is Vision.ON

    def _prompt(self, rung: Rung) -> Sequence[ChatMessage]:
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
            self._token_limit(footing): self._request.max_tokens or ANSWER_TOKEN_LIMIT,
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

    def _wire_messages(self, footing: Footing) -> list[dict[str, object]]:
        messages = list(self.messages(footing))
        if footing.rung is Rung.OBJECT and messages:
            # no server shows the model a schema here, and OpenAI insists on the word JSON; on the first,
            # stable message it leaves the cached prefix whole
            schema = json.dumps(self._request.schema, separators=(",", ":"), ensure_ascii=False)
            rule = f"Answer with one JSON object and nothing else. Its JSON schema:\n{schema}"
            messages[0] = replace(messages[0], content=f"{messages[0].content}\n\n{rule}")
        if SYSTEM_ROLE in footing.dropped:
            messages = [replace(one, role="user") if one.role == "system" else one for one in messages]
        if SAME_ROLES in footing.dropped or SYSTEM_ROLE in footing.dropped:
            messages = _joined(messages)
        return [{"role": one.role, "content": _wire_content(one)} for one in messages]


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
        limit = next((name for name in _TOKEN_LIMITS if name in body), None)
        if limit and failure.kind() == "too_long" and ("completion" in text or str(body[limit]) in text):
            return limit
    return failure.refused_parameter([name for name in _SPARE_PARAMETERS if name in body])


def prompt_hash(messages: Sequence[ChatMessage]) -> str:
    """Give the fingerprint of a prompt: the same prompt, the same sixteen hexadecimal characters."""
    digest = hashlib.sha256()
    for message in messages:
        digest.update(f"{message.role}\0{message.content}\0".encode("utf-8", "surrogatepass"))
        for picture in message.pictures:
            digest.update(hashlib.sha256(picture.content).digest())
    return digest.hexdigest()[:HASH_CHARS]


def _joined(messages: Sequence[ChatMessage]) -> list[ChatMessage]:
    joined: list[ChatMessage] = []
    for message in messages:
        if joined and joined[-1].role == message.role:
            text = f"{joined[-1].content}\n\n{message.content}"
            joined[-1] = ChatMessage(message.role, text, (*joined[-1].pictures, *message.pictures))
        else:
            joined.append(message)
    return joined


def _without_pictures(message: ChatMessage) -> ChatMessage:
    count = len(message.pictures)
    told = NOT_SHOWN.format(count="the picture" if count == 1 else f"the {count} pictures")
    return ChatMessage(message.role, f"{message.content}\n\n{told}")


def _wire_content(message: ChatMessage) -> str | list[dict[str, object]]:
    """Give a message's content: a string as ever, or the text and then each picture."""
    if not message.pictures:
        return message.content
    parts: list[dict[str, object]] = [{"type": "text", "text": message.content}]
    for picture in message.pictures:
        url = f"data:{picture.mime};base64,{b64encode(picture.content).decode('ascii')}"
        parts.append({"type": "image_url", "image_url": {"url": url, "detail": "auto"}})
    return parts
