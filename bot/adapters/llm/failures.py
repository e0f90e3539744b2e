"""From what goes wrong with a model server to `ProviderError`s, in our own words.

A server's own message may echo a prompt or a key, so it is read here and goes no further.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping

import aiohttp
import httpx2
import openai

from bot.adapters.llm.waits import retry_after, wait_in, wait_said
from bot.errors import ProviderError

QUOTA_PAUSE_S = 1800.0  # an empty account is filled by a person; looking twice an hour is enough
FEATURE_STATUSES = frozenset({400, 404, 405, 415, 422, 500, 501})
BUSY_STATUSES = frozenset({402, 403, 429, 503, 529})
RETRIED_KINDS = frozenset({"rate_limit", "timeout", "unreachable", "server", "empty", "broken"})

_FEATURE_WORDS = re.compile(
    r"response_?format|json_?schema|json_?object|json mode|structured output|\btools?\b|tool_choice|tool call"
    r"|function.?call|\bgrammar\b|guided|\bschema\b|requested parameters|\bstrict\b",
    re.IGNORECASE,
)
_TOO_LONG_WORDS = re.compile(
    r"context.?length|context.?window|context.?size|maximum context|prompt is too long|too many tokens"
    r"|input is too long|exceeds? the (?:available|maximum)",
    re.IGNORECASE,
)
_NO_MODEL_WORDS = re.compile(
    r"model.{0,120}?(?:not exist|not found|does not exist|is not available|unknown)"
    r"|(?:unknown|invalid|no such) model|not a valid model|pull(?:ing)? it first|no models? loaded",
    re.IGNORECASE | re.DOTALL,
)
_QUOTA_WORDS = re.compile(r"quota|billing|insufficient (?:balance|credit|funds)|credit balance", re.IGNORECASE)
# Google calls every limit a quota, and OpenAI's limits of speed come with advice on billing.
_EMPTY_NAMES = re.compile(r"insufficient_(?:quota|balance|funds|credit)", re.IGNORECASE)
_DAY_WORDS = re.compile(r"per.?day|\brpd\b|daily", re.IGNORECASE)
_LINK = re.compile(r"https?://\S+")  # the address of a page on limits says nothing about this one
_SPEED_WORDS = re.compile(r"rate.?limit|per.?(?:minute|second|min\b|sec\b)|\b[rt]p[ms]\b", re.IGNORECASE)
_KEY_WORDS = re.compile(r"api.?key|unauthori[sz]ed", re.IGNORECASE)
_FILTER_WORDS = re.compile(r"content.?(?:filter|policy|management)|moderation|safety system", re.IGNORECASE)

_SENTENCES = {
    "auth": "the model server refused the key",
    "not_found": "the model server does not know the model or the address is wrong",
    "rate_limit": "the model server is limiting how fast it is asked",
    "quota": "the account at the model server is used up",
    "timeout": "the model server took too long",
    "unreachable": "the model server could not be reached",
    "server": "the model server failed",
    "refused": "the model refused to answer",
    "empty": "the model answered with nothing",
    "broken": "the model server's answer could not be read",
    "too_long": "the prompt is longer than the model can read",
}
# What the names in an error without a status amount to; the first that fits.
_STATUS_OF_NAMES = {
    "quota": 429,
    "rate_limit": 429,
    "authentication": 401,
    "invalid_api_key": 401,
    "permission": 403,
    "model_not_found": 404,
    "not_found": 404,
    "timeout": 408,
    "content_filter": 400,
    "content_policy": 400,
    "context_length": 400,
    "invalid_request": 400,
}
_REPR_OF_LOC = re.compile(r"""["']loc["']:\s*[(\[]\s*["']body["'],\s*["'](\w+)["']""")  # a validation list as text
_FINAL_KINDS = frozenset({"auth", "not_found", "refused", "too_long"})


class StatusFailure(Exception):
    """A refusal by the server: its status, the message and names it gave, and the wait it asked for.

    *details* is what else it said of the limit it stands at. The server's message is kept out of the exception's text,
    so that no traceback shows it.
    """

    def __init__(
        self, status: int, message: str, code: str, param: str, retry_after_s: float | None, details: str = ""
    ) -> None:
        super().__init__(f"HTTP {status}" if status else "error in the stream")
        self.status = status
        self.message = message
        self.code = code
        self.param = param
        self.retry_after_s = retry_after_s
        self.details = details

    def kind(self) -> str:
        """Give the kind of `ProviderError` that this is."""
        text = f"{self.code} {self.message}"
        if self.status == 402 or (self.status in (403, 429) and self._is_used_up(text)):
            return "quota"
        if self.status == 429:
            return "rate_limit"
        if self.status == 401:
            return "auth"
        if self.status == 413 or _TOO_LONG_WORDS.search(text):
            return "too_long"
        if self.status == 403:
            return "refused" if _FILTER_WORDS.search(text) else "auth"
        if self.status == 408:
            return "timeout"
        if self.status >= 500:
            return "server"
        return self._kind_of_bad_request(text)

    def _is_used_up(self, text: str) -> bool:
        """Say whether only a person can mend it: a limit that names a wait, or a speed, mends itself."""
        if _EMPTY_NAMES.search(f"{self.code} {self.details}"):
            return True
        said = _LINK.sub("", f"{text} {self.details}")
        if self.retry_after_s is not None or (_SPEED_WORDS.search(said) and not _DAY_WORDS.search(said)):
            return False
        return _QUOTA_WORDS.search(said) is not None

    def _kind_of_bad_request(self, text: str) -> str:
        if self.code == "model_not_found" or self.param == "model" or _NO_MODEL_WORDS.search(text):
            return "not_found"
        if _FILTER_WORDS.search(text):
            return "refused"
        if _KEY_WORDS.search(text):
            return "auth"
        return "not_found" if self.status in (404, 405) else "broken"

    def names_feature(self) -> bool:
        """Say whether the server refused the way it was asked for fields."""
        if self.status not in FEATURE_STATUSES or self.code == "model_not_found":
            return False
        return _FEATURE_WORDS.search(f"{self.param} {self.code} {self.message}") is not None

    def refused_parameter(self, sent: Collection[str]) -> str | None:
        """Give which of the *sent* parameters the server named as unwanted, if any."""
        if self.status not in (400, 404, 422, 500, 501):
            return None
        if self.param in sent:
            return self.param
        for name in sent:
            if re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", self.message):
                return name
        return None


def provider_error(kind: str, detail: str = "", retry_after_s: float | None = None) -> ProviderError:
    """Make the error of this kind; *detail* must hold no content."""
    message = _SENTENCES[kind] + (f" ({detail})" if detail else "")
    if kind == "quota" and retry_after_s is None:
        retry_after_s = QUOTA_PAUSE_S
    return ProviderError(message, kind=kind, retryable=kind not in _FINAL_KINDS, retry_after_s=retry_after_s)


def not_asked(kind: str, retry_after_s: float) -> ProviderError:
    """Make the error of a call that was not made, because the server failed with *kind* just before."""
    error = provider_error(kind, "not asked again yet")
    error.retry_after_s = retry_after_s
    return error


def translate(error: Exception) -> ProviderError:
    """Turn any failure of a call into a `ProviderError`."""
    match error:
        case ProviderError():
            return error
        case StatusFailure():
            return _of_status(error)
        case TimeoutError():
            return provider_error("timeout")
        case openai.APIConnectionError() | httpx2.HTTPError() | aiohttp.ClientError() | OSError():
            return provider_error(_kind_of_connection(error))
    return provider_error("broken", type(error).__name__)


def _of_status(failure: StatusFailure) -> ProviderError:
    kind = failure.kind()
    detail = f"HTTP {failure.status}" if failure.status else "reported in the stream"
    error = provider_error(kind, detail, failure.retry_after_s)
    if kind == "broken" and 400 <= failure.status < 500:
        error.retryable = False  # the same request would be refused again
    return error


def was_disconnected(error: BaseException) -> bool:
    """Say whether a kept connection had been closed by the server before the request arrived."""
    return any(isinstance(cause, aiohttp.ServerDisconnectedError) for cause in _causes(error))


def has_hung_up(error: BaseException) -> bool:
    """Say whether a server that was there ended the connection without a word."""
    causes = _causes(error)
    if any(isinstance(cause, aiohttp.ClientConnectorError) for cause in causes):
        return False
    ended = (aiohttp.ServerDisconnectedError, aiohttp.ClientOSError, ConnectionResetError, BrokenPipeError)
    return any(isinstance(cause, ended) for cause in causes)


def _kind_of_connection(error: Exception) -> str:
    for cause in _causes(error):
        if isinstance(cause, (aiohttp.ClientConnectionError, ConnectionError)) and not isinstance(
            cause, (aiohttp.ServerTimeoutError, TimeoutError)
        ):
            return "unreachable"
        if isinstance(cause, (TimeoutError, httpx2.TimeoutException)):
            return "timeout"
    return "unreachable"


def _causes(error: BaseException) -> list[BaseException]:
    chain: list[BaseException] = []
    at: BaseException | None = error.__cause__ or error.__context__
    while at is not None and at not in chain:
        chain.append(at)
        at = at.__cause__ or at.__context__
    return [*reversed(chain), error]


def status_failure(error: openai.APIStatusError) -> StatusFailure:
    """Read what matters from an error response, whatever shape its body has."""
    body = error.body
    if isinstance(body, list) and body:
        body = body[0]
    fields = body if isinstance(body, dict) else {}
    if isinstance(fields.get("error"), dict):
        fields = fields["error"]
    invalid = _invalid_parameters(fields.get("detail"))
    message = "; ".join(f"{name}: {why}" for name, why in invalid) or str(
        fields.get("message") or fields.get("error") or fields.get("detail") or body or ""
    )
    named = _REPR_OF_LOC.search(message)
    return StatusFailure(
        status=error.status_code,
        message=message[:2000],
        code=str(fields.get("code") or fields.get("type") or ""),
        param=str(fields.get("param") or (invalid[0][0] if invalid else named[1] if named else "")),
        retry_after_s=_wait(error.status_code, retry_after(error.response.headers), error.body, message),
        details=_details(fields),
    )


def _wait(status: int, in_header: float | None, body: object, message: str) -> float | None:
    """Give the wait that was asked for, from where it is said most exactly."""
    # the message of another refusal may echo what people wrote
    waits = (in_header, wait_in(body), wait_said(message) if status in BUSY_STATUSES else None)
    return next((wait for wait in waits if wait is not None), None)


def _details(fields: Mapping[str, object]) -> str:
    return json.dumps([fields.get(name) for name in ("type", "details", "metadata")], default=str)[:4000]


def _invalid_parameters(detail: object) -> list[tuple[str, str]]:
    """Read FastAPI's list of what was wrong: the name of each parameter and the complaint."""
    invalid: list[tuple[str, str]] = []
    for one in detail if isinstance(detail, list) else []:
        loc = one.get("loc") if isinstance(one, dict) else None
        names = [part for part in loc if isinstance(part, str) and part != "body"] if isinstance(loc, list) else []
        if names:
            invalid.append((names[0], str(one.get("msg") or "")))
    return invalid


def event_failure(body: Mapping[str, object]) -> StatusFailure:
    """Read an error that came inside a stream; servers put a status in it, or only names."""
    code = str(body.get("code") or "")
    kind = str(body.get("type") or "")
    given = (str(body.get(name) or "") for name in ("code", "status", "status_code"))
    status = next((int(one) for one in given if one.isdigit() and len(one) == 3 and one >= "400"), 0)
    if not status:
        names = f"{code} {kind}".lower()
        status = next((status for mark, status in _STATUS_OF_NAMES.items() if mark in names), 500)
    message = str(body.get("message") or "")[:2000]
    wait_s = _wait(status, None, body, message)
    return StatusFailure(status, message, code or kind, str(body.get("param") or ""), wait_s, _details(body))
