"""What refusals say about pictures: that a model takes none at all, or perhaps not these."""

from __future__ import annotations

import re
from enum import StrEnum

from bot.adapters.llm.failures import FEATURE_STATUSES, StatusFailure, has_hung_up
from bot.errors import ProviderError

PICTURES = "pictures"  # the name under which a server that takes none is remembered
# Failures that may come of pictures; after two such calls the next one goes without.
PICTURES_TO_BLAME = frozenset({"timeout", "broken", "empty", "server"})

_BLIND_STATUSES = FEATURE_STATUSES | {0, 403, 410, 424, 451, 502}
_PICTURE = r"(?:images?|image[_ ]?urls?|vision|visual|multi-?\s?modal(?:ity)?|picture|pixel)"
_NOT = (
    r"(?:not|n't|cannot|no|only|unsupported|without|disabled|unknown|invalid|unexpected|unrecognized|missing|at most 0)"
)
# Words of OpenAI, DeepSeek, Groq, Mistral, OpenRouter, Ollama, LM Studio, llama.cpp, vLLM, SGLang and of servers that
# check a body against types: the sentence says no, and speaks of pictures or of content that is no string.
_BLIND_WORDS = re.compile(
    rf"\b{_NOT}\b.{{0,80}}\b{_PICTURE}\b|\b{_PICTURE}\b.{{0,80}}(?:\b{_NOT}\b|n't\b|mmproj)"
    r"|content\W{1,4}.{0,40}(?:must be|should be|expected|needs? to be|has to be).{0,20}\bstring"
    r"|should be a valid string|str type expected|invalid type: sequence|expected a string"
    r"|did not match any variant|cannot unmarshal array|only text|text[- ]only|content\[\]\.type"
    r"|only concat\w* (?:str|list)|unsupported (?:content|part) type|content type.{0,40}not supported",
    re.IGNORECASE | re.DOTALL,
)
# These speak of pictures as well, but of this one: another may well be taken.
_THIS_ONE_WORDS = re.compile(
    rf"too (?:large|big|small|many|long)|safety|policy|moderation|not allowed|(?:invalid|corrupt\w*|broken) {_PICTURE}"
    rf"|{_PICTURE}.{{0,30}}(?:data|format|size|dimension|resolution|could not be (?:read|processed|decoded))"
    r"|(?:decode|process|parse|read|load|open|download|identify).{0,20}image|maximum|exceed|at most [1-9]|base64"
    r"|media type",
    re.IGNORECASE,
)
_MISSING_DATA = re.compile(r"missing data required for image", re.IGNORECASE)  # Ollama, of a model without eyes


def takes_no_pictures(failure: StatusFailure) -> bool:
    """Say whether the server says of a request with pictures that its model takes none, whatever they show."""
    if failure.status not in _BLIND_STATUSES or failure.code == "model_not_found":
        return False
    said = f"{failure.param} {failure.code} {failure.message}"
    if _MISSING_DATA.search(said):
        return True
    return _BLIND_WORDS.search(said) is not None and not _THIS_ONE_WORDS.search(said)


def may_mean_pictures(failure: StatusFailure) -> bool:
    """Say whether a refusal of a request with pictures may be because of them: too long, too much, or no reason."""
    if failure.names_feature():
        return False
    return failure.kind() in ("too_long", "refused", "broken") or failure.status in (500, 501)


def may_be_over_pictures(error: ProviderError) -> bool:
    """Say whether a call with pictures may have failed over them; some servers just hang up on so large a body."""
    return error.kind in PICTURES_TO_BLAME or has_hung_up(error)


class Vision(StrEnum):
    """Whether pictures are sent to a model."""

    AUTO = "auto"  # until it says that it takes none
    ON = "on"
    OFF = "off"
